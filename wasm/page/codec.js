"use strict";

// A worker that decodes one picture with one module of engine/radiograph/codec.
// The engine starts it for a file that needs it, and ends it with the answer, or
// when the decoding takes too long.

importScripts("requests.js");

// tell says what this worker has asked for, once all of that has come.
const asked = [];
const tellNow = Requests((requests) => asked.push(...requests));
const tell = () => {
  tellNow();
  postMessage({ asked: asked.splice(0) });
};

const modules = { jpeg2000: "jpeg2000.wasm", jpegls: "jpegls.wasm", jpeg: "jpeg.wasm" };

onmessage = async ({ data: { format, stream, samples: limit, memory: bytes } }) => {
  let exports;
  try {
    const response = await fetch(modules[format]);
    if (!response.ok) throw new Error(`${modules[format]}: status ${response.status}`);
    ({ instance: { exports } } = await WebAssembly.instantiateStreaming(response));
    tell();
    exports._initialize();
  } catch (error) {
    tell();
    postMessage({ unavailable: String(error?.message ?? error) });
    return;
  }
  const { memory, limit_memory, allocate, decode, failed } = exports;
  try {
    limit_memory(bytes);
    const address = allocate(stream.length);
    new Uint8Array(memory.buffer).set(stream, address);
    const frame = decode(address, stream.length, limit);
    const [width, height, components, bits, signed, at] = new Uint32Array(memory.buffer, frame, 6);
    const samples = new Uint8Array(memory.buffer, at, 2 * width * height * components).slice();
    postMessage({ header: [width, height, components, bits, signed], samples }, [samples.buffer]);
  } catch (trap) {
    const told = new Uint8Array(memory.buffer, failed(), 256);
    const text = new TextDecoder().decode(told.subarray(4, told.indexOf(0, 4)));
    postMessage({ trap: { message: String(trap) }, reason: told[0], text });
  }
};
