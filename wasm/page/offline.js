"use strict";

// The page's side of service-worker.js: how this page stands to its server, and
// what its reader can change about that.

globalThis.Offline = (() => {
  const standing = {
    secure: isSecureContext,
    copy: "none", // "whole", or "refused" if the browser keeps none
    newer: false, // another version is ready
    others: false, // but other tabs are open
    lockable: false, locked: false,
    refused: 0, // requests since it was locked
  };
  let registration, taking, changed;

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
      if (data.refused) change({ refused: standing.refused + 1 });
      if (data.others) {
        taking = false;
        change({ others: true });
      }
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

  return { start, take, lock };
})();
