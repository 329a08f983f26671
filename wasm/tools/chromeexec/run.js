"use strict";
// Runs test.wasm. Go reaches files through Node's fs interface; here each of
// its calls is a request that chromeexec answers (disk.go).
(async () => {
  const config = await (await fetch("config.json")).json();
  const inWorker = typeof window === "undefined";
  if (config.kernels && !inWorker) { // the page only watches
    new Worker("run.js").onerror = async (event) => {
      await fetch("fs/write?fd=2", { method: "POST", body: `${event.message ?? "the worker cannot be started"}\n` });
      await fetch("exit?code=2", { method: "POST" });
    };
    return;
  }
  if (inWorker) importScripts("wasm_exec.js", "kernels.js");

  const request = async (call, args, body) => {
    const response = await fetch("fs/" + call + "?" + new URLSearchParams(args), { method: "POST", body });
    const code = response.headers.get("Error-Code");
    if (code) {
      throw Object.assign(new Error(call), { code });
    }
    return response;
  };

  // method makes fs[call] of a call whose arguments have these names and whose
  // answer is JSON.
  const method = (call, names, convert = (value) => value) => {
    globalThis.fs[call] = (...values) => {
      const callback = values.pop();
      const args = Object.fromEntries(names.map((name, i) => [name, values[i]]));
      request(call, args).then((r) => r.json()).then((v) => callback(null, convert(v)), callback);
    };
  };
  const stat = (s) => ({ ...s, isDirectory: () => (s.mode & 0o170000) === 0o040000 });
  method("open", ["path", "flags", "mode"]);
  method("close", ["fd"]);
  method("fstat", ["fd"], stat);
  method("stat", ["path"], stat);
  method("lstat", ["path"], stat);
  method("readdir", ["path"]);
  method("mkdir", ["path", "mode"]);
  method("rmdir", ["path"]);
  method("unlink", ["path"]);
  method("rename", ["path", "to"]);
  method("chmod", ["path", "mode"]);
  method("fchmod", ["fd", "mode"]);
  method("truncate", ["path", "length"]);
  method("ftruncate", ["fd", "length"]);

  globalThis.fs.read = (fd, buffer, offset, length, position, callback) => {
    request("read", { fd, length, position: position ?? -1 })
      .then((r) => r.arrayBuffer())
      .then((bytes) => {
        buffer.set(new Uint8Array(bytes), offset);
        callback(null, bytes.byteLength);
      }, callback);
  };
  globalThis.fs.write = (fd, buffer, offset, length, position, callback) => {
    printed
      .then(() => request("write", { fd, position: position ?? -1 }, buffer.slice(offset, offset + length)))
      .then(() => callback(null, length), callback);
  };
  // The runtime prints panics through writeSync, which cannot wait: keep the
  // order and let the exit wait.
  let printed = Promise.resolve();
  const print = (fd, bytes) => {
    printed = printed.then(() => request("write", { fd, position: -1 }, bytes));
  };
  globalThis.fs.writeSync = (fd, buffer) => {
    print(fd, buffer.slice());
    return buffer.length;
  };
  globalThis.fs.constants = config.constants;
  globalThis.process.cwd = () => config.cwd;

  const go = new Go();
  go.argv = config.argv;
  go.env = config.env;
  let code = 0;
  go.exit = (c) => { code = c; };
  try {
    const { instance, limits } = config.kernels
      ? await Kernels.instantiate(go, { own: "test.wasm", shared: "test-shared.wasm" }, config.kernels)
      : await WebAssembly.instantiateStreaming(fetch("test.wasm"), go.importObject);
    for (const limit of limits ?? []) print(2, new TextEncoder().encode(limit + "\n"));
    await go.run(instance);
  } catch (e) {
    code ||= 2;
    print(2, new TextEncoder().encode(String(e?.stack ?? e) + "\n"));
  }
  await printed;
  await fetch("exit?code=" + code, { method: "POST" });
})();
