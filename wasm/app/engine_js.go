package main

import (
	"context"
	"errors"
	"image"
	"net/url"
	"strconv"
	"sync"
	"syscall/js"

	"uarweb/engine/report"
	"uarweb/engine/status"
	"uarweb/ui"
	"uarweb/wasm/internal/browser"
	"uarweb/wasm/internal/protocol"
)

// engine is ui.Engine over the protocol: it starts the worker when it is first
// needed, and a new one after Restart.
type engine struct {
	script   string // URL of the worker's script
	manifest string // URL of the shipped model's manifest
	relaxed  string // "off" is without relaxed SIMD

	mu        sync.Mutex
	processor ui.Processor
	losses    []loss // how the engine has failed with this processor
	worker    *protocol.Worker
	ready     chan struct{} // closed when the worker says Ready
	next      int           // id of the next request
	calls     map[int]*call
	views     map[*ui.View]*source
	numbers   int // the number of the last view
}

// loss is a failure of the engine.
type loss struct {
	backend string // "webgpu" if that has failed
	why     string
}

// source is where a view came from, kept to open it again in a new worker.
type source struct {
	number  int
	request func() (protocol.Body, js.Value, error)
	worker  *protocol.Worker // that has it open
}

// newEngine returns an engine that computes as the parameters of the page's
// address wish: backend=webgpu, simd or portable, threads=N, relaxed=off.
func newEngine(script, manifest string, wish url.Values) *engine {
	threads, _ := strconv.Atoi(wish.Get("threads"))
	return &engine{
		script:    script,
		manifest:  manifest,
		relaxed:   wish.Get("relaxed"),
		processor: ui.Processor{Backend: wish.Get("backend"), Threads: max(0, threads)},
		calls:     map[int]*call{},
		views:     map[*ui.View]*source{},
	}
}

func (e *engine) Load(ctx context.Context, f ui.File, progress func(status.Progress)) (*ui.Model, error) {
	var request protocol.Body = protocol.LoadShipped{Manifest: e.manifest}
	data := js.Undefined()
	if f != nil {
		var err error
		if data, err = array(f.(browser.File)); err != nil {
			return nil, err
		}
		request = protocol.LoadFile{Name: f.Name()}
	}
	a := e.do(ctx, request, data, progress)
	loaded, err := expect[protocol.Loaded](a)
	if err != nil {
		return nil, err
	}
	model := ui.Model(loaded)
	e.mu.Lock()
	if e.processor.Backend == model.Backend {
		model.Why += "; as chosen"
	}
	for _, l := range e.losses {
		model.Why += "; before: " + l.why
	}
	e.mu.Unlock()
	return &model, nil
}

func (e *engine) Open(ctx context.Context, f ui.File) (*ui.View, error) {
	file := f.(browser.File)
	return e.open(ctx, &ui.View{Name: file.Name()}, func(number int) (protocol.Body, js.Value, error) {
		data, err := array(file)
		return protocol.OpenImage{View: number, Name: file.Name()}, data, err
	})
}

// array reads a file, which may have been moved meanwhile.
func array(f browser.File) (js.Value, error) {
	data, err := f.Array()
	if err != nil {
		return js.Undefined(), &status.Error{Code: status.UnreadableFile, Err: err}
	}
	return data, nil
}

func (e *engine) Phantom(ctx context.Context, lateral bool) (*ui.View, error) {
	v := &ui.View{Name: "Synthetic frontal", Synthetic: true}
	if lateral {
		v.Name = "Synthetic lateral"
	}
	return e.open(ctx, v, func(number int) (protocol.Body, js.Value, error) {
		return protocol.OpenPhantom{View: number, Lateral: lateral}, js.Undefined(), nil
	})
}

// open opens a view for the first time and fills in what it is.
func (e *engine) open(ctx context.Context, v *ui.View, request func(number int) (protocol.Body, js.Value, error)) (*ui.View, error) {
	e.mu.Lock()
	e.numbers++
	number := e.numbers
	e.mu.Unlock()
	s := &source{number: number, request: func() (protocol.Body, js.Value, error) { return request(number) }}
	opened, data, err := e.reopen(ctx, s)
	if err != nil {
		return nil, err
	}
	if data.IsUndefined() || data.Get("byteLength").Int() != opened.Width*opened.Height {
		return nil, errors.New("app: a preview of the wrong length")
	}
	v.Format, v.Width, v.Height = opened.Format, opened.OriginalWidth, opened.OriginalHeight
	v.Preview = &image.Gray{Pix: browser.Bytes(data), Stride: opened.Width, Rect: image.Rect(0, 0, opened.Width, opened.Height)}
	e.mu.Lock()
	e.views[v] = s
	e.mu.Unlock()
	return v, nil
}

// reopen opens a view in the worker of the moment.
func (e *engine) reopen(ctx context.Context, s *source) (protocol.Opened, js.Value, error) {
	request, data, err := s.request()
	if err != nil {
		return protocol.Opened{}, js.Value{}, err
	}
	a := e.do(ctx, request, data, nil)
	opened, err := expect[protocol.Opened](a)
	if err == nil {
		e.mu.Lock()
		s.worker = e.worker
		e.mu.Unlock()
	}
	return opened, a.data, err
}

func (e *engine) Close(v *ui.View) {
	e.mu.Lock()
	s := e.views[v]
	delete(e.views, v)
	open := s != nil && s.worker == e.worker
	e.mu.Unlock()
	if open {
		e.do(context.Background(), protocol.CloseView{View: s.number}, js.Undefined(), nil)
	}
}

func (e *engine) Report(ctx context.Context, views []*ui.View, progress func(status.Progress)) (*report.Report, error) {
	request := protocol.WriteReport{}
	for _, v := range views {
		e.mu.Lock()
		s := e.views[v]
		open := s != nil && s.worker == e.worker
		e.mu.Unlock()
		if s == nil {
			return nil, errors.New("app: a view that was closed")
		}
		if !open {
			if _, _, err := e.reopen(ctx, s); err != nil {
				return nil, err
			}
		}
		request.Views = append(request.Views, s.number)
	}
	written, err := expect[protocol.Written](e.do(ctx, request, js.Undefined(), progress))
	return written.Report, err
}

func (e *engine) Processor() ui.Processor {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.processor
}

func (e *engine) SetProcessor(p ui.Processor) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.processor, e.losses = p, nil
	e.abandon("app: the engine computes with something else now")
}

func (e *engine) Threads() int { return browser.Threads() }

// address is the worker's, with what it is to compute with. After each failure
// that is something simpler: a GPU gets a second chance with plain shaders, and
// then there is SIMD; without a GPU, one thread, then no SIMD.
func (e *engine) address() string {
	p := e.processor
	gpu := 0
	for _, l := range e.losses {
		if l.backend == "webgpu" {
			gpu++
		}
	}
	if gpu > 1 {
		p.Backend = "simd"
	}
	switch len(e.losses) - gpu {
	case 0:
	case 1:
		p.Threads = 1
	default:
		p.Backend = "portable"
	}
	wish := url.Values{}
	if p.Backend != "" {
		wish.Set("backend", p.Backend)
	}
	if p.Threads != 0 {
		wish.Set("threads", strconv.Itoa(p.Threads))
	}
	if e.relaxed != "" {
		wish.Set("relaxed", e.relaxed)
	}
	if gpu > 0 {
		wish.Set("shaders", "plain")
	}
	if len(wish) == 0 {
		return e.script
	}
	return e.script + "?" + wish.Encode()
}

func (e *engine) Restart() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.losses = append(e.losses, loss{why: "the engine had stopped"})
	e.abandon("app: the engine was restarted")
}
