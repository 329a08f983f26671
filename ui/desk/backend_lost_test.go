package desk_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"uarweb/engine/report"
	"uarweb/engine/status"
	"uarweb/ui/desk"
	"uarweb/ui/desk/desktest"
)

// An engine that loses what it computes with goes on with less.
func TestBackendLost(t *testing.T) {
	gone := status.Errorf(status.BackendLost, "simd: a thread was lost")
	failing := func(times int) (func(context.Context, []*desk.View, func(status.Progress)) (*report.Report, error), *int) {
		tried := 0
		return func(context.Context, []*desk.View, func(status.Progress)) (*report.Report, error) {
			if tried++; tried <= times {
				return nil, gone
			}
			return desktest.Sample(), nil
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
				b := desktest.New(t)
				b.Ready("a")
				first := b.Model()
				loads := 0
				b.Engine.OnReport, _ = failing(c.reports)
				b.Engine.OnLoad = func(context.Context, desk.File, func(status.Progress)) (*desk.Model, error) {
					if loads++; loads <= c.loads {
						return nil, gone
					}
					return &desk.Model{Backend: "portable", Views: 2}, nil
				}
				b.Do(b.Run)
				assert.Equal(t, c.run, b.RunState())
				assert.Equal(t, c.model, b.ModelState())
				if c.error != "" {
					assert.Equal(t, c.error, b.Trouble().Code)
					assert.Nil(t, b.Model())
					b.Engine.OnLoad = nil
					b.Do(b.Help)
					assert.Equal(t, 1, b.Engine.Restarted)
					assert.Equal(t, "ready", b.ModelState())
					return
				}
				assert.Nil(t, b.Trouble())
				assert.NotSame(t, first, b.Model())
				assert.Contains(t, html(b), "the report was written anew")
			})
		})
	}

	t.Run("a cancel while it loads again", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := desktest.New(t)
			b.Ready("a")
			b.Engine.OnReport, _ = failing(1)
			b.Engine.OnLoad = func(ctx context.Context, f desk.File, progress func(status.Progress)) (*desk.Model, error) {
				b.Engine.OnLoad = nil
				<-ctx.Done()
				return nil, ctx.Err()
			}
			b.Do(b.Run)
			assert.Equal(t, "running", b.RunState())
			b.Do(b.Cancel)
			assert.Equal(t, "idle", b.RunState())
			assert.Nil(t, b.Trouble())
			assert.Equal(t, "ready", b.ModelState())
			assert.Contains(t, b.Notice(), "the model is loaded again")
		})
	})
}
