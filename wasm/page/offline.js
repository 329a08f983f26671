"use strict";

// The page's side of service-worker.js: how this page stands to its server, and
// what its reader can change about that.

globalThis.Offline = (() => {
  const standing = {
    secure: isSecureContext,
    framed: parent !== self,
    copy: "none", // "whole", "refused" if the browser keeps none, or "erased"
    newer: false, // another version is ready
    others: false, // but other tabs are open
    lockable: false, locked: false,
    refused: 0, // requests since it was locked
  };
  let registration, taking, changed;

  // What the page and the service worker have asked for, until the page's program
  // wants to know.
  const log = [];
  let tell = (requests) => log.push(...requests);
  Requests((requests) => tell(requests));
  navigator.serviceWorker?.addEventListener("message", ({ data }) => data.asked && tell(data.asked));

  // asked calls back with all that was asked for, as JSON.
  function asked(callback) {
    tell = (requests) => callback(JSON.stringify(requests));
    if (log.length > 0) tell(log);
  }

  const change = (part) => changed(Object.assign(standing, part));

  // start keeps a copy of the page, if this browser does that, and calls back
  // with how the page stands, now and at every change.
  async function start(callback) {
    changed = callback;
    change({});
    const container = navigator.serviceWorker;
    if (!container) return;
    container.addEventListener("controllerchange", () => {
      if (taking) location.reload();
      else greet();
    });
    container.addEventListener("message", ({ data }) => {
      if (data.refused) {
        change({ refused: standing.refused + 1 });
        tell([{ url: data.refused, at: Date.now(), refused: "the lock" }]);
      }
      if (data.others) change({ others: true });
      if ("locked" in data) change({ locked: data.locked, lockable: true, refused: data.locked && standing.locked ? standing.refused : 0 });
    });
    container.startMessages();
    keepForGood();
    greet();
    try {
      registration = await container.register("service-worker.js");
    } catch (error) {
      // With a copy that is there, it is the server that cannot be reached.
      if (!container.controller) change({ copy: "refused" });
      return;
    }
    registration.addEventListener("updatefound", () => follow(registration.installing));
    for (const worker of [registration.active, registration.waiting, registration.installing]) follow(worker);
  }

  function follow(worker) {
    if (!worker) return;
    const look = () => {
      const first = !registration.active || registration.active === worker;
      if (worker.state === "activated") change({ copy: "whole" });
      if (worker.state === "installed" && !first) change({ newer: true, others: false });
      if (worker.state === "redundant" && !registration.active) change({ copy: "refused" });
    };
    worker.addEventListener("statechange", look);
    look();
  }

  // greet asks the worker whether the page is locked.
  const greet = () => navigator.serviceWorker.controller?.postMessage({ state: true });

  // ask asks the worker for something, and waits for its answer.
  const ask = (worker, message) => new Promise((answered) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => answered(data);
    worker.postMessage(message, [port2]);
  });

  // keeper is the worker that has the copy, whether it serves this page yet or not.
  const keeper = () => registration?.active ?? navigator.serviceWorker?.controller;

  // inspect takes the inventory of what is stored in this browser, as JSON.
  async function inspect() {
    const worker = standing.copy === "erased" ? undefined : keeper();
    const { usage = 0 } = await navigator.storage?.estimate?.() ?? {};
    const databases = (await globalThis.indexedDB?.databases?.().catch(() => []) ?? []).filter(({ name }) => name !== Archive.database);
    return JSON.stringify({ ...(worker ? await ask(worker, { inspect: true }) : { files: [] }), usage, databases: databases.length });
  }

  // erase takes the copy of the page out of this browser.
  async function erase() {
    await ask(keeper(), { erase: true });
    change({ copy: "erased", newer: false, lockable: false });
  }

  // keepForGood asks the browser not to clear the copy away of a page that was
  // installed as an app.
  function keepForGood() {
    const ask = () => navigator.storage?.persist?.();
    addEventListener("appinstalled", ask);
    if (matchMedia("(display-mode: standalone)").matches) ask();
  }

  // take has the newer version take over, and the page loaded anew, unless other
  // tabs are open.
  function take() {
    taking = true;
    registration.waiting?.postMessage({ take: true });
  }

  // lock lets nothing out of the page, or no longer.
  const lock = (on) => navigator.serviceWorker.controller?.postMessage({ lock: on });

  return { start, take, lock, asked, inspect, erase };
})();
