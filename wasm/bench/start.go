//go:build !js

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"uarweb/serve"
	"uarweb/wasm/internal/chrome"
	"uarweb/weights/model"
)

// Targets of the page, in milliseconds.
const (
	targetReady  = 600
	targetReport = 1500
)

// visitScript runs in the page before its own scripts. It does what an impatient
// person would: asks for the example as soon as the page lets it, and
// notes when things are there, in milliseconds from the navigation, and from outside
// what the page and its worker do on the way.
const visitScript = `
globalThis.visit = new Promise((resolve) => {
  const times = {}, steps = {};
  const step = (name) => { steps[name] ??= performance.now(); };
  WebAssembly.compileStreaming = new Proxy(WebAssembly.compileStreaming, {
    apply: (compile, self, args) => Reflect.apply(compile, self, args).then((module) => {
      step("page's program compiled");
      return module;
    }),
  });
  globalThis.Worker = new Proxy(Worker, {
    construct(Worker, args) {
      step("worker started");
      const worker = new Worker(...args);
      worker.addEventListener("message", ({ data }) => {
        const { kind, body } = JSON.parse(data.text);
        if (kind === "ready") step("worker ready");
        if (kind === "progress" && body.stage === "fetch") step("model arrives");
        if (kind === "progress" && body.stage === "load") step("model is loaded to the backend");
        if (kind === "loaded") step("model loaded");
      });
      return worker;
    },
  });
  new MutationObserver(() => {
    const page = document.getElementById("page");
    if (page) step("page drawn");
    const button = (id) => { const b = document.getElementById(id); return b && !b.disabled && b; };
    if (page?.dataset.model !== "ready") return;
    if (!times.ready) times.ready = performance.now();
    const filled = document.querySelector("[id^=slot-][data-filled=true]");
    if (!filled && !times.example && button("example")) { times.example = true; button("example").click(); }
    if (filled) times.opened ??= performance.now();
    if (page.dataset.run !== "done") return;
    const text = (id) => document.getElementById(id).textContent.trim();
    for (const { name, responseEnd } of performance.getEntriesByType("resource")) {
      if (/\/program\b.*\.wasm$/.test(name)) steps["page's program fetched"] = responseEnd;
    }
    resolve({ steps, ready: times.ready, opened: times.opened, report: performance.now(), model: text("status"), text: text("report") });
  }).observe(document, { subtree: true, childList: true, attributes: true });
})`

// warmVisits are visits that do not count: the first fills the browser's cache,
// and those after it the cache of compiled programs.
const warmVisits = 3

// patience is how long a visit may take: a page that fails resolves nothing.
const patience = 2 * time.Minute

// visitTimes is what visitScript resolves to.
type visitTimes struct {
	Ready, Opened, Report float64
	Model, Text           string
	Steps                 map[string]float64
}

func visit(ctx context.Context) (visitTimes, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[visitTimes]("visit", chromedp.EvalAwaitPromise))
}

// start visits the built site with the shipped model. It notes how far it is.
func start(ctx context.Context, runs int, note func(format string, args ...any)) (*startTimes, error) {
	if _, err := fs.Stat(serve.Site(), "index.html"); err != nil {
		return nil, errors.New("the site is not built: run ./build.sh bench")
	}
	h, err := serve.Handler(serve.Site(), model.FS)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: h}
	go func() { _ = server.Serve(listener) }()
	defer server.Close()

	ctx, cancel, err := chrome.New(ctx)
	if err != nil {
		return nil, err
	}
	defer cancel()
	if err := chromedp.Do(ctx); err != nil {
		return nil, err
	}
	if _, err := chromedp.Call(ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: visitScript}); err != nil {
		return nil, err
	}
	t := &startTimes{}
	var ready, opened, report []float64
	steps := map[string][]float64{}
	for i := range warmVisits + runs {
		if err := chromedp.Do(ctx, chromedp.Navigate("http://"+listener.Addr().String()+"/")); err != nil {
			return nil, err
		}
		v, err := visit(ctx)
		if err != nil {
			return nil, fmt.Errorf("visit %d: %w", i+1, err)
		}
		if i >= warmVisits {
			ready, opened, report = append(ready, v.Ready), append(opened, v.Opened), append(report, v.Report)
			for name, at := range v.Steps {
				steps[name] = append(steps[name], at)
			}
		}
		t.Model, t.Text = v.Model, v.Text
		note("visit %d: ready after %.0f ms, images after %.0f ms, report after %.0f ms", i+1, v.Ready, v.Opened, v.Report)
	}
	t.Ready, t.ReadyMin, t.ReadyMax = spread(ready)
	t.Opened, t.OpenedMin, t.OpenedMax = spread(opened)
	t.Report, t.ReportMin, t.ReportMax = spread(report)
	t.Steps = trace(steps)
	return t, nil
}

// trace is the medians of what several visits have noted, in the order of time.
func trace(steps map[string][]float64) []startStep {
	var all []startStep
	for name, at := range steps {
		median, _, _ := spread(at)
		all = append(all, startStep{name, median})
	}
	slices.SortFunc(all, func(a, b startStep) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Name, b.Name))
	})
	return all
}
