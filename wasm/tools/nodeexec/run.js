"use strict";
// Runs a Go program as lib/wasm/wasm_exec_node.js of Go's does, with the
// kernels that it may import: run.js CONFIG PROGRAM [ARGUMENT…].
const fs = require("node:fs");
const path = require("node:path");
const { Worker } = require("node:worker_threads");

const config = JSON.parse(process.argv[2]);
globalThis.require = require;
globalThis.fs = fs;
globalThis.path = path;
globalThis.crypto ??= require("node:crypto").webcrypto; // Node 18
require(config.wasmExec);
require(path.join(config.page, "kernels.js"));

// What kernels.js needs of a browser, in Node's words.
const host = {
  compile: (name) => WebAssembly.compile(fs.readFileSync(path.resolve(config.modules, name))),
  startWorker() {
    const worker = new Worker(path.join(__dirname, "pool.js"), { workerData: path.join(config.page, "pool.js") });
    worker.on("message", (data) => worker.onmessage?.({ data }));
    worker.on("error", (error) => worker.onerror?.(error));
    worker.unref(); // it never ends
    return worker;
  },
};

(async () => {
  if (config.dawn) {
    const { create, globals } = await import(config.dawn);
    Object.assign(globalThis, globals);
    // On a prototype, as in a browser: a test may put another in front of it.
    Object.defineProperty(globalThis, "navigator", { value: Object.create({ gpu: create([]) }) });
  }
  const go = new Go();
  go.argv = process.argv.slice(3);
  go.env = { TMPDIR: require("node:os").tmpdir(), PWD: process.cwd() };
  go.exit = process.exit;
  let instance;
  if (config.kernels) {
    let limits;
    ({ instance, limits } = await Kernels.instantiate(go, config, config.kernels, host));
    for (const limit of limits) console.error(limit);
  } else {
    instance = await WebAssembly.instantiate(await host.compile(config.own), go.importObject);
  }
  process.on("exit", (code) => { // also when no event is awaited any more
    if (code === 0 && !go.exited) {
      go._pendingEvent = { id: 0 }; // a deadlock: let Go say so
      go._resume();
    }
  });
  await go.run(instance);
})().catch((error) => {
  console.error(error);
  process.exit(2);
});
