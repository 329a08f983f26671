"use strict";

// Runs the engine, a part of the page's program. Its first message is { name, module },
// a program ready compiled, or {}: it fetches the one that it wants if that is another.
// Its address may say backend=webgpu, simd or portable, threads=N, relaxed=off, dots=off
// and shaders=plain. Whatever ends the engine reaches the page as an error of the worker:
// an error in a promise would not.

importScripts("wasm_exec.js", "kernels.js", "requests.js");

// A message of wasm/internal/protocol, that is there before the engine is. The engine
// tells so what its decoders (codec.js) have asked for.
globalThis.tellRequests = (requests) => postMessage({ text: JSON.stringify({ id: 0, kind: "asked", body: { requests } }) });
Requests(tellRequests);

const fail = (error) => setTimeout(() => { throw error; });
addEventListener("unhandledrejection", (event) => { // of a callback into the engine
  event.preventDefault();
  fail(event.reason);
});

const given = new Promise((resolve) => addEventListener("message", ({ data }) => resolve(data), { once: true }));
const programs = { own: "program.wasm", shared: "program-shared.wasm" };

const host = {
  ...Kernels.browser,
  async compile(name) {
    const { name: there, module } = Object.values(programs).includes(name) ? await given : {};
    return there === name ? module : Kernels.browser.compile(name);
  },
};

(async () => {
  const go = new Go();
  const query = new URLSearchParams(location.search);
  const backend = query.get("backend") ?? "";
  const { instance, program, limits } = await Kernels.instantiate(go, programs, {
    simd: backend !== "portable",
    relaxed: query.get("relaxed") !== "off",
    dots: query.get("dots") !== "off",
    threads: Number(query.get("threads")),
  }, host);
  const [, sha256 = ""] = program.match(/\.([0-9a-f]{64})\.wasm$/) ?? []; // by which the site names it
  go.argv = ["worker", JSON.stringify({ backend, plain: query.get("shaders") === "plain", limits: limits.join("; "), sha256 })];
  await go.run(instance);
  throw new Error("the engine's program has ended");
})().catch(fail);
