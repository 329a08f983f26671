"use strict";

// Runs the same work in onnxruntime-web, on its WebAssembly provider. The first
// message is { threads }; the others are { do, … } as below. A step of the
// decoder is timed with the caches that real steps before it have left.

importScripts("peer/ort.wasm.min.js");

let session, feeds, fetched, runs, outputs;

async function bytes(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: status ${response.status}`);
  return response.arrayBuffer();
}

const load = async (url) =>
  ort.InferenceSession.create(new Uint8Array(await bytes(url)), { executionProviders: ["wasm"], graphOptimizationLevel: "all" });

const tensor = async ({ url, shape }) => new ort.Tensor("float32", new Float32Array(await bytes(url)), shape);

const requests = {
  async init({ threads }) {
    ort.env.wasm.wasmPaths = new URL("peer/", location.href).href;
    ort.env.wasm.numThreads = threads;
    ort.env.logLevel = "error";
    return { backend: `onnxruntime-web ${ort.env.versions.web}` };
  },

  // open loads the model of a stage and its input. Each timing is the mean of so
  // many runs.
  async open(request) {
    session = await load(request.model);
    feeds = { x: await tensor(request.input) };
    ({ fetched, runs } = request);
    return {};
  },

  // decode loads a decoder and has it write a report, up to its last step, which
  // is what is timed. embedded holds the words' embeddings [steps, beams, d].
  async decode(request) {
    const cross = await load(request.cross);
    feeds = { ...await cross.run({ memory: await tensor(request.memory) }) };
    await cross.release();
    session = await load(request.model);
    ({ fetched, runs } = request);
    const { past, embedded, beams, heads, width } = request;
    const x = new Float32Array(await bytes(embedded));
    const size = beams * heads * width, steps = x.length / size;
    for (const name of Object.values(past)) {
      feeds[name] = new ort.Tensor("float32", new Float32Array(0), [beams, heads, 0, width]);
    }
    for (let step = 0; ; step++) {
      feeds.x = new ort.Tensor("float32", x.slice(step * size, (step + 1) * size), [beams, heads * width]);
      if (step === steps - 1) return {};
      const results = await session.run(feeds);
      for (const [present, name] of Object.entries(past)) feeds[name] = results[present];
    }
  },

  async run() {
    const start = performance.now();
    for (let i = 0; i < runs; i++) outputs = await session.run(feeds, fetched);
    return { ms: (performance.now() - start) / runs };
  },

  // send posts an output as little-endian float32.
  async send({ name, output }) {
    const results = await session.run(feeds);
    await fetch(output, { method: "POST", body: results[name].data });
    return {};
  },
};

onmessage = async ({ data }) => {
  try {
    postMessage(await requests[data.do](data));
  } catch (error) {
    postMessage({ error: String(error?.stack ?? error) });
  }
};
