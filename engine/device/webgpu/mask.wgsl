// σ(M) of Eq. 11: dst[i, j] = σ(query_i·key_j·scale + bias[0]), in f32.
// query [queries, rank], key [keys, rank], dst [queries, keys].

struct Params {
  queries: u32,
  keys: u32,
  rank: u32,
  scale: f32, // 1/√rank
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> dst: array<f32>;

@compute @workgroup_size(128)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var at = id.x; at < params.queries * params.keys; at += groups.x * 128u) {
    let product = inner(at / params.keys * params.rank, at % params.keys * params.rank, params.rank);
    dst[at] = sigmoid(product * params.scale + bias[0]);
  }
}
