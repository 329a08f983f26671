package app

import (
	"context"
	"errors"
	"syscall/js"
	"time"

	"uarweb/engine/status"
	"uarweb/ui/desk"
	"uarweb/wasm/internal/browser"
	"uarweb/wasm/internal/protocol"
)

// session is the life of one worker. The model in use is the worker's and goes
// with it.
type session struct {
	worker *protocol.Worker
	ready  chan struct{} // closed when the worker says Ready
	ended  chan struct{} // closed when nothing more will come
	why    error         // of the end

	// Under the engine's lock:
	next  int // id of the next request
	calls map[int]*call
	model *desk.Model // in use, or nil
}

// call is a request that waits for its answer. Of the progress that comes
// while its last is being shown, the newest is kept, and of the reports drawn all.
type call struct {
	answers  chan answer   // of one
	moved    chan struct{} // of one: there is more to show
	progress status.Progress
	drawn    []protocol.Drawn
}

// shows is what a request shows before its answer. Both may be nil.
type shows struct {
	progress func(status.Progress)
	drawn    func(protocol.Drawn)
}

type answer struct {
	body protocol.Body
	data js.Value // the bytes beside it, or undefined
}

// errEnded is why a session ended that the page has ended itself.
var errEnded = errors.New("app: the engine was ended")

// current returns the session of now, which it starts if there is none.
func (e *engine) current() *session {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.session == nil {
		s := &session{ready: make(chan struct{}), ended: make(chan struct{}), calls: map[int]*call{}}
		s.worker = protocol.NewWorker(e.address(), func(m protocol.Message, data js.Value, err error) { e.receive(s, m, data, err) })
		e.session = s
	}
	return e.session
}

// try does something in the session of now, and again in the next each time that
// the page has ended one meanwhile, for another's sake.
func (e *engine) try(do func(s *session) error) error {
	for {
		if err := do(e.current()); !errors.Is(err, errEnded) {
			return err
		}
	}
}

// do sends a request and waits for its answer. When ctx is cancelled it asks the
// worker to stop and waits on for its word; a worker that does not give it, or is not
// up yet, is ended.
func (e *engine) do(ctx context.Context, s *session, request protocol.Body, data js.Value, show shows) (answer, error) {
	if err := ctx.Err(); err != nil {
		return answer{}, err
	}
	select {
	case <-s.ready:
	case <-s.ended:
		return answer{}, s.why
	case <-ctx.Done():
		e.giveUp(s) // it may never begin
		return answer{}, ctx.Err()
	}
	id, c := e.call(s)
	defer e.forget(s, id)
	if err := s.worker.Send(protocol.Message{ID: id, Body: request}, data); err != nil {
		return answer{}, err
	}
	cancelled := ctx.Done()
	var late <-chan time.Time
	for {
		select {
		case a := <-c.answers:
			e.show(c, show)
			browser.Yield() // so that no task has to both read an answer and show it
			return a, nil
		case <-s.ended:
			select {
			case a := <-c.answers: // its last word
				e.show(c, show)
				return a, nil
			default:
				return answer{}, s.why
			}
		case <-c.moved:
			e.show(c, show)
		case <-cancelled:
			cancelled = nil
			if err := s.worker.Send(protocol.Message{ID: id, Body: protocol.Cancel{}}, js.Undefined()); err != nil {
				return answer{}, err
			}
			late = time.After(e.cancelPatience)
		case <-late:
			e.giveUp(s)
			return answer{}, ctx.Err()
		}
	}
}

// show shows what of a call is new.
func (e *engine) show(c *call, show shows) {
	e.mu.Lock()
	p, drawn := c.progress, c.drawn
	c.progress, c.drawn = status.Progress{}, nil
	e.mu.Unlock()
	if show.progress != nil && p != (status.Progress{}) {
		show.progress(p)
	}
	if show.drawn != nil {
		for _, d := range drawn {
			show.drawn(d)
		}
	}
}

// call enters a request of a session.
func (e *engine) call(s *session) (int, *call) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s.next++
	c := &call{answers: make(chan answer, 1), moved: make(chan struct{}, 1)}
	s.calls[s.next] = c
	return s.next, c
}

// move says that there is more to show.
func (c *call) move() {
	select {
	case c.moved <- struct{}{}:
	default:
	}
}

func (e *engine) forget(s *session, id int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(s.calls, id)
}

// receive is called on the event loop. What means nothing here is passed over.
func (e *engine) receive(s *session, m protocol.Message, data js.Value, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if s != e.session {
		return // it has ended
	}
	if err != nil {
		e.fault(s, err.Error())
		return
	}
	c := s.calls[m.ID]
	switch b := m.Body.(type) {
	case protocol.Ready:
		select {
		case <-s.ready:
		default:
			close(s.ready)
		}
		return
	case protocol.Asked:
		if e.asked != nil {
			e.asked(b.Requests)
		}
		return
	case protocol.Progress:
		if c != nil {
			c.progress = b.Progress
			c.move()
		}
		return
	case protocol.Drawn:
		if c != nil {
			c.drawn = append(c.drawn, b)
			c.move()
		}
		return
	case protocol.Failed:
		if m.ID == 0 || b.Code == status.Crashed {
			e.fault(s, b.Message) // nothing in the worker is to be trusted any more
			return
		}
		if b.Code == status.BackendLost {
			e.losses = append(e.losses, loss{b.Backend, b.Message})
			defer e.end(s, errEnded)
		}
	}
	if c != nil {
		delete(s.calls, m.ID) // another answer would be one too many
		c.answers <- answer{m.Body, data}
	}
}

// fault ends a session whose worker has failed, and tells the page, whoever waits
// for an answer or not.
func (e *engine) fault(s *session, message string) {
	err := &status.Error{Code: status.Crashed, Err: errors.New(message)}
	e.end(s, err)
	if e.stopped != nil {
		go e.stopped(err)
	}
}

// giveUp ends a session whose worker does not answer. A GPU that has it wait is
// remembered; a processor may only be slow, and its threads are watched by the
// kernels.
func (e *engine) giveUp(s *session) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if s == e.session && s.model != nil && s.model.Backend == gpu {
		e.losses = append(e.losses, loss{gpu, "the GPU did not answer"})
	}
	e.end(s, errEnded)
}

// end ends a session if it is that of now. What waits for it is told why, and the
// next request starts another.
func (e *engine) end(s *session, why error) {
	if s == nil || s != e.session {
		return
	}
	e.session = nil
	s.why = why
	close(s.ended)
	s.worker.Terminate()
}

// expect returns an answer's body if it is of the kind asked for.
func expect[B protocol.Body](a answer, err error) (B, error) {
	var none B
	if err != nil {
		return none, err
	}
	switch b := a.body.(type) {
	case B:
		return b, nil
	case protocol.Failed:
		return none, &status.Error{Code: b.Code, Err: errors.New(b.Message), Reason: b.Reason}
	}
	return none, errors.New("app: an answer to another question")
}
