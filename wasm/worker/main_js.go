// Package worker is the engine's part of the program, in a Web Worker: it answers the
// messages of package protocol.
package worker

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"sync"
	"syscall/js"
	"time"

	"uarweb/engine"
	"uarweb/engine/device/backends"
	"uarweb/engine/device/webgpu"
	"uarweb/engine/radiograph"
	"uarweb/engine/report"
	"uarweb/engine/score/sweep/run"
	"uarweb/engine/status"
	"uarweb/engine/trace"
	"uarweb/wasm/internal/browser"
	"uarweb/wasm/internal/protocol"
	"uarweb/weights"
	"uarweb/weights/version"
)

// Run runs the engine. Its settings, in JSON, come from wasm/page/worker.js.
func Run(settings string) {
	// A program's memory in the browser never shrinks, and nearly all of it is
	// weights, which take the collector no time: letting garbage grow to their size
	// would cost more than collecting it.
	debug.SetGCPercent(20)
	var o options
	if err := json.Unmarshal([]byte(settings), &o); err != nil {
		panic("worker: the settings are no JSON")
	}
	s := &service{
		program: report.Engine{Version: version.Version, Commit: version.Commit, SHA256: o.SHA256},
		choice:  backends.Choice{Wish: o.Backend, Plain: o.Plain, Limits: o.Limits},
		cancels: map[int]context.CancelFunc{},
		views:   map[int]*radiograph.Radiograph{},
		turn:    make(turn, 1),
	}
	s.page = protocol.Page(s.receive)
	s.send(0, protocol.Ready{})
	select {}
}

// options are the settings: package flag makes a program 20 kB larger.
type options struct {
	Backend string `json:"backend"` // name of the one to compute with, if it matters
	Plain   bool   `json:"plain"`   // a GPU's shaders use nothing that not every GPU has
	Limits  string `json:"limits"`  // what the SIMD kernels do without, and why
	SHA256  string `json:"sha256"`  // of this program, in hexadecimal digits; empty if not known
}

// service answers requests, each in a goroutine of its own: while a report is
// written, an image can be opened whenever the engine lets the browser take a
// turn.
type service struct {
	page    *protocol.Peer
	program report.Engine // this one
	choice  backends.Choice

	mu      sync.Mutex // over the next three
	cancels map[int]context.CancelFunc
	views   map[int]*radiograph.Radiograph
	size    int // of the pictures that the model takes, or 0

	turn    turn // over the model and what it saw: their methods may not overlap
	model   *engine.Model
	runner  *run.Runner     // of the model
	session *engine.Session // of the last report's views, or nil
	trace   *engine.Trace   // likewise; there is one of the two at most
	seen    []int           // those views
}

// turn is a lock of one holder, for which one waits no longer than one's request does.
type turn chan struct{}

func (t turn) take(ctx context.Context) error {
	select {
	case t <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (t turn) give() { <-t }

// receive is called on the event loop, also while the engine yields.
func (s *service) receive(m protocol.Message, data js.Value, err error) {
	if err != nil {
		s.send(0, protocol.NewFailed(err))
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := m.Body.(protocol.Cancel); ok {
		if cancel := s.cancels[m.ID]; cancel != nil {
			cancel()
		}
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.cancels[m.ID] = cancel
	go s.serve(ctx, m, data)
}

func (s *service) serve(ctx context.Context, m protocol.Message, data js.Value) {
	answer, bytes, err := s.answer(ctx, m, data)
	s.mu.Lock()
	s.cancels[m.ID]()
	delete(s.cancels, m.ID)
	s.mu.Unlock()
	if err == nil {
		// Whatever cannot be sent must not leave the request without an answer.
		err = s.page.Send(protocol.Message{ID: m.ID, Body: answer}, bytes)
	}
	if err != nil {
		s.send(m.ID, failed(err))
	}
}

// answer does what a request asks. A fault in it is an error: the worker goes
// on.
func (s *service) answer(ctx context.Context, m protocol.Message, data js.Value) (_ protocol.Body, _ js.Value, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = status.Errorf(status.Crashed, "worker: fault: %v\n%s", fault, debug.Stack())
		}
	}()
	none := js.Undefined()
	switch b := m.Body.(type) {
	case protocol.LoadShipped:
		answer, err := s.loadShipped(ctx, m.ID, b.Manifest)
		return answer, none, err
	case protocol.LoadFile:
		answer, err := s.loadFile(ctx, m.ID, b.Name, data)
		return answer, none, err
	case protocol.ListImages:
		answer, err := s.list(ctx, b, data)
		return answer, none, err
	case protocol.OpenImage:
		return s.openImage(ctx, b, data)
	case protocol.OpenPhantom:
		return s.openPhantom(b)
	case protocol.CloseView:
		return protocol.Done{}, none, s.closeView(ctx, b.View)
	case protocol.WriteReport:
		answer, err := s.write(ctx, m.ID, b)
		return answer, none, err
	case protocol.RewriteReport:
		answer, err := s.rewrite(ctx, m.ID, b)
		return answer, none, err
	case protocol.ShowTrace:
		answer, err := s.show(ctx, m.ID, b)
		return answer, none, err
	case protocol.MeasurePoint:
		answer, err := s.measure(ctx, m.ID, b)
		return answer, none, err
	case protocol.SampleReports:
		answer, err := s.sample(ctx, m.ID, b)
		return answer, none, err
	}
	return nil, none, fmt.Errorf("worker: %T is no request", m.Body)
}

// loadShipped loads the model of a manifest; the shards lie beside it.
func (s *service) loadShipped(ctx context.Context, id int, manifest string) (protocol.Body, error) {
	start := time.Now()
	body, err := browser.Open(ctx, manifest)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(body, weights.MaxManifest+1))
	body.Close()
	if err != nil {
		return nil, err
	}
	due := throttle()
	open := func(ctx context.Context, name string) (io.ReadCloser, error) {
		return browser.Open(ctx, browser.Beside(manifest, name))
	}
	checkpoint, err := weights.LoadManifest(ctx, text, open, func(done, total int64) {
		if due(done, total) {
			s.send(id, protocol.Progress{Progress: status.Progress{Stage: status.StageFetch, Done: done, Total: total}})
		}
	})
	if err != nil {
		return nil, status.Mark(status.BadWeights, err)
	}
	return s.use(ctx, id, "", checkpoint, start)
}

func (s *service) loadFile(ctx context.Context, id int, name string, data js.Value) (protocol.Body, error) {
	start := time.Now()
	checkpoint, err := weights.Decode(browser.Bytes(data))
	if err != nil {
		return nil, status.Errorf(status.BadWeights, "%s: %w", name, err)
	}
	return s.use(ctx, id, name, checkpoint, start)
}

// use makes the checkpoint the model in use. The model before it stays in use
// if that fails.
func (s *service) use(ctx context.Context, id int, name string, c *weights.Checkpoint, start time.Time) (protocol.Body, error) {
	if err := s.turn.take(ctx); err != nil {
		return nil, err
	}
	defer s.turn.give()
	backend, why, err := s.choice.Open(ctx)
	if err != nil {
		return nil, err
	}
	model, err := engine.Load(ctx, c, backend, engine.LoadOptions{
		Progress: s.stages(id), Drain: true,
		Limits: engine.Limits{Report: protocol.MaxReport, Card: protocol.MaxCard},
		SHA256: s.program.SHA256,
	})
	if err != nil {
		return nil, err
	}
	s.forget()
	if s.model != nil {
		s.model.Close()
	}
	s.model, s.runner = model, run.New(model, engine.Options{})
	config := model.Config()
	s.mu.Lock()
	s.size = config.Image.Size
	s.mu.Unlock()
	return protocol.Loaded{
		Name:       name,
		Format:     config.Format,
		SHA256:     c.SHA256,
		Signer:     c.Signature.Signer(),
		Verified:   c.Verified,
		Precision:  model.Precision(),
		Engine:     s.program,
		Backend:    model.Backend(),
		Why:        why,
		Parameters: c.Parameters(),
		Bytes:      c.Size(),
		Views:      config.Image.Views,
		ImageSize:  config.Image.Size,
		Words:      len(config.Vocab),
		Card:       c.Metadata["uar.card"],
		Seconds:    time.Since(start).Seconds(),
	}, nil
}

// keep keeps a view and says what it is.
func (s *service) keep(view int, r *radiograph.Radiograph) protocol.Opened {
	s.mu.Lock()
	s.views[view] = r
	side := s.size
	s.mu.Unlock()
	if side > 0 {
		r.Square(side) // now, when nobody waits for a report
	}
	size := r.Pixels.Rect.Size()
	shows, byPicture := shown(r)
	return protocol.Opened{
		View:           view,
		Format:         r.Format,
		Notes:          r.Notes,
		Shows:          shows,
		ByPicture:      byPicture,
		RowsTo:         r.Facts.RowsTo,
		OriginalWidth:  size.X,
		OriginalHeight: size.Y,
		Seconds:        r.DecodeTime.Seconds(),
	}
}

// open keeps a view and describes it, with its preview.
func (s *service) open(view int, r *radiograph.Radiograph, g *radiograph.Greys) (protocol.Opened, js.Value) {
	opened := s.keep(view, r)
	opened.Width, opened.Height, opened.Scale = g.Width, g.Height, &g.Scale
	bytes := make([]byte, 0, 2*len(g.Samples))
	for _, level := range g.Samples {
		bytes = binary.LittleEndian.AppendUint16(bytes, level)
	}
	return opened, browser.Uint8Array(bytes)
}

// shown is the view that a radiograph shows, by its file or else by the picture,
// empty if neither tells.
func shown(r *radiograph.Radiograph) (view string, byPicture bool) {
	if r.Facts.View != "" {
		return string(r.Facts.View), false
	}
	const sure = 0.8
	if likely, p := radiograph.LikelyView(r.Pixels); p >= sure {
		return string(likely), true
	}
	return "", false
}

// openPhantom draws a view, and the lines around what it shows.
func (s *service) openPhantom(p protocol.OpenPhantom) (protocol.Body, js.Value, error) {
	pixels := p.Chest.Draw(p.Lateral, p.Size)
	opened, preview := s.open(p.View, &radiograph.Radiograph{Pixels: pixels}, radiograph.NewGreys(pixels, protocol.PreviewSize))
	opened.Outlines = p.Chest.Outlines(p.Lateral)
	return opened, preview, nil
}

func (s *service) closeView(ctx context.Context, view int) error {
	s.mu.Lock()
	delete(s.views, view)
	s.mu.Unlock()
	if err := s.turn.take(ctx); err != nil {
		return err
	}
	defer s.turn.give()
	if slices.Contains(s.seen, view) {
		s.forget()
	}
	return nil
}

// write looks at views and writes their report, so that the seconds in it are its
// own.
func (s *service) write(ctx context.Context, id int, w protocol.WriteReport) (protocol.Body, error) {
	if err := s.turn.take(ctx); err != nil {
		return nil, err
	}
	defer s.turn.give()
	if err := s.look(ctx, id, w.Views); err != nil {
		return nil, s.doubt(err)
	}
	return s.written(ctx, s.session, engine.Options{Progress: s.stages(id)})
}

// rewrite writes the report of views otherwise.
func (s *service) rewrite(ctx context.Context, id int, r protocol.RewriteReport) (protocol.Body, error) {
	if err := s.turn.take(ctx); err != nil {
		return nil, err
	}
	defer s.turn.give()
	if err := s.lookOnce(ctx, id, r.Views); err != nil {
		return nil, s.doubt(err)
	}
	session := s.session
	if len(r.Cover) > 0 {
		covered, err := session.Cover(ctx, r.Cover, s.stages(id))
		if err != nil {
			return nil, s.doubt(err)
		}
		defer covered.Close()
		session = covered
	}
	return s.written(ctx, session, engine.Options{Beam: r.Beam, WithoutTIR: r.WithoutTIR, Prefix: r.Prefix, Progress: s.stages(id)})
}

func (s *service) written(ctx context.Context, session *engine.Session, o engine.Options) (protocol.Body, error) {
	written, err := session.Write(ctx, o)
	if err != nil {
		return nil, s.doubt(err)
	}
	return protocol.Written{Report: written}, nil
}

// sample draws reports of views, and sends each.
func (s *service) sample(ctx context.Context, id int, r protocol.SampleReports) (protocol.Body, error) {
	if err := s.turn.take(ctx); err != nil {
		return nil, err
	}
	defer s.turn.give()
	if err := s.lookOnce(ctx, id, r.Views); err != nil {
		return nil, s.doubt(err)
	}
	var unsent error
	_, err := s.session.Sample(ctx, engine.SampleOptions{
		Reports: r.Reports, Temperature: r.Temperature, TopP: r.TopP, Seed: r.Seed,
		Progress: s.stages(id),
		Drawn: func(i int, drawn report.Sample) {
			body := protocol.Drawn{Index: i, Report: drawn, Cleaned: s.model.Vocabulary().Decode(drawn.Tokens)}
			unsent = errors.Join(unsent, s.page.Send(protocol.Message{ID: id, Body: body}, js.Undefined()))
		},
	})
	if err = errors.Join(err, unsent); err != nil {
		return nil, s.doubt(err)
	}
	return protocol.Done{}, nil
}

// lookOnce is look, unless the session is that of these views already.
func (s *service) lookOnce(ctx context.Context, id int, views []int) error {
	if s.session != nil && slices.Equal(s.seen, views) {
		return nil
	}
	return s.look(ctx, id, views)
}

// show shows a part of the trace of views, which is made once.
func (s *service) show(ctx context.Context, id int, r protocol.ShowTrace) (protocol.Body, error) {
	if err := s.turn.take(ctx); err != nil {
		return nil, err
	}
	defer s.turn.give()
	study, err := s.study(r.Views)
	if err != nil {
		return nil, err
	}
	if s.trace == nil || !slices.Equal(s.seen, r.Views) {
		s.forget()
		made, err := s.model.Trace(ctx, study, nil, engine.Options{Progress: s.stages(id)})
		if err != nil {
			return nil, s.doubt(err)
		}
		s.trace, s.seen = made, r.Views
	}
	if r.Part.Kind == trace.OfSearch {
		found, err := s.model.Search(ctx, s.trace, engine.Options{Beam: r.Part.Width, Progress: s.stages(id)})
		if err != nil {
			return nil, s.doubt(err)
		}
		return protocol.Shown{Shown: trace.Shown{Search: found}}, nil
	}
	shown, err := s.model.Show(ctx, study, s.trace, r.Part)
	return protocol.Shown{Shown: shown}, err
}

// measure has the model read phantoms. The session is closed first: there is memory
// for one.
func (s *service) measure(ctx context.Context, id int, m protocol.MeasurePoint) (protocol.Body, error) {
	if err := s.turn.take(ctx); err != nil {
		return nil, err
	}
	defer s.turn.give()
	if s.model == nil {
		return nil, status.Errorf(status.NoModel, "worker: no model is loaded")
	}
	s.forget()
	p, err := s.runner.Point(ctx, m.Sweep, m.Value, s.stages(id))
	if err != nil {
		return nil, s.doubt(err)
	}
	return protocol.Measured{Point: p}, nil
}

// look makes the session that of open views. The one before it is closed first:
// there is memory for one.
func (s *service) look(ctx context.Context, id int, views []int) error {
	study, err := s.study(views)
	if err != nil {
		return err
	}
	s.forget()
	session, err := s.model.Open(ctx, study, s.stages(id))
	if err != nil {
		return err
	}
	s.session, s.seen = session, views
	return nil
}

// study is that of open views, for the model that is loaded.
func (s *service) study(views []int) (study engine.Study, err error) {
	for _, view := range views {
		s.mu.Lock()
		r := s.views[view]
		s.mu.Unlock()
		if r == nil {
			return study, fmt.Errorf("worker: view %d is not open", view)
		}
		study.Views = append(study.Views, r)
	}
	if s.model == nil {
		return study, status.Errorf(status.NoModel, "worker: no model is loaded")
	}
	return study, nil
}

// forget closes the session, if there is one, and drops what else is known of its
// views.
func (s *service) forget() {
	if s.session != nil {
		s.session.Close()
	}
	s.session, s.trace, s.seen = nil, nil, nil
}

// doubt is an error of the model, for which a GPU may be to blame: if it is the
// weights, the next backend will tell.
func (s *service) doubt(err error) error {
	if errors.Is(err, engine.ErrNotFinite) && s.model.Backend() == "webgpu" {
		return fmt.Errorf("%w: %w", webgpu.ErrFailed, err)
	}
	return err
}

// pace is the least time between two messages of a request's progress: the page
// takes longer to read and show one than a small tensor takes to load.
const pace = 40 * time.Millisecond

// throttle returns a function that says whether progress is to be sent: that of
// a stage's end is, other only once in pace.
func throttle() func(done, total int64) bool {
	var last time.Time
	return func(done, total int64) bool {
		now := time.Now()
		if done < total && now.Sub(last) < pace {
			return false
		}
		last = now
		return true
	}
}

// stages returns a Progress of the engine for a request. The engine works on
// the only thread there is, so a cancel can arrive only if it yields.
func (s *service) stages(id int) func(status.Progress) {
	due := throttle()
	return func(p status.Progress) {
		if due(p.Done, p.Total) {
			s.send(id, protocol.Progress{Progress: p})
			browser.Yield()
		}
	}
}

// send sends a body of text and whole numbers, which always is JSON.
func (s *service) send(id int, b protocol.Body) {
	if err := s.page.Send(protocol.Message{ID: id, Body: b}, js.Undefined()); err != nil {
		panic("worker: a message is no JSON")
	}
}
