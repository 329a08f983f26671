package app

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"syscall/js"
	"time"

	"uarweb/engine/radiograph/phantom"
	"uarweb/engine/report"
	"uarweb/engine/score/sweep"
	"uarweb/engine/status"
	"uarweb/engine/trace"
	"uarweb/ui/desk"
	"uarweb/wasm/internal/browser"
	"uarweb/wasm/internal/protocol"
)

// engine is desk.Engine over the protocol.
type engine struct {
	script   string // URL of the worker's script
	manifest string // URL of the shipped model's manifest
	relaxed  string // "off" is without relaxed SIMD
	stopped  func(error)
	asked    func([]protocol.Request) // is told what the worker has asked for, on the event loop

	// How long a worker may take to heed a cancel, and a GPU be silent while a
	// report is written.
	cancelPatience, gpuPatience time.Duration

	mu        sync.Mutex
	processor desk.Processor
	losses    []loss   // how the engine has failed with this processor
	session   *session // of now, or nil
	views     map[*desk.View]*source
	numbers   int // the number of the last view
}

// gpu is the name of the backend that computes on one.
const gpu = "webgpu"

// loss is a failure of the engine.
type loss struct {
	backend string // gpu if that has failed
	why     string
}

// source is where a view came from, kept to open it again in a new worker.
type source struct {
	number  int
	request func() (protocol.Body, js.Value, error)
	session *session // whose worker has it open
}

// newEngine returns an engine that computes as the parameters of the page's
// address wish: backend=webgpu, simd or portable, threads=N, relaxed=off.
func newEngine(script, manifest string, wish map[string]string) *engine {
	threads, _ := strconv.Atoi(wish["threads"])
	return &engine{
		script:   script,
		manifest: manifest,
		relaxed:  wish["relaxed"],

		// The longest stretch without a look at the messages, or a word, is a
		// layer's. Software that acts as a GPU takes a second for one.
		cancelPatience: 5 * time.Second,
		gpuPatience:    time.Minute,

		processor: desk.Processor{Backend: wish["backend"], Threads: max(0, threads)},
		views:     map[*desk.View]*source{},
	}
}

func (e *engine) Watch(stopped func(error)) { e.stopped = stopped }

func (e *engine) Model() *desk.Model {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.session == nil {
		return nil
	}
	return e.session.model
}

func (e *engine) Load(ctx context.Context, f desk.File, progress func(status.Progress)) error {
	return e.try(func(s *session) error {
		var request protocol.Body = protocol.LoadShipped{Manifest: e.manifest}
		data := js.Undefined()
		if f != nil {
			var err error
			if data, err = f.(browser.File).Array(); err != nil {
				return err
			}
			request = protocol.LoadFile{Name: f.Name()}
		}
		loaded, err := expect[protocol.Loaded](e.do(ctx, s, request, data, shows{progress: progress}))
		if err != nil {
			return err
		}
		e.mu.Lock()
		defer e.mu.Unlock()
		model := desk.Model{
			Name: loaded.Name, Format: loaded.Format, SHA256: loaded.SHA256, Signer: loaded.Signer, Verified: loaded.Verified,
			Precision: loaded.Precision, Engine: loaded.Engine, Backend: loaded.Backend, Why: loaded.Why,
			Parameters: loaded.Parameters, Bytes: loaded.Bytes, Views: loaded.Views, ImageSize: loaded.ImageSize, Words: loaded.Words,
			Card: desk.ReadCard(loaded.Card), Seconds: loaded.Seconds,
		}
		if e.processor.Backend == model.Backend {
			model.Why += "; as chosen"
		}
		for _, l := range e.losses {
			model.Why += "; before: " + l.why
		}
		s.model = &model
		return nil
	})
}

func (e *engine) Open(ctx context.Context, image desk.Source) (*desk.View, error) {
	return e.openImage(ctx, image, false)
}

func (e *engine) Decode(ctx context.Context, image desk.Source) (*desk.View, error) {
	return e.openImage(ctx, image, true)
}

func (e *engine) openImage(ctx context.Context, image desk.Source, bare bool) (*desk.View, error) {
	var file browser.File
	entry := ""
	switch s := image.(type) {
	case browser.File:
		file = s
	case found:
		file, entry = s.file, s.entry
	}
	return e.open(ctx, &desk.View{Name: image.Name()}, bare, func(number int) (protocol.Body, js.Value, error) {
		return protocol.OpenImage{View: number, Name: image.Name(), Entry: entry, Bare: bare}, browser.FileArray(file), nil
	})
}

func (e *engine) Phantom(ctx context.Context, c phantom.Chest, lateral bool, size int) (*desk.View, error) {
	v := &desk.View{Name: "Synthetic frontal", Synthetic: true}
	if lateral {
		v.Name = "Synthetic lateral"
	}
	return e.open(ctx, v, false, func(number int) (protocol.Body, js.Value, error) {
		return protocol.OpenPhantom{View: number, Chest: c, Lateral: lateral, Size: size}, js.Undefined(), nil
	})
}

// open opens a view for the first time and fills in what it is, unless it is bare
// with its preview.
func (e *engine) open(ctx context.Context, v *desk.View, bare bool, request func(number int) (protocol.Body, js.Value, error)) (*desk.View, error) {
	e.mu.Lock()
	e.numbers++
	number := e.numbers
	e.mu.Unlock()
	src := &source{number: number, request: func() (protocol.Body, js.Value, error) { return request(number) }}
	err := e.try(func(s *session) error {
		opened, data, err := e.openIn(ctx, s, src)
		if err != nil {
			return err
		}
		if !bare {
			if v.Preview, err = newPreview(data, opened); err != nil {
				return err
			}
			v.Scale = opened.Scale
		}
		v.Format, v.Width, v.Height = opened.Format, opened.OriginalWidth, opened.OriginalHeight
		v.Notes, v.RowsTo, v.Outlines = opened.Notes, opened.RowsTo, opened.Outlines
		if !v.Synthetic {
			v.Shows, v.Known = shown(opened)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.views[v] = src
	return v, nil
}

// openIn opens a view in a session.
func (e *engine) openIn(ctx context.Context, s *session, src *source) (protocol.Opened, js.Value, error) {
	request, data, err := src.request()
	if err != nil {
		return protocol.Opened{}, js.Undefined(), err
	}
	a, err := e.do(ctx, s, request, data, shows{})
	opened, err := expect[protocol.Opened](a, err)
	if err == nil {
		e.mu.Lock()
		src.session = s
		e.mu.Unlock()
	}
	return opened, a.data, err
}

func (e *engine) Close(v *desk.View) {
	e.mu.Lock()
	src, s := e.views[v], e.session
	delete(e.views, v)
	open := src != nil && s != nil && src.session == s
	e.mu.Unlock()
	if open {
		_, _ = e.do(context.Background(), s, protocol.CloseView{View: src.number}, js.Undefined(), shows{})
	}
}

// errSilent is why a request is given up whose worker says nothing.
var errSilent = errors.New("app: the GPU did not answer")

func (e *engine) Report(ctx context.Context, views []*desk.View, progress func(status.Progress)) (*report.Report, error) {
	written, err := expect[protocol.Written](e.ask(ctx, views, shows{progress: progress}, func(numbers []int) protocol.Body {
		return protocol.WriteReport{Views: numbers}
	}))
	return written.Report, err
}

func (e *engine) Rewrite(ctx context.Context, views []*desk.View, w desk.Writing, progress func(status.Progress)) (*report.Report, error) {
	written, err := expect[protocol.Written](e.ask(ctx, views, shows{progress: progress}, func(numbers []int) protocol.Body {
		return protocol.RewriteReport{Views: numbers, Beam: w.Beam, WithoutTIR: w.WithoutTIR, Prefix: w.Prefix, Cover: w.Cover}
	}))
	return written.Report, err
}

func (e *engine) Sample(ctx context.Context, views []*desk.View, reports int, seed uint64, drawn func(desk.Drawn)) error {
	show := shows{drawn: func(d protocol.Drawn) { drawn(desk.Drawn(d)) }}
	_, err := expect[protocol.Done](e.ask(ctx, views, show, func(numbers []int) protocol.Body {
		return protocol.SampleReports{Views: numbers, Reports: reports, Seed: seed}
	}))
	return err
}

// ask asks the model in use for something about views, by their numbers. If its worker
// is ended meanwhile for the sake of another request, it is lost.
func (e *engine) ask(ctx context.Context, views []*desk.View, show shows, request func(numbers []int) protocol.Body) (answer, error) {
	s, numbers, err := e.opened(ctx, views)
	var a answer
	if err == nil {
		a, err = e.run(ctx, s, request(numbers), show)
	}
	if errors.Is(err, errEnded) {
		err = &status.Error{Code: status.BackendLost, Err: err}
	}
	return a, err
}

func (e *engine) Show(ctx context.Context, views []*desk.View, p trace.Part, progress func(status.Progress)) (trace.Shown, error) {
	shown, err := expect[protocol.Shown](e.ask(ctx, views, shows{progress: progress}, func(numbers []int) protocol.Body {
		return protocol.ShowTrace{Views: numbers, Part: p}
	}))
	return shown.Shown, err
}

func (e *engine) Measure(ctx context.Context, s sweep.Sweep, value float64) (sweep.Point, error) {
	measured, err := expect[protocol.Measured](e.ask(ctx, nil, shows{}, func([]int) protocol.Body {
		return protocol.MeasurePoint{Sweep: s, Value: value}
	}))
	return measured.Point, err
}

// opened returns the session of the model in use, with views open in it, and their
// numbers.
func (e *engine) opened(ctx context.Context, views []*desk.View) (*session, []int, error) {
	e.mu.Lock()
	s := e.session
	none := s == nil || s.model == nil
	e.mu.Unlock()
	if none {
		return nil, nil, status.Errorf(status.NoModel, "app: no model is loaded")
	}
	var numbers []int
	for _, v := range views {
		e.mu.Lock()
		src := e.views[v]
		open := src != nil && src.session == s
		e.mu.Unlock()
		if src == nil {
			return nil, nil, errors.New("app: a view that was closed")
		}
		if !open {
			if _, _, err := e.openIn(ctx, s, src); err != nil {
				return nil, nil, err
			}
		}
		numbers = append(numbers, src.number)
	}
	return s, numbers, nil
}

// run has the model in use do what is asked. A GPU that is silent meanwhile is given
// up.
func (e *engine) run(ctx context.Context, s *session, request protocol.Body, show shows) (answer, error) {
	e.mu.Lock()
	watched := s.model.Backend == gpu
	e.mu.Unlock()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if watched {
		watchdog := time.AfterFunc(e.gpuPatience, func() { cancel(errSilent) })
		defer watchdog.Stop()
		progress := show.progress
		show.progress = func(p status.Progress) {
			watchdog.Reset(e.gpuPatience)
			if progress != nil {
				progress(p)
			}
		}
	}
	a, err := e.do(ctx, s, request, js.Undefined(), show)
	_, failed := a.body.(protocol.Failed)
	if (err != nil || failed) && errors.Is(context.Cause(ctx), errSilent) {
		e.giveUp(s) // a worker that heeds the cancel, too
		return answer{}, &status.Error{Code: status.BackendLost, Err: errSilent}
	}
	return a, err
}

func (e *engine) Processor() desk.Processor {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.processor
}

func (e *engine) SetProcessor(p desk.Processor) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.processor, e.losses = p, nil
	e.end(e.session, errEnded)
}

func (e *engine) Threads() int { return browser.Threads() }

// address is the worker's, with what it is to compute with. After each failure
// that is something simpler: a GPU gets a second chance with plain shaders, and
// then there is SIMD; without a GPU, one thread, then no SIMD.
func (e *engine) address() string {
	p := e.processor
	gpus := 0
	for _, l := range e.losses {
		if l.backend == gpu {
			gpus++
		}
	}
	if gpus > 1 {
		p.Backend = "simd"
	}
	switch len(e.losses) - gpus {
	case 0:
	case 1:
		p.Threads = 1
	default:
		p.Backend = "portable"
	}
	wish := map[string]string{}
	if p.Backend != "" {
		wish["backend"] = p.Backend
	}
	if p.Threads != 0 {
		wish["threads"] = strconv.Itoa(p.Threads)
	}
	if e.relaxed != "" {
		wish["relaxed"] = e.relaxed
	}
	if gpus > 0 {
		wish["shaders"] = "plain"
	}
	if len(wish) == 0 {
		return e.script
	}
	return e.script + "?" + browser.Query(wish)
}

func (e *engine) Restart() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.losses = append(e.losses, loss{why: "the engine had stopped"})
	e.end(e.session, errEnded)
}
