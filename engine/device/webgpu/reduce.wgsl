// Reductions over the 128 invocations of a workgroup, four values at a time.
// Every invocation must call them, and all get the result. Eight invocations
// reduce 16 values each and then all reduce those 8: two barriers, where halving
// takes seven. reduce_subgroups.wgsl has the same for GPUs with subgroups.

const threads = 128u;
const lane_reducers = 8u;

struct Thread {
  @builtin(local_invocation_index) index: u32,
}

var<workgroup> lanes: array<vec4f, threads>;
var<workgroup> reduced: array<vec4f, lane_reducers>;

fn reduce_sum(thread: Thread, v: vec4f) -> vec4f {
  lanes[thread.index] = v;
  workgroupBarrier();
  if (thread.index < lane_reducers) {
    var sum = lanes[thread.index];
    for (var i = thread.index + lane_reducers; i < threads; i += lane_reducers) {
      sum += lanes[i];
    }
    reduced[thread.index] = sum;
  }
  workgroupBarrier();
  var sum = reduced[0];
  for (var i = 1u; i < lane_reducers; i++) {
    sum += reduced[i];
  }
  return sum;
}

fn reduce_max(thread: Thread, v: vec4f) -> vec4f {
  lanes[thread.index] = v;
  workgroupBarrier();
  if (thread.index < lane_reducers) {
    var top = lanes[thread.index];
    for (var i = thread.index + lane_reducers; i < threads; i += lane_reducers) {
      top = max(top, lanes[i]);
    }
    reduced[thread.index] = top;
  }
  workgroupBarrier();
  var top = reduced[0];
  for (var i = 1u; i < lane_reducers; i++) {
    top = max(top, reduced[i]);
  }
  return top;
}
