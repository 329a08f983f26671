package ui

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/vugu/vugu"

	"uarweb/engine/report"
	"uarweb/engine/status"
)

func TestSettings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.ready("a")
		b.do(func() { b.Add(fakeFile{name: "m.safetensors", head: weightsStart}) })
		settings := &Settings{Desk: b.Desk}
		change := func(set func(vugu.DOMEvent), value string) {
			b.do(func() { set(vugu.NewDOMEvent(b.env, map[string]any{"target": map[string]any{"value": value}})) })
		}
		html := b.html()
		assert.Contains(t, html, `<option selected="selected" value="">Automatic</option>`)
		assert.Contains(t, html, `<option value="4">4</option>`)
		assert.NotContains(t, html, `<option value="5">`)

		change(settings.setThreads, "2")
		assert.Equal(t, Processor{Threads: 2}, b.engine.processor)
		assert.Equal(t, "ready", b.ModelState())
		assert.Equal(t, "m.safetensors", b.model().Name, "the same weights")
		change(settings.setBackend, "portable")
		assert.Equal(t, Processor{Backend: "portable", Threads: 2}, b.engine.processor)
		assert.Contains(t, b.html(), `<option selected="selected" value="portable">`)
		assert.NotContains(t, b.html(), `<select id="backend" disabled`)
		assert.Contains(t, b.html(), `<select id="threads" disabled`, "they mean nothing to it")
		change(settings.setBackend, "")
		assert.NotContains(t, b.html(), `<select id="threads" disabled`)
		change(settings.setThreads, "7")
		assert.Contains(t, b.html(), `<option selected="selected" value="7">7</option>`)
		assert.NotContains(t, b.html(), `<option value="6">`)

		change(settings.setBackend, "portable")
		b.engine.report = untilCancelled
		b.do(b.Run)
		assert.Contains(t, b.html(), `<select id="backend" disabled`)
		change(settings.setBackend, "simd")
		assert.Equal(t, "portable", b.engine.processor.Backend, "not while a report is written")
		b.do(b.Cancel)
	})
}

// An engine that loses what it computes with goes on with less.
func TestBackendLost(t *testing.T) {
	gone := status.Errorf(status.BackendLost, "simd: a thread was lost")
	failing := func(times int) (func(context.Context, []*View, func(status.Progress)) (*report.Report, error), *int) {
		tried := 0
		return func(context.Context, []*View, func(status.Progress)) (*report.Report, error) {
			if tried++; tried <= times {
				return nil, gone
			}
			return sample(), nil
		}, &tried
	}
	for _, c := range []struct {
		name           string
		reports, loads int // that fail
		run, model     string
		error          status.Code
	}{
		{"once", 1, 0, "done", "ready", ""},
		{"twice", 2, 0, "done", "ready", ""},
		{"while loading, too", 1, 1, "done", "ready", ""},
		{"again and again", 9, 0, "idle", "failed", status.BackendLost},
		{"and no more loads", 1, 9, "idle", "failed", status.BackendLost},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.ready("a")
				first := b.model()
				loads := 0
				b.engine.report, _ = failing(c.reports)
				b.engine.load = func(context.Context, File, func(status.Progress)) (*Model, error) {
					if loads++; loads <= c.loads {
						return nil, gone
					}
					return &Model{Backend: "portable", Views: 2}, nil
				}
				b.do(b.Run)
				assert.Equal(t, c.run, b.RunState())
				assert.Equal(t, c.model, b.ModelState())
				if c.error != "" {
					assert.Equal(t, c.error, b.trouble.Code)
					assert.Nil(t, b.model())
					b.engine.load = nil
					b.do(b.Help)
					assert.Equal(t, 1, b.engine.restarted)
					assert.Equal(t, "ready", b.ModelState())
					return
				}
				assert.Nil(t, b.trouble)
				assert.NotSame(t, first, b.model())
				assert.Contains(t, b.html(), "the report was written anew")
			})
		})
	}

	t.Run("a cancel while it loads again", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			b.ready("a")
			b.engine.report, _ = failing(1)
			b.engine.load = func(ctx context.Context, f File, progress func(status.Progress)) (*Model, error) {
				b.engine.load = nil
				<-ctx.Done()
				return nil, ctx.Err()
			}
			b.do(b.Run)
			assert.Equal(t, "running", b.RunState())
			b.do(b.Cancel)
			assert.Equal(t, "idle", b.RunState())
			assert.Nil(t, b.trouble)
			assert.Equal(t, "ready", b.ModelState())
			assert.Contains(t, b.notice, "the model is loaded again")
		})
	})
}
