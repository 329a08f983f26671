//go:build !js

package e2e

import (
	"encoding/base64"
	"net/http/httptest"
	"os"
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
			server := httptest.NewServer(product(t, model.FS))
			t.Cleanup(server.Close)
			b, err := c.start(t)
			require.NoError(t, err)
			t.Cleanup(b.Close)
			require.NoError(t, b.Navigate(server.URL+"/"+c.query))

			text := func(expression string) string {
				t.Helper()
				var s string
				require.NoError(t, b.Evaluate(expression, &s))
				return s
			}
			wait := func(condition string) {
				t.Helper()
				for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
					var holds bool
					require.NoError(t, b.Evaluate(`document.getElementById("page") !== null && (`+condition+`)`, &holds))
					if holds {
						return
					}
					if time.Now().After(deadline) {
						t.Fatalf("waiting for %s; page:\n%s", condition, text(`document.body.innerText`))
					}
				}
			}
			wait(`page.dataset.model === "ready"`)
			t.Log(text(`navigator.userAgent`))
			backend := text(`document.querySelector("#fact-backend dd").textContent`)
			assert.Regexp(t, c.backend, backend)
			t.Log(backend)
			text(`(document.getElementById("example").click(), "")`)
			wait(`!document.getElementById("run").disabled`)
			text(`(document.getElementById("run").click(), "")`)
			wait(`page.dataset.run === "done"`)
			assert.Equal(t, command(t, example(t)...).Text, text(`document.getElementById("report").textContent.trim()`))
			assert.Empty(t, text(`document.getElementById("alert").textContent`))

			// A photo of a phone is read where the browser reads it, else named.
			offer := func(name string) string {
				t.Helper()
				content, err := os.ReadFile(intake(t, name))
				require.NoError(t, err)
				text(`(() => {
					const bytes = Uint8Array.from(atob("` + base64.StdEncoding.EncodeToString(content) + `"), (c) => c.charCodeAt(0));
					const chosen = new DataTransfer();
					chosen.items.add(new File([bytes], "` + name + `"));
					document.querySelectorAll("[id^=remove-]:not([hidden])").forEach((e) => e.click());
					const input = document.getElementById("files");
					input.files = chosen.files;
					input.dispatchEvent(new Event("change", {bubbles: true}));
					return "";
				})()`)
				wait(`document.querySelector("[data-filled=true] .slot-facts:not(:empty)") !== null || document.getElementById("alert").textContent !== ""`)
				return text(`(document.querySelector("[data-filled=true] .slot-facts") ?? document.getElementById("alert")).textContent`)
			}
			assert.Regexp(t, c.avif, offer("picture.avif"))
			assert.Regexp(t, `^“picture.heic” cannot be read: HEIC, which this browser does not read .*; export it as PNG or JPEG`, offer("picture.heic"))
		})
	}
}
