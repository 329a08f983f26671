"use strict";

// Times the engine in whatever browser opens bench.html: it starts the engine's
// worker (worker.js) as the page does, in several ways, and speaks its messages
// (wasm/internal/protocol).

(() => {
  // Reports after which compilers know what they run, and those that a time is the
  // median of.
  const warmUps = 3, runs = 7;

  // What computes, in words, and as worker.js takes it in its address.
  const ways = [
    { name: "all threads", query: "threads=0" },
    { name: "one thread", query: "threads=1" },
    { name: "one thread, without byte dots", query: "threads=1&dots=off" },
    { name: "one thread, without relaxed SIMD", query: "threads=1&relaxed=off" },
    { name: "a GPU", query: "backend=webgpu", backend: "webgpu" },
  ];

  // patience is how long an answer may take before the engine counts as stuck.
  const patience = 120_000; // ms

  // Engine is the worker, and one request of it at a time.
  class Engine {
    #worker;
    #id = 0;
    #heed = () => {};

    constructor(query) {
      this.#worker = new Worker(`worker.js?${query}`);
      this.#worker.postMessage({}); // it fetches its program itself
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
    const sorted = [...times].sort((a, b) => a - b);
    return { median: rounded(sorted[sorted.length >> 1]), least: rounded(sorted[0]), most: rounded(sorted.at(-1)) };
  }

  const manifest = new URL("model/manifest.json", location.href).href;

  // fetchModel has the browser's cache hold the model, which then takes as long to
  // arrive for each.
  async function fetchModel() {
    const { shards } = await (await fetch(manifest)).json();
    for (const { name } of shards) await (await fetch(new URL(name, manifest))).arrayBuffer();
  }

  async function measure({ name, query, backend: wanted }) {
    const engine = new Engine(query);
    try {
      await engine.ready();
      const loaded = await timed(() => engine.ask("load-shipped", { manifest }));
      const { backend, why, engine: version, sha256 } = loaded.value;
      if (wanted && backend !== wanted) throw new Error(why);
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
      return { way: name, backend, why, engine: version, model: sha256, loaded_ms: rounded(loaded.ms), report_ms: median(reports), redraws_20_ms: median(redraws), text };
    } catch (error) {
      return { way: name, error: String(error.message ?? error) };
    } finally {
      engine.end();
    }
  }

  const element = (id) => document.getElementById(id);
  const say = (text) => { element("state").textContent = text; };

  function show({ way, why, error, loaded_ms, report_ms, redraws_20_ms }) {
    const tr = element("rows").tBodies[0].insertRow();
    const head = tr.appendChild(Object.assign(document.createElement("th"), { scope: "row", textContent: way }));
    head.append(Object.assign(document.createElement("p"), { textContent: error ?? why.split(";")[0] }));
    for (const text of error ? ["–", "–", "–"] : [loaded_ms, report_ms.median, redraws_20_ms.median]) tr.insertCell().textContent = text;
    element("rows").hidden = false;
  }

  let running = false;

  element("start").onclick = async () => {
    if (running) return;
    running = true;
    element("start").ariaDisabled = "true"; // not disabled, which would take the focus away
    element("rows").tBodies[0].replaceChildren();
    element("result").hidden = element("copy").hidden = true;
    const result = {
      date: new Date().toISOString(), browser: navigator.userAgent, cores: navigator.hardwareConcurrency, isolated: crossOriginIsolated,
      runs, rows: [],
    };
    try {
      say("The model is fetched…");
      await fetchModel();
      for (const way of ways) {
        say(`${result.rows.length + 1} of ${ways.length}: ${way.name}…`);
        const row = await measure(way);
        result.rows.push(row);
        show(row);
      }
      say(crossOriginIsolated ? "Done." : "Done, without threads: they need a page that came encrypted, or from this machine.");
      element("result").textContent = JSON.stringify(result, null, 1);
      element("result").hidden = element("copy").hidden = false;
    } catch (error) {
      say(`It cannot be timed: ${error.message}`);
    }
    element("start").ariaDisabled = null;
    running = false;
  };

  element("copy").onclick = async () => {
    try {
      await navigator.clipboard.writeText(element("result").textContent);
      say("Copied.");
    } catch { // without encryption a page has no clipboard
      getSelection().selectAllChildren(element("result"));
      say("Select “Copy” of the browser: the result is selected.");
    }
  };
})();
