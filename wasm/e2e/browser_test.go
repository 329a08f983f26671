//go:build !js

// Package e2e tests the product as a person meets it: the built site, its
// handler and the shipped model, in headless Chromium.
package e2e

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/serve"
	"uarweb/wasm/internal/chrome"
	"uarweb/weights/model"
)

// patience is how long any one thing may take on a slow machine.
const patience = 10 * time.Minute

// noAdapters is what Chromium itself writes where a page asks for a GPU and there
// is none. The page says so, too.
const noAdapters = "warning: No available adapters."

// start starts a browser, which ends with stop.
func start(options ...chromedp.ExecAllocatorOption) (browser context.Context, stop context.CancelFunc, err error) {
	browser, stop, err = chrome.New(context.Background(), options...)
	if err != nil {
		return nil, nil, err
	}
	return browser, stop, chromedp.Do(browser) // a browser context needs a browser that runs
}

// shared is one browser for many pages: to start one takes longer than most tests.
var (
	shared = sync.OnceValues(func() (browser context.Context, err error) {
		browser, stopShared, err = start()
		return browser, err
	})
	stopShared context.CancelFunc // nil where there is none
)

func TestMain(m *testing.M) {
	code := m.Run()
	if stopShared != nil {
		stopShared()
	}
	os.Exit(code)
}

// page is one page of a browser at one address. Everything that goes wrong in it
// fails the test when that ends.
type page struct {
	t      *testing.T
	ctx    context.Context
	server string // URL

	mu      sync.Mutex
	console []string // errors, exceptions, violations of the policy
	foreign []string // hosts asked for, other than the product's
	asked   []string // paths the product was asked for
}

// product returns the handler of the built site and a model, or skips.
func product(t *testing.T, shards fs.FS) http.Handler {
	t.Helper()
	if _, err := fs.Stat(serve.Site(), "index.html"); err != nil {
		t.Skip("the site is not built: run ./build.sh build")
	}
	h, err := serve.Handler(serve.Site(), shards)
	require.NoError(t, err)
	return h
}

// open opens the product with the shipped model and waits until it is ready.
func open(t *testing.T) *page {
	p := openWith(t, product(t, model.FS))
	p.wait(`page.dataset.model === "ready"`)
	return p
}

// openWith opens what h serves.
func openWith(t *testing.T, h http.Handler) *page {
	t.Helper()
	return openAt(t, h, "/")
}

// openAt opens what h serves at an address.
func openAt(t *testing.T, h http.Handler, address string) *page {
	t.Helper()
	return openIn(t, shared, h, address)
}

// openOnGPU is openAt with a GPU of software. The browser is the test's own: the
// pages of one share a GPU, which makes one shader after the other.
func openOnGPU(t *testing.T, h http.Handler, address string) *page {
	t.Helper()
	return openFlagged(t, h, address, chrome.SoftwareGPU...)
}

// openFlagged is openAt in a Chromium with more flags, the test's own.
func openFlagged(t *testing.T, h http.Handler, address string, flags ...chromedp.ExecAllocatorOption) *page {
	t.Helper()
	return openIn(t, func() (context.Context, error) {
		browser, stop, err := start(flags...)
		if stop != nil {
			t.Cleanup(stop)
		}
		return browser, err
	}, h, address)
}

// openIn is openAt in a browser.
func openIn(t *testing.T, browser func() (context.Context, error), h http.Handler, address string) *page {
	t.Helper()
	running, err := browser()
	if errors.Is(err, chrome.ErrNotFound) {
		t.Skip(err)
	}
	require.NoError(t, err)
	p := &page{t: t}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.record(&p.asked, r.URL.Path)
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	p.server = server.URL
	// The page and its worker are in a browser context of their own, which
	// reaches every host but this machine through a proxy. What Chromium asks
	// for itself does not go through it.
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.record(&p.foreign, r.Host)
		w.WriteHeader(http.StatusForbidden)
	}))
	t.Cleanup(proxy.Close)

	ctx, cancel := chromedp.NewContext(running, chromedp.WithNewBrowserContext(func(c *target.CreateBrowserContextParams) { c.ProxyServer = proxy.URL }))
	t.Cleanup(cancel)
	p.ctx = ctx
	messages := chromedp.Console(ctx)
	go func() {
		for m, err := range messages {
			if err != nil {
				return
			}
			if m.IsException() || m.Type == chromedp.ConsoleError || m.Type == chromedp.ConsoleWarning && m.String() != noAdapters {
				p.record(&p.console, m.String())
			}
		}
	}()
	// Each page is as if it were the only one, and has the focus.
	_, err = chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	require.NoError(t, err)
	p.do(chromedp.EmulateViewport(1280, 900), chromedp.Navigate(server.URL+address))
	t.Cleanup(func() {
		assert.Empty(t, p.list(&p.console), "the console")
		assert.Empty(t, p.list(&p.foreign), "requests to other hosts")
	})
	return p
}

func (p *page) record(list *[]string, entry string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	*list = append(*list, entry)
}

func (p *page) list(list *[]string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), *list...)
}

// forgive waits for a message on the console that is no fault of the page's, and begins so.
func (p *page) forgive(message string) {
	p.t.Helper()
	require.Eventually(p.t, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		at := slices.IndexFunc(p.console, func(said string) bool { return strings.HasPrefix(said, message) })
		if at >= 0 {
			p.console = slices.Delete(p.console, at, at+1)
		}
		return at >= 0
	}, patience, 20*time.Millisecond, "the console does not say %q but %q", message, p.list(&p.console))
}

func (p *page) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatalf("%v; console: %q", err, p.list(&p.console))
	}
}

// eval evaluates a JavaScript expression.
func eval[T any](p *page, expression string) T {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// wait waits until a JavaScript condition holds. In it, page and every other
// id is an element.
func (p *page) wait(condition string) {
	p.t.Helper()
	_, err := chromedp.Run(p.ctx, chromedp.Poll[bool](`typeof page !== "undefined" && (`+condition+`)`,
		chromedp.WithPollingInterval(20*time.Millisecond), chromedp.WithPollingTimeout(patience)))
	if err != nil {
		text, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string](`document.body.innerText`))
		p.t.Fatalf("waiting for %s: %v; console: %q; page:\n%s", condition, err, p.list(&p.console), text)
	}
}

// click clicks on an element as soon as it can be used, and waits until what that did
// is drawn.
func (p *page) click(id string) {
	p.t.Helper()
	p.clickOn("#" + id)
}

// clickOn is click for the first element of a selector.
func (p *page) clickOn(selector string) {
	p.t.Helper()
	p.wait(fmt.Sprintf(`document.querySelector(%q)?.disabled !== true`, selector))
	p.do(chromedp.Click(chromedp.CSS(selector)))
	_, _ = chromedp.Run(p.ctx, chromedp.Evaluate[bool](frames+`.then(() => true)`, chromedp.EvalAwaitPromise)) // which fails where the click leads elsewhere
}

// focus puts the focus on an element as soon as it can have it.
func (p *page) focus(id string) {
	p.t.Helper()
	p.wait(fmt.Sprintf(`(document.getElementById(%[1]q)?.focus(), document.activeElement?.id === %[1]q)`, id))
}

func (p *page) press(keys string) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(keys))
}

// middle is the middle of an element, in pixels of the page.
func (p *page) middle(id string) (x, y float64) {
	p.t.Helper()
	at := eval[[]float64](p, fmt.Sprintf(`(() => { const r = document.getElementById(%q).getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()`, id))
	return at[0], at[1]
}

// text is what is to be read in an element.
func (p *page) text(id string) string {
	p.t.Helper()
	return eval[string](p, fmt.Sprintf(`document.getElementById(%q).textContent.trim()`, id))
}

// drop drags files from outside the browser over the page and lets go.
func (p *page) drop(paths ...string) {
	p.t.Helper()
	for _, kind := range []input.DispatchDragEventType{input.DispatchDragEventTypeDragEnter, input.DispatchDragEventTypeDragOver, input.DispatchDragEventTypeDrop} {
		_, err := chromedp.Call(p.ctx, input.DispatchDragEvent, input.DispatchDragEventParams{
			Type: kind, X: 300, Y: 300,
			Data: &input.DragData{Items: []*input.DragDataItem{}, Files: paths, DragOperationsMask: 1},
		})
		require.NoError(p.t, err)
	}
}

// clear takes the views off the desk.
func (p *page) clear() {
	p.t.Helper()
	for _, slot := range []string{"0", "1"} {
		if eval[bool](p, `document.getElementById("slot-`+slot+`").dataset.filled === "true"`) {
			p.click("remove-" + slot)
			p.wait(`document.getElementById("slot-` + slot + `").dataset.filled === "false"`)
		}
	}
}

// drawn waits until what was done so far is to be seen, which is one frame later.
func (p *page) drawn() {
	p.t.Helper()
	eval[bool](p, frames+`.then(() => true)`)
}

// frames is JavaScript of a promise, which is kept two frames later, or after a while of
// a page that is not shown.
const frames = `new Promise((drawn) => { setTimeout(drawn, 1000); requestAnimationFrame(() => requestAnimationFrame(drawn)); })`

// example reads the synthetic example.
func (p *page) example() {
	p.t.Helper()
	p.click("example")
	p.wait(`document.querySelectorAll("[id^=slot-][data-filled=true]").length === 2 && page.dataset.run === "done"`)
}

// run asks for a report of the views on the desk and waits until it is there, in
// place of another that was.
func (p *page) run() {
	p.t.Helper()
	p.wait(`!run.disabled`)
	p.click("run")
	p.wait(`page.dataset.run === "done"`)
	assert.True(p.t, eval[bool](p, `document.getElementById("error").hidden`), "the report before stands")
}

// show puts files on the desk, waits for them and asks for their report, which
// it returns.
func (p *page) show(paths ...string) string {
	p.t.Helper()
	p.clear()
	p.drop(paths...)
	p.wait(fmt.Sprintf(`document.querySelectorAll("[id^=slot-][data-filled=true]").length === %d`, len(paths)))
	p.run()
	return p.text("report")
}

// canvas is a fingerprint of the pixels of a canvas.
func (p *page) canvas(selector string) string {
	p.t.Helper()
	return eval[string](p, fmt.Sprintf(`(async () => {
		const canvas = document.querySelector(%q);
		if (canvas.width === 0 || canvas.height === 0) return "empty";
		const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
		copy.drawImage(canvas, 0, 0);
		const pixels = copy.getImageData(0, 0, canvas.width, canvas.height).data;
		if (!pixels.some((v) => v)) return "empty";
		const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", pixels));
		return Array.from(hash, (b) => b.toString(16)).join("");
	})()`, selector))
}

// waitCanvas waits until a canvas's fingerprint is this.
func (p *page) waitCanvas(selector, want string) {
	p.t.Helper()
	require.Eventually(p.t, func() bool { return p.canvas(selector) == want }, patience, 20*time.Millisecond, "%s does not come to show what it should", selector)
}
