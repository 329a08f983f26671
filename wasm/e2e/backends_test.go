//go:build !js

package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/weights/model"
)

// Whatever a browser lacks, or a server fails to send, the page writes the same
// report, and says what it computes with and why.
func TestCapabilities(t *testing.T) {
	t.Parallel()
	t.Attr("fault", "whatever a browser lacks or a server fails to send")
	for _, c := range []struct {
		name    string
		query   string
		change  func(http.Handler) http.Handler
		backend string   // a regular expression
		console []string // how what it says begins
	}{
		{name: "everything", query: "?threads=2", backend: `^simd \(relaxed SIMD( with byte dots)?, 2 threads\)$`},
		{name: "more threads than cores", query: "?threads=4", backend: `^simd \(relaxed SIMD( with byte dots)?, 4 threads\)$`},
		{name: "one thread", query: "?threads=1", backend: `^simd \(relaxed SIMD( with byte dots)?, 1 thread\)$`},
		{name: "relaxed off", query: "?threads=2&relaxed=off", backend: `^simd \(SIMD, 2 threads\)$`},
		{name: "portable", query: "?backend=portable", backend: `^portable \(Go without SIMD; as chosen\)$`},
		{name: "no relaxed SIMD", query: "?threads=2", change: lacks("253,128,2"),
			backend: `^simd \(SIMD, 2 threads; without relaxed SIMD: there is none here\)$`},
		{name: "no SIMD", query: "?threads=2", change: lacks("253"),
			backend: `^portable \(Go without SIMD; without SIMD: there is none here\)$`},
		{name: "no isolation", query: "?threads=2", change: withoutIsolation,
			backend: `^simd \(relaxed SIMD( with byte dots)?, 1 thread; on one thread: the page is not cross-origin isolated\)$`},
		{name: "nothing shared", query: "?threads=2", change: inWorker(`delete globalThis.SharedArrayBuffer;`),
			backend: `^simd \(relaxed SIMD( with byte dots)?, 1 thread; on one thread: this browser shares no memory\)$`},
		{name: "no cloning", query: "?threads=3", change: clonesNoMemory,
			backend: `^simd \(relaxed SIMD( with byte dots)?, 1 thread; on one thread: cannot be cloned\)$`},
		{name: "no kernels", query: "?threads=2", change: missing("/kernels", ".wasm"),
			backend: `^portable \(Go without SIMD; without relaxed SIMD: kernels.+: status 404; on one thread: .+; without SIMD: kernels.+: status 404\)$`},
		{name: "no relaxed kernels", query: "?threads=2", change: missing("/kernels-relaxed", ".wasm"),
			backend: `^simd \(SIMD, 2 threads; without relaxed SIMD: kernels-relaxed-shared.+: status 404\)$`},
		{name: "kernels of another version", query: "?threads=2", change: inWorker(`
			WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
				construct: (target, given) => ({ exports: { ...new target(...given).exports, layout: () => 1 } }),
			});
		`), backend: `^portable \(Go without SIMD; not simd: the module of kernels is of another version\)$`},
		{name: "no shared program", query: "?threads=2", change: missing("/program-shared", ".wasm"),
			console: []string{"error: Failed to load resource: the server responded with a status of 404", "warning: without shared memory: Error: program-shared"},
			backend: `^simd \(relaxed SIMD( with byte dots)?, 1 thread; on one thread: program-shared.+: status 404\)$`},
		{name: "no pool", query: "?threads=2", change: missing("/pool", ".js"), console: []string{"error: kernels: thread 1: its script cannot be loaded"},
			backend: `^simd \(relaxed SIMD( with byte dots)?, 1 thread; on one thread: a thread has failed: its script cannot be loaded\)$`},
		{name: "less memory", query: "?threads=2", change: refuses(65536), backend: `^simd \(relaxed SIMD( with byte dots)?, 2 threads\)$`},
		{name: "no shared memory", query: "?threads=2", change: refuses(0),
			backend: `^simd \(relaxed SIMD( with byte dots)?, 1 thread; on one thread: could not allocate memory\)$`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			shards, arguments := tiny(t)
			h := product(t, shards)
			if c.change != nil {
				h = c.change(h)
			}
			p := openAt(t, h, "/"+c.query)
			p.wait(`page.dataset.model === "ready"`)
			for _, said := range c.console {
				p.forgive(said)
			}
			backend := p.backend()
			if !strings.Contains(c.query, "backend=") {
				const noGPU = "; not webgpu: the browser offers no GPU"
				assert.Contains(t, backend, noGPU)
				backend = strings.Replace(backend, noGPU, "", 1)
			}
			assert.Regexp(t, c.backend, backend)
			name, _, _ := strings.Cut(backend, " ")
			want := commandOn(t, name, arguments...)
			var words []string
			for _, word := range want.Words {
				words = append(words, strings.Replace(word.Text, "<unk>", "[redacted]", 1)) // as the page says it
			}
			p.example()
			assert.Equal(t, want.Text, p.text("report"))
			assert.Equal(t, words, eval[[]string](p, `[...document.querySelectorAll("#report [data-word]")].map((e) => e.textContent.toLowerCase())`))
		})
	}
}

// The same model writes the same, to the last bit, with an instruction for bytes and
// without it.
func TestWithoutByteDots(t *testing.T) {
	t.Parallel()
	var written []map[string]any
	var has []bool
	for _, flags := range [][]chromedp.ExecAllocatorOption{nil, {chromedp.Flag("js-flags", "--no-enable-avx-vnni --no-enable-avx-vnni-int8")}} {
		p := openFlagged(t, product(t, model.FS), "/?threads=2", flags...)
		p.wait(`page.dataset.model === "ready"`)
		backend := p.text("fact-backend")
		t.Log(backend)
		has = append(has, strings.Contains(backend, "byte dots"))
		p.example()
		p.wait(`document.getElementById("again-state").textContent === "20 redraws"`) // which are saved, too
		var report map[string]any
		require.NoError(t, json.Unmarshal([]byte(p.saved(func() { p.evaluate(`document.getElementById("save-json").click()`) })), &report))
		for _, differs := range []string{"backend", "seconds", "written"} {
			require.Contains(t, report, differs)
			delete(report, differs)
		}
		written = append(written, report)
	}
	if has[0] == has[1] {
		t.Skip("this processor has no instruction for bytes, or one that Chromium cannot be told to leave")
	}
	differences := 0
	for key, value := range written[0] {
		if !assert.Equal(t, value, written[1][key], key) {
			differences++
		}
	}
	assert.Len(t, written[1], len(written[0]))
	t.Attr("differences", fmt.Sprint(differences))
}

// A thread that does not come back costs time, not the report: it is written
// without threads.
func TestLostThread(t *testing.T) {
	t.Parallel()
	t.Attr("fault", "a thread lost in a report")
	want := command(t, example(t)...)
	p := openAt(t, failsInReport(`return 1`)(product(t, model.FS)), "/?threads=2")
	p.wait(`page.dataset.model === "ready"`)
	assert.Contains(t, p.text("fact-backend"), "2 threads")
	p.example()
	assert.Equal(t, want.Text, p.text("report"))
	assert.Equal(t, "A part of what computes here had failed; the report was written anew.", p.text("notice"))
	assert.Regexp(t, `1 thread; .*before: .*a thread was lost`, p.text("fact-backend"))
	p.run()
	assert.Equal(t, want.Text, p.text("report"))
}

// A fault of the kernels ends the engine, which goes on with less after a
// restart.
func TestKernelFault(t *testing.T) {
	t.Parallel()
	t.Attr("fault", "a fault of the kernels")
	p := openAt(t, failsInReport(`throw new WebAssembly.RuntimeError("a fault")`)(product(t, model.FS)), "/?threads=2")
	p.wait(`page.dataset.model === "ready"`)
	p.click("example")
	p.wait(`document.getElementById("error").dataset.code === "crashed"`)
	p.click("error-restart")
	p.wait(`page.dataset.model === "ready"`)
	assert.Regexp(t, `1 thread; .*before: the engine had stopped`, p.text("fact-backend"))
	p.run()
	assert.Equal(t, command(t, example(t)...).Text, p.text("report"))
	p.mu.Lock()
	defer p.mu.Unlock()
	// The browser may say so, too, or end the worker first.
	p.console = slices.DeleteFunc(p.console, func(m string) bool { return strings.Contains(m, "a fault") })
}

// What computes can be chosen on the page.
func TestSettings(t *testing.T) {
	t.Parallel()
	p := open(t)
	set := func(id, value, shown string) {
		t.Helper()
		eval[bool](p, fmt.Sprintf(`((list) => { list.value = %q; return list.dispatchEvent(new Event("change", { bubbles: true })); })(document.getElementById(%q))`, value, id))
		p.wait(fmt.Sprintf(`page.dataset.model === "ready" && document.getElementById("fact-backend").textContent.includes(%q)`, shown))
		assert.Equal(t, value, eval[string](p, fmt.Sprintf(`document.getElementById(%q).value`, id)))
	}
	p.example()
	text := p.text("report")
	set("threads", "1", "1 thread")
	set("backend", "portable", "Go without SIMD; as chosen")
	set("backend", "simd", "1 thread; as chosen")
	p.run()
	assert.Equal(t, text, p.text("report"))
	set("backend", "", "1 thread; not webgpu")
}

// inWorker puts a script before the worker's own.
func inWorker(script string) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/worker.js" {
				h.ServeHTTP(w, r)
				return
			}
			r.Header.Del("Accept-Encoding")
			answer := httptest.NewRecorder()
			h.ServeHTTP(answer, r)
			for name, values := range answer.Header() {
				w.Header()[name] = values
			}
			w.Header().Del("Content-Length")
			w.Header().Del("ETag")
			fmt.Fprintf(w, "%s\n%s", script, answer.Body)
		})
	}
}

// failsInReport has the kernels of a shared memory work while a model is loaded,
// and then do something else in the middle of a report.
func failsInReport(instead string) func(http.Handler) http.Handler {
	return inWorker(`
		let jobs = 0, writing = false;
		WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
			construct(Instance, args) {
				const { exports } = new Instance(...args);
				const run = (...args) => {
					if (writing && ++jobs > 20) ` + instead + `;
					return exports.run(...args);
				};
				return { exports: exports.work ? { ...exports, run } : exports };
			},
		});
		addEventListener("message", ({ data }) => { writing = data.text?.includes("write-report"); });
	`)
}

// lacks has the worker's browser know no module with these bytes.
func lacks(bytes string) func(http.Handler) http.Handler {
	return inWorker(`{
		const validate = WebAssembly.validate;
		WebAssembly.validate = (module) => !module.join().includes("` + bytes + `") && validate(module);
	}`)
}

// refuses has the worker's browser make no shared memory of so many pages or
// more.
func refuses(pages int) func(http.Handler) http.Handler {
	return inWorker(fmt.Sprintf(`
		WebAssembly.Memory = new Proxy(WebAssembly.Memory, {
			construct(Memory, [limits]) {
				if (limits.maximum >= %d) throw new RangeError("could not allocate memory");
				return new Memory(limits);
			},
		});
	`, pages))
}

// clonesNoMemory has the worker's browser post a memory to the first thread of
// the pool only, and its timers be impatient: what is left of the attempt must not
// end the engine.
var clonesNoMemory = inWorker(`
	let posted = 0;
	Worker.prototype.postMessage = new Proxy(Worker.prototype.postMessage, {
		apply(post, worker, [message]) {
			if (message.memory && posted++ > 0) throw new DOMException("cannot be cloned", "DataCloneError");
		},
	});
	const timer = setTimeout;
	setTimeout = (f, ms) => timer(f, ms === 10_000 ? 0 : ms);
`)

// missing answers as if there were no files of that name.
func missing(prefix, suffix string) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, prefix) && strings.HasSuffix(r.URL.Path, suffix) {
				r.URL.Path = "/missing"
			}
			h.ServeHTTP(w, r)
		})
	}
}

// withoutIsolation is what a server does that sets no such headers.
func withoutIsolation(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(headerless{w}, r)
	})
}

type headerless struct{ http.ResponseWriter }

func (w headerless) WriteHeader(status int) {
	w.Header().Del("Cross-Origin-Opener-Policy")
	w.Header().Del("Cross-Origin-Embedder-Policy")
	w.ResponseWriter.WriteHeader(status)
}
