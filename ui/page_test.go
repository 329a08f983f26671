package ui

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vugu/vugu"

	"uarweb/engine/report"
	"uarweb/engine/status"
)

func TestStates(t *testing.T) {
	paused := func(p status.Progress) func(context.Context, []*View, func(status.Progress)) (*report.Report, error) {
		return func(ctx context.Context, _ []*View, progress func(status.Progress)) (*report.Report, error) {
			progress(p)
			<-ctx.Done()
			return nil, ctx.Err()
		}
	}
	for _, c := range []struct {
		name  string
		bring func(b *bench)
		want  []string
		lack  []string
	}{
		{"at first", func(b *bench) {},
			[]string{`data-model="none"`, `data-run="idle"`, "No model is loaded", "Drop a chest X-ray here", "Add a chest X-ray to begin.",
				"Research and teaching only. Not a medical device.", `id="run" class="primary large" type="button" aria-describedby="run-why" disabled`},
			[]string{`data-filled="true"`, `data-word`}},
		{"loading", func(b *bench) {
			b.engine.load = func(ctx context.Context, _ File, progress func(status.Progress)) (*Model, error) {
				progress(status.Progress{Stage: status.StageFetch, Done: 1e6, Total: 8e6})
				<-ctx.Done()
				return nil, ctx.Err()
			}
			b.do(b.Start)
		}, []string{`data-model="loading"`, "Fetching the model: 1.0 MB of 8.0 MB", `data-stage="fetch"`, `aria-valuenow="12"`, "Cancel loading"}, nil},
		{"ready", func(b *bench) { b.ready() },
			[]string{`data-model="ready"`, "Model ready · int8 · portable", strings.Repeat("0123456789abcdef", 4), "What the model’s maker says", "IU X-Ray", "Looks &lt;little&gt; at the image.", "uarweb 1.2.3 (abcdef)", "Data sent off this device"}, nil},
		{"views", func(b *bench) { b.ready("<a>.png", "b") },
			[]string{`data-count="2"`, "&lt;a&gt;.png", "PNG, 200 × 100", `aria-label="Remove the lateral view"`},
			[]string{"<a>", "Drop a chest X-ray here"}},
		{"tokens", func(b *bench) {
			b.engine.report = paused(status.Progress{Stage: status.StageTokenize, Done: 2, Total: 8})
			b.ready("a")
			b.do(b.Run)
		}, []string{`data-run="running"`, `data-stage="tokenize"`, `data-state="now">Visual tokens`, `data-state="next">Encoder`, `aria-valuenow="25"`}, nil},
		{"encoder", func(b *bench) {
			b.engine.report = paused(status.Progress{Stage: status.StageEncode, Done: 1, Total: 3})
			b.ready("a")
			b.do(b.Run)
		}, []string{`data-state="done">Visual tokens`, `data-state="now">Encoder`, `data-state="next">Words`}, nil},
		{"words", func(b *bench) {
			b.engine.report = paused(status.Progress{Stage: status.StageGenerate, Done: 3, Total: 60, Text: "Heart <i> normal"})
			b.ready("a")
			b.do(b.Run)
		}, []string{`data-state="now">Words`, "Writing word 3", "Draft: the wording may still change.", "Heart &lt;i&gt; normal"}, []string{"<i>"}},
		{"cancelling", func(b *bench) {
			b.engine.report = func(ctx context.Context, _ []*View, _ func(status.Progress)) (*report.Report, error) { select {} }
			b.ready("a")
			b.running = &job{cancel: func() {}}
			b.do(b.Cancel)
		}, []string{`data-run="cancelling"`, "Stopping…"}, nil},
		{"report", func(b *bench) {
			b.ready("a", "b")
			b.do(b.Run)
		}, []string{`data-run="done"`, `id="word-0"`, `data-word="5"`, `>Heart</span>`, `>[redacted]</span>`, `data-redacted="true"`,
			`data-unsure="true"`, "Choose a word of the report", "Choose a word to see its map.", `id="legend" class="legend" hidden`, "Heart normal. [redacted] clear.</p>", "Write the report again", "1.5 s: image 0 ms, tokens 1.5 s"},
			[]string{`data-map="0"`, `aria-current="true"`}},
		{"a word", func(b *bench) {
			b.ready("a", "b")
			b.do(b.Run)
			b.do(func() { b.Select(4) })
		}, []string{`data-map="4"`, `aria-current="true"`, `18.0 %`, "−1.715", "Most attention: Lateral view, upper image left, 100 %",
			"end of report", `data-alternative="1" data-chosen="false"`}, nil},
		{"a word's mask", func(b *bench) {
			b.ready("a", "b")
			b.do(b.Run)
			b.do(func() { b.Select(0); b.SetMap(Mask) })
		}, []string{"The mask runs from 0.00 to 0.50 and is most open in: Lateral view, lower image right.", "Where the model could look"}, nil},
		{"maps off", func(b *bench) {
			b.ready("a")
			b.do(b.Run)
			b.do(func() { b.Select(0); b.SetMap(Off) })
		}, []string{"Nothing lies over the image."}, []string{`data-map="0"`}},
		{"an empty report", func(b *bench) {
			b.engine.report = func(context.Context, []*View, func(status.Progress)) (*report.Report, error) {
				return &report.Report{}, nil
			}
			b.ready("a")
			b.do(b.Run)
		}, []string{"The model wrote no words about this image."}, nil},
		{"other images than the report's", func(b *bench) {
			b.ready("a")
			b.do(b.Run)
			b.do(func() { b.Add(fakeFile{name: "b"}) })
		}, []string{"The images have changed since this report was written."}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				c.bring(b)
				html := b.html()
				for _, w := range c.want {
					assert.Contains(t, html, w)
				}
				for _, l := range c.lack {
					assert.NotContains(t, html, l)
				}
				b.do(func() { b.Cancel(); b.loading.stop() })
			})
		})
	}
}

func TestEveryErrorIsShown(t *testing.T) {
	for code := range sentences {
		t.Run(string(code), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.do(func() { b.fail(explain(status.Errorf(code, "a <technical> line"), "x.png")) })
				html := b.html()
				assert.Contains(t, html, `data-code="`+string(code)+`"`)
				assert.Contains(t, html, "a &lt;technical&gt; line")
				assert.NotContains(t, html, "%!")
				assert.Equal(t, b.trouble.Sentence, b.Alert())
				b.do(b.Dismiss)
				assert.Empty(t, b.Alert())
				assert.NotContains(t, b.html(), "technical&gt;")
			})
		})
	}
}

// event stands in for the browser's: Vugu's own cannot prevent a default
// outside it.
type event struct {
	vugu.DOMEvent
	prevented bool
}

func (e *event) PreventDefault() { e.prevented = true }

func TestKeysInTheReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.ready("a", "b")
		b.do(b.Run)
		reading := &Reading{Desk: b.Desk}
		press := func(summary map[string]any) bool {
			e := &event{DOMEvent: vugu.NewDOMEvent(b.env, summary)}
			b.do(func() { reading.key(e) })
			return e.prevented
		}
		require.True(t, press(map[string]any{"key": "End"}))
		assert.Equal(t, 5, b.selected)
		assert.False(t, press(map[string]any{"key": "Home", "ctrlKey": true}), "the browser's own")
		assert.False(t, press(map[string]any{"key": "Tab"}))
		assert.Equal(t, 5, b.selected)
	})
}

func TestDetailStaysOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.do(func() { b.fail(explain(status.Errorf(status.Internal, "x"), "")) })
		assert.NotContains(t, b.html(), "open=")
		b.do(func() { (&Alert{Desk: b.Desk}).toggle(&event{}) })
		assert.Contains(t, b.html(), "open=")
	})
}
