"use strict";

// The reports that this browser remembers (desk.Archive of ui/desk): a database that is
// there only while the reader wants it, so that its being there is the setting.
globalThis.Archive = (() => {
  const database = "uarweb: history";
  const listed = "reports", whole = "documents"; // its stores, of JSON by the report's ID
  const pixels = 96; // the longer side of a picture

  const settled = (request) => new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

  // within opens the database, which begin alone makes, and closes it again, so that no
  // tab keeps another from erasing it. Without one it gives undefined.
  async function within(mode, act, begins = false) {
    const opening = indexedDB.open(database, 1);
    opening.onupgradeneeded = () => {
      if (begins) [listed, whole].forEach((store) => opening.result.createObjectStore(store));
      else opening.transaction.abort(); // of the database's making
    };
    let connection;
    try {
      connection = await settled(opening);
    } catch (error) {
      if (error.name === "AbortError") return undefined;
      throw error;
    }
    try {
      const transaction = connection.transaction([listed, whole], mode);
      const done = new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error ?? new Error("the history was not written"));
      });
      const result = await act(transaction.objectStore(listed), transaction.objectStore(whole));
      await done;
      return result;
    } finally {
      connection.close();
    }
  }

  // recall gives the list as JSON, the newest first, or nothing if nothing is remembered.
  async function recall() {
    if (!globalThis.indexedDB) return "";
    const reports = await within("readonly", (list) => settled(list.getAll()));
    return reports ? `[${reports.reverse().join()}]` : "";
  }

  const begin = () => within("readonly", () => {}, true);

  // remember adds a report and its document, both JSON, with pictures of {levels, width,
  // height, greys}, as Films paints them; the oldest go of more than most. One that comes after the end is left out.
  async function remember(id, report, document, views, most) {
    const pictured = JSON.stringify({ ...JSON.parse(report), pictures: views.map(picture) });
    await within("readwrite", async (list, documents) => {
      list.put(pictured, id);
      documents.put(document, id);
      const ids = await settled(list.getAllKeys());
      for (const old of ids.slice(0, -most)) [list, documents].forEach((store) => store.delete(old));
    });
  }

  // picture makes a small one, as the URL of its data.
  function picture({ levels, width, height, greys }) {
    const [large, small] = [document.createElement("canvas"), document.createElement("canvas")];
    Films.paint(large, levels, width, height, greys, 1);
    const scale = Math.min(1, pixels / Math.max(width, height));
    Object.assign(small, { width: Math.ceil(width * scale), height: Math.ceil(height * scale) });
    const context = small.getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(large, 0, 0, small.width, small.height);
    return small.toDataURL("image/jpeg", 0.8);
  }

  async function documentOf(id) {
    const document = await within("readonly", (_, documents) => settled(documents.get(id)));
    if (document === undefined) throw new Error("this report is no longer remembered");
    return document;
  }

  const forget = (id) => within("readwrite", (list, documents) => [list, documents].forEach((store) => store.delete(id)));

  const end = () => settled(indexedDB.deleteDatabase(database));

  return { database, recall, begin, remember, documentOf, forget, end };
})();
