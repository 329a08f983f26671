"use strict";

// One thread of the kernels' pool (kernels.js): first it is given the kernels
// and their memory, then the address of the block that controls the pool, and
// from then on it computes.

let kernels, number;

onmessage = ({ data }) => {
  if (data.module) {
    kernels = new WebAssembly.Instance(data.module, { env: { memory: data.memory } }).exports;
    number = data.number;
    postMessage("ready");
  } else {
    kernels.work(data.control, number); // does not return
  }
};
