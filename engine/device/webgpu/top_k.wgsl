// The k largest elements of each row, descending, the lower column first among
// equals: ids[offset + row·k + i] is the column, and values[row·k + i], if
// wanted, its log softmax. A row with an element that is not finite has ids −1
// and values NaN; WGSL promises nothing of such numbers, so they are told by
// their bits. x [rows, columns]. A workgroup a row.

struct Params {
  rows: u32,
  columns: u32,
  k: u32,
  offset: u32, // in ids
  want_values: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>; // the bits of an f32
@group(0) @binding(2) var<storage, read_write> values: array<u32>;
@group(0) @binding(3) var<storage, read_write> ids: array<i32>;

const reducers = 8u; // invocations that reduce the candidates of 16 each
const exponent = 0x7f800000u;
const nan = 0x7fc00000u;
const lowest = -0x1.fffffep+127; // the least f32

struct Element {
  value: f32,
  column: u32,
}

// The order of the result.
fn before(a: Element, b: Element) -> bool {
  return a.value > b.value || (a.value == b.value && a.column < b.column);
}

var<workgroup> candidates: array<Element, threads>;
var<workgroup> finalists: array<Element, reducers>;
var<workgroup> not_finite: atomic<u32>;

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, thread: Thread) {
  for (var row = group.x; row < params.rows; row += groups.x) {
    let first = row * params.columns;
    workgroupBarrier(); // the last row's results have been read
    atomicStore(&not_finite, 0u);
    workgroupBarrier();
    for (var j = thread.index; j < params.columns; j += threads) {
      if ((x[first + j] & exponent) == exponent) {
        atomicStore(&not_finite, 1u);
      }
    }
    workgroupBarrier();
    let broken = atomicLoad(&not_finite) == 1u;

    // Each turn finds the first element after the last turn's.
    var top = 0.0;
    var log_sum = 0.0;
    var last: Element;
    for (var i = 0u; i < params.k; i++) {
      var mine = Element(lowest, ~0u);
      for (var j = thread.index; j < params.columns; j += threads) {
        let e = Element(bitcast<f32>(x[first + j]), j);
        if ((i == 0u || before(last, e)) && before(e, mine)) {
          mine = e;
        }
      }
      candidates[thread.index] = mine;
      workgroupBarrier();
      if (thread.index < reducers) {
        for (var other = thread.index + reducers; other < threads; other += reducers) {
          if (before(candidates[other], mine)) {
            mine = candidates[other];
          }
        }
        finalists[thread.index] = mine;
      }
      workgroupBarrier();
      last = finalists[0];
      for (var other = 1u; other < reducers; other++) {
        if (before(finalists[other], last)) {
          last = finalists[other];
        }
      }
      if (i == 0u && params.want_values == 1u) {
        top = last.value;
        var sum = 0.0;
        for (var j = thread.index; j < params.columns; j += threads) {
          sum += exp(bitcast<f32>(x[first + j]) - top);
        }
        log_sum = log(reduce_sum(thread, vec4f(sum)).x);
      }
      if (thread.index == 0u) {
        ids[params.offset + row * params.k + i] = select(i32(last.column), -1, broken);
        if (params.want_values == 1u) {
          values[row * params.k + i] = select(bitcast<u32>(last.value - top - log_sum), nan, broken);
        }
      }
    }
  }
}
