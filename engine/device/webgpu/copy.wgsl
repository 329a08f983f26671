// dst[to+i] = src[from+i] for n words, whatever they are. A copy within the
// compute pass costs less than ending the pass for one of the encoder's.

struct Params {
  n: u32,
  to: u32,
  first: u32, // element of src
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> src: array<u32>;
@group(0) @binding(2) var<storage, read_write> dst: array<u32>;

@compute @workgroup_size(128)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  for (var i = id.x; i < params.n; i += groups.x * 128u) {
    dst[params.to + i] = src[params.first + i];
  }
}
