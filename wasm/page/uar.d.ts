/** The version of the messages that frame and element speak. */
export const version: 1;

/** The model is ready, or another one is. */
export interface Ready {
  /** The SHA-256 of its weights, in hexadecimal digits. */
  model: string;
}

/** Something has failed. */
export interface Failure {
  /**
   * "src": the attribute is no address. "version": the page in the frame speaks another
   * version of the messages. All others are those of the page (engine/status).
   */
  code: string;
  /** What happened, why, and what to do, in English. */
  message: string;
}

/** A report as "Save as JSON" has it: see §11 of engine/MODEL.md. */
export interface Report {
  text: string;
  words: { token: number; text: string; log_prob: number; attention: number[]; mask: number[] }[];
  views: { name: string; format: string; sha256: string }[];
  model: { format: string; sha256: string };
  [more: string]: unknown;
}

/**
 * `<uar-report src="https://uarweb.example/">` shows the uarweb at that address in a frame.
 * Its events do not bubble.
 */
export class UarReport extends HTMLElement {
  /** Puts files on the page's desk: images, archives or weights. */
  open(files: Iterable<File>): void;
  /** Has the report of the films on the desk written. */
  write(): void;

  addEventListener(type: "uar-ready", listener: (event: CustomEvent<Ready>) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: "uar-report", listener: (event: CustomEvent<Report>) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: "uar-error", listener: (event: CustomEvent<Failure>) => void, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
}

declare global {
  interface HTMLElementTagNameMap {
    "uar-report": UarReport;
  }
}
