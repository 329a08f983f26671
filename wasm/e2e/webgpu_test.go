//go:build !js

package e2e

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The GPU of these tests is of software, which is right, and slow: a start takes
// it half a minute, for the shaders. So no test starts it more often than it must.

// A GPU is taken if it is one and computes rightly; else the page says why not,
// and goes on without it.
func TestChoiceOfGPU(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, query string
		script      string // of the worker
		backend     string // a regular expression
	}{
		{"a GPU", "", unhurried + `
			Object.defineProperty(GPUAdapterInfo.prototype, "vendor", { value: "acme" });
			Object.defineProperty(GPUAdapterInfo.prototype, "architecture", { value: "one" });
			Object.defineProperty(GPUAdapterInfo.prototype, "isFallbackAdapter", { value: false });
		`, `^webgpu \(WebGPU on acme one, with subgroups\)$`},
		{"software", "?threads=2", ``,
			`^simd \(relaxed SIMD( with byte dots)?, 2 threads; not webgpu: the browser offers no GPU but a program that acts as one, google swiftshader\)$`},
		{"simd by wish", "?threads=2&backend=simd", ``, `^simd \(relaxed SIMD( with byte dots)?, 2 threads; as chosen\)$`},
		{"no WebGPU", "?threads=2", `Object.defineProperty(navigator, "gpu", { value: undefined });`,
			`^simd \(relaxed SIMD( with byte dots)?, 2 threads; not webgpu: this browser has no WebGPU\)$`},
		{"no adapter", "?threads=2&backend=webgpu", `GPU.prototype.requestAdapter = async () => null;`,
			`^simd \(relaxed SIMD( with byte dots)?, 2 threads; not webgpu: the browser offers no GPU\)$`},
		{"denied", "?threads=2&backend=webgpu", `GPUAdapter.prototype.requestDevice = async () => { throw new Error("blocked here"); };`,
			`^simd \(relaxed SIMD( with byte dots)?, 2 threads; not webgpu: the browser denies the GPU: JavaScript error: blocked here\)$`},
		{"a hanging driver", "?threads=2", `
			const now = performance.now.bind(performance);
			GPU.prototype.requestAdapter = () => {
				performance.now = () => now() + 3_600_000; // an hour later
				return new Promise(() => {});
			};
		`, `^simd \(relaxed SIMD( with byte dots)?, 2 threads; not webgpu: it was not ready within 30s\)$`},
		{"lost at once", "?threads=2&backend=webgpu", destroys(`true`),
			`^simd \(relaxed SIMD( with byte dots)?, 2 threads; not webgpu: .*the GPU was lost: .+\)$`},
		{"wrong subgroups", "?backend=webgpu", `
			const make = GPUDevice.prototype.createShaderModule;
			GPUDevice.prototype.createShaderModule = function ({ code }) {
				return make.call(this, { code: code.replace("subgroupAdd(v)", "v") });
			};
		`, `^webgpu \(WebGPU on google swiftshader, with plain shaders; not with more: selftest: wrong result: .+; as chosen\)$`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			shards, arguments := tiny(t)
			p := openOnGPU(t, inWorker("{"+c.script+"}")(product(t, shards)), "/"+c.query)
			p.wait(`page.dataset.model === "ready"`)
			assert.Regexp(t, c.backend, p.backend())
			p.example()
			assert.Equal(t, command(t, arguments...).Text, p.text("report"))
		})
	}
}

// A GPU that is lost in the middle of a report gets a second chance, and then
// the report is written without it.
func TestLostGPU(t *testing.T) {
	t.Parallel()
	t.Attr("fault", "the GPU lost in a report")
	shards, arguments := tiny(t)
	p := openOnGPU(t, inWorker(countsReports+destroys(`reports === (again ? 2 : 1) && ++submissions > 3`))(product(t, shards)), "/?threads=2&backend=webgpu")
	p.wait(`page.dataset.model === "ready"`)
	assert.Equal(t, "webgpu (WebGPU on google swiftshader, with subgroups; as chosen)", p.backend())
	for i, c := range []struct{ writes, backend string }{ // a regular expression
		{"portable", `^webgpu \(WebGPU on google swiftshader, with plain shaders; as chosen; before: [^;]*the GPU was lost[^;]*\)$`},
		{"simd", `^simd \(relaxed SIMD( with byte dots)?, 2 threads(; before: [^;]*the GPU was lost[^;]*){2}\)$`},
	} {
		if i == 0 {
			p.example()
		} else {
			p.run()
		}
		assert.Equal(t, "A part of what computes here had failed; the report was written anew.", p.text("notice"))
		assert.Regexp(t, c.backend, p.backend())
		assert.Equal(t, commandOn(t, c.writes, arguments...).Text, p.text("report"))
	}
}

// A report can be cancelled while the GPU does not answer, as in TestHang, and the
// model comes back. A GPU that computes what is no number is not to be taken at its
// word: another backend writes the report.
func TestGPUThatHangsAndOverflows(t *testing.T) {
	t.Parallel()
	t.Attr("fault", "the GPU silent, or wrong")
	shards, arguments := tiny(t)
	p := openOnGPU(t, answersHangs(inWorker(countsReports+`
		const map = GPUBuffer.prototype.mapAsync;
		GPUBuffer.prototype.mapAsync = function (...args) {
			if (reports === 0 || again) return map.apply(this, args);
			fetch("hangs");
			return new Promise(() => {});
		};
		let first = true;
		const write = GPUQueue.prototype.writeBuffer;
		GPUQueue.prototype.writeBuffer = function (buffer, offset, data, from, size) {
			if (reports > 0 && again && first) data.fill(0xff, from, from + size); // the image: NaN
			first &&= reports === 0;
			return write.call(this, buffer, offset, data, from, size);
		};
	`)(product(t, shards))), "/?threads=2&backend=webgpu")
	p.wait(`page.dataset.model === "ready"`)
	p.click("example")
	p.wait(`page.dataset.run === "running"`)
	// Before it hangs, it would heed a cancel.
	require.Eventually(t, func() bool { return slices.Contains(p.list(&p.asked), "/hangs") }, patience, 20*time.Millisecond)
	p.click("cancel")
	p.wait(`document.getElementById("notice").textContent.includes("the model is loaded again")`)
	p.wait(`page.dataset.model === "ready"`)
	assert.Regexp(t, `^webgpu \(.*before: the GPU did not answer\)$`, p.backend())

	p.run()
	assert.Equal(t, "A part of what computes here had failed; the report was written anew.", p.text("notice"))
	assert.Regexp(t, `^simd \(relaxed SIMD( with byte dots)?, 2 threads; before: the GPU did not answer; before: [^;]*not a finite number.*\)$`, p.backend())
	assert.Equal(t, command(t, arguments...).Text, p.text("report"))
}

// countsReports counts the reports that a worker is asked for, and tells one that
// has the place of another.
const countsReports = `
	let reports = 0;
	addEventListener("message", ({ data }) => { reports += data.text?.includes("write-report") ?? false; });
	const again = location.search.includes("shaders=plain");
`

// unhurried slows a worker's clock, so that what passes for a GPU has the time
// that software needs.
const unhurried = `
	const now = performance.now.bind(performance), timer = setTimeout;
	performance.now = () => now() / 60;
	setTimeout = (f, ms) => timer(f, 60 * ms);
`

// answersHangs is a handler of what a worker asks for to say that it hangs.
func answersHangs(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hangs" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		h.ServeHTTP(w, r)
	})
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
