// <uar-report src="https://uarweb.example/">: uarweb in a page of another site, in a
// frame, so that it keeps its own origin, its own policy and its films to itself. The
// server must let this page's origin do that (uarweb -embed). uar.d.ts has the types.

// The version of the messages that frame and element speak.
export const version = 1;

const sheet = new CSSStyleSheet();
sheet.replaceSync(":host { display: block; height: 48rem; } :host([hidden]) { display: none; } iframe { display: block; width: 100%; height: 100%; border: 0; }");

export class UarReport extends HTMLElement {
  static observedAttributes = ["src"];
  #frame = document.createElement("iframe");
  #origin = "";
  #port = null; // to the page in the frame, once that speaks this version
  #waiting = []; // what was asked before

  constructor() {
    super();
    const root = this.attachShadow({ mode: "closed" });
    root.adoptedStyleSheets = [sheet];
    this.#frame.title = "uarweb: a report about a chest X-ray";
    this.#frame.allow = "cross-origin-isolated; fullscreen; clipboard-write";
    this.#frame.addEventListener("load", () => this.#greet());
    root.append(this.#frame);
  }

  attributeChangedCallback(name, before, src) {
    this.#origin = "";
    this.#port = null;
    if (src === null) {
      this.#frame.removeAttribute("src");
      return;
    }
    let address;
    try {
      address = new URL(src, document.baseURI);
      if (!/^https?:$/.test(address.protocol)) throw new TypeError(`${address} is no address of a page`);
    } catch (error) {
      this.#frame.removeAttribute("src");
      this.#tell("error", { code: "src", message: error.message });
      return;
    }
    this.#origin = address.origin;
    this.#frame.src = address;
  }

  // open puts files on the page's desk.
  open(files) { this.#ask({ open: [...files] }); }

  // write has the report of the films on the desk written.
  write() { this.#ask({ write: true }); }

  #ask(wish) {
    if (this.#port) this.#port.postMessage(wish);
    else this.#waiting.push(wish);
  }

  // greet gives the page in the frame, which is another at each load, one end of a
  // channel. A page of another origin than src, such as an error's, does not get it.
  #greet() {
    if (!this.#origin) return;
    const { port1, port2 } = new MessageChannel();
    this.#port = null;
    port1.onmessage = ({ data }) => this.#hear(port1, data);
    this.#frame.contentWindow.postMessage({ uar: version }, this.#origin, [port2]);
  }

  #hear(port, { uar, kind, detail }) {
    if (kind) {
      this.#tell(kind, detail);
    } else if (uar === version) {
      this.#port = port;
      this.#waiting.splice(0).forEach((wish) => port.postMessage(wish));
    } else {
      port.close();
      this.#tell("error", { code: "version", message: `the page in the frame speaks version ${uar} of the messages, uar.js version ${version}` });
    }
  }

  #tell(kind, detail) { this.dispatchEvent(new CustomEvent(`uar-${kind}`, { detail })); }
}

if (!customElements.get("uar-report")) customElements.define("uar-report", UarReport);
