"use strict";

// Instantiates a Go program: plain, as the page runs it, or with the SIMD kernels of
// engine/device/simd, as its worker does, which compute on the program's own memory, on
// as many threads as there can be:
//
//   - The program of a shared memory (module.ShareMemory) gets a memory made
//     here, which the kernels of a pool of workers (pool.js) work on as well.
//     Only a page that is cross-origin isolated may share memory, and not in
//     every browser: WebKitGTK makes a shared memory that cannot be posted.
//   - The program as it was linked brings its memory; the kernels are bound to
//     that after it, and run on its thread alone.
//   - Without SIMD the program gets no kernels, and is told so.
//
// Each is tried when the one before it cannot be had, and why is remembered.

globalThis.Kernels = (() => {
  // Above so many threads the blocks of a job are too few to go round, and what
  // browsers count as cores are then often slow ones, or halves. The page offers
  // as many (Threads of package browser).
  const mostThreads = 8;

  // How long a worker of the pool may take to start.
  const patience = 10_000; // ms

  const modules = {
    own: { base: "kernels.wasm", relaxed: "kernels-relaxed.wasm" },
    shared: { base: "kernels-shared.wasm", relaxed: "kernels-relaxed-shared.wasm" },
  };

  // Modules of one function each, i8x16.popcnt(…) and i8x16.relaxed_swizzle(…),
  // which are valid where there is SIMD, and relaxed SIMD.
  const type = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10];
  const simd = [...type, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];
  const relaxedSIMD = [...type, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11];
  const valid = (bytes) => WebAssembly.validate(new Uint8Array(bytes));

  // browser is what compiles modules and starts workers in a browser.
  const browser = {
    async compile(url) {
      const response = await fetch(url);
      if (!response.ok) throw new Error(`${url}: status ${response.status}`);
      return WebAssembly.compileStreaming(response);
    },
    startWorker: () => new Worker("pool.js", { name: "kernels" }),
  };

  const cores = () => globalThis.navigator?.hardwareConcurrency ?? 1;

  // What a program is given that gets no kernels.
  const none = {
    run() { throw new Error("there are no kernels"); },
    start: () => 0,
    relaxed: () => 0,
    dots: () => 0,
    layout: () => 0,
  };

  // instantiatePlain resolves to { instance, module, name } of a program that gets no
  // kernels: that of a shared memory where instantiate would take it unless told otherwise,
  // so that a page and its worker run the same, although the page shares its memory with
  // nobody. Addresses for all that the page needs leave enough for the worker's.
  async function instantiatePlain(go, programs) {
    go.importObject.kernels = none;
    if (valid(simd) && cores() > 1 && globalThis.crossOriginIsolated && typeof SharedArrayBuffer !== "undefined") {
      try {
        const module = await browser.compile(programs.shared);
        go.importObject.env = { memory: sharedMemory(module, [8192]) };
        const instance = await WebAssembly.instantiate(module, go.importObject);
        allowSharedViews();
        return { instance, module, name: programs.shared };
      } catch (error) {
        console.warn("without shared memory:", error);
      }
    }
    const module = await browser.compile(programs.own);
    return { instance: await WebAssembly.instantiate(module, go.importObject), module, name: programs.own };
  }

  // instantiate resolves to { instance, program, limits }: the program, for go.run,
  // its name, and sentences that say what it does without. programs holds the names
  // of the program { own, shared }; wish is { simd, relaxed, threads, dots }, where 0
  // threads are as many as are good, and dots is false to do without byte dots. host compiles and starts workers.
  async function instantiate(go, programs, wish, host = browser) {
    const limits = [];
    const without = (what, why) => {
      const text = String(why?.message ?? why);
      // The program gets these among its arguments, for which Go has 8 KB.
      limits.push(`${what}: ${text.length > 300 ? text.slice(0, 300) + "…" : text}`);
    };

    const compiled = new Map(); // by name: what two attempts need is fetched once
    const compile = (name) => {
      if (!compiled.has(name)) compiled.set(name, host.compile(name));
      return compiled.get(name);
    };
    const prefetch = (name) => { compile(name).catch(() => {}); };

    // byteDots are what a module's export says, if it has any.
    const byteDots = (dots) => (wish.dots === false ? 0 : dots?.() ?? 0);

    // open binds the best kernels of these modules to a memory.
    async function open(modules, memory) {
      const bind = async (name) => {
        const module = await compile(name);
        return { module, ...new WebAssembly.Instance(module, { env: { memory } }).exports };
      };
      if (relaxed) {
        try {
          const kernels = await bind(modules.relaxed);
          // Some engines have had relaxed instructions that compute wrongly.
          if (kernels.probe() !== 1) throw new Error("it gives wrong results here");
          return kernels;
        } catch (error) {
          without("without relaxed SIMD", error);
          relaxed = false;
        }
      }
      return bind(modules.base);
    }

    async function withThreads(threads) {
      const pool = [];
      try {
        while (pool.length < threads - 1) pool.push(new Thread(pool.length + 1, host.startWorker()));
        prefetch(relaxed ? modules.shared.relaxed : modules.shared.base);
        const program = await compile(programs.shared);
        const memory = sharedMemory(program, [65536, 32768, 16384]);
        const { module, run, dots, layout } = await open(modules.shared, memory);
        await Promise.all(pool.map((thread) => thread.join(module, memory)));
        go.importObject.env = { memory };
        go.importObject.kernels = {
          run,
          start(control) {
            for (const { worker } of pool) worker.postMessage({ control });
            return threads;
          },
          relaxed: () => Number(relaxed),
          dots: () => byteDots(dots),
          layout: () => layout?.() ?? 0,
        };
        const instance = await WebAssembly.instantiate(program, go.importObject);
        allowSharedViews();
        return instance;
      } catch (error) {
        for (const { worker } of pool) worker.terminate();
        throw error;
      }
    }

    async function withOneThread() {
      prefetch(relaxed ? modules.own.relaxed : modules.own.base);
      let late;
      go.importObject.kernels = {
        run: (kernel, n, step, args, control) => late.run(kernel, n, step, args, control),
        start: () => 1,
        relaxed: () => Number(relaxed),
        dots: () => byteDots(late.dots),
        layout: () => late.layout?.() ?? 0,
      };
      const instance = await WebAssembly.instantiate(await compile(programs.own), go.importObject);
      late = await open(modules.own, instance.exports.mem);
      return instance;
    }

    async function withoutKernels() {
      go.importObject.kernels = none;
      return WebAssembly.instantiate(await compile(programs.own), go.importObject);
    }

    let relaxed = wish.relaxed && valid(relaxedSIMD);
    let threads = Math.min(wish.threads || cores(), mostThreads);
    if (wish.simd && !valid(simd)) {
      without("without SIMD", "there is none here");
    } else if (wish.simd) {
      if (wish.relaxed && !relaxed) without("without relaxed SIMD", "there is none here");
      if (threads > 1 && globalThis.crossOriginIsolated === false) {
        without("on one thread", "the page is not cross-origin isolated");
        threads = 1;
      } else if (threads > 1 && typeof SharedArrayBuffer === "undefined") {
        without("on one thread", "this browser shares no memory");
        threads = 1;
      }
      if (threads > 1) {
        try {
          return { instance: await withThreads(threads), program: programs.shared, limits };
        } catch (error) {
          without("on one thread", error);
        }
      }
      try {
        return { instance: await withOneThread(), program: programs.own, limits };
      } catch (error) {
        without("without SIMD", error);
      }
    }
    return { instance: await withoutKernels(), program: programs.own, limits };
  }

  // sharedMemory makes the memory that a program imports, of the first of these maxima, in
  // pages, that can be had: a device may refuse to set aside addresses for all of 4 GiB.
  function sharedMemory(program, maxima) {
    const [pages] = WebAssembly.Module.customSections(program, "initial pages");
    const initial = Number(new TextDecoder().decode(pages));
    let refusal;
    for (const maximum of maxima) {
      try {
        return new WebAssembly.Memory({ initial, maximum, shared: true });
      } catch (error) {
        refusal = error;
      }
    }
    throw refusal;
  }

  // Thread is a worker of the pool.
  class Thread {
    constructor(number, worker) {
      this.number = number;
      this.worker = worker;
      this.ready = new Promise((resolve, reject) => {
        worker.onmessage = resolve;
        worker.onerror = (event) => {
          event.preventDefault?.(); // it ends this thread, not the program
          const why = event.message ?? "its script cannot be loaded";
          console.error(`kernels: thread ${number}: ${why}`);
          reject(new Error(`a thread has failed: ${why}`));
        };
      });
      this.ready.catch(() => {}); // until it is awaited
    }

    // join gives the thread the kernels and the memory. Whatever goes wrong comes
    // out of its promise: an error that nobody waits for would end the engine.
    async join(module, memory) {
      this.worker.postMessage({ module, memory, number: this.number });
      let late;
      const timeout = new Promise((_, reject) => {
        late = setTimeout(() => reject(new Error("a thread does not start")), patience);
      });
      return Promise.race([this.ready, timeout]).finally(() => clearTimeout(late));
    }
  }

  // allowSharedViews has the functions that Go gives views of its memory to take
  // shared ones, which browsers refuse.
  function allowSharedViews() {
    const copy = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();
    const shared = (view) => view?.buffer instanceof SharedArrayBuffer;
    const { decode } = TextDecoder.prototype;
    TextDecoder.prototype.decode = function (view, options) {
      return decode.call(this, shared(view) ? copy(view) : view, options);
    };
    const fill = crypto.getRandomValues.bind(crypto);
    crypto.getRandomValues = (view) => {
      if (!shared(view)) return fill(view);
      view.set(fill(new Uint8Array(view.length)));
      return view;
    };
  }

  return { browser, instantiate, instantiatePlain };
})();
