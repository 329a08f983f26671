// Reductions over the 128 invocations of a workgroup, four values at a time.
// Every invocation must call them, and all get the result. Eight invocations
// reduce 16 values each and then all reduce those 8: two barriers, where halving
// takes seven.

const threads = 128u;
const reducers = 8u;

var<workgroup> lanes: array<vec4f, 128>;
var<workgroup> reduced: array<vec4f, 8>;

fn reduce_sum(thread: u32, v: vec4f) -> vec4f {
  lanes[thread] = v;
  workgroupBarrier();
  if (thread < reducers) {
    var sum = lanes[thread];
    for (var i = thread + reducers; i < threads; i += reducers) {
      sum += lanes[i];
    }
    reduced[thread] = sum;
  }
  workgroupBarrier();
  var sum = reduced[0];
  for (var i = 1u; i < reducers; i++) {
    sum += reduced[i];
  }
  return sum;
}

fn reduce_max(thread: u32, v: vec4f) -> vec4f {
  lanes[thread] = v;
  workgroupBarrier();
  if (thread < reducers) {
    var top = lanes[thread];
    for (var i = thread + reducers; i < threads; i += reducers) {
      top = max(top, lanes[i]);
    }
    reduced[thread] = top;
  }
  workgroupBarrier();
  var top = reduced[0];
  for (var i = 1u; i < reducers; i++) {
    top = max(top, reduced[i]);
  }
  return top;
}
