//go:build !js

package e2e

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/chromedp/cdproto/cdp"
	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/serve"
	"uarweb/wasm/internal/chrome"
	"uarweb/wasm/internal/firefox"
	"uarweb/wasm/internal/webkit"
	"uarweb/weights/model"
)

// host is a server at one address that can be stopped, and come back with
// something else.
type host struct {
	t       *testing.T
	address string
	server  *http.Server

	mu    sync.Mutex
	asked []string // "GET /path", and what is behind a question mark
}

func newHost(t *testing.T) *host {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	h := &host{t: t, address: listener.Addr().String()}
	require.NoError(t, listener.Close())
	t.Cleanup(h.stop)
	return h
}

func (h *host) serve(handler http.Handler) {
	h.t.Helper()
	h.stop()
	listener, err := net.Listen("tcp", h.address)
	require.NoError(h.t, err)
	h.server = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.mu.Lock()
		h.asked = append(h.asked, r.Method+" "+r.URL.RequestURI())
		h.mu.Unlock()
		handler.ServeHTTP(w, r)
	})}
	server := h.server
	go func() { _ = server.Serve(listener) }()
}

func (h *host) stop() {
	if h.server != nil {
		_ = h.server.Close()
		h.server = nil
	}
}

// requests returns what was asked for since it was called last.
func (h *host) requests() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	asked := h.asked
	h.asked = nil
	return asked
}

// chromium is a Chromium with a profile in a folder, as a browser.
type chromium struct {
	ctx  context.Context
	stop context.CancelFunc
}

func startChromium(t *testing.T, folder string, options ...chromedp.ExecAllocatorOption) (browser, error) {
	t.Helper()
	if _, err := chrome.Path(); err != nil {
		t.Skip(err)
	}
	ctx, stop, err := start(append(options, chromedp.UserDataDir(folder))...)
	return chromium{ctx, stop}, err
}

func (c chromium) Navigate(url string) error { return chromedp.Do(c.ctx, chromedp.Navigate(url)) }

func (c chromium) Evaluate(expression string, result any) error {
	value, err := chromedp.Run(c.ctx, chromedp.Evaluate[json.RawMessage](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		return err
	}
	return json.Unmarshal(value, result)
}

func (c chromium) Close() {
	_ = chromedp.Cancel(c.ctx) // which lets it write its profile
	c.stop()
}

func startFirefox(t *testing.T, folder string) (browser, error) {
	t.Helper()
	if _, err := firefox.Path(); err != nil {
		t.Skip(err)
	}
	return firefox.Start(t.Context(), folder)
}

func startWebKit(t *testing.T, folder string) (browser, error) {
	t.Helper()
	if err := webkit.Find(); err != nil {
		t.Skip(err)
	}
	return webkit.Start(t.Context(), folder, webkit.SharedMemory)
}

// After one visit the page, its model and its threads are there with the server
// gone, also in a browser that was closed meanwhile. That visit fetched nothing
// twice that browsers may keep. A WebKit that is driven keeps nothing on a disk:
// neither holds there, and the page is only opened again.
func TestOffline(t *testing.T) {
	t.Parallel()
	t.Attr("fault", "the server gone, and the browser closed meanwhile")
	for _, c := range []struct {
		name  string
		start func(t *testing.T, folder string) (browser, error)
		keeps bool // its files on a disk
	}{
		{"Chromium", func(t *testing.T, folder string) (browser, error) { return startChromium(t, folder) }, true},
		{"Firefox", startFirefox, true},
		{"WebKit", startWebKit, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			profile := t.TempDir()
			open := func() visit {
				b, err := c.start(t, profile)
				require.NoError(t, err)
				return visit{t, b}
			}
			h := newHost(t)
			h.serve(product(t, model.FS))
			address := "http://" + h.address + "/?threads=2"
			v := open()
			require.NoError(t, v.Navigate(address))
			v.wait(`document.getElementById("offline").dataset.copy === "whole" && !document.getElementById("lock").hidden`)
			assert.Equal(t, "Works without a network", v.text(`document.querySelector("#offline span").textContent`))
			immutable := regexp.MustCompile(`[0-9a-f]{16}\.\w+$`)
			times := map[string]int{}
			for _, request := range h.requests() {
				if immutable.MatchString(request) {
					times[request]++
				}
			}
			assert.NotEmpty(t, times)
			for request, n := range times {
				assert.True(t, n == 1 || !c.keeps, "%s %d times", request, n)
			}

			if chromium, ok := v.browser.(chromium); ok {
				wrong, err := chromedp.Call(chromium.ctx, cdppage.GetInstallabilityErrors, cdp.Empty{})
				require.NoError(t, err)
				assert.Empty(t, wrong.InstallabilityErrors, "it cannot be installed")
			}

			h.stop()
			if c.keeps {
				v.Close()
				v = open()
			}
			t.Cleanup(func() { v.Close() })
			require.NoError(t, v.Navigate(address))
			v.wait(`page.dataset.model === "ready"`)
			assert.Regexp(t, `2 threads`, v.text(`document.querySelector("#fact-backend dd").textContent`))
			v.report()
		})
	}
}

// other is the site with another file of licences, which makes it another version.
func other(t *testing.T) fs.FS {
	t.Helper()
	all := fstest.MapFS{}
	require.NoError(t, fs.WalkDir(serve.Site(), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(name, "decoders.txt") {
			return err
		}
		content, err := fs.ReadFile(serve.Site(), name)
		all[name] = &fstest.MapFile{Data: content}
		return err
	}))
	all["decoders.txt"] = &fstest.MapFile{Data: []byte("another version")}
	return all
}

// visitTiny opens the page with a tiny model in a Chromium of its own, below a
// path, and waits until the page is kept.
func visitTiny(t *testing.T, h *host) visit {
	t.Helper()
	shards, _ := tiny(t)
	v := visitKept(t, h, below(t, serve.Site(), shards))
	h.requests()
	return v
}

// visitKept opens what a handler serves below a path, in a Chromium of its own, and
// waits until the page is kept.
func visitKept(t *testing.T, h *host, served http.Handler) visit {
	t.Helper()
	product(t, model.FS)
	b, err := startChromium(t, t.TempDir())
	require.NoError(t, err)
	t.Cleanup(b.Close)
	v := visit{t, b}
	h.serve(served)
	require.NoError(t, v.Navigate("http://"+h.address+subPath))
	v.wait(`document.getElementById("offline").dataset.copy === "whole" && !document.getElementById("lock").hidden`)
	return v
}

// subPath is where below serves the site.
const subPath = "/some/folder/"

func below(t *testing.T, site, shards fs.FS) http.Handler {
	t.Helper()
	h, err := serve.Handler(site, shards)
	require.NoError(t, err)
	return http.StripPrefix(strings.TrimSuffix(subPath, "/"), h)
}

// A newer version is fetched beside the one in use, said, and taken when the
// reader wants it, not while another tab has the page open.
func TestNewVersion(t *testing.T) {
	t.Parallel()
	t.Attr("fault", "a new version while the page is in use")
	h := newHost(t)
	v := visitTiny(t, h)
	shards, _ := tiny(t)
	h.serve(below(t, other(t), shards))
	require.NoError(t, v.Navigate("http://"+h.address+subPath))
	v.wait(`!document.getElementById("newer").hidden && !document.getElementById("renew").disabled`)
	for _, request := range h.requests() {
		assert.Contains(t, []string{"GET " + subPath + "service-worker.js", "GET " + subPath + "decoders.txt"}, request, "of all files one differs")
	}
	assert.Equal(t, "A new version of this page is ready. To use it empties the desk.", v.text(`document.querySelector("#newer p").textContent`))
	caches := func() (n int) {
		t.Helper()
		require.NoError(t, v.Evaluate(`(async () => (await caches.keys()).length)()`, &n))
		return n
	}
	assert.Equal(t, 2, caches())

	tab, closeTab := chromedp.NewContext(v.browser.(chromium).ctx)
	defer closeTab()
	second := visit{t, chromium{ctx: tab}}
	require.NoError(t, second.Navigate("http://"+h.address+subPath))
	second.wait(`page.dataset.model === "ready"`)
	v.text(`(document.getElementById("renew").click(), "")`)
	v.wait(`document.querySelector("#newer p").textContent === "A new version of this page is ready. Close the other tabs with this page, then use it here."`)
	require.NoError(t, chromedp.Cancel(tab))
	v.text(`(globalThis.old = true, "")`)
	require.Eventually(t, func() bool { // until the tab is gone; that there are others may be heard late
		var gone bool
		require.NoError(t, v.Evaluate(`globalThis.old === undefined || navigator.serviceWorker.getRegistration().then((r) => (r.waiting?.postMessage({ take: true }), false))`, &gone))
		return gone
	}, patience, 100*time.Millisecond, "the page is not opened anew")
	v.wait(`page.dataset.model === "ready" && document.getElementById("newer").hidden && document.getElementById("offline").dataset.copy === "whole"`)
	assert.Equal(t, 1, caches())
}

// alter changes a byte of a file in the cache.
const alter = `(async (name) => {
	for (const key of await caches.keys()) {
		const cache = await caches.open(key);
		for (const request of await cache.keys()) {
			if (!request.url.includes(name)) continue;
			const response = await cache.match(request);
			const bytes = new Uint8Array(await response.arrayBuffer());
			bytes[bytes.length >> 1] ^= 1;
			await cache.put(request, new Response(bytes, { headers: response.headers }));
			return "altered";
		}
	}
	return "not found";
})`

// A byte that has changed in the cache is found when it is read, and the file
// fetched anew, once; without the server it is not used. Names with a hash the
// browser may have kept besides, and then asks no server for them.
func TestAlteredCopy(t *testing.T) {
	t.Parallel()
	t.Attr("fault", "a flipped byte in the cache")
	h := newHost(t)
	v := visitTiny(t, h)
	for _, name := range []string{"worker.js", "manifest.json", "boot.js"} {
		require.Equal(t, "altered", v.text(alter+`("`+name+`")`))
		for _, times := range []int{1, 0} {
			require.NoError(t, v.Navigate("http://"+h.address+subPath))
			v.wait(`page.dataset.model === "ready"`)
			fetched := 0
			for _, request := range h.requests() {
				if strings.HasSuffix(request, "/"+name) {
					fetched++
				}
			}
			assert.Equal(t, times, fetched, name)
		}
	}

	require.Equal(t, "altered", v.text(alter+`("manifest.json")`))
	h.stop()
	require.NoError(t, v.Navigate("http://"+h.address+subPath))
	v.wait(`page.dataset.model === "failed"`)
	assert.Equal(t, "network", v.text(`document.getElementById("error").dataset.code`))
}

// While the page is locked nothing is asked of its server, a report is written,
// and what tries to leave is refused and counted. The lock outlives the page.
func TestLock(t *testing.T) {
	t.Parallel()
	h := newHost(t)
	v := visitTiny(t, h)
	try := `(globalThis.image = new Image(), image.src = "elsewhere.png?" + Math.random(), image.onerror = () => { document.title = "refused"; }, "")`
	v.text(try)
	v.wait(`document.title === "refused"`)
	require.Len(t, h.requests(), 1, "it is not locked yet")

	v.text(`(document.title = "", document.getElementById("lock").click(), "")`)
	v.wait(`document.getElementById("offline").dataset.locked === "true"`)
	assert.Equal(t, "Locked: nothing leaves this page, not even to its server", v.text(`document.querySelector("#offline span").textContent`))
	v.text(`(document.getElementById("example").click(), "")`)
	v.wait(`page.dataset.run === "done"`)
	v.text(try)
	v.wait(`document.title === "refused" && document.querySelector("#offline span").textContent === "Locked: nothing leaves this page; 1 request refused"`)
	assert.Empty(t, h.requests())

	require.NoError(t, v.Navigate("http://"+h.address+subPath))
	v.wait(`page.dataset.model === "ready" && document.getElementById("offline").dataset.locked === "true"`)
	for _, request := range h.requests() {
		assert.Equal(t, "GET "+subPath+"service-worker.js", request, "what the browser itself looks up")
	}
	v.text(`(document.getElementById("lock").click(), "")`)
	v.wait(`document.getElementById("offline").dataset.locked === "false"`)
	v.text(try)
	v.wait(`document.title === "refused"`)
	assert.NotEmpty(t, h.requests())
}

// A page that the browser has no room to keep works, and says so.
func TestNoRoom(t *testing.T) {
	t.Parallel()
	t.Attr("fault", "quota exceeded")
	product(t, model.FS)
	b, err := startChromium(t, t.TempDir())
	require.NoError(t, err)
	t.Cleanup(b.Close)
	v := visit{t, b}
	h := newHost(t)
	shards, _ := tiny(t)
	h.serve(below(t, serve.Site(), shards))
	_, err = chromedp.Call(b.(chromium).ctx, storage.OverrideQuotaForOrigin, storage.OverrideQuotaForOriginParams{Origin: "http://" + h.address, QuotaSize: new(float64(1 << 20))})
	require.NoError(t, err)
	require.NoError(t, v.Navigate("http://"+h.address+subPath))
	v.wait(`document.getElementById("offline").dataset.copy === "refused" && page.dataset.model === "ready"`)
	assert.Equal(t, "This browser keeps no copy of the page: to open it again needs its server", v.text(`document.querySelector("#offline span").textContent`))
	var caches int
	require.NoError(t, v.Evaluate(`(async () => (await caches.keys()).length)()`, &caches))
	assert.Zero(t, caches, "a part is left behind")
	v.text(`(document.getElementById("example").click(), "")`)
	v.wait(`page.dataset.run === "done"`)
}

// A folder that was exported works below a path of a server that knows none of
// its headers: on one thread, and isolated from the second visit on. It says who
// signed its model, and who all of it; a manifest that was changed after that is no
// newer version.
func TestExported(t *testing.T) {
	t.Parallel()
	t.Attr("fault", "a server that sends no headers")
	product(t, model.FS)
	dir := filepath.Join(t.TempDir(), "exported")
	unsigned, _ := tiny(t)
	shards, signer := sign(t, unsigned)
	require.NoError(t, serve.Export(dir, serve.Site(), shards))
	folder, err := serve.Sign(dir, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize)))
	require.NoError(t, err)
	h := newHost(t)
	h.serve(http.StripPrefix(strings.TrimSuffix(subPath, "/"), http.FileServer(http.Dir(dir))))
	b, err := startChromium(t, t.TempDir())
	require.NoError(t, err)
	t.Cleanup(b.Close)
	v := visit{t, b}
	address := "http://" + h.address + subPath + "?threads=2"
	require.NoError(t, v.Navigate(address))
	v.wait(`page.dataset.model === "ready" && document.getElementById("offline").dataset.copy === "whole" && !crossOriginIsolated`)
	script := filepath.Join(dir, "service-worker.js")
	content, err := os.ReadFile(script)
	require.NoError(t, err)
	altered := bytes.Replace(content, []byte(`"nosniff"`), []byte(`"sniff"`), 1)
	require.NoError(t, os.WriteFile(script, altered, 0o644))
	assert.Equal(t, "redundant", v.text(`(async () => {
		const registration = await navigator.serviceWorker.getRegistration();
		await registration.update();
		const newer = registration.installing;
		while (newer.state === "installing") await new Promise((changed) => newer.addEventListener("statechange", changed));
		return newer.state;
	})()`))
	h.stop()
	require.NoError(t, v.Navigate(address))
	v.wait(`page.dataset.model === "ready" && crossOriginIsolated`)
	assert.Regexp(t, `2 threads`, v.text(`document.querySelector("#fact-backend dd").textContent`))
	assert.Equal(t, "The key "+signer, v.text(`document.querySelector("#fact-signer dd").textContent`))
	v.text(`(location.hash = "#privacy", "")`)
	v.wait(`document.querySelector("#files-signer dd")?.textContent === "The key ` + folder.Signature.Signer() + `"`)
}

// Without encryption on a network the page computes on one thread, keeps nothing
// and says so.
func TestWithoutEncryption(t *testing.T) {
	t.Parallel()
	t.Attr("fault", "no service worker")
	t.Attr("fault", "no isolation")
	product(t, model.FS)
	b, err := startChromium(t, t.TempDir(), chromedp.Flag("host-resolver-rules", "MAP * 127.0.0.1"))
	require.NoError(t, err)
	t.Cleanup(b.Close)
	v := visit{t, b}
	unsigned, _ := tiny(t)
	shards, signer := sign(t, unsigned)
	h := newHost(t)
	h.serve(below(t, serve.Site(), shards))
	_, port, err := net.SplitHostPort(h.address)
	require.NoError(t, err)
	require.NoError(t, v.Navigate("http://clinic.test:"+port+subPath))
	v.wait(`page.dataset.model === "ready" && document.querySelector("#offline span").textContent.startsWith("This page came without encryption (https)")`)
	assert.Contains(t, v.text(`document.querySelector("#fact-backend dd").textContent`), "on one thread: the page is not cross-origin isolated")
	assert.Equal(t, "The key "+signer+", it says, which this browser cannot check", v.text(`document.querySelector("#fact-signer dd").textContent`))
	v.text(`(document.getElementById("example").click(), "")`)
	v.wait(`page.dataset.run === "done"`)
}
