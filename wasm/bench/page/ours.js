"use strict";

// Runs the benchmark's Go program with the kernels, as the product's worker does
// (worker.js of wasm/page). The first message is { backend, threads, relaxed, dots };
// the others are package stage's requests.

importScripts("wasm_exec.js", "kernels.js");

// An error in a promise would not reach the page.
addEventListener("unhandledrejection", ({ reason }) => setTimeout(() => { throw reason; }));

let instance;
globalThis.memorySize = () => instance.exports.mem.buffer.byteLength;

async function run({ backend, threads, relaxed, dots }) {
  const go = new Go();
  const programs = { own: "worker.wasm", shared: "worker-shared.wasm" };
  const loaded = await Kernels.instantiate(go, programs, { simd: backend === "simd", threads, relaxed, dots });
  instance = loaded.instance;
  if (backend === "simd" && loaded.limits.length > 0) throw new Error(loaded.limits.join("; "));
  go.argv = ["worker", "-backend", backend];
  const ready = new Promise((resolve) => { globalThis.ready = resolve; });
  go.run(instance).then(() => { throw new Error("the program has ended"); });
  return ready;
}

onmessage = async ({ data }) => {
  try {
    if (instance) {
      request(JSON.stringify(data), (answer) => postMessage(JSON.parse(answer)));
    } else {
      await run(data);
      postMessage({});
    }
  } catch (error) {
    postMessage({ error: String(error?.stack ?? error) });
  }
};
