// The maximum of each 2×2 square, NaN if one of the four is.
// src [2·height·2·width, channels], dst [height·width, channels].

struct Params {
  height: u32, // of dst
  width: u32,
  channels: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> src: array<f32>;
@group(0) @binding(2) var<storage, read_write> dst: array<f32>;

// max may lose a NaN.
fn larger(a: f32, b: f32) -> f32 {
  let b_is_nan = (bitcast<u32>(b) & 0x7fffffffu) > 0x7f800000u;
  return select(a, b, b > a || b_is_nan);
}

@compute @workgroup_size(128)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let row = 2u * params.width * params.channels; // of src
  for (var i = id.x; i < params.height * params.width * params.channels; i += groups.x * 128u) {
    let c = i % params.channels;
    let x = i / params.channels % params.width;
    let y = i / params.channels / params.width;
    let at = 2u * y * row + 2u * x * params.channels + c;
    let above = larger(src[at], src[at + params.channels]);
    dst[i] = larger(larger(above, src[at + row]), src[at + row + params.channels]);
  }
}
