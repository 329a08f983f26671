// All that uar.d.ts has, as a page of another site uses it.
import { UarReport, version, type Failure, type Ready, type Report } from "../../../page/uar.js";

const one: 1 = version;
const found: UarReport | null = document.querySelector("uar-report");
const uar = document.createElement("uar-report");
uar.setAttribute("src", `https://uarweb.example/?version=${one}`);

const ready = (event: CustomEvent<Ready>): string => event.detail.model;
const failed = ({ code, message }: Failure): string => `${code}: ${message}`;
const written = (report: Report): number[] => report.words.map((word) => word.token + word.attention.length + word.mask.length + word.log_prob);
uar.addEventListener("uar-ready", ready, { once: true });
uar.addEventListener("uar-report", ({ detail }) => [detail.text, detail.views[0]?.sha256, detail.model.sha256, ...written(detail)], true);
uar.addEventListener("uar-error", ({ detail }) => failed(detail));
uar.addEventListener("focus", (event: Event) => event.type);

const input = document.createElement("input");
if (input.files) uar.open(input.files);
uar.open([new File([], "film.dcm")]);
uar.write();
found?.remove();
