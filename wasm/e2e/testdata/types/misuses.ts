// What no page may write: each line that ends in "wrong" is an error, and no other.
import { UarReport, version } from "../../../page/uar.js";

const two: 2 = version; // wrong
const uar: UarReport = document.createElement("uar-report");
uar.open(new File([], "film.dcm")); // wrong
uar.open(["film.dcm"]); // wrong
uar.write("now"); // wrong
uar.read(); // wrong
uar.src = "https://uarweb.example/"; // wrong
uar.addEventListener("uar-ready", ({ detail }) => detail.sha256); // wrong
uar.addEventListener("uar-error", ({ detail }) => detail.code === 404); // wrong
const other: HTMLDivElement = uar; // wrong
console.log(two, other);
