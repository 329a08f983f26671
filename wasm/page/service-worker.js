// Keeps the page in this browser, whole, for when its server cannot be reached,
// and closes it off from the network where its reader wishes. The server puts two
// constants before this (serve/manifest.go): version, and manifest, which has the
// path, type and SHA-256 of every file and the headers of every answer, and perhaps
// a signature.
//
// A version has one cache. The browser asks for this script when the page is
// opened; a script that differs is a new version, which fills its own cache beside
// that in use and then waits. It takes over when the page is opened the next time
// after its last tab was closed, or when the only tab asks for it: the tabs that
// are open always are of one version, and their files too.

const scope = new URL(".", location);
const prefix = `uarweb ${scope.pathname} `; // other folders of the host may hold other sites
const current = prefix + version;
const lock = `${prefix}lock`; // a cache that is there while the page is locked, as it outlives this worker

const files = new Map(manifest.files.map((file) => [new URL(file.path, scope).pathname, file]));
files.set(scope.pathname, files.get(`${scope.pathname}index.html`));

addEventListener("install", (event) => event.waitUntil(fill()));
addEventListener("activate", (event) => event.waitUntil(takeOver()));
addEventListener("fetch", (event) => event.respondWith(answer(event.request)));
addEventListener("message", (event) => event.waitUntil(heed(event.data, event.source, event.ports[0])));

// What this worker asks the network for it tells all pages of this site, also those
// that it does not serve yet.
new PerformanceObserver(async (list) => {
  const zero = Date.now() - performance.now(); // which may stand while the machine sleeps
  const asked = list.getEntries().map(({ name, startTime, transferSize, decodedBodySize }) => {
    const body = bodies.get(name) ?? 0;
    bodies.delete(name);
    return { url: name, at: Math.floor(zero + startTime), body, received: transferSize, local: transferSize === 0 && decodedBodySize > 0 };
  });
  for (const page of await windows()) page.postMessage({ asked });
}).observe({ type: "resource", buffered: true });

const bodies = new Map(); // bytes that went along with requests of pages, by address

// fill makes the cache of this version, whole or not at all. What another version
// has is taken from there, and what the page has fetched the browser still has. A
// manifest that is not what its signature was made of is no version.
async function fill() {
  if (await locked()) throw new Error("the page is locked");
  await signer();
  try {
    const cache = await caches.open(current);
    for (const file of manifest.files) {
      const content = await kept(file) ?? await fetched(file);
      await cache.put(address(file), response(file, content));
    }
  } catch (error) {
    await caches.delete(current);
    throw error;
  }
}

// takeOver serves the pages that are open, too. It does not wait until it does: in
// Firefox that is when every worker of theirs knows, and a thread of the kernels
// listens to nobody.
async function takeOver() {
  for (const name of await caches.keys()) {
    if (name.startsWith(prefix) && name !== current && name !== lock) await caches.delete(name);
  }
  clients.claim();
}

// answer answers with a file of the manifest, whatever stands behind its question
// mark. Everything else goes to the network, unless the page is locked.
async function answer(request) {
  const url = new URL(request.url);
  const file = url.origin === location.origin && request.method === "GET" && files.get(url.pathname);
  if (file) {
    const content = await kept(file, { cacheName: current }).catch(() => undefined);
    if (content) return response(file, content);
  }
  if (await locked()) {
    await tell({ refused: request.url });
    return Response.error();
  }
  if (!file) {
    const body = (await request.clone().arrayBuffer()).byteLength;
    if (body > 0) bodies.set(request.url, body);
    return fetch(request);
  }
  const content = await fetched(file); // it was lost, or altered
  if (await caches.has(current)) { // and not erased
    await caches.open(current).then((cache) => cache.put(address(file), response(file, content))).catch(() => {});
  }
  return response(file, content);
}

// heed does what a page asks: { state }, to be told it; { lock: true or false };
// { take }, to have this version take over; { inspect }, to have all files read and
// checked; { erase }, to have no copy. The last two answer by a port.
async function heed(message, page, port) {
  if (message.take) {
    const tabs = (await windows()).length;
    if (tabs === 1) await skipWaiting();
    else page.postMessage({ others: tabs - 1 });
    return;
  }
  if (message.inspect) {
    port.postMessage(await inspect());
    return;
  }
  if (message.erase) {
    for (const name of await caches.keys()) {
      if (name.startsWith(prefix)) await caches.delete(name);
    }
    await registration.unregister();
    port.postMessage("erased");
    return;
  }
  if (message.lock === true) await caches.open(lock);
  if (message.lock === false) await caches.delete(lock);
  await tell({ locked: await locked() });
}

// inspect lists the files of this version with what became of the copy's, and says who
// signed the list.
async function inspect() {
  const files = [];
  for (const file of manifest.files) { // one after the other, for the memory
    const found = await caches.match(address(file), { cacheName: current });
    const state = !found ? "missing" : await verified(file, found).then(() => "same", () => "altered");
    files.push({ path: file.path, size: file.size, sha256: file.sha256, state });
  }
  return { files, ...await signer() };
}

// signer says who signed the manifest, by the fingerprint of the key (weights/signature.go)
// in hexadecimal digits, empty if nobody did, and whether this browser could check that.
async function signer() {
  const { signature, ...signed } = manifest;
  if (!signature) return { signer: "", verified: false };
  const [key, value] = [signature.key, signature.value].map((text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)));
  let verified = true;
  try {
    const known = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
    if (!await crypto.subtle.verify("Ed25519", known, value, new TextEncoder().encode(JSON.stringify(signed)))) throw new Error("the signature is not of this manifest by its key");
  } catch (error) {
    if (error.name !== "NotSupportedError") throw error;
    verified = false;
  }
  const info = [ // SubjectPublicKeyInfo, RFC 8410
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00, ...key,
  ];
  return { signer: (await sha256(Uint8Array.from(info))).slice(0, 32), verified };
}

const locked = () => caches.has(lock);

// windows are all pages of this site, of whatever version.
async function windows() {
  const all = await clients.matchAll({ type: "window", includeUncontrolled: true });
  return all.filter((page) => new URL(page.url).pathname.startsWith(scope.pathname));
}

async function tell(message) {
  for (const page of await clients.matchAll({ type: "window" })) page.postMessage(message);
}

const address = (file) => new URL(file.path, scope).href;

const response = (file, content) => new Response(content, { headers: { ...manifest.headers, "Content-Type": file.type } });

// kept is a file's content in a cache, or in any, if it is whole.
async function kept(file, options) {
  const found = await caches.match(address(file), options);
  return found && verified(file, found).catch(() => undefined);
}

// fetched is a file's content from the network, behind all that the page itself
// fetches. The browser's own copy may be another version's: that is not asked twice.
async function fetched(file) {
  let fault;
  for (const cache of ["default", "reload"]) {
    const found = await fetch(address(file), { cache, priority: "low" });
    if (!found.ok) throw new Error(`${file.path}: status ${found.status}`);
    try {
      return await verified(file, found);
    } catch (error) {
      fault = error;
    }
  }
  throw fault;
}

async function verified(file, found) {
  const content = await found.arrayBuffer();
  if (await sha256(content) !== file.sha256) throw new Error(`${file.path}: altered, its checksum differs from the manifest's`);
  return content;
}

// sha256 is the hash of bytes in hexadecimal digits.
async function sha256(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
