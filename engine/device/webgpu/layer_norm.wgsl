// dst = (x − mean)/√(variance + epsilon)·weight + bias, over each row.
// x, dst [rows, columns]; weight, bias [columns]. A workgroup a row.

struct Params {
  rows: u32,
  columns: u32,
  in_place: u32, // 1: x is what dst holds
  epsilon: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> dst: array<f32>;

fn element(at: u32) -> f32 {
  if (params.in_place == 1u) {
    return dst[at];
  }
  return x[at];
}

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, thread: Thread) {
  for (var row = group.x; row < params.rows; row += groups.x) {
    let first = row * params.columns;
    var sum = 0.0;
    for (var j = thread.index; j < params.columns; j += threads) {
      sum += element(first + j);
    }
    let mean = reduce_sum(thread, vec4f(sum)).x / f32(params.columns);
    var squares = 0.0;
    for (var j = thread.index; j < params.columns; j += threads) {
      let d = element(first + j) - mean;
      squares += d * d;
    }
    let variance = reduce_sum(thread, vec4f(squares)).x / f32(params.columns);
    let scale = 1.0 / sqrt(variance + params.epsilon);
    for (var j = thread.index; j < params.columns; j += threads) {
      dst[first + j] = (element(first + j) - mean) * scale * weight[j] + bias[j];
    }
  }
}
