//go:build !js

package e2e

import (
	"net/http/httptest"
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
	}{
		{"Firefox", "", func(t *testing.T) (browser, error) {
			if _, err := firefox.Path(); err != nil {
				t.Skip(err)
			}
			return firefox.Start(t.Context(), t.TempDir())
		}, `^simd `},
		{"WebKitGTK", "", startWebKit(), `^simd \(SIMD, 1 thread; .*on one thread: this browser shares no memory;`},
		{"WebKit with shared memory, as Safari", "?threads=2", startWebKit(webkit.SharedMemory), `^simd \(SIMD, 2 threads;`},
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
		})
	}
}
