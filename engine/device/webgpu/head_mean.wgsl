// The weights of attention.wgsl averaged over the heads:
//
//   dst[first+i, j] = Σ_h weights[i/4, h, j][i mod 4]/heads
//
// for the `queries` queries of a strip; dst [all queries, keys].

struct Params {
  first: u32,
  queries: u32,
  keys: u32,
  heads: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weights: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> dst: array<f32>;

@compute @workgroup_size(128)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var at = id.x; at < params.queries * params.keys; at += groups.x * 128u) {
    let i = at / params.keys;
    let j = at % params.keys;
    var sum = 0.0;
    for (var h = 0u; h < params.heads; h++) {
      sum += weights[((i >> 2u) * params.heads + h) * params.keys + j][i & 3u];
    }
    dst[params.first * params.keys + at] = sum / f32(params.heads);
  }
}
