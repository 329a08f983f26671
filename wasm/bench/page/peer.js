"use strict";

// Runs the same work in onnxruntime-web, on its provider wasm or webgpu. The first
// message is { do: "init", provider, threads }; the others are { do, … } as below.
// A step of the decoder is timed with the caches that real steps before it have
// left; on a GPU they stay there.

let provider, session, feeds, fetched, runs;

async function bytes(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: status ${response.status}`);
  return response.arrayBuffer();
}

// load makes a session, whose outputs come to the CPU, or where kept says if a GPU
// computes.
async function load(url, kept) {
  const options = { executionProviders: [provider], graphOptimizationLevel: "all" };
  if (provider === "webgpu" && kept) options.preferredOutputLocation = kept;
  return ort.InferenceSession.create(new Uint8Array(await bytes(url)), options);
}

// dispose frees what results hold on the GPU.
const dispose = (results) => Object.values(results).forEach((result) => result.location === "gpu-buffer" && result.dispose());

const tensor = async ({ url, shape }) => new ort.Tensor("float32", new Float32Array(await bytes(url)), shape);

const requests = {
  async init({ provider: wanted, threads }) {
    provider = wanted;
    importScripts(`peer/ort.${provider}.min.js`);
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
    const { past, embedded, beams, heads, width } = request;
    const cross = await load(request.cross, "gpu-buffer");
    feeds = { ...await cross.run({ memory: await tensor(request.memory) }) };
    if (provider === "wasm") await cross.release(); // on a GPU its outputs would go with it
    session = await load(request.model, Object.fromEntries(Object.keys(past).map((name) => [name, "gpu-buffer"])));
    ({ fetched, runs } = request);
    const x = new Float32Array(await bytes(embedded));
    const size = beams * heads * width, steps = x.length / size;
    for (const name of Object.values(past)) {
      feeds[name] = new ort.Tensor("float32", new Float32Array(0), [beams, heads, 0, width]);
    }
    for (let step = 0; ; step++) {
      feeds.x = new ort.Tensor("float32", x.slice(step * size, (step + 1) * size), [beams, heads * width]);
      if (step === steps - 1) return {};
      const results = await session.run(feeds);
      for (const [present, name] of Object.entries(past)) {
        dispose({ old: feeds[name] });
        feeds[name] = results[present];
      }
    }
  },

  async run() {
    const start = performance.now();
    for (let i = 0; i < runs; i++) {
      dispose(await session.run(feeds, fetched));
    }
    return { ms: (performance.now() - start) / runs };
  },

  // send posts an output as little-endian float32.
  async send({ name, output }) {
    const results = await session.run(feeds);
    await fetch(output, { method: "POST", body: results[name].data });
    dispose(results);
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
