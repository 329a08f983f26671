const uar = document.querySelector("uar-report");
const heard = document.getElementById("heard");

uar.addEventListener("uar-ready", ({ detail }) => { heard.textContent = `The model is ready: ${detail.model}`; });
uar.addEventListener("uar-report", ({ detail }) => { heard.textContent = detail.text; });
uar.addEventListener("uar-error", ({ detail }) => { heard.textContent = `${detail.code}: ${detail.message}`; });

document.getElementById("xrays").addEventListener("change", ({ target }) => uar.open(target.files));
document.getElementById("write").addEventListener("click", () => uar.write());
