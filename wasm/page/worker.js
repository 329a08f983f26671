"use strict";

// Runs worker.wasm, the engine. Whatever ends it reaches the page as an error
// of the worker: an error in a promise would not.

importScripts("wasm_exec.js");

(async () => {
  const go = new Go();
  const response = await fetch("worker.wasm");
  if (!response.ok) throw new Error(`worker.wasm: status ${response.status}`);
  const { instance } = await WebAssembly.instantiateStreaming(response, go.importObject);
  await go.run(instance);
  throw new Error("the engine's program has ended");
})().catch((error) => setTimeout(() => { throw error; }));
