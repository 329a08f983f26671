// The operands of product.wgsl and vector.wgsl, which follow it:
//
//   dst[p, o] = residual[p, o] + gain·relu?(Σ_i Σ_t w[o, i, t]·in?(patch(p)[i, t]) + bias[o])
//
// x [height·width, channels], w [outputs, kernel, run], dst [height·width, outputs].
//
// With the channels last, row i of a pixel's patch is one run of memory,
// kernel·channels long, of which only what leaves the image at its ends is zero.
// So no patch is ever built, and nothing is divided on the way. A linear layer
// is a 1×1 convolution of an image one pixel wide.

struct Params {
  height: u32,
  width: u32,
  channels: u32,
  kernel: u32,
  outputs: u32,
  units: u32, // of 16 bytes, that a run of w takes; zeros fill the last
  flags: u32,
  gain: f32,
}

const relu_input = 1u;
const relu_output = 2u;
const has_bias = 4u;
const has_residual = 8u;
const residual_in_place = 16u; // the residual is what dst holds

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> w: array<vec4u>;
@group(0) @binding(3) var<storage, read> scales: array<f32>; // i8: [outputs]; u4: [outputs, run/32]
@group(0) @binding(4) var<storage, read> bias: array<f32>;
@group(0) @binding(5) var<storage, read> residual: array<f32>;
@group(0) @binding(6) var<storage, read_write> dst: array<f32>;

// How w is stored: programs.go has the same list.
override format: u32;
const f32_weights = 0u; // 4 a unit
const f16_weights = 1u; // 8 a unit
const bf16_weights = 2u; // 8 a unit
const i8_weights = 3u; // 16 a unit, the scale is left to finish
const u4_weights = 4u; // 32 a unit, which is a group with one scale

fn flag(f: u32) -> bool {
  return (params.flags & f) != 0u;
}

// max(v, 0) may lose a NaN, a comparison does not.
fn relu(v: vec4f) -> vec4f {
  return select(v, vec4f(), v < vec4f());
}

// Elements t to t+3 of a run that begins at element `start` of image row y;
// t is a multiple of 4.
fn input(y: i32, start: i32, t: u32) -> vec4f {
  let run = params.kernel * params.channels;
  let length = i32(params.width * params.channels);
  if (y < 0 || y >= i32(params.height) || t >= run) {
    return vec4f();
  }
  let column = start + i32(t);
  var v = vec4f();
  if ((params.channels & 3u) == 0u) {
    if (column >= 0 && column < length) {
      v = x[u32(y * length + column) >> 2u];
    }
  } else {
    for (var i = 0; i < 4; i++) {
      if (t + u32(i) < run && column + i >= 0 && column + i < length) {
        let at = u32(y * length + column + i);
        v[i] = x[at >> 2u][at & 3u];
      }
    }
  }
  if (flag(relu_input)) {
    v = relu(v);
  }
  return v;
}

// Weights 4·quarter to 4·quarter+3 of a unit; `at` is the unit's index.
fn decode(unit: vec4u, quarter: u32, at: u32) -> vec4f {
  if (format == f32_weights) {
    return bitcast<vec4f>(unit);
  }
  if (format == f16_weights) {
    let pair = select(unit.xy, unit.zw, quarter == 1u);
    return vec4f(unpack2x16float(pair.x), unpack2x16float(pair.y));
  }
  if (format == bf16_weights) {
    let pair = select(unit.xy, unit.zw, quarter == 1u);
    return bitcast<vec4f>(vec4u(pair.x << 16u, pair.x & 0xffff0000u, pair.y << 16u, pair.y & 0xffff0000u));
  }
  if (format == i8_weights) {
    let bytes = bitcast<vec4i>(vec4u(unit[quarter]) << vec4u(24u, 16u, 8u, 0u));
    return vec4f(bytes >> vec4u(24u));
  }
  let halves = unit[quarter >> 1u] >> (16u * (quarter & 1u));
  let nibbles = (vec4u(halves) >> vec4u(0u, 4u, 8u, 12u)) & vec4u(15u);
  return (vec4f(nibbles) - 8.0) * scales[at];
}

// Quarters in a unit.
fn quarters() -> u32 {
  if (format == f32_weights) {
    return 1u;
  }
  if (format == i8_weights) {
    return 4u;
  }
  return select(2u, 8u, format == u4_weights);
}

// The epilogue: writes element (p, o) given the sum of its products.
fn finish(p: u32, o: u32, sum: f32) {
  let at = p * params.outputs + o;
  var v = sum;
  if (format == i8_weights) {
    v *= scales[o];
  }
  if (flag(has_bias)) {
    v += bias[o];
  }
  if (flag(relu_output)) {
    v = select(v, 0.0, v < 0.0);
  }
  v *= params.gain;
  if (flag(has_residual)) {
    v += residual[at];
  }
  if (flag(residual_in_place)) {
    v += dst[at];
  }
  dst[at] = v;
}
