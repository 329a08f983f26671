// dst[i] = table[ids[offset+i]], or dst[i] += … if add is 1; dst [rows, columns].

struct Params {
  offset: u32,
  rows: u32,
  columns: u32,
  add: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> table: array<f32>;
@group(0) @binding(2) var<storage, read> ids: array<i32>;
@group(0) @binding(3) var<storage, read_write> dst: array<f32>;

@compute @workgroup_size(128)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < params.rows * params.columns; i += groups.x * 128u) {
    var v = table[u32(ids[params.offset + i / params.columns]) * params.columns + i % params.columns];
    if (params.add == 1u) {
      v += dst[i];
    }
    dst[i] = v;
  }
}
