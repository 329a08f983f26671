package ui

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/vugu/vugu"
	"github.com/vugu/vugu/staticrender"

	"uarweb/engine/radiograph"
	"uarweb/engine/report"
	"uarweb/engine/status"
)

// fakeEngine does what its functions say; a nil one succeeds at once.
type fakeEngine struct {
	load   func(ctx context.Context, f File, progress func(status.Progress)) (*Model, error)
	list   func(files []File) (*Listing, error)
	open   func(f Source) (*View, error)
	draw   func() error // an example
	report func(ctx context.Context, views []*View, progress func(status.Progress)) (*report.Report, error)

	mu        sync.Mutex
	stopped   func(error)
	model     *Model
	listed    int
	opened    []string
	closed    []*View
	reported  [][]*View
	restarted int
	processor Processor
}

func (e *fakeEngine) Watch(stopped func(error)) { e.stopped = stopped }

func (e *fakeEngine) Model() *Model {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.model
}

func (e *fakeEngine) setModel(m *Model) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.model = m
}

// end has the engine's model go where an error says that the engine has ended.
func (e *fakeEngine) end(err error) {
	switch status.CodeOf(err) {
	case status.Crashed, status.BackendLost:
		e.setModel(nil)
	}
}

func (e *fakeEngine) Load(ctx context.Context, f File, progress func(status.Progress)) error {
	load := e.load
	if load == nil {
		load = shipped
	}
	m, err := load(ctx, f, progress)
	if err == nil {
		e.setModel(m)
	}
	e.end(err)
	return err
}

func shipped(_ context.Context, f File, _ func(status.Progress)) (*Model, error) {
	m := &Model{Format: "uar/1", SHA256: strings.Repeat("0123456789abcdef", 4), Precision: "int8", Engine: report.Engine{Version: "1.2.3", Commit: "abcdef"}, Backend: "portable", Why: "the reference", Views: 2, Card: `{"data":"IU X-Ray","limits":"Looks <little> at the image."}`}
	if f != nil {
		m.Name = f.Name()
	}
	return m, nil
}

func (e *fakeEngine) List(_ context.Context, files []File) (*Listing, error) {
	e.mu.Lock()
	e.listed++
	e.mu.Unlock()
	if e.list != nil {
		return e.list(files)
	}
	l := &Listing{}
	for _, f := range files {
		l.Images = append(l.Images, Found{Source: f, Format: "PNG"})
	}
	return l, nil
}

func (e *fakeEngine) Open(_ context.Context, f Source) (*View, error) {
	e.mu.Lock()
	e.opened = append(e.opened, f.Name())
	e.mu.Unlock()
	if file := f.(fakeFile); file.err != nil {
		return nil, file.err
	}
	if e.open != nil {
		return e.open(f)
	}
	return &View{Name: f.Name(), Format: "PNG", Width: 200, Height: 100}, nil
}

func (e *fakeEngine) Phantom(_ context.Context, lateral bool) (*View, error) {
	if e.draw != nil {
		if err := e.draw(); err != nil {
			return nil, err
		}
	}
	name := "Synthetic frontal"
	if lateral {
		name = "Synthetic lateral"
	}
	return &View{Name: name, Width: 8, Height: 8, Synthetic: true}, nil
}

func (e *fakeEngine) Close(v *View) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.closed = append(e.closed, v)
}

func (e *fakeEngine) Report(ctx context.Context, views []*View, progress func(status.Progress)) (*report.Report, error) {
	e.mu.Lock()
	e.reported = append(e.reported, views)
	e.mu.Unlock()
	if e.report != nil {
		r, err := e.report(ctx, views, progress)
		e.end(err)
		return r, err
	}
	return sample(), nil
}

func (e *fakeEngine) Restart() { e.restarted++ }

func (e *fakeEngine) Processor() Processor { return e.processor }
func (e *fakeEngine) SetProcessor(p Processor) {
	e.processor = p
	e.setModel(nil)
}

func (e *fakeEngine) Threads() int { return 4 }

type fakeFile struct {
	name string
	path string // if it is not the name
	head string
	size int64
	err  error // of opening it
	gone error // of reading it
}

func (f fakeFile) Name() string { return f.name }

func (f fakeFile) Path() string {
	if f.path != "" {
		return f.path
	}
	return f.name
}

func (f fakeFile) Size() int64 { return f.size }

func (f fakeFile) Head(n int) ([]byte, error) { return []byte(f.head[:min(n, len(f.head))]), f.gone }

type fakeScreen struct {
	copied, saved string
	err           error
}

func (s *fakeScreen) Copy(text string) error {
	s.copied = text
	return s.err
}

func (s *fakeScreen) Save(name, mime string, data []byte) {
	s.saved = name + " " + mime + " " + string(data)
}

// sample is a report of two sentences by a model of two views of 2×2 tokens.
// Word i attends to token i of the N = 8, wholly.
func sample() *report.Report {
	words := []string{"heart", "normal", ".", "xxxx", "clear", "."}
	r := &report.Report{
		ImageTokens: [][]int{{1, 2, 3, 4}, {5, 6, 7, 8}},
		Model:       report.Model{SHA256: "abc", Format: "uar/1"},
		Engine:      report.Engine{Version: "1.2.3", Commit: "fed", SHA256: "cba"},
		Backend:     "portable",
		Precision:   "int8",
		Text:        report.Text(words),
		Seconds:     report.Seconds{Tokenize: 1.5},
	}
	for i, w := range words {
		attention, mask := make([]float32, 8), make([]float32, 8)
		attention[i] = 1
		mask[7-i] = 0.5
		r.Words = append(r.Words, report.Word{
			Token: 10 + i, Text: w, LogProb: math.Log(0.9 / float64(i+1)),
			Alternatives: []report.Alternative{{Token: 10 + i, Text: w, LogProb: math.Log(0.9 / float64(i+1))}, {Token: 1, Text: "<eos>", LogProb: -5}},
			Attention:    attention, Mask: mask,
		})
	}
	return r
}

// bench is a desk with all that it stands on, as a test moves it.
type bench struct {
	*Desk
	t      *testing.T
	engine *fakeEngine
	screen *fakeScreen
	env    vugu.EventEnv
	build  *vugu.BuildEnv
}

func newBench(t *testing.T) *bench {
	b := &bench{t: t, engine: &fakeEngine{}, screen: &fakeScreen{}, env: &staticrender.RWMutexEventEnv{}}
	b.Desk = NewDesk(b.env, b.engine, b.screen)
	build, err := vugu.NewBuildEnv(b.env)
	require.NoError(t, err)
	b.build = build
	return b
}

// do makes a change as an event handler does, and waits for what follows.
func (b *bench) do(change func()) {
	b.env.Lock()
	change()
	b.env.UnlockRender()
	synctest.Wait()
}

// ready brings the bench to a loaded model and these images.
func (b *bench) ready(images ...string) {
	b.do(b.Start)
	for _, name := range images {
		b.do(func() { b.Add(fakeFile{name: name}) })
	}
}

// html renders the page.
func (b *bench) html() string {
	b.t.Helper()
	var page bytes.Buffer
	require.NoError(b.t, staticrender.New(&page).Render(b.build.RunBuild(&Page{Desk: b.Desk})))
	return page.String()
}

const weightsStart = "\x10\x00\x00\x00\x00\x00\x00\x00{\"a\":1}"

func TestAdd(t *testing.T) {
	t.Run("files keep their order", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			b.do(func() { b.Add(fakeFile{name: "a.png"}, fakeFile{name: "b.dcm"}) })
			assert.Equal(t, "a.png", b.slots[Frontal].Name)
			assert.Equal(t, "b.dcm", b.slots[Lateral].Name)
			assert.Nil(t, b.trouble)
		})
	})
	t.Run("an image on its way has its slot", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			arrives := make(chan struct{})
			b.engine.open = func(f Source) (*View, error) {
				<-arrives
				return &View{Name: f.Name()}, nil
			}
			b.do(func() { b.Add(fakeFile{name: "a"}) })
			b.do(func() { b.Add(fakeFile{name: "b"}, fakeFile{name: "c"}) })
			assert.Len(t, b.choice.Images, 2, "there is one place for them")
			b.do(func() { b.Add(fakeFile{name: "d"}) })
			assert.Nil(t, b.choice)
			close(arrives)
			synctest.Wait()
			assert.Len(t, b.views(), 2)
			assert.False(t, b.reading())
		})
	})
	t.Run("files beyond the limits are not read", func(t *testing.T) {
		assert.EqualValues(t, radiograph.MaxFileSize, maxImage)
		for _, c := range []struct {
			file fakeFile
			code status.Code
		}{
			{fakeFile{name: "a.dcm", size: maxImage}, ""},
			{fakeFile{name: "a.dcm", size: maxImage + 1}, status.LargeImage},
			{fakeFile{name: "m", head: weightsStart, size: maxWeights}, ""},
			{fakeFile{name: "m", head: weightsStart, size: maxWeights + 1}, codeLargeWeights},
		} {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.do(func() { b.Add(c.file) })
				if c.code == "" {
					assert.Nil(t, b.trouble)
					return
				}
				assert.Equal(t, c.code, b.trouble.Code)
				assert.Empty(t, b.engine.opened)
				assert.Nil(t, b.model())
			})
		}
	})
	t.Run("a bad image leaves the others", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			bad := fakeFile{name: "x.png", err: status.Errorf(status.DamagedImage, "radiograph: x.png: cut off")}
			b.do(func() { b.Add(bad, fakeFile{name: "b"}) })
			assert.Equal(t, "b", b.slots[Frontal].Name)
			assert.Equal(t, status.DamagedImage, b.trouble.Code)
			assert.Contains(t, b.trouble.Sentence, "“x.png” is damaged")
			assert.Equal(t, "radiograph: x.png: cut off", b.trouble.Detail)
		})
	})
	t.Run("weights are known by content", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			b.do(func() { b.Add(fakeFile{name: "image.png", head: weightsStart}) })
			assert.Equal(t, "image.png", b.model().Name)
			assert.Empty(t, b.engine.opened)
		})
	})
	t.Run("what cannot be read", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			b.do(func() { b.Add(fakeFile{name: "study", gone: errors.New("NotFoundError")}) })
			assert.Equal(t, status.UnreadableFile, b.trouble.Code)
			assert.Equal(t, "none", b.ModelState(), "no fault of the model")
		})
	})
	t.Run("weights by name that are none", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			b.engine.load = func(context.Context, File, func(status.Progress)) (*Model, error) {
				return nil, status.Errorf(status.BadWeights, "weights: safetensors: truncated")
			}
			b.do(func() { b.Add(fakeFile{name: "m.safetensors"}) })
			assert.Equal(t, status.BadWeights, b.trouble.Code)
			assert.Empty(t, b.engine.opened, "it is not taken for an image")
		})
	})
}

func TestLoad(t *testing.T) {
	t.Run("a model that fails leaves the one before", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			b.ready()
			before := b.model()
			b.engine.load = func(context.Context, File, func(status.Progress)) (*Model, error) {
				return nil, status.Errorf(status.BadWeights, "weights: truncated")
			}
			b.do(func() { b.Add(fakeFile{name: "m.safetensors", head: weightsStart}) })
			assert.Same(t, before, b.model())
			assert.Equal(t, "ready", b.ModelState())
			assert.Contains(t, b.Alert(), "“m.safetensors” is not a model")
		})
	})
	t.Run("cancelled", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			b.engine.load = func(ctx context.Context, _ File, progress func(status.Progress)) (*Model, error) {
				progress(status.Progress{Stage: status.StageFetch, Done: 3e6, Total: 12e6})
				<-ctx.Done()
				return nil, ctx.Err()
			}
			b.do(b.Start)
			assert.Equal(t, "loading", b.ModelState())
			assert.Equal(t, "Fetching the model: 3.0 MB of 12.0 MB", b.loading.Doing())
			assert.Equal(t, 25, b.loading.Percent())
			b.do(b.Cancel)
			assert.Equal(t, "none", b.ModelState())
			assert.Nil(t, b.trouble)
			assert.Equal(t, "Loading was cancelled.", b.notice)
		})
	})
	t.Run("not while a report is written", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			b.engine.report = untilCancelled
			b.ready("a")
			b.do(b.Run)
			b.do(func() { b.Add(fakeFile{name: "m", head: weightsStart}) })
			assert.Equal(t, codeBusy, b.trouble.Code)
			assert.Equal(t, "running", b.RunState())
			b.do(b.Cancel)
		})
	})
	t.Run("a crash takes the model, and Help brings it back", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			b.ready("a")
			b.do(func() { b.Add(fakeFile{name: "m.safetensors", head: weightsStart}) })
			b.engine.report = func(context.Context, []*View, func(status.Progress)) (*report.Report, error) {
				return nil, status.Errorf(status.Crashed, "worker: fault")
			}
			b.do(b.Run)
			assert.Equal(t, "failed", b.ModelState())
			assert.NotNil(t, b.slots[Frontal], "the image stays")
			b.do(b.Help)
			assert.Equal(t, 1, b.engine.restarted)
			assert.Equal(t, "ready", b.ModelState())
			assert.Equal(t, "m.safetensors", b.model().Name, "the same weights")
			assert.Nil(t, b.trouble)
		})
	})
	t.Run("a crash ends all that waits, and nothing is busy afterwards", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			b.ready("a")
			crash := make(chan struct{})
			fault := status.Errorf(status.Crashed, "worker: fault")
			b.engine.open = func(Source) (*View, error) { <-crash; return nil, fault }
			b.engine.report = func(context.Context, []*View, func(status.Progress)) (*report.Report, error) {
				<-crash
				return nil, fault
			}
			b.do(b.Run)
			b.do(func() { b.Add(fakeFile{name: "b"}) })
			assert.Equal(t, "running", b.RunState())
			close(crash)
			synctest.Wait()
			assert.Equal(t, "idle", b.RunState())
			assert.Equal(t, "failed", b.ModelState())
			assert.Equal(t, "error-restart", b.TakeFocus().ID)
			assert.False(t, b.reading())
			b.engine.report = nil
			b.do(b.Help)
			assert.Nil(t, b.trouble)
			b.do(b.Run)
			assert.Equal(t, "done", b.RunState())
		})
	})
}

// Whoever waits for it: a fault of the engine takes the model and is said.
func TestFaultWhileNothingIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.ready("a")
		b.do(b.Run)
		b.engine.setModel(nil)
		go b.engine.stopped(status.Errorf(status.Crashed, "worker: fault"))
		synctest.Wait()
		assert.Equal(t, "failed", b.ModelState())
		assert.Equal(t, status.Crashed, b.trouble.Code)
		ok, why := b.CanRun()
		assert.False(t, ok, why)
		assert.NotNil(t, b.result, "the report stays")
		b.do(b.Help)
		assert.Equal(t, "ready", b.ModelState())
	})
}

// A cancel that the engine does not heed ends it. The study and the last report
// stay, and the model is loaded again.
func TestCancelNotHeeded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.ready("a")
		b.do(func() { b.Add(fakeFile{name: "m.safetensors", head: weightsStart}) })
		b.do(b.Run)
		first := b.result
		ended := func(ctx context.Context) error {
			<-ctx.Done()
			b.engine.setModel(nil)
			return ctx.Err()
		}
		b.engine.report = func(ctx context.Context, _ []*View, _ func(status.Progress)) (*report.Report, error) {
			return nil, ended(ctx)
		}
		b.do(b.Run)
		b.do(b.Cancel)
		assert.Equal(t, "ready", b.ModelState())
		assert.Equal(t, "m.safetensors", b.model().Name, "the same weights")
		assert.Same(t, first, b.result)
		assert.NotNil(t, b.slots[Frontal])
		assert.Nil(t, b.trouble)

		b.engine.load = func(ctx context.Context, f File, progress func(status.Progress)) (*Model, error) {
			b.engine.load = nil
			return nil, ended(ctx)
		}
		b.do(func() { b.Add(fakeFile{name: "n.safetensors", head: weightsStart}) })
		b.do(b.Cancel)
		assert.Equal(t, "m.safetensors", b.model().Name, "of another load")
		assert.Nil(t, b.trouble)
	})
	t.Run("with a fault", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			b.ready("a")
			b.engine.report = func(ctx context.Context, _ []*View, _ func(status.Progress)) (*report.Report, error) {
				<-ctx.Done()
				return nil, status.Errorf(status.Crashed, "worker: fault")
			}
			b.do(b.Run)
			b.do(b.Cancel)
			assert.Equal(t, "failed", b.ModelState())
			assert.Equal(t, status.Crashed, b.trouble.Code)
		})
	})
}

// A model of one view is not asked about two.
func TestOneView(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.engine.load = func(context.Context, File, func(status.Progress)) (*Model, error) { return &Model{Views: 1}, nil }
		b.ready("a", "b")
		ok, why := b.CanRun()
		assert.False(t, ok)
		assert.Equal(t, "This model writes about one image. Remove the other to begin.", why)
		b.do(b.Run)
		assert.Empty(t, b.engine.reported)
		b.do(func() { b.Remove(Lateral) })
		ok, why = b.CanRun()
		assert.True(t, ok, why)
	})
}

func untilCancelled(ctx context.Context, _ []*View, _ func(status.Progress)) (*report.Report, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		ok, why := b.CanRun()
		assert.False(t, ok)
		assert.Equal(t, "Add a chest X-ray to begin.", why)
		b.do(func() { b.Add(fakeFile{name: "a"}) })
		_, why = b.CanRun()
		assert.Equal(t, "No model is loaded.", why)
		b.ready("b")
		ok, why = b.CanRun()
		assert.True(t, ok, why)

		b.do(b.Swap)
		b.do(b.Run)
		assert.Equal(t, "done", b.RunState())
		require.Len(t, b.engine.reported, 1)
		assert.Equal(t, "b", b.engine.reported[0][0].Name, "the frontal view is first")
		assert.Equal(t, Focus{"word-0", IfNowhere}, b.TakeFocus())
		assert.Equal(t, Focus{"run", IfGone}, b.TakeFocus(), "once")
		assert.Contains(t, b.Announcement(), "Heart normal.")

		first := b.result
		b.engine.report = untilCancelled
		b.do(b.Run)
		assert.Equal(t, "running", b.RunState())
		assert.Equal(t, Focus{"cancel", IfGone}, b.TakeFocus())
		b.do(b.Cancel)
		assert.Equal(t, "done", b.RunState())
		assert.Same(t, first, b.result, "the report before stays")
		assert.Nil(t, b.trouble)

		b.engine.report = func(context.Context, []*View, func(status.Progress)) (*report.Report, error) {
			return nil, errors.New("engine: no")
		}
		b.do(b.Run)
		assert.Equal(t, status.Internal, b.trouble.Code)
		assert.Equal(t, "engine: no", b.trouble.Detail)
		assert.Same(t, first, b.result)
	})
}

func TestRemove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.ready("a", "b")
		b.do(b.Run)
		assert.False(t, b.stale())
		b.do(b.Swap)
		assert.True(t, b.stale())
		assert.Equal(t, "Frontal view: b. Lateral view: a.", b.Announcement())
		b.do(b.Swap)
		b.do(func() { b.Remove(Frontal) })
		assert.Equal(t, Focus{"files", IfGone}, b.TakeFocus())
		assert.True(t, b.stale())
		assert.Nil(t, b.slots[Frontal])
		assert.Equal(t, "b", b.slots[Lateral].Name, "a lateral view does not become a frontal one")
		require.Len(t, b.engine.closed, 1)
		b.do(func() { b.Remove(Frontal) })
		assert.Len(t, b.engine.closed, 1, "there is nothing more to remove")
		b.do(func() { b.Add(fakeFile{name: "c"}) })
		assert.Equal(t, "c", b.slots[Frontal].Name)
	})
}

func TestExample(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.ready("a")
		b.do(func() { b.Example(); b.Example() }) // a double click
		assert.Nil(t, b.trouble)
		assert.Equal(t, "Synthetic frontal", b.slots[Frontal].Name)
		assert.Equal(t, "Synthetic lateral", b.slots[Lateral].Name)
		assert.Len(t, b.engine.closed, 1)
		b.do(b.Run)
		assert.Contains(t, b.html(), "synthetic picture, not a person")
	})
	t.Run("a person's images stay until it is there", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			b.ready("a")
			drawn := make(chan error)
			b.engine.draw = func() error { return <-drawn }
			b.do(b.Example)
			assert.Equal(t, "a", b.slots[Frontal].Name)
			assert.True(t, b.reading())
			b.do(func() { b.Add(fakeFile{name: "b"}) })
			assert.NotNil(t, b.choice, "the example will need the slot")
			b.do(func() { b.Choose(0); b.OpenChosen() })
			assert.NotNil(t, b.choice, "nor can it be chosen yet")
			drawn <- errors.New("app: no")
			synctest.Wait()
			assert.Equal(t, "a", b.slots[Frontal].Name)
			assert.Empty(t, b.engine.closed)
			assert.False(t, b.reading())
			assert.Equal(t, status.Internal, b.trouble.Code)
			b.do(b.Example)
			drawn <- nil
			drawn <- errors.New("app: no")
			synctest.Wait()
			assert.Equal(t, "a", b.slots[Frontal].Name)
			require.Len(t, b.engine.closed, 1, "half an example is not kept")
			assert.Equal(t, "Synthetic frontal", b.engine.closed[0].Name)
			b.engine.draw = nil
			b.do(b.Example)
			assert.Equal(t, "Synthetic frontal", b.slots[Frontal].Name)
			assert.Len(t, b.engine.closed, 2)
		})
	})
}

func TestCopyAndSave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.ready("a.png", "b.png")
		b.do(b.Run)
		b.do(b.CopyReport)
		assert.Contains(t, b.screen.copied, b.result.Report.Text)
		assert.Contains(t, b.screen.copied, "a.png and b.png")
		assert.Contains(t, b.screen.copied, "abc")
		assert.Contains(t, b.screen.copied, "uarweb 1.2.3 (fed), SHA-256 cba")
		assert.Contains(t, b.screen.copied, report.Disclaimer)
		assert.Equal(t, "The report is copied.", b.notice)
		b.do(func() { b.Select(0) })
		assert.Empty(t, b.notice, "until the next action")

		b.do(b.CopyJSON)
		var back report.Report
		require.NoError(t, json.Unmarshal([]byte(b.screen.copied), &back))
		assert.Equal(t, *b.result.Report, back)
		b.do(b.SaveJSON)
		assert.Equal(t, "report.json application/json "+b.screen.copied, b.screen.saved)

		b.screen.err = errors.New("denied")
		b.do(b.CopyReport)
		assert.Equal(t, codeClipboard, b.trouble.Code)
	})
}

// The keyboard goes on where a hidden element was the last that had it.
func TestFocusFollowsTheWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		assert.Equal(t, Focus{"load", IfGone}, b.TakeFocus())
		b.engine.load = func(ctx context.Context, _ File, _ func(status.Progress)) (*Model, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		b.do(b.Start)
		assert.Equal(t, "cancel", b.TakeFocus().ID)
		b.do(b.Cancel)
		assert.Equal(t, "load", b.TakeFocus().ID)
		b.engine.load = nil
		b.ready()
		assert.Equal(t, "files", b.TakeFocus().ID)
		b.do(func() { b.Add(fakeFile{name: "a"}) })
		assert.Equal(t, "run", b.TakeFocus().ID)
	})
}

func TestAnnouncementsAreRare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		var said []string
		b.engine.report = func(_ context.Context, _ []*View, progress func(status.Progress)) (*report.Report, error) {
			for i := range 50 {
				progress(status.Progress{Stage: status.StageGenerate, Done: int64(i + 1), Total: 60})
				if len(said) == 0 || said[len(said)-1] != b.Announcement() {
					said = append(said, b.Announcement())
				}
			}
			return sample(), nil
		}
		b.ready("a")
		b.do(b.Run)
		assert.Equal(t, []string{"Writing word 1"}, said)
	})
}
