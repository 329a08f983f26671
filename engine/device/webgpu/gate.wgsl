// Eq. 9, elementwise over n elements:
//
//   dst = σ(input)·tanh(embedding + feature) + σ(forget)·embedding + feature

struct Params {
  n: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> embedding: array<f32>;
@group(0) @binding(2) var<storage, read> feature: array<f32>;
@group(0) @binding(3) var<storage, read> input_gate: array<f32>;
@group(0) @binding(4) var<storage, read> forget_gate: array<f32>;
@group(0) @binding(5) var<storage, read_write> dst: array<f32>;

@compute @workgroup_size(128)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < params.n; i += groups.x * 128u) {
    let e = embedding[i];
    let f = feature[i];
    dst[i] = sigmoid(input_gate[i]) * hyperbolic_tangent(e + f) + sigmoid(forget_gate[i]) * e + f;
  }
}
