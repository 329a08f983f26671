"use strict";

// The benchmark's page: it holds the workers that compute, one at a time of
// each kind, and passes on what they are asked.

const workers = new Map(); // by name: { worker, settle, failure }

// start replaces the worker of a name. settings is its first message, which it
// answers when it is ready.
function start(name, script, settings) {
  end(name);
  const entry = { worker: new Worker(script, { name }) };
  entry.worker.onmessage = ({ data }) => entry.settle.resolve(data);
  entry.worker.onerror = (event) => {
    entry.failure = new Error(`${name}: ${event.message ?? "its script cannot be loaded"}`);
    entry.settle.reject(entry.failure);
  };
  workers.set(name, entry);
  return ask(name, settings);
}

// ask sends a worker one message and resolves to its answer.
function ask(name, message) {
  const entry = workers.get(name);
  return new Promise((resolve, reject) => {
    if (entry.failure) throw entry.failure; // it would not answer
    entry.settle = { resolve, reject };
    entry.worker.postMessage(message);
  });
}

// end ends a worker and says whether there was one.
function end(name) {
  workers.get(name)?.worker.terminate();
  return workers.delete(name);
}
