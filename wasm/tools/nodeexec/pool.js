"use strict";
// Runs the page's pool.js in a thread of Node.
const { parentPort, workerData } = require("node:worker_threads");

globalThis.onmessage = null;
globalThis.postMessage = (message) => parentPort.postMessage(message);
parentPort.on("message", (data) => globalThis.onmessage({ data }));
require("node:vm").runInThisContext(require("node:fs").readFileSync(workerData, "utf8"), workerData);
