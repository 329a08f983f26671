//go:build !js

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/chromedp/chromedp"

	"uarweb/wasm/bench/internal/stage"
	"uarweb/wasm/internal/chrome"
)

// browser is the benchmark's page in headless Chromium.
type browser struct{ ctx context.Context }

// openBrowser opens url in a Chromium of its own, which ends with the returned
// function.
func openBrowser(ctx context.Context, url string, options ...chromedp.ExecAllocatorOption) (*browser, func(), error) {
	ctx, cancel, err := chrome.New(ctx, options...)
	if err != nil {
		return nil, nil, err
	}
	b := &browser{ctx}
	if err := chromedp.Do(ctx, chromedp.Navigate(url)); err != nil {
		cancel()
		return nil, nil, err
	}
	isolated, err := evaluate[bool](b, "crossOriginIsolated")
	if err == nil && !isolated {
		err = errors.New("the page is not cross-origin isolated")
	}
	if err != nil {
		cancel()
		return nil, nil, err
	}
	return b, cancel, nil
}

// evaluate returns the value of a JavaScript expression, or what a promise of it
// resolves to.
func evaluate[T any](b *browser, expression string) (T, error) {
	return chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// call calls a function of page.js with arguments as JSON.
func (b *browser) call(function string, arguments ...any) (stage.Answer, error) {
	expression := function + "("
	for i, a := range arguments {
		encoded, err := json.Marshal(a)
		if err != nil {
			return stage.Answer{}, err
		}
		if i > 0 {
			expression += ", "
		}
		expression += string(encoded)
	}
	answer, err := evaluate[stage.Answer](b, expression+")")
	if err == nil && answer.Error != "" {
		err = errors.New(answer.Error)
	}
	return answer, err
}

// worker is a Web Worker of the page.
type worker struct {
	browser *browser
	name    string
	started stage.Answer // to its settings
}

// start starts a worker in place of the one of its name.
func (b *browser) start(name, script string, settings any) (*worker, error) {
	answer, err := b.call("start", name, script, settings)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &worker{b, name, answer}, nil
}

func (w *worker) ask(request any) (stage.Answer, error) {
	answer, err := w.browser.call("ask", w.name, request)
	if err != nil {
		err = fmt.Errorf("%s: %w", w.name, err)
	}
	return answer, err
}

// end ends the worker. A browser that no longer answers has ended it too.
func (w *worker) end() { _, _ = evaluate[bool](w.browser, fmt.Sprintf("end(%q)", w.name)) }
