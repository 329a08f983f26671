enable subgroups;

// The reductions of reduce.wgsl where the GPU has subgroups: each reduces its own
// values without memory, and then all reduce what the subgroups have, after one
// barrier. Calls take turns with two halves of that memory, so that none writes
// what another still reads.

const threads = 128u;
const most_subgroups = 32u; // the smallest has 4 invocations

struct Thread {
  @builtin(local_invocation_index) index: u32,
  @builtin(subgroup_id) subgroup: u32,
  @builtin(num_subgroups) subgroups: u32,
}

var<workgroup> reduced: array<vec4f, 2u * most_subgroups>;
var<private> turn: u32; // 0 or most_subgroups

fn reduce_sum(thread: Thread, v: vec4f) -> vec4f {
  turn = most_subgroups - turn;
  let mine = subgroupAdd(v);
  if (subgroupElect()) {
    reduced[turn + thread.subgroup] = mine;
  }
  workgroupBarrier();
  var sum = reduced[turn];
  for (var i = 1u; i < thread.subgroups; i++) {
    sum += reduced[turn + i];
  }
  return sum;
}

fn reduce_max(thread: Thread, v: vec4f) -> vec4f {
  turn = most_subgroups - turn;
  let mine = subgroupMax(v);
  if (subgroupElect()) {
    reduced[turn + thread.subgroup] = mine;
  }
  workgroupBarrier();
  var top = reduced[turn];
  for (var i = 1u; i < thread.subgroups; i++) {
    top = max(top, reduced[turn + i]);
  }
  return top;
}
