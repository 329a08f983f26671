// The product of few rows, up to 4 a workgroup, where reading the weights is
// all the work: 16 invocations share an output's run, 16 bytes of it each at a
// time, and add up what they have. kernel and width are 1.
// Grid: [outputs/8, height/4].

var<workgroup> sums: array<vec4f, 128>; // [output 8][lane 16], a component a row

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let lane = thread & 15u;
  let o = group.x * 8u + (thread >> 4u);
  let row = i32(group.y * 4u);
  var sum = vec4f();
  if (o < params.outputs) {
    for (var unit = lane; unit < params.units; unit += 16u) {
      let at = o * params.units + unit;
      let weights = w[at];
      for (var q = 0u; q < quarters(); q++) {
        let v = decode(weights, q, at);
        let t = 4u * (unit * quarters() + q);
        sum += vec4f(dot(v, input(row, 0, t)), dot(v, input(row + 1, 0, t)), dot(v, input(row + 2, 0, t)), dot(v, input(row + 3, 0, t)));
      }
    }
  }
  sums[thread] = sum;
  workgroupBarrier();
  let p = group.y * 4u + lane;
  if (lane < 4u && p < params.height && o < params.outputs) {
    var total = 0.0;
    for (var i = 0u; i < 16u; i++) {
      total += sums[thread - lane + i][lane];
    }
    finish(p, o, total);
  }
}
