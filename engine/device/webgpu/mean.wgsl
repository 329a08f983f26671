// dst[j] = Σ_i x[i, j]/rows; x [rows, columns], dst [columns].

struct Params {
  rows: u32,
  columns: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> dst: array<f32>;

@compute @workgroup_size(128)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var j = id.x; j < params.columns; j += groups.x * 128u) {
    var sum = 0.0;
    for (var i = 0u; i < params.rows; i++) {
      sum += x[i * params.columns + j];
    }
    dst[j] = sum / f32(params.rows);
  }
}
