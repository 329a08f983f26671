//go:build !js

package e2e

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/serve"
)

// beside is a script of the page around that runs before all others. It puts elements
// beside the first, which say what they were told, and frames with the page's side of the
// messages, greeted in this version and in the next, which say what they answered; at the event
// "check" it says what of the page has changed, and what its policy has refused.
const beside = `{
	const value = (name) => Object.getOwnPropertyDescriptor(globalThis, name).value;
	const before = new Map(Object.getOwnPropertyNames(globalThis).map((name) => [name, value(name)]));
	const violations = [];
	addEventListener("securitypolicyviolation", (e) => {
		if (!e.blockedURI.endsWith("/favicon.ico")) violations.push(e.violatedDirective + " " + e.blockedURI); // that Firefox itself asks for
	});
	addEventListener("DOMContentLoaded", () => [1, 2].forEach((version) => {
		const frame = document.createElement("iframe");
		frame.id = "greeted-" + version;
		frame.addEventListener("load", () => {
			const { port1, port2 } = new MessageChannel();
			port1.onmessage = ({ data }) => { frame.title += JSON.stringify(data); };
			frame.contentWindow.postMessage({ uar: version }, location.origin, [port2]);
		});
		frame.src = "told.html";
		document.body.append(frame);
	}));
	addEventListener("DOMContentLoaded", () => ADDRESSES.forEach((src, i) => {
		const element = document.createElement("uar-report");
		element.id = "element-" + i;
		for (const kind of ["ready", "report", "error"]) {
			element.addEventListener("uar-" + kind, ({ detail }) => element.append(kind + " " + (detail.code ?? detail.model ?? detail.text)));
		}
		element.setAttribute("src", src);
		document.body.append(element);
	}));
	addEventListener("check", () => {
		document.querySelectorAll("iframe").forEach((frame) => frame.remove()); // the test's own, which are numbered among the globals
		const changed = Object.getOwnPropertyNames(globalThis).filter((name) => !before.has(name) || !Object.is(value(name), before.get(name)));
		document.body.title = JSON.stringify({ changed, violations, sheets: document.styleSheets.length + document.adoptedStyleSheets.length, crossOriginIsolated });
	});
}`

// older is a page that speaks other messages.
const older = `addEventListener("message", ({ ports: [port] }) => port.postMessage({ uar: 0 }));`

// told is a page that has something to tell, but only to who speaks its version.
const told = `Embed.tell("ready", "{}");`

// The example of wasm/embed works on a foreign site under the policy that its page
// asks for, with threads where that site is isolated: elements tell their own reports
// and no other's, the page around keeps its globals and has no style more, another
// version of the messages is named, and told nothing, and a server that was not told to is in no frame.
func TestEmbed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		start    func(t *testing.T, folder string) (browser, error)
		isolated bool
	}{
		{"Chromium", func(t *testing.T, folder string) (browser, error) { return startChromium(t, folder) }, true},
		{"Firefox", startFirefox, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			shards, arguments := tiny(t)
			product(t, shards)
			var around http.Handler // around both
			site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { around.ServeHTTP(w, r) }))
			t.Cleanup(site.Close)
			foreign := strings.Replace(site.URL, "127.0.0.1", "localhost", 1)
			uarweb := func(embedders ...string) (url string, asked func() []string) {
				h, err := serve.Handler(serve.Site(), shards, embedders...)
				require.NoError(t, err)
				var mu sync.Mutex
				var paths []string
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					mu.Lock()
					if r.Header.Get("Sec-Fetch-Dest") == "worker" {
						paths = append(paths, "worker "+r.URL.Path)
					} else {
						paths = append(paths, r.URL.Path)
					}
					mu.Unlock()
					h.ServeHTTP(w, r)
				}))
				t.Cleanup(server.Close)
				return server.URL, func() []string {
					mu.Lock()
					defer mu.Unlock()
					return paths
				}
			}
			open, ran := uarweb(foreign)
			closed, asked := uarweb()
			around = foreignSite(t, c.isolated, open, closed)

			b, err := c.start(t, t.TempDir())
			require.NoError(t, err)
			t.Cleanup(b.Close)
			v := visit{t, b}
			require.NoError(t, v.Navigate(foreign+"/"))
			until := func(expression, want string) {
				t.Helper()
				require.Eventually(t, func() bool { return strings.Contains(v.text(expression), want) }, patience, 50*time.Millisecond, "%s: %s", expression, v.text(expression))
			}
			until(`document.getElementById("heard").textContent`, "The model is ready: ")
			until(`document.getElementById("element-0").textContent`, "ready ")
			until(`document.getElementById("element-1").textContent`, "error version")
			until(`document.getElementById("element-3").textContent`, "error src")

			films := ""
			for _, path := range arguments[2:] {
				content, err := os.ReadFile(path)
				require.NoError(t, err)
				films += `chosen.items.add(new File([Uint8Array.from(atob("` + base64.StdEncoding.EncodeToString(content) + `"), (c) => c.charCodeAt(0))], "` + filepath.Base(path) + `"));`
			}
			v.text(`(() => {
				const chosen = new DataTransfer(), input = document.getElementById("xrays");
				` + films + `
				input.files = chosen.files;
				input.dispatchEvent(new Event("change"));
				return "";
			})()`)
			want := command(t, arguments...).Text
			require.Eventually(t, func() bool {
				v.text(`(document.getElementById("write").click(), "")`) // which waits for no film
				time.Sleep(200 * time.Millisecond)
				return strings.TrimSpace(v.text(`document.getElementById("heard").textContent`)) == want
			}, patience, 50*time.Millisecond, "no report")
			assert.NotContains(t, v.text(`document.getElementById("element-0").textContent`), "report", "of another element")
			assert.Empty(t, v.text(`document.getElementById("element-2").textContent`))
			assert.Equal(t, []string{"/"}, asked(), "nothing runs where it may not be")
			assert.Equal(t, c.isolated, slices.Contains(ran(), "worker /pool.js"), "threads, where the page around is isolated, and only there")
			until(`document.getElementById("greeted-1").title`, `{"uar":1}{"kind":"ready","detail":{}}`)
			assert.Equal(t, `{"uar":1}`, v.text(`document.getElementById("greeted-2").title`))

			v.text(`(dispatchEvent(new Event("check")), "")`)
			assert.JSONEq(t, fmt.Sprintf(`{"changed":[],"violations":[],"sheets":0,"crossOriginIsolated":%t}`, c.isolated), v.text(`document.body.title`))
		})
	}
}

// foreignSite serves the example, as a site that shows the uarweb at an address.
func foreignSite(t *testing.T, isolated bool, open, closed string) http.Handler {
	t.Helper()
	addresses := `["` + open + `/#queue", "older.html", "` + closed + `/", "javascript:0"]` // another of the same, of another version, one that may not be, and none
	files := map[string][]byte{"/beside.js": []byte(strings.Replace(beside, "ADDRESSES", addresses, 1)), "/older.js": []byte(older), "/older.html": []byte(`<!doctype html><script src="older.js"></script>`),
		"/told.js": []byte(told), "/told.html": []byte(`<!doctype html><script src="embed.js"></script><script src="told.js"></script>`)}
	for path, name := range map[string]string{"/": "example.html", "/example.js": "example.js"} {
		content, err := os.ReadFile(filepath.Join("..", "embed", name))
		require.NoError(t, err)
		files[path] = content
	}
	for _, name := range []string{"uar.js", "embed.js"} {
		script, err := fs.ReadFile(serve.Site(), name)
		require.NoError(t, err)
		files["/"+name] = script
	}
	files["/"] = bytes.Replace(files["/"], []byte("http://127.0.0.1:8080/"), []byte(open+"/?threads=2"), 1)
	files["/"] = bytes.Replace(files["/"], []byte(`<script type="module"`), []byte(`<script src="beside.js"></script><script type="module"`), 1)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, ok := files[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; frame-src 'self' "+open+" "+closed)
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		if strings.HasSuffix(r.URL.Path, ".js") {
			w.Header().Set("Content-Type", "text/javascript")
		}
		if isolated {
			w.Header().Set("Cross-Origin-Opener-Policy", "same-origin")
			w.Header().Set("Cross-Origin-Embedder-Policy", "require-corp")
		}
		_, _ = w.Write(content)
	})
}
