// Scaled dot-product attention with the TIR (Eq. 7 and 11), of a strip of the
// queries, one head and four of them a workgroup:
//
//   weights[j] = softmax_j((Q_i·K_j + mask_scale·mask[i, j])·scale)
//   dst[i] = Σ_j weights[j]·V_j
//
// query, dst [queries, width]; key, value [rows, width]; key_rows, mask
// [queries, keys]; weights [strip/4, heads, keys], a component a query.
// Grid: [strip/4, heads].

struct Params {
  first: u32, // query of the strip
  queries: u32, // all of them
  keys: u32,
  width: u32,
  head: u32, // width/heads
  flags: u32,
  mask_scale: f32,
  scale: f32, // 1/√head
}

const has_key_rows = 1u;
const has_mask = 2u;

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(3) var<storage, read> value: array<f32>;
@group(0) @binding(4) var<storage, read> key_rows: array<i32>;
@group(0) @binding(5) var<storage, read> mask: array<f32>;
@group(0) @binding(6) var<storage, read_write> dst: array<f32>;
@group(0) @binding(7) var<storage, read_write> weights: array<vec4f>;

// No infinity: WGSL does not promise that there is one. It loses every
// comparison with a score.
const lowest = -0x1.fffffep+127; // the least f32

var<workgroup> partial: array<vec4f, threads>; // of the last sum

// Where row j of keys and values begins, for query i and this head.
fn row(i: u32, j: u32, column: u32) -> u32 {
  if ((params.flags & has_key_rows) != 0u) {
    return u32(key_rows[i * params.keys + j]) * params.width + column;
  }
  return j * params.width + column;
}

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, thread: Thread) {
  let first = params.first + 4u * group.x;
  let queries = min(4u, params.queries - first);
  let column = group.y * params.head;
  let row_of_weights = (group.x * groups.y + group.y) * params.keys;

  var top = vec4f(lowest);
  for (var j = thread.index; j < params.keys; j += threads) {
    var scores = vec4f();
    for (var i = 0u; i < queries; i++) {
      var score = inner((first + i) * params.width + column, row(first + i, j, column), params.head);
      if ((params.flags & has_mask) != 0u) {
        score += params.mask_scale * mask[(first + i) * params.keys + j];
      }
      scores[i] = score * params.scale;
    }
    weights[row_of_weights + j] = scores;
    top = max(top, scores);
  }
  top = reduce_max(thread, top);

  var total = vec4f();
  for (var j = thread.index; j < params.keys; j += threads) {
    let e = exp(weights[row_of_weights + j] - top);
    weights[row_of_weights + j] = e;
    total += e;
  }
  let inverse = 1.0 / reduce_sum(thread, total);
  for (var j = thread.index; j < params.keys; j += threads) {
    weights[row_of_weights + j] *= inverse;
  }
  storageBarrier();

  // An invocation sums one column over every `parts`-th key; a head wider than
  // the workgroup is done in turns.
  let parts = max(threads / params.head, 1u);
  let part = thread.index / params.head;
  for (var turn = 0u; turn < params.head; turn += threads) {
    let c = turn + thread.index % min(params.head, threads);
    var sum = vec4f();
    if (part < parts && c < params.head) {
      for (var j = part; j < params.keys; j += parts) {
        let share = weights[row_of_weights + j];
        if ((params.flags & has_key_rows) == 0u) {
          sum += share * value[j * params.width + column + c];
        } else {
          for (var i = 0u; i < queries; i++) {
            sum[i] += share[i] * value[row(first + i, j, column + c)];
          }
        }
      }
    }
    workgroupBarrier();
    partial[thread.index] = sum;
    workgroupBarrier();
    if (part == 0u && c < params.head) {
      for (var other = 1u; other < parts; other++) {
        sum += partial[other * params.head + thread.index];
      }
      for (var i = 0u; i < queries; i++) {
        dst[(first + i) * params.width + column + c] = sum[i];
      }
    }
  }
}
