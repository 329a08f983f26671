"use strict";

// The page's side of uar.js: joins this page to one that shows it in a frame. Whose
// pages may do that, the server's policy says (frame-ancestors).

globalThis.Embed = (() => {
  const version = 1; // of the messages, as in uar.js
  const told = {}; // the last message of each kind
  const waiting = []; // what was asked before the page's program listens
  let heed = (wish) => waiting.push(wish);
  let port;

  if (parent !== self) {
    addEventListener("message", ({ source, data, ports: [given] }) => {
      if (source !== parent || !given || typeof data?.uar !== "number") return;
      given.postMessage({ uar: version });
      if (data.uar !== version) return;
      port = given;
      port.onmessage = ({ data }) => heed(data ?? {});
      for (const [kind, detail] of Object.entries(told)) port.postMessage({ kind, detail });
    });
  }

  return {
    framed: parent !== self,
    // heeds calls back with what the other page wishes: { open: files } or { write }.
    heeds(callback) {
      heed = ({ open, write }) => {
        if (Array.isArray(open) && open.every((file) => file instanceof File)) callback(open);
        if (write === true) callback();
      };
      waiting.forEach(heed);
    },
    // tell tells the other page something, which comes as JSON.
    tell(kind, text) {
      told[kind] = JSON.parse(text);
      port?.postMessage({ kind, detail: told[kind] });
    },
  };
})();
