//go:build !js

package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	cdppage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/serve"
	"uarweb/ui/desk"
)

// The room Privacy lists what the server was asked for, neither less nor more, by
// whichever worker; since the first film that is nothing. Its hashes are those of what
// is served. What leaves all the same is counted, what policy and lock refuse is told,
// what was altered is found, and the copy is erased for good. The browser is asked not to
// clear the copy away when the page is installed, and not before.
func TestPrivacy(t *testing.T) {
	t.Parallel()
	shards, _ := tiny(t)
	product(t, shards)
	site := below(t, serve.Site(), shards)
	h := newHost(t)
	b, err := startChromium(t, t.TempDir())
	require.NoError(t, err)
	t.Cleanup(b.Close)
	_, err = chromedp.Call(b.(chromium).ctx, cdppage.AddScriptToEvaluateOnNewDocument, cdppage.AddScriptToEvaluateOnNewDocumentParams{
		Source: `globalThis.persists = 0; StorageManager.prototype.persist = async () => { persists++; return true; };`,
	})
	require.NoError(t, err)
	decoded := make(chan struct{})
	h.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/service-worker.js") {
			<-decoded
		}
		if strings.HasSuffix(r.URL.Path, "/bare") { // a page of the same server, without a policy
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<div id=page>")
			return
		}
		site.ServeHTTP(w, r)
	}))
	v := visit{t, b}
	require.NoError(t, v.Navigate("http://"+h.address+subPath))
	v.wait(`page.dataset.model === "ready"`)
	v.give(intake(t, "missing-jpeg2000-lossless-90.dcm")) // with what its decoder takes
	v.wait(`document.querySelector("[data-filled=true] .slot-facts:not(:empty)") !== null`)
	close(decoded)
	v.wait(`document.getElementById("offline").dataset.copy === "whole" && !document.getElementById("lock").hidden`)
	assert.Equal(t, "0", v.text(`String(persists)`))
	assert.Equal(t, "1", v.text(`(dispatchEvent(new Event("appinstalled")), String(persists))`))
	enter := func() {
		t.Helper()
		v.text(`(location.hash = "#read", "")`)
		v.wait(`page.dataset.room === "read"`)
		v.text(`(document.getElementById("sent").click(), "")`)
		v.wait(`page.dataset.room === "privacy" && /^(All )?\d/.test(document.querySelector("#files-state dd").textContent)`)
	}
	left := func() (paths []string) {
		t.Helper()
		require.NoError(t, v.Evaluate(`[...document.querySelectorAll("#asked [data-state=left]")].map((e) => e.title.slice(location.origin.length))`, &paths))
		slices.Sort(paths)
		return paths
	}
	enter()
	v.text(`(document.querySelector("#at-now button").click(), "")`)
	var asked []string
	require.Eventually(t, func() bool {
		for _, request := range h.requests() {
			if path, ok := strings.CutPrefix(request, "GET "); !ok || path != subPath+"service-worker.js" { // which the browser itself looks up
				asked = append(asked, path)
			}
		}
		slices.Sort(asked)
		return slices.Equal(asked, left())
	}, patience, 100*time.Millisecond, "the room lists %q", left())
	assert.Regexp(t, `/jpeg2000\.[0-9a-f]{64}\.wasm`, asked)

	var manifest serve.Manifest
	require.NoError(t, json.Unmarshal(get(t, site, subPath+"files.json"), &manifest))
	var hashes []string
	require.NoError(t, v.Evaluate(`[...document.querySelectorAll("#made-of [data-state]:not([data-state=''])")].map((e) => e.firstElementChild.textContent + " " + e.title + " " + e.dataset.state)`, &hashes))
	require.Len(t, hashes, len(manifest.Files))
	for i, f := range manifest.Files {
		assert.Equal(t, desk.ShortName(f.Path)+" "+f.SHA256+" same", hashes[i])
	}

	v.text(`(document.getElementById("history-switch").click(), "")`)
	v.wait(`document.getElementById("history-state").textContent.startsWith("On: 0 reports")`)
	require.NoError(t, v.Navigate("http://"+h.address+subPath))
	v.wait(`page.dataset.model === "ready" && !document.getElementById("lock").hidden`)
	v.text(`(document.getElementById("example").click(), "")`)
	v.wait(`page.dataset.run === "done"`)
	draft := v.text(`document.getElementById("report").textContent.trim().replace(/\s+/g, " ")`)
	enter()
	v.text(`(document.querySelector("#at-now button").click(), "")`)
	v.wait(`document.querySelector("[data-state=local]") !== null`)
	assert.Empty(t, left(), "all is from the copy")
	assert.Contains(t, v.text(`document.getElementById("at-film").textContent`), "Since then 0 requests left this browser")
	assert.Contains(t, v.text(`document.getElementById("privacy-title").textContent`), "0 bytes have left this device since the first film was opened")

	// The history outlives the page, and goes for good.
	v.wait(`document.getElementById("history-state").textContent.startsWith("On: 1 report ") && document.querySelector("#history img")?.naturalWidth > 0`)
	var pictures, databases int
	require.NoError(t, v.Evaluate(`[...document.querySelectorAll("#history img")].filter((i) => Math.max(i.naturalWidth, i.naturalHeight) === 96).length`, &pictures))
	assert.Equal(t, desk.Slots, pictures)
	assert.Equal(t, draft, v.text(`document.querySelector("#history li p + p").textContent`))
	assert.Equal(t, "2 synthetic films", v.text(`document.querySelector("#history strong").textContent`))
	v.text(`(document.getElementById("history-switch").click(), "")`)
	v.wait(`document.getElementById("history-state").textContent.startsWith("Off") && document.querySelector("#history li") === null`)
	require.NoError(t, v.Evaluate(`(async () => (await indexedDB.databases()).length)()`, &databases))
	assert.Zero(t, databases)

	lock := func(on string) {
		t.Helper()
		v.text(`(document.querySelector("#privacy-lock button").click(), "")`)
		v.wait(`document.getElementById("offline").dataset.locked === "` + on + `"`)
	}
	lock("true")
	v.text(`(new Image().src = "elsewhere.png?secret", "")`)
	v.wait(`document.getElementById("privacy-lock").textContent.includes("0 requests and 0 bytes have left this page; 1 request refused")`)
	assert.Empty(t, left())
	lock("false")
	v.text(`(new Image().src = "elsewhere.png?12345", new Image().src = "http://elsewhere.test/x", "")`)
	v.wait(`document.getElementById("sent").textContent === "5 bytes sent" && document.getElementById("asked").textContent.includes("refused, by img-src")`)
	assert.Equal(t, []string{subPath + "elsewhere.png?12345"}, left())

	tab, closeTab := chromedp.NewContext(v.browser.(chromium).ctx)
	defer closeTab()
	second := visit{t, chromium{ctx: tab}}
	require.NoError(t, second.Navigate("http://"+h.address+subPath+"bare"))
	second.text(`fetch("bare", { method: "POST", body: "secret" }).then(() => "")`)
	v.wait(`document.getElementById("sent").textContent === "11 bytes sent"`)

	require.Equal(t, "altered", v.text(alter+`("decoders.txt")`))
	enter()
	v.wait(`document.querySelectorAll("[data-state=altered]").length === 1`)
	v.text(`(document.querySelector("#stored-copy button").click(), "")`)
	v.wait(`document.getElementById("offline").dataset.copy === "erased" && document.getElementById("lock").hidden && document.querySelectorAll("[data-state=same]").length === 0`)
	v.text(`new Promise((done) => Object.assign(new Image(), { src: "favicon.svg?anew", onload: () => done("") }))`)
	var caches int
	require.NoError(t, v.Evaluate(`(async () => (await caches.keys()).length)()`, &caches))
	assert.Zero(t, caches)
}
