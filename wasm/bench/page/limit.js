"use strict";

// Measures what the browser's GPU can do at most, with shaders that do nothing
// else: { gpu, software, gflops, bandwidth }, in 1e9 operations of f32 and bytes a
// second. Its only message asks for that.

// Eight chains of multiplications and additions keep the arithmetic busy.
const chains = 8;
const arithmetic = `
override turns: u32;
@group(0) @binding(0) var<storage, read_write> result: array<vec4f>;

@compute @workgroup_size(128)
fn main(@builtin(global_invocation_id) id: vec3u) {
  var sums: array<vec4f, ${chains}>;
  let factor = 0.5 + vec4f((vec4u(id.x) >> vec4u(0u, 1u, 2u, 3u)) & vec4u(7u)) / 64.0; // no two lanes alike
  for (var turn = 0u; turn < turns; turn++) {
    ${Array.from({ length: chains }, (_, i) => `sums[${i}] = fma(sums[${i}], factor, vec4f(${i}.5, ${i}.25, ${i}.125, ${i}.75));`).join("\n    ")}
  }
  result[id.x] = ${Array.from({ length: chains }, (_, i) => `sums[${i}]`).join(" + ")};
}`;

const copy = `
@group(0) @binding(0) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;

@compute @workgroup_size(128)
fn main(@builtin(global_invocation_id) id: vec3u) {
  y[id.x] = x[id.x];
}`;

const groupSize = 128, groups = 65535; // as many workgroups as there may be: 128 MiB a buffer, beyond any cache
const invocations = groupSize * groups;
const kinds = ["validation", "out-of-memory", "internal"]; // of errors
const runs = 5; // of which the fastest counts
const least = 50; // ms that a run takes at least, so that asking for it counts for little
const most = 1 << 12; // turns or dispatches

async function measure() {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new Error("the browser offers no GPU");
  const { vendor, architecture, device: model, description, isFallbackAdapter } = adapter.info;
  const device = await adapter.requestDevice();
  const buffer = () => device.createBuffer({ size: 16 * invocations, usage: GPUBufferUsage.STORAGE });
  const buffers = [buffer(), buffer()];

  const prepare = async (code, bindings, constants) => {
    const pipeline = await device.createComputePipelineAsync({ layout: "auto", compute: { module: device.createShaderModule({ code }), constants } });
    const entries = buffers.slice(0, bindings).map((buffer, binding) => ({ binding, resource: { buffer } }));
    const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    return async (dispatches) => { // milliseconds
      const encoder = device.createCommandEncoder(), pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      for (let i = 0; i < dispatches; i++) pass.dispatchWorkgroups(groups);
      pass.end();
      const start = performance.now();
      device.queue.submit([encoder.finish()]);
      await device.queue.onSubmittedWorkDone();
      return performance.now() - start;
    };
  };
  const fastest = async (time) => {
    let best = Infinity;
    for (let i = 0; i < runs; i++) best = Math.min(best, await time());
    return best;
  };

  for (const kind of kinds) device.pushErrorScope(kind);
  let turns = 2, run, took;
  do {
    turns *= 4;
    run = await prepare(arithmetic, 1, { turns });
    await run(1); // the first is slower
    took = await run(1);
  } while (took < least && turns < most);
  const gflops = invocations * turns * chains * 4 * 2 / await fastest(() => run(1)) / 1e6;

  const move = await prepare(copy, 2);
  let dispatches = 1;
  await move(1);
  while (await move(dispatches) < least && dispatches < most) dispatches *= 2;
  const bandwidth = dispatches * 2 * 16 * invocations / await fastest(() => move(dispatches)) / 1e6;
  for (const _ of kinds) {
    const error = await device.popErrorScope();
    if (error) throw new Error(error.message);
  }
  device.destroy();
  const gpu = [vendor, architecture, model, description].filter(Boolean).join(" ");
  const software = isFallbackAdapter || /swiftshader|llvmpipe|basic render/i.test(gpu); // as package webgpu tells them
  return { gpu, software, gflops, bandwidth };
}

onmessage = async () => {
  try {
    postMessage(await measure());
  } catch (error) {
    postMessage({ error: String(error?.stack ?? error) });
  }
};
