"use strict";

// Starts app.wasm, or says in a sentence why it cannot.

const say = (sentence) => {
  const boot = document.getElementById("boot"); // until the page has drawn itself
  const alert = document.getElementById("alert");
  (boot ?? alert).textContent = sentence;
  if (!boot) alert.className = "fatal";
};

(async () => {
  if (typeof WebAssembly !== "object") {
    say("This browser cannot run WebAssembly, or something blocks it. Use a current Firefox, Chrome, Edge or Safari.");
    return;
  }
  const go = new Go();
  let instance;
  try {
    const response = await fetch("app.wasm");
    if (!response.ok) throw new Error(`app.wasm: status ${response.status}`);
    ({ instance } = await WebAssembly.instantiateStreaming(response, go.importObject));
  } catch (error) {
    console.error(error);
    say("The program of this page could not be loaded. Check the connection and reload; if that does not help, tell the people who run this site.");
    return;
  }
  await go.run(instance);
  say("The page has stopped because of a fault in its program. Reload it to go on.");
})();
