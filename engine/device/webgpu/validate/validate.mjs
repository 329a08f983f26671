// Validates shaders as Chromium does, with Dawn and no driver. Reads
// [{name, code, constants, access}] from standard input, makes each program's
// pipeline with its layout, and writes {name: [problem]} of those that fail.
import { readFileSync } from "node:fs";
import { create, globals } from "webgpu";

Object.assign(globalThis, globals);
const gpu = create(["backend=null"]); // which must outlive its devices
const adapter = await gpu.requestAdapter();
const device = await adapter.requestDevice({ requiredFeatures: ["subgroups"] });

const problems = {};
for (const { name, code, constants, access } of JSON.parse(readFileSync(0, "utf8"))) {
  device.pushErrorScope("validation");
  const entries = [{ binding: 0, visibility: GPUShaderStage.COMPUTE, buffer: { type: "uniform", hasDynamicOffset: true } }];
  for (const [i, a] of [...access].entries()) {
    const type = a === "w" ? "storage" : "read-only-storage";
    entries.push({ binding: i + 1, visibility: GPUShaderStage.COMPUTE, buffer: { type } });
  }
  const layout = device.createPipelineLayout({ bindGroupLayouts: [device.createBindGroupLayout({ entries })] });
  const module = device.createShaderModule({ code });
  const found = (await module.getCompilationInfo()).messages.map((m) => `${m.type}: ${m.lineNum}:${m.linePos}: ${m.message}`);
  await device.createComputePipelineAsync({ layout, compute: { module, constants } }).catch((e) => found.push(e.message));
  const error = await device.popErrorScope();
  if (error) {
    found.push(error.message);
  }
  if (found.length > 0) {
    problems[name] = found;
  }
}
console.log(JSON.stringify(problems));
process.exit(0);
