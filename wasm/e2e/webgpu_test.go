//go:build !js

package e2e

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"

	"uarweb/wasm/internal/chrome"
	"uarweb/weights/model"
)

// The GPU of these tests is of software, which is right, and slow.

// A GPU writes the report that the reference writes.
func TestWebGPU(t *testing.T) {
	p := openAt(t, product(t, model.FS), "/?backend=webgpu", chrome.SoftwareGPU...)
	p.wait(`page.dataset.model === "ready"`)
	assert.Equal(t, "webgpu (WebGPU on google swiftshader, with subgroups; as chosen)", p.backend())
	p.click("example")
	p.run()
	assert.Equal(t, commandOn(t, "portable", example(t)...).Text, p.text("report"))
}

// A GPU is taken if it is one and computes rightly; else the page says why not,
// and goes on without it.
func TestChoiceOfGPU(t *testing.T) {
	want := command(t, example(t)...)
	for _, c := range []struct {
		name, query string
		script      string // of the worker
		backend     string // a regular expression
	}{
		{"a GPU", "", `
			Object.defineProperty(GPUAdapterInfo.prototype, "vendor", { value: "acme" });
			Object.defineProperty(GPUAdapterInfo.prototype, "architecture", { value: "one" });
			Object.defineProperty(GPUAdapterInfo.prototype, "isFallbackAdapter", { value: false });
		`, `^webgpu \(WebGPU on acme one, with subgroups\)$`},
		{"software", "?threads=2", ``,
			`^simd \(relaxed SIMD, 2 threads; not webgpu: the browser offers no GPU but a program that acts as one, google swiftshader\)$`},
		{"simd by wish", "?threads=2&backend=simd", ``, `^simd \(relaxed SIMD, 2 threads; as chosen\)$`},
		{"no WebGPU", "?threads=2", `Object.defineProperty(navigator, "gpu", { value: undefined });`,
			`^simd \(relaxed SIMD, 2 threads; not webgpu: this browser has no WebGPU\)$`},
		{"no adapter", "?threads=2&backend=webgpu", `GPU.prototype.requestAdapter = async () => null;`,
			`^simd \(relaxed SIMD, 2 threads; not webgpu: the browser offers no GPU\)$`},
		{"denied", "?threads=2&backend=webgpu", `GPUAdapter.prototype.requestDevice = async () => { throw new Error("blocked here"); };`,
			`^simd \(relaxed SIMD, 2 threads; not webgpu: the browser denies the GPU: JavaScript error: blocked here\)$`},
		{"a hanging driver", "?threads=2", `GPU.prototype.requestAdapter = () => new Promise(() => {});`,
			`^simd \(relaxed SIMD, 2 threads; not webgpu: it was not ready within 2m0s\)$`},
		{"lost at once", "?threads=2&backend=webgpu", destroys(`true`),
			`^simd \(relaxed SIMD, 2 threads; not webgpu: .*the GPU was lost: .+\)$`},
		{"a wrong shader", "?threads=2&backend=webgpu", `
			const make = GPUDevice.prototype.createShaderModule;
			GPUDevice.prototype.createShaderModule = function ({ code }) {
				return make.call(this, { code: code.replace("a.column < b.column", "a.column > b.column") });
			};
		`, `^simd \(relaxed SIMD, 2 threads; not webgpu: selftest: wrong result: argmax: .+\)$`},
		{"wrong subgroups", "?backend=webgpu", `
			const make = GPUDevice.prototype.createShaderModule;
			GPUDevice.prototype.createShaderModule = function ({ code }) {
				return make.call(this, { code: code.replace("subgroupAdd(v)", "v") });
			};
		`, `^webgpu \(WebGPU on google swiftshader, with plain shaders; not with more: selftest: wrong result: .+; as chosen\)$`},
		{"subgroups refused", "?backend=webgpu", `
			const make = GPUDevice.prototype.createShaderModule;
			GPUDevice.prototype.createShaderModule = function ({ code }) {
				return make.call(this, { code: code.replace("subgroupAdd(v)", "no such thing") });
			};
		`, `^webgpu \(WebGPU on google swiftshader, with plain shaders; not with more: the GPU failed: it refuses the shader (?s:.+); as chosen\)$`},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := openAt(t, inWorker("{"+c.script+"}")(product(t, model.FS)), "/"+c.query, chrome.SoftwareGPU...)
			p.wait(`page.dataset.model === "ready"`)
			assert.Regexp(t, c.backend, p.backend())
			if !strings.HasPrefix(c.backend, "^simd") {
				return
			}
			p.click("example")
			p.run()
			assert.Equal(t, want.Text, p.text("report"))
		})
	}
}

// A GPU that is lost in the middle of a report gets a second chance, and then
// the report is written without it.
func TestLostGPU(t *testing.T) {
	for _, c := range []struct {
		name    string
		times   int32  // that it is lost
		backend string // a regular expression
		writes  string // a backend of the command
	}{
		{"once", 1, `^webgpu \(WebGPU on google swiftshader, with plain shaders; as chosen; before: [^;]*the GPU was lost[^;]*\)$`, "portable"},
		{"twice", 2, `^simd \(relaxed SIMD, 2 threads(; before: [^;]*the GPU was lost[^;]*){2}\)$`, "simd"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var workers atomic.Int32
			sound := product(t, model.FS)
			losing := inWorker(`let writing = false; addEventListener("message", ({ data }) => { writing = data.text.includes("write-report"); });` + destroys(`writing && ++submissions > 3`))(sound)
			p := openAt(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/worker.js" && workers.Add(1) > c.times {
					sound.ServeHTTP(w, r)
					return
				}
				losing.ServeHTTP(w, r)
			}), "/?threads=2&backend=webgpu", chrome.SoftwareGPU...)
			p.wait(`page.dataset.model === "ready"`)
			assert.Equal(t, "webgpu (WebGPU on google swiftshader, with subgroups; as chosen)", p.backend())
			p.click("example")
			p.run()
			assert.Equal(t, "A part of what computes here had failed; the report was written anew.", p.text("notice"))
			assert.Regexp(t, c.backend, p.backend())
			assert.Equal(t, commandOn(t, c.writes, example(t)...).Text, p.text("report"))
		})
	}
}

// A GPU that computes what is no number is not to be taken at its word: another
// backend writes the report.
func TestGPUThatOverflows(t *testing.T) {
	p := openAt(t, inWorker(`
		let writing = false;
		addEventListener("message", ({ data }) => { writing = data.text.includes("write-report"); });
		const write = GPUQueue.prototype.writeBuffer;
		GPUQueue.prototype.writeBuffer = function (buffer, offset, data, from, size) {
			if (writing && size > 10000) data.fill(0xff, from, from + size); // the image: NaN
			return write.call(this, buffer, offset, data, from, size);
		};
	`)(product(t, model.FS)), "/?threads=2&backend=webgpu", chrome.SoftwareGPU...)
	p.wait(`page.dataset.model === "ready"`)
	p.click("example")
	p.run()
	assert.Equal(t, "A part of what computes here had failed; the report was written anew.", p.text("notice"))
	assert.Regexp(t, `^simd \(relaxed SIMD, 2 threads(; before: [^;]*not a finite number[^;]*(;[^;]*)?){2}\)$`, p.backend())
	assert.Equal(t, command(t, example(t)...).Text, p.text("report"))
}

// destroys is a script that ends the GPU's device when commands are submitted
// and a condition holds.
func destroys(condition string) string {
	return `
		let submissions = 0, device;
		const request = GPUAdapter.prototype.requestDevice;
		GPUAdapter.prototype.requestDevice = async function (...args) { return device = await request.apply(this, args); };
		const submit = GPUQueue.prototype.submit;
		GPUQueue.prototype.submit = function (commands) {
			if (` + condition + `) device.destroy();
			return submit.call(this, commands);
		};
	`
}

// backend is what the page says it computes with, and why.
func (p *page) backend() string {
	p.t.Helper()
	return eval[string](p, `document.querySelector("#fact-backend dd").textContent`)
}
