package desk_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/radiograph"
	"uarweb/engine/radiograph/phantom"
	"uarweb/engine/report"
	"uarweb/engine/report/export"
	"uarweb/engine/status"
	"uarweb/ui"
	"uarweb/ui/desk"
	"uarweb/ui/desk/desktest"
)

// html is the page.
func html(b *desktest.Bench) string { return b.HTML(&ui.Page{Desk: b.Desk}) }

func TestAdd(t *testing.T) {
	t.Run("files keep their order", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := desktest.New(t)
			b.Do(func() { b.Add(desktest.File{Named: "a.png"}, desktest.File{Named: "b.dcm"}) })
			assert.Equal(t, "a.png", b.View(desk.Frontal).Name)
			assert.Equal(t, "b.dcm", b.View(desk.Lateral).Name)
			assert.Nil(t, b.Trouble())
		})
	})
	t.Run("an image on its way has its slot", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := desktest.New(t)
			arrives := make(chan struct{})
			b.Engine.OnOpen = func(f desk.Source) (*desk.View, error) {
				<-arrives
				return &desk.View{Name: f.Name()}, nil
			}
			b.Do(func() { b.Add(desktest.File{Named: "a"}) })
			b.Do(func() { b.Add(desktest.File{Named: "b"}, desktest.File{Named: "c"}) })
			assert.Len(t, b.Choice().Images, 2, "there is one place for them")
			b.Do(func() { b.Add(desktest.File{Named: "d"}) })
			assert.Nil(t, b.Choice())
			close(arrives)
			synctest.Wait()
			assert.Len(t, b.Views(), 2)
			assert.False(t, b.Opening())
		})
	})
	t.Run("files beyond the limits are not read", func(t *testing.T) {
		for _, c := range []struct {
			file desktest.File
			code status.Code
		}{
			{desktest.File{Named: "a.dcm", Bytes: radiograph.MaxFileSize}, ""},
			{desktest.File{Named: "a.dcm", Bytes: radiograph.MaxFileSize + 1}, status.LargeImage},
			{desktest.File{Named: "m", Begin: desktest.Weights, Bytes: 512 << 20}, ""},
			{desktest.File{Named: "m", Begin: desktest.Weights, Bytes: 512<<20 + 1}, "large-weights"},
		} {
			synctest.Test(t, func(t *testing.T) {
				b := desktest.New(t)
				b.Do(func() { b.Add(c.file) })
				if c.code == "" {
					assert.Nil(t, b.Trouble())
					return
				}
				assert.Equal(t, c.code, b.Trouble().Code)
				assert.Empty(t, b.Engine.Opened)
				assert.Nil(t, b.Model())
			})
		}
	})
	t.Run("a bad image leaves the others", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := desktest.New(t)
			bad := desktest.File{Named: "x.png", Err: status.Errorf(status.DamagedImage, "radiograph: x.png: cut off")}
			b.Do(func() { b.Add(bad, desktest.File{Named: "b"}) })
			assert.Equal(t, "b", b.View(desk.Frontal).Name)
			assert.Equal(t, status.DamagedImage, b.Trouble().Code)
			assert.Contains(t, b.Trouble().Sentence, "“x.png” is damaged")
			assert.Equal(t, "radiograph: x.png: cut off", b.Trouble().Detail)
		})
	})
	t.Run("weights are known by content", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := desktest.New(t)
			b.Do(func() { b.Add(desktest.File{Named: "image.png", Begin: desktest.Weights}) })
			assert.Equal(t, "image.png", b.Model().Name)
			assert.Empty(t, b.Engine.Opened)
		})
	})
	t.Run("what cannot be read", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := desktest.New(t)
			b.Do(func() { b.Add(desktest.File{Named: "study", Gone: errors.New("NotFoundError")}) })
			assert.Equal(t, status.UnreadableFile, b.Trouble().Code)
			assert.Equal(t, "none", b.ModelState(), "no fault of the model")
		})
	})
	t.Run("weights by name that are none", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := desktest.New(t)
			b.Engine.OnLoad = func(context.Context, desk.File, func(status.Progress)) (*desk.Model, error) {
				return nil, status.Errorf(status.BadWeights, "weights: safetensors: truncated")
			}
			b.Do(func() { b.Add(desktest.File{Named: "m.safetensors"}) })
			assert.Equal(t, status.BadWeights, b.Trouble().Code)
			assert.Empty(t, b.Engine.Opened, "it is not taken for an image")
		})
	})
}

func TestLoad(t *testing.T) {
	t.Run("a model that fails leaves the one before", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := desktest.New(t)
			b.Ready()
			before := b.Model()
			b.Engine.OnLoad = func(context.Context, desk.File, func(status.Progress)) (*desk.Model, error) {
				return nil, status.Errorf(status.BadWeights, "weights: truncated")
			}
			b.Do(func() { b.Add(desktest.File{Named: "m.safetensors", Begin: desktest.Weights}) })
			assert.Same(t, before, b.Model())
			assert.Equal(t, "ready", b.ModelState())
			assert.Contains(t, b.Alert(), "“m.safetensors” is not a model")
		})
	})
	t.Run("cancelled", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := desktest.New(t)
			b.Engine.OnLoad = func(ctx context.Context, _ desk.File, progress func(status.Progress)) (*desk.Model, error) {
				progress(status.Progress{Stage: status.StageFetch, Done: 3e6, Total: 12e6})
				<-ctx.Done()
				return nil, ctx.Err()
			}
			b.Do(b.Start)
			assert.Equal(t, "loading", b.ModelState())
			assert.Equal(t, "Fetching the model: 3.0 MB of 12.0 MB", b.Loading().Doing())
			assert.Equal(t, 25, b.Loading().Percent())
			b.Do(b.Cancel)
			assert.Equal(t, "none", b.ModelState())
			assert.Nil(t, b.Trouble())
			assert.Equal(t, "Loading was cancelled.", b.Notice())
		})
	})
	t.Run("not while a report is written", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := desktest.New(t)
			b.Engine.OnReport = untilCancelled
			b.Ready("a")
			b.Do(b.Run)
			b.Do(func() { b.Add(desktest.File{Named: "m", Begin: desktest.Weights}) })
			assert.Equal(t, status.Code("busy"), b.Trouble().Code)
			assert.Equal(t, "running", b.RunState())
			b.Do(b.Cancel)
		})
	})
	t.Run("a crash takes the model, and Help brings it back", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := desktest.New(t)
			b.Ready("a")
			b.Do(func() { b.Add(desktest.File{Named: "m.safetensors", Begin: desktest.Weights}) })
			b.Engine.OnReport = func(context.Context, []*desk.View, func(status.Progress)) (*report.Report, error) {
				return nil, status.Errorf(status.Crashed, "worker: fault")
			}
			b.Do(b.Run)
			assert.Equal(t, "failed", b.ModelState())
			assert.NotNil(t, b.View(desk.Frontal), "the image stays")
			b.Do(b.Help)
			assert.Equal(t, 1, b.Engine.Restarted)
			assert.Equal(t, "ready", b.ModelState())
			assert.Equal(t, "m.safetensors", b.Model().Name, "the same weights")
			assert.Nil(t, b.Trouble())
		})
	})
	t.Run("a crash ends all that waits, and nothing is busy afterwards", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := desktest.New(t)
			b.Ready("a")
			crash := make(chan struct{})
			fault := status.Errorf(status.Crashed, "worker: fault")
			b.Engine.OnOpen = func(desk.Source) (*desk.View, error) { <-crash; return nil, fault }
			b.Engine.OnReport = func(context.Context, []*desk.View, func(status.Progress)) (*report.Report, error) {
				<-crash
				return nil, fault
			}
			b.Do(b.Run)
			b.Do(func() { b.Add(desktest.File{Named: "b"}) })
			assert.Equal(t, "running", b.RunState())
			close(crash)
			synctest.Wait()
			assert.Equal(t, "idle", b.RunState())
			assert.Equal(t, "failed", b.ModelState())
			assert.Equal(t, "error-restart", b.TakeFocus().ID)
			assert.False(t, b.Opening())
			b.Engine.OnReport = nil
			b.Do(b.Help)
			assert.Nil(t, b.Trouble())
			b.Do(b.Run)
			assert.Equal(t, "done", b.RunState())
		})
	})
}

// Whoever waits for it: a fault of the engine takes the model and is said.
func TestFaultWhileNothingIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("a")
		b.Do(b.Run)
		b.Engine.SetModel(nil)
		go b.Engine.Stopped(status.Errorf(status.Crashed, "worker: fault"))
		synctest.Wait()
		assert.Equal(t, "failed", b.ModelState())
		assert.Equal(t, status.Crashed, b.Trouble().Code)
		ok, why := b.CanRun()
		assert.False(t, ok, why)
		assert.NotNil(t, b.Result(), "the report stays")
		b.Do(b.Help)
		assert.Equal(t, "ready", b.ModelState())
	})
}

// A cancel that the engine does not heed ends it. The study and the last report
// stay, and the model is loaded again.
func TestCancelNotHeeded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("a")
		b.Do(func() { b.Add(desktest.File{Named: "m.safetensors", Begin: desktest.Weights}) })
		b.Do(b.Run)
		first := b.Result()
		ended := func(ctx context.Context) error {
			<-ctx.Done()
			b.Engine.SetModel(nil)
			return ctx.Err()
		}
		b.Engine.OnReport = func(ctx context.Context, _ []*desk.View, _ func(status.Progress)) (*report.Report, error) {
			return nil, ended(ctx)
		}
		b.Do(b.Run)
		b.Do(b.Cancel)
		assert.Equal(t, "ready", b.ModelState())
		assert.Equal(t, "m.safetensors", b.Model().Name, "the same weights")
		assert.Same(t, first, b.Result())
		assert.NotNil(t, b.View(desk.Frontal))
		assert.Nil(t, b.Trouble())

		b.Engine.OnLoad = func(ctx context.Context, f desk.File, progress func(status.Progress)) (*desk.Model, error) {
			b.Engine.OnLoad = nil
			return nil, ended(ctx)
		}
		b.Do(func() { b.Add(desktest.File{Named: "n.safetensors", Begin: desktest.Weights}) })
		b.Do(b.Cancel)
		assert.Equal(t, "m.safetensors", b.Model().Name, "of another load")
		assert.Nil(t, b.Trouble())
	})
	t.Run("with a fault", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := desktest.New(t)
			b.Ready("a")
			b.Engine.OnReport = func(ctx context.Context, _ []*desk.View, _ func(status.Progress)) (*report.Report, error) {
				<-ctx.Done()
				return nil, status.Errorf(status.Crashed, "worker: fault")
			}
			b.Do(b.Run)
			b.Do(b.Cancel)
			assert.Equal(t, "failed", b.ModelState())
			assert.Equal(t, status.Crashed, b.Trouble().Code)
		})
	})
}

// A model of one view is not asked about two.
func TestOneView(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Engine.OnLoad = func(context.Context, desk.File, func(status.Progress)) (*desk.Model, error) {
			return &desk.Model{Views: 1}, nil
		}
		b.Ready("a", "b")
		ok, why := b.CanRun()
		assert.False(t, ok)
		assert.Equal(t, "This model writes about one image. Remove the other to begin.", why)
		b.Do(b.Run)
		assert.Empty(t, b.Engine.Reported)
		b.Do(func() { b.Remove(desk.Lateral) })
		ok, why = b.CanRun()
		assert.True(t, ok, why)
	})
}

func untilCancelled(ctx context.Context, _ []*desk.View, _ func(status.Progress)) (*report.Report, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		ok, why := b.CanRun()
		assert.False(t, ok)
		assert.Equal(t, "Add a chest X-ray to begin.", why)
		b.Do(func() { b.Add(desktest.File{Named: "a"}) })
		_, why = b.CanRun()
		assert.Equal(t, "No model is loaded.", why)
		b.Ready("b")
		ok, why = b.CanRun()
		assert.True(t, ok, why)

		b.Do(b.Swap)
		b.Do(b.Run)
		assert.Equal(t, "done", b.RunState())
		require.Len(t, b.Engine.Reported, 1)
		assert.Equal(t, "b", b.Engine.Reported[0][0].Name, "the frontal view is first")
		assert.Equal(t, desk.Focus{ID: "word-0", When: desk.IfNowhere}, b.TakeFocus())
		assert.Equal(t, desk.Focus{ID: "run", When: desk.IfGone}, b.TakeFocus(), "once")
		assert.Contains(t, b.Announcement(), "Heart normal.")

		first := b.Result()
		b.Engine.OnReport = untilCancelled
		b.Do(b.Run)
		assert.Equal(t, "running", b.RunState())
		assert.Equal(t, desk.Focus{ID: "cancel", When: desk.IfGone}, b.TakeFocus())
		b.Do(b.Cancel)
		assert.Equal(t, "done", b.RunState())
		assert.Same(t, first, b.Result(), "the report before stays")
		assert.Nil(t, b.Trouble())

		b.Engine.OnReport = func(context.Context, []*desk.View, func(status.Progress)) (*report.Report, error) {
			return nil, errors.New("engine: no")
		}
		b.Do(b.Run)
		assert.Equal(t, status.Internal, b.Trouble().Code)
		assert.Equal(t, "engine: no", b.Trouble().Detail)
		assert.Same(t, first, b.Result())
	})
}

func TestRemove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("a", "b")
		b.Do(b.Run)
		assert.False(t, b.Stale())
		b.Do(b.Swap)
		assert.True(t, b.Stale())
		assert.Equal(t, "Frontal view: b. Lateral view: a.", b.Announcement())
		b.Do(b.Swap)
		b.Do(func() { b.Remove(desk.Frontal) })
		assert.Equal(t, desk.Focus{ID: "files", When: desk.IfGone}, b.TakeFocus())
		assert.True(t, b.Stale())
		assert.Nil(t, b.View(desk.Frontal))
		assert.Equal(t, "b", b.View(desk.Lateral).Name, "a lateral view does not become a frontal one")
		require.Len(t, b.Engine.Closed, 1)
		b.Do(func() { b.Remove(desk.Frontal) })
		assert.Len(t, b.Engine.Closed, 1, "there is nothing more to remove")
		b.Do(func() { b.Add(desktest.File{Named: "c"}) })
		assert.Equal(t, "c", b.View(desk.Frontal).Name)
	})
}

// exampleBeforeModel asks for the example while the model, of two views, is on its way, until
// arrives is closed.
func exampleBeforeModel(t *testing.T) (b *desktest.Bench, arrives chan struct{}) {
	b, arrives = desktest.New(t), make(chan struct{})
	b.Engine.OnLoad = func(context.Context, desk.File, func(status.Progress)) (*desk.Model, error) {
		<-arrives
		return &desk.Model{Views: 2}, nil
	}
	b.Do(b.Start)
	b.Do(b.Example)
	return b, arrives
}

func TestExample(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("a")
		b.Do(func() { b.Example(); b.Example() }) // a double click
		assert.Nil(t, b.Trouble())
		assert.Equal(t, "Synthetic frontal", b.View(desk.Frontal).Name)
		assert.Equal(t, "Synthetic lateral", b.View(desk.Lateral).Name)
		assert.Len(t, b.Engine.Closed, 1)
		assert.Len(t, b.Engine.Reported, 1)
		assert.Contains(t, html(b), "synthetic picture, not a person")
	})
	t.Run("read once there is a model", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b, arrives := exampleBeforeModel(t)
			assert.Len(t, b.Views(), 2)
			assert.Empty(t, b.Engine.Reported)
			close(arrives)
			synctest.Wait()
			assert.Len(t, b.Engine.Reported, 1)
		})
	})
	t.Run("not read once there are other films", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			for _, others := range []func(b *desktest.Bench){
				func(b *desktest.Bench) { b.Remove(desk.Lateral) },
				func(b *desktest.Bench) { b.Add(desktest.File{Named: "b"}) },
			} {
				b, arrives := exampleBeforeModel(t)
				b.Do(func() { others(b) })
				close(arrives)
				synctest.Wait()
				assert.Empty(t, b.Engine.Reported)
			}
		})
	})
	t.Run("not read if no model comes", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := desktest.New(t)
			fails := make(chan error)
			b.Engine.OnLoad = func(context.Context, desk.File, func(status.Progress)) (*desk.Model, error) { return nil, <-fails }
			b.Do(b.Start)
			b.Do(b.Example)
			fails <- status.Errorf(status.Network, "no")
			synctest.Wait()
			b.Do(func() { b.Arrive("#learn/3") })
			why, _ := b.Learn().Needs()
			assert.Equal(t, "No model is loaded.", why)
			b.Engine.OnLoad = nil
			b.Do(b.Start)
			assert.Empty(t, b.Engine.Reported)
		})
	})
	t.Run("one view, if the model takes one", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := desktest.New(t)
			b.Engine.OnLoad = func(context.Context, desk.File, func(status.Progress)) (*desk.Model, error) {
				return &desk.Model{Views: 1}, nil
			}
			b.Do(b.Start)
			b.Do(b.Example)
			assert.Len(t, b.Views(), 1)
			assert.Len(t, b.Engine.Reported, 1)
		})
	})
	t.Run("not before the reader has said what is to become of their words", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := desktest.New(t)
			b.Ready("a")
			b.Do(b.Run)
			b.Do(func() { b.ToggleWrong(0) })
			b.Do(b.Example)
			assert.True(t, b.Discarding())
			assert.Equal(t, "a", b.View(desk.Frontal).Name)
			b.Do(b.Discard)
			assert.Equal(t, "Synthetic frontal", b.View(desk.Frontal).Name)
			assert.Len(t, b.Engine.Reported, 2)
		})
	})
	t.Run("a person's images stay until it is there", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := desktest.New(t)
			b.Ready("a")
			drawn := make(chan error)
			b.Engine.OnDraw = func(phantom.Chest, bool) error { return <-drawn }
			b.Do(b.Example)
			assert.Equal(t, "a", b.View(desk.Frontal).Name)
			assert.True(t, b.Opening())
			b.Do(func() { b.Add(desktest.File{Named: "b"}) })
			assert.NotNil(t, b.Choice(), "the example will need the slot")
			b.Do(func() { b.Choose(0); b.OpenChosen() })
			assert.NotNil(t, b.Choice(), "nor can it be chosen yet")
			drawn <- errors.New("app: no")
			synctest.Wait()
			assert.Equal(t, "a", b.View(desk.Frontal).Name)
			assert.Empty(t, b.Engine.Closed)
			assert.False(t, b.Opening())
			assert.Equal(t, status.Internal, b.Trouble().Code)
			b.Do(b.Example)
			drawn <- nil
			drawn <- errors.New("app: no")
			synctest.Wait()
			assert.Equal(t, "a", b.View(desk.Frontal).Name)
			require.Len(t, b.Engine.Closed, 1, "half an example is not kept")
			assert.Equal(t, "Synthetic frontal", b.Engine.Closed[0].Name)
			b.Engine.OnDraw = nil
			b.Do(b.Example)
			assert.Equal(t, "Synthetic frontal", b.View(desk.Frontal).Name)
			assert.Len(t, b.Engine.Closed, 2)
		})
	})
}

func TestCopyAndSave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		b.Ready("a.png", "b.png")
		b.Do(b.Run)
		b.Do(b.CopyReport)
		assert.Contains(t, b.Screen.Copied, b.Result().Report.Text)
		assert.Contains(t, b.Screen.Copied, "a.png")
		assert.Contains(t, b.Screen.Copied, "abc")
		assert.Contains(t, b.Screen.Copied, "uarweb 1.2.3 (fed), SHA-256 cba")
		assert.Contains(t, b.Screen.Copied, report.Disclaimer)
		assert.Equal(t, "The report is copied.", b.Notice())
		b.Do(func() { b.Select(0) })
		assert.Empty(t, b.Notice(), "until the next action")

		b.Do(b.CopyJSON)
		var back export.Document
		require.NoError(t, json.Unmarshal([]byte(b.Screen.Copied), &back))
		assert.Equal(t, b.Result().Report, back.Report)
		assert.True(t, b.Result().Written.Equal(back.Written))
		for _, f := range export.Formats() {
			b.Do(func() { b.Export(f) })
			assert.True(t, strings.HasPrefix(b.Screen.Saved, "report"+f.Extension+" "+f.MIME+" "), f.Name)
			assert.Contains(t, b.Screen.Saved, report.Disclaimer)
			if f.Name == "json" {
				assert.True(t, strings.HasSuffix(b.Screen.Saved, b.Screen.Copied))
			}
		}
		b.Do(b.Print)
		assert.Equal(t, 1, b.Screen.Printed)

		b.Screen.Err = errors.New("denied")
		b.Do(b.CopyReport)
		assert.Equal(t, status.Code("clipboard"), b.Trouble().Code)
	})
}

// The map of no word is the mean of all.
func TestGridsOfAllWords(t *testing.T) {
	view := &desk.View{}
	r := &desk.Result{Report: desktest.Sample(), Views: []*desk.View{view, view}}
	share := float32(1) / 6
	grids := r.Grids(desk.None, desk.Attention)
	require.Len(t, grids, 2)
	assert.InDeltaSlice(t, []float32{share, share, share, share}, grids[0].Values, 1e-6)
	assert.InDeltaSlice(t, []float32{share, share, 0, 0}, grids[1].Values, 1e-6)
	assert.InDeltaSlice(t, []float32{0, 0, share / 2, share / 2}, r.Grids(desk.None, desk.Mask)[0].Values, 1e-6)
	r.Report.Words = nil
	assert.Nil(t, r.Grids(desk.None, desk.Attention))
}

// Closing the list of formats gives the keyboard back to what opened it.
func TestCloseExports(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		assert.False(t, b.CloseExports())
		b.Do(func() { b.Toggle(desk.Exports) })
		assert.True(t, b.CloseExports())
		assert.False(t, b.IsOpen(desk.Exports))
		assert.Equal(t, desk.Focus{ID: "export", When: desk.Always}, b.TakeFocus())
	})
}

// The keyboard goes on where a hidden element was the last that had it.
func TestFocusFollowsTheWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		assert.Equal(t, desk.Focus{ID: "load", When: desk.IfGone}, b.TakeFocus())
		b.Engine.OnLoad = func(ctx context.Context, _ desk.File, _ func(status.Progress)) (*desk.Model, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		b.Do(b.Start)
		assert.Equal(t, "cancel", b.TakeFocus().ID)
		b.Do(b.Cancel)
		assert.Equal(t, "load", b.TakeFocus().ID)
		b.Engine.OnLoad = nil
		b.Ready()
		assert.Equal(t, "files", b.TakeFocus().ID)
		b.Do(func() { b.Add(desktest.File{Named: "a"}) })
		assert.Equal(t, "run", b.TakeFocus().ID)
	})
}

func TestAnnouncementsAreRare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := desktest.New(t)
		var said []string
		b.Engine.OnReport = func(_ context.Context, _ []*desk.View, progress func(status.Progress)) (*report.Report, error) {
			for i := range 50 {
				progress(status.Progress{Stage: status.StageGenerate, Done: int64(i + 1), Total: 60})
				if len(said) == 0 || said[len(said)-1] != b.Announcement() {
					said = append(said, b.Announcement())
				}
			}
			return desktest.Sample(), nil
		}
		b.Ready("a")
		b.Do(b.Run)
		assert.Equal(t, []string{"Writing word 1"}, said)
	})
}
