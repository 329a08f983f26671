"use strict";

// Starts the page's program, or says in a sentence why it cannot.

const say = (sentence) => {
  const boot = document.getElementById("boot"); // until the page has drawn itself
  const alert = document.getElementById("alert");
  (boot ?? alert).textContent = Languages.text(sentence);
  if (!boot) alert.className = "fatal";
};

// forbidRequests tightens the page's policy for as long as the page lives: from
// here on it asks for nothing itself, neither of its server nor by a socket, but for
// its words in another language, which are a script. The engine's worker has a policy of its own.
const forbidRequests = () => {
  const policy = document.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = "connect-src 'none'";
  document.head.append(policy);
};

// startEngine starts the engine's worker beside the page's program, which takes it if it
// is the one that it wants (NewWorker of wasm/internal/protocol). What it says until
// then waits.
const startEngine = () => {
  const worker = new Worker("worker.js", { name: "engine" });
  const address = new URL("worker.js", document.baseURI).href;
  const events = [];
  worker.onmessage = worker.onmessageerror = worker.onerror = (event) => events.push(event);
  globalThis.Engine = { worker, address, events };
};

(async () => {
  const spoken = Languages.speak(Languages.preferred()).then(() => {
    for (const element of document.querySelectorAll(".caution, #boot")) element.textContent = Languages.text(element.textContent);
  }).catch(console.error); // it stays English
  if (typeof WebAssembly !== "object") {
    await spoken;
    say("This browser cannot run WebAssembly, or something blocks it. Use a current Firefox, Chrome, Edge or Safari.");
    return;
  }
  const go = new Go();
  let program;
  try {
    if (location.search === "") startEngine(); // what else would it compute with?
    program = await Kernels.instantiatePlain(go, { own: "program.wasm", shared: "program-shared.wasm" });
    forbidRequests();
    globalThis.Program = { name: program.name, module: program.module }; // for workers: an instance cannot be sent
    globalThis.Engine?.worker.postMessage(Program);
  } catch (error) {
    console.error(error);
    globalThis.Engine?.worker.terminate();
    say("The program of this page could not be loaded. Check the connection and reload; if that does not help, tell the people who run this site.");
    return;
  }
  // Words that do not come within a while are done without.
  const inTime = await Promise.race([spoken.then(() => true), new Promise((late) => setTimeout(late, 5000, false))]);
  if (!inTime) Languages.speak("en");
  await go.run(program.instance);
  say("The page has stopped because of a fault in its program. Reload it to go on.");
})();
