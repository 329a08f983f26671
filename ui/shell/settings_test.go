package shell

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/vugu/vugu"

	"uarweb/engine/report"
	"uarweb/engine/status"
	"uarweb/ui/desk"
	"uarweb/ui/desk/desktest"
)

func TestSettings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("a")
		b.Do(func() { b.Add(desktest.File{Named: "m.safetensors", Begin: desktest.Weights}) })
		settings := &Settings{Desk: b.Desk}
		change := func(set func(vugu.DOMEvent), value string) {
			b.Do(func() { set(b.NewEvent(map[string]any{"target": map[string]any{"value": value}})) })
		}
		page := b.HTML(settings)
		assert.Contains(t, page, `<option selected="selected" value="">Automatic</option>`)
		assert.Contains(t, page, `<option value="4">4</option>`)
		assert.NotContains(t, page, `<option value="5">`)

		change(settings.setThreads, "2")
		assert.Equal(t, desk.Processor{Threads: 2}, b.Engine.Wish)
		assert.Equal(t, "ready", b.ModelState())
		assert.Equal(t, "m.safetensors", b.Model().Name, "the same weights")
		change(settings.setBackend, "portable")
		assert.Equal(t, desk.Processor{Backend: "portable", Threads: 2}, b.Engine.Wish)
		assert.Contains(t, b.HTML(settings), `<option selected="selected" value="portable">`)
		assert.NotContains(t, b.HTML(settings), `<select id="backend" disabled`)
		assert.Contains(t, b.HTML(settings), `<select id="threads" disabled`, "they mean nothing to it")
		change(settings.setBackend, "")
		assert.NotContains(t, b.HTML(settings), `<select id="threads" disabled`)
		change(settings.setThreads, "7")
		assert.Contains(t, b.HTML(settings), `<option selected="selected" value="7">7</option>`)
		assert.NotContains(t, b.HTML(settings), `<option value="6">`)

		change(settings.setBackend, "portable")
		b.Engine.OnReport = func(ctx context.Context, _ []*desk.View, _ func(status.Progress)) (*report.Report, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		b.Do(b.Run)
		assert.Contains(t, b.HTML(settings), `<select id="backend" disabled`)
		change(settings.setBackend, "simd")
		assert.Equal(t, "portable", b.Engine.Wish.Backend, "not while a report is written")
		b.Do(b.Cancel)
	})
}
