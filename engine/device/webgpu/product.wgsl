// The matrix product of many rows: a workgroup computes a tile of pixels by
// outputs, 64×64 or, where there are few outputs, 128×16. It goes through the
// runs 16 elements at a time, which its invocations fetch from x and from w, and
// each keeps 8 or 4 pixels × 4 outputs in registers.
// Grid: [outputs/outputs of a tile, height·width/pixels of a tile].

override columns: u32; // vectors of outputs that a tile is wide, 16 or 4
override tile_pixels: u32; // that it is high, 64 or 128
override rows = 128u / columns; // invocations that it is high
override pixels_each = tile_pixels / rows; // of an invocation, 8 or 4

const slab = 16u;
// Rows of a and b have a vector more than they use, so that invocations side by
// side meet different banks of the memory.
const a_stride = 5u;
override b_stride = columns + 1u;

var<workgroup> a: array<vec4f, tile_pixels * a_stride>; // [pixel][element/4]
var<workgroup> b: array<vec4f, slab * b_stride>; // [element][output/4]

// Elements t to t+3 of run i of output o.
fn weights(o: u32, i: u32, t: u32) -> vec4f {
  let quarter = t >> 2u;
  let unit = quarter / quarters();
  if (o >= params.outputs || unit >= params.units) {
    return vec4f();
  }
  let at = (o * params.kernel + i) * params.units + unit;
  return decode(w[at], quarter % quarters(), at);
}

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let first_pixel = group.y * tile_pixels;
  let first_output = group.x * columns * 4u;

  // What this invocation fetches: vector `quarter` of a slab, from x for four
  // pixels that lie apart, from w for four neighbouring outputs. In a square tile
  // one half of the invocations does the one and one half the other.
  let quarter = thread & 3u;
  let place = thread >> 2u;
  let half = i32(params.kernel >> 1u);
  var y: array<i32, 4>; // of the top of the pixel's patch
  var start: array<i32, 4>; // of its runs
  for (var j = 0u; j < 4u; j++) {
    let pixel = first_pixel + place + j * (tile_pixels / 4u);
    y[j] = i32(pixel / params.width) - half;
    start[j] = (i32(pixel % params.width) - half) * i32(params.channels);
  }
  let output_place = ((thread + 64u) & 127u) >> 2u;

  // What it computes: outputs 4·column to 4·column+3 of pixels `rows` apart.
  let column = thread % columns;
  let row = thread / columns;
  var sums: array<vec4f, 8>;

  for (var i = 0u; i < params.kernel; i++) {
    for (var first = 0u; first < params.kernel * params.channels; first += slab) {
      let t = first + 4u * quarter;
      if (thread < tile_pixels) {
        for (var j = 0u; j < 4u; j++) {
          a[(place + j * (tile_pixels / 4u)) * a_stride + quarter] = input(y[j] + i32(i), start[j], t);
        }
      }
      if (output_place < columns) {
        let o = first_output + 4u * output_place;
        let w0 = weights(o, i, t);
        let w1 = weights(o + 1u, i, t);
        let w2 = weights(o + 2u, i, t);
        let w3 = weights(o + 3u, i, t);
        let at = 4u * quarter * b_stride + output_place;
        b[at] = vec4f(w0.x, w1.x, w2.x, w3.x);
        b[at + b_stride] = vec4f(w0.y, w1.y, w2.y, w3.y);
        b[at + 2u * b_stride] = vec4f(w0.z, w1.z, w2.z, w3.z);
        b[at + 3u * b_stride] = vec4f(w0.w, w1.w, w2.w, w3.w);
      }
      workgroupBarrier();
      for (var q = 0u; q < 4u; q++) {
        let at = 4u * q * b_stride + column;
        let b0 = b[at];
        let b1 = b[at + b_stride];
        let b2 = b[at + 2u * b_stride];
        let b3 = b[at + 3u * b_stride];
        for (var j = 0u; j < pixels_each; j++) {
          let v = a[(row + j * rows) * a_stride + q];
          sums[j] = fma(vec4f(v.x), b0, fma(vec4f(v.y), b1, fma(vec4f(v.z), b2, fma(vec4f(v.w), b3, sums[j]))));
        }
      }
      workgroupBarrier();
    }
  }

  let o = first_output + 4u * column;
  for (var j = 0u; j < pixels_each; j++) {
    let pixel = first_pixel + row + j * rows;
    for (var c = 0u; c < 4u; c++) {
      if (pixel < params.height * params.width && o + c < params.outputs) {
        finish(pixel, o + c, sums[j][c]);
      }
    }
  }
}
