"use strict";

// Tells what this page, or this worker, asks for, from its first request on, as the
// browser tells it (Resource Timing), and what the policy refuses. Of what went along
// in bodies no browser tells. From when a service worker serves it, whatever it asks for
// ends there, also what that refuses: then nothing else about a request says so. It
// returns a function that tells at once what is not told yet.

globalThis.Requests = (tell) => {
  let served = false;
  const heed = (entries) => {
    const zero = Date.now() - performance.now(); // which may stand while the machine sleeps
    const asked = entries.filter(({ name }) => name.startsWith("http")).map((entry) => {
      served ||= entry.workerStart > 0 || Boolean(navigator.serviceWorker?.controller);
      return {
        url: entry.name,
        at: Math.floor(zero + entry.startTime),
        received: entry.transferSize,
        local: served || (entry.transferSize === 0 && entry.decodedBodySize > 0),
      };
    });
    if (asked.length > 0) tell(asked);
  };
  const observer = new PerformanceObserver((list) => heed(list.getEntries()));
  observer.observe({ type: "resource", buffered: true });
  if (globalThis.document) observer.observe({ type: "navigation" }); // which comes when the page is loaded
  addEventListener("securitypolicyviolation", ({ blockedURI, effectiveDirective }) => {
    tell([{ url: blockedURI, at: Date.now(), refused: effectiveDirective }]);
  });
  return () => heed(observer.takeRecords());
};
