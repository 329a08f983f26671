"use strict";

// Times the engine in whatever browser opens bench.html: it starts the engine's
// worker (worker.js) as the page does, in several ways, and speaks its messages
// (wasm/internal/protocol).

(() => {
  // Reports after which compilers know what they run, and those that a time is the
  // median of.
  const warmUps = 3, runs = 7;

  // What computes, as worker.js takes it in its address.
  const gpu = "backend=webgpu";
  const ways = ["threads=0", "threads=1", "threads=1&relaxed=off", gpu];

  // patience is how long an answer may take before the engine counts as stuck.
  const patience = 120_000; // ms

  // Engine is the worker, and one request of it at a time.
  class Engine {
    #worker;
    #id = 0;
    #heed = () => {};

    constructor(way) {
      this.#worker = new Worker(`worker.js?${way}`);
      this.#worker.onmessage = ({ data }) => this.#heed(JSON.parse(data.text));
      this.#worker.onerror = (event) => this.#heed({ id: this.#id, kind: "failed", body: { message: event.message } });
    }

    // ask sends a request and resolves to the body of its answer.
    ask(kind, body) {
      const id = ++this.#id;
      return this.#answer(id, () => this.#worker.postMessage({ text: JSON.stringify({ id, kind, body }) }));
    }

    ready() { return this.#answer(0, () => {}, "ready"); }

    #answer(id, send, only) {
      return new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error("no answer")), patience);
        this.#heed = (message) => {
          if (message.id !== id || ["progress", "drawn", "asked"].includes(message.kind) || (only && ![only, "failed"].includes(message.kind))) return;
          clearTimeout(late);
          if (message.kind === "failed") reject(new Error(message.body.message));
          else resolve(message.body);
        };
        send();
      });
    }

    end() { this.#worker.terminate(); }
  }

  // timed is how many milliseconds a promise takes, and what it resolves to.
  async function timed(work) {
    const began = performance.now();
    const value = await work();
    return { ms: performance.now() - began, value };
  }

  const rounded = (ms) => Number(ms.toPrecision(3));

  function median(times) {
    const sorted = times.toSorted((a, b) => a - b);
    return { median: rounded(sorted[sorted.length >> 1]), least: rounded(sorted[0]), most: rounded(sorted.at(-1)) };
  }

  async function measure(way) {
    const engine = new Engine(way);
    try {
      await engine.ready();
      const loaded = await timed(() => engine.ask("load-shipped", { manifest: new URL("model/manifest.json", location.href).href }));
      const { backend, why, engine: version, sha256 } = loaded.value;
      if (way === gpu && backend !== "webgpu") throw new Error(why);
      const views = [1, 2];
      for (const view of views) {
        await engine.ask("open-phantom", { view, chest: { seed: 1 }, lateral: view === 2, size: 512 });
      }
      const reports = [], redraws = [];
      let text;
      for (let i = 0; i < warmUps + runs; i++) {
        const written = await timed(() => engine.ask("write-report", { views }));
        text = written.value.report.text;
        const drawn = await timed(() => engine.ask("sample-reports", { views, reports: 20, seed: 0 }));
        if (i < warmUps) continue;
        reports.push(written.ms);
        redraws.push(drawn.ms);
      }
      return { way, backend, why, engine: version, model: sha256, loaded_ms: rounded(loaded.ms), report_ms: median(reports), redraws_20_ms: median(redraws), text };
    } catch (error) {
      return { way, error: String(error.message ?? error) };
    } finally {
      engine.end();
    }
  }

  const element = (id) => document.getElementById(id);

  function show(row) {
    element("rows").hidden = false;
    const cells = row.error
      ? [row.way === gpu ? "a GPU" : row.way, "–", "–", "–"]
      : [row.why.split(";")[0], row.loaded_ms, row.report_ms.median, row.redraws_20_ms.median];
    const tr = element("rows").tBodies[0].insertRow();
    for (const text of cells) tr.insertCell().textContent = text;
    if (row.error) tr.cells[0].append(Object.assign(document.createElement("p"), { textContent: row.error }));
  }

  element("start").onclick = async () => {
    element("start").disabled = true;
    element("rows").tBodies[0].replaceChildren();
    const result = {
      date: new Date().toISOString(), browser: navigator.userAgent, cores: navigator.hardwareConcurrency, isolated: crossOriginIsolated,
      runs, rows: [],
    };
    for (const way of ways) {
      element("state").textContent = `${result.rows.length + 1} of ${ways.length}: ${way}…`;
      const row = await measure(way);
      result.rows.push(row);
      show(row);
    }
    element("state").textContent = "Done.";
    element("result").textContent = JSON.stringify(result, null, 1);
    element("result").hidden = false;
    element("copy").disabled = false;
    element("start").disabled = false;
  };

  element("copy").onclick = async () => {
    await navigator.clipboard.writeText(element("result").textContent);
    element("state").textContent = "Copied.";
  };
})();
