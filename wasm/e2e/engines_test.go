//go:build !js

package e2e

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/wasm/internal/firefox"
	"uarweb/wasm/internal/webkit"
	"uarweb/weights/model"
)

// browser is one that another protocol than Chromium's drives.
type browser interface {
	Navigate(url string) error
	Evaluate(expression string, result any) error
	Close()
}

// visit is a page in such a browser.
type visit struct {
	*testing.T
	browser
}

// text is the value of a JavaScript expression, which is a string.
func (v visit) text(expression string) string {
	v.Helper()
	var s string
	require.NoError(v, v.Evaluate(expression, &s))
	return s
}

// wait waits until a JavaScript condition holds of the page that is drawn.
func (v visit) wait(condition string) {
	v.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		var holds bool
		require.NoError(v, v.Evaluate(`document.getElementById("page") !== null && (`+condition+`)`, &holds))
		if holds {
			return
		}
		if time.Now().After(deadline) {
			v.Fatalf("waiting for %s; page:\n%s", condition, v.text(`document.body.innerText`))
		}
	}
}

// report writes the report of the synthetic example, which every browser writes
// alike.
func (v visit) report() {
	v.Helper()
	v.text(`(document.getElementById("example").click(), "")`)
	v.wait(`page.dataset.run === "done"`)
	assert.Equal(v, command(v.T, example(v.T)...).Text, v.text(`document.getElementById("report").textContent.trim()`))
}

// give chooses a file in place of the films that are there.
func (v visit) give(path string) {
	v.Helper()
	content, err := os.ReadFile(path)
	require.NoError(v, err)
	v.text(`(() => {
		const bytes = Uint8Array.from(atob("` + base64.StdEncoding.EncodeToString(content) + `"), (c) => c.charCodeAt(0));
		const chosen = new DataTransfer();
		chosen.items.add(new File([bytes], "` + filepath.Base(path) + `"));
		document.querySelectorAll("[id^=remove-]:not([hidden])").forEach((e) => e.click());
		const input = document.getElementById("files");
		input.files = chosen.files;
		input.dispatchEvent(new Event("change", {bubbles: true}));
		return "";
	})()`)
}

// follow leads to a link, and waits until a JavaScript condition holds there.
func (v visit) follow(link, condition string) {
	v.Helper()
	v.text(`(location.hash = "` + link + `", "")`)
	v.wait(`location.hash === "` + link + `" && (` + condition + `)`)
}

// learn looks at steps of the classroom, and comes back.
func (v visit) learn() {
	v.Helper()
	v.follow("#learn/3", `document.getElementById("learn-now")?.textContent.startsWith("z")`)
	v.wait(`document.querySelector("#learn-dictionary canvas")?.width === 256`)
	v.follow("#learn/6", `document.getElementById("learn-now").textContent.includes("weights is")`)
	v.text(`(document.getElementById("learn-head-0").click(), "")`)
	v.wait(`document.getElementById("learn-head").textContent.startsWith("Layer 1, head 1.")`)
	v.follow("#learn/9", `document.getElementById("learn-now").textContent.includes("for the draft, rank ")`)
	v.follow("#read", `page.dataset.room === "read"`)
}

// lab moves a slider of the phantom lab, waits for what is noticed of it, and comes back.
func (v visit) lab() {
	v.Helper()
	v.follow("#lab?seed=5", `document.getElementById("lab-state")?.dataset.busy === "false"`)
	v.text(`(() => {
		const slider = document.getElementById("slider-le");
		slider.value = 60;
		slider.dispatchEvent(new Event("input", {bubbles: true}));
		return "";
	})()`)
	v.wait(`location.hash === "#lab?seed=5&le=60" && document.getElementById("lab-state").dataset.busy === "false" && document.getElementById("lab-changed").textContent.includes(" of the ")`)
	v.wait(`document.querySelector("#lab-verdicts [data-answer]") !== null`)
	v.follow("#read", `page.dataset.room === "read"`)
}

// Other browser engines write the same report.
func TestOtherBrowsers(t *testing.T) {
	t.Parallel()
	startWebKit := func(environment ...string) func(t *testing.T) (browser, error) {
		return func(t *testing.T) (browser, error) {
			if err := webkit.Find(); err != nil {
				t.Skip(err)
			}
			return webkit.Start(t.Context(), t.TempDir(), environment...)
		}
	}
	for _, c := range []struct {
		name    string
		query   string
		start   func(t *testing.T) (browser, error)
		backend string // a regular expression
		avif    string // the same, of what the page says of that picture
	}{
		{"Firefox", "", func(t *testing.T) (browser, error) {
			if _, err := firefox.Path(); err != nil {
				t.Skip(err)
			}
			return firefox.Start(t.Context(), t.TempDir())
		}, `^simd `, `^AVIF, 16 × 16`},
		{"WebKitGTK", "", startWebKit(), `^simd \(SIMD, 1 thread; .*on one thread: this browser shares no memory;`, `^AVIF, 16 × 16`},
		{"WebKit with shared memory, as Safari", "?threads=2", startWebKit(webkit.SharedMemory), `^simd \(SIMD, 2 threads;`, `^AVIF, 16 × 16`},
	} {
		t.Run(c.name, func(t *testing.T) {
			site := product(t, model.FS)
			var programs atomic.Int32 // that are asked for before the model is
			var asked atomic.Bool
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.HasPrefix(r.URL.Path, "/model/") {
					asked.Store(true)
				}
				if strings.HasPrefix(r.URL.Path, "/program") && !asked.Load() {
					programs.Add(1)
				}
				site.ServeHTTP(w, r)
			}))
			t.Cleanup(server.Close)
			b, err := c.start(t)
			require.NoError(t, err)
			t.Cleanup(b.Close)
			require.NoError(t, b.Navigate(server.URL+"/"+c.query))

			v := visit{t, b}
			text, wait := v.text, v.wait
			wait(`page.dataset.model === "ready"`)
			assert.EqualValues(t, 1, programs.Load(), "page and engine have one program")
			t.Log(text(`navigator.userAgent`))
			backend := text(`document.querySelector("#fact-backend dd").textContent`)
			assert.Regexp(t, c.backend, backend)
			t.Log(backend)
			v.report()
			assert.Empty(t, text(`document.getElementById("alert").textContent`))
			if c.query == "" {
				v.learn()
				v.lab()
			}

			// A photo of a phone is read where the browser reads it, else named.
			offer := func(name, format string) string {
				t.Helper()
				v.give(intake(t, name))
				said := fmt.Sprintf(`[...document.querySelectorAll("[data-filled=true] .slot-facts, #alert")].map((e) => e.textContent).find((said) => said.includes(%q))`, format)
				wait(said + ` !== undefined`)
				return text(said)
			}
			assert.Regexp(t, c.avif, offer("picture.avif", "AVIF"))
			assert.Regexp(t, `^“picture.heic” cannot be read: HEIC, which this browser does not read .*; export it as PNG or JPEG`, offer("picture.heic", "HEIC"))
		})
	}
}
