// The inner products of attention.wgsl and mask.wgsl, which follow it.

@group(0) @binding(1) var<storage, read> query: array<vec4f>;
@group(0) @binding(2) var<storage, read> key: array<vec4f>;

// Of n elements of query and key, from elements q and k on.
fn inner(q: u32, k: u32, n: u32) -> f32 {
  var sum = 0.0;
  if (((q | k | n) & 3u) == 0u) {
    for (var i = 0u; i < n; i += 4u) {
      sum += dot(query[(q + i) >> 2u], key[(k + i) >> 2u]);
    }
    return sum;
  }
  for (var i = 0u; i < n; i++) {
    sum += query[(q + i) >> 2u][(q + i) & 3u] * key[(k + i) >> 2u][(k + i) & 3u];
  }
  return sum;
}
