"use strict";

// Runs worker.wasm, the engine. Its address may say backend=webgpu, simd or
// portable, threads=N, relaxed=off and shaders=plain. Whatever ends the engine
// reaches the page as an error of the worker: an error in a promise would not.

importScripts("wasm_exec.js", "kernels.js");

const fail = (error) => setTimeout(() => { throw error; });
addEventListener("unhandledrejection", (event) => { // of a callback into the engine
  event.preventDefault();
  fail(event.reason);
});

(async () => {
  const go = new Go();
  const query = new URLSearchParams(location.search);
  const backend = query.get("backend") ?? "";
  const { instance, limits } = await Kernels.instantiate(go, { own: "worker.wasm", shared: "worker-shared.wasm" }, {
    simd: backend !== "portable",
    relaxed: query.get("relaxed") !== "off",
    threads: Number(query.get("threads")),
  });
  go.argv = ["worker", "-backend", backend, "-limits", limits.join("; "), `-plain=${query.get("shaders") === "plain"}`];
  await go.run(instance);
  throw new Error("the engine's program has ended");
})().catch(fail);
