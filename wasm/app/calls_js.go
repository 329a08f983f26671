package main

import (
	"context"
	"errors"
	"syscall/js"

	"uarweb/engine/status"
	"uarweb/wasm/internal/protocol"
)

// call is a request that waits for its answer. Of the progress that comes
// while its last is being shown, the newest is kept.
type call struct {
	answers  chan answer   // of one
	moved    chan struct{} // of one: there is new progress
	progress status.Progress
}

type answer struct {
	body protocol.Body
	data js.Value
	err  error
}

// do sends a request and waits for its answer. When ctx is cancelled it asks
// the worker, if that is up, to stop and goes on waiting: the worker's word is
// the last.
func (e *engine) do(ctx context.Context, request protocol.Body, data js.Value, progress func(status.Progress)) answer {
	if ctx.Err() != nil {
		return answer{err: ctx.Err()}
	}
	c := &call{answers: make(chan answer, 1), moved: make(chan struct{}, 1)}
	e.mu.Lock()
	e.next++
	id := e.next
	e.calls[id] = c
	worker, ready := e.start()
	e.mu.Unlock()
	select {
	case <-ready:
	case a := <-c.answers: // the worker never came up
		return a
	case <-ctx.Done():
		e.mu.Lock()
		delete(e.calls, id)
		e.mu.Unlock()
		return answer{err: ctx.Err()}
	}
	if err := worker.Send(protocol.Message{ID: id, Body: request}, data); err != nil {
		return answer{err: err}
	}
	cancelled := ctx.Done()
	for {
		select {
		case a := <-c.answers:
			return a
		case <-c.moved:
			e.mu.Lock()
			p := c.progress
			e.mu.Unlock()
			if progress != nil {
				progress(p)
			}
		case <-cancelled:
			cancelled = nil
			if err := worker.Send(protocol.Message{ID: id, Body: protocol.Cancel{}}, js.Undefined()); err != nil {
				return answer{err: err}
			}
		}
	}
}

// start returns the worker, which it starts if there is none.
func (e *engine) start() (*protocol.Worker, chan struct{}) {
	if e.worker == nil {
		ready := make(chan struct{})
		var worker *protocol.Worker
		worker = protocol.NewWorker(e.address(), func(m protocol.Message, data js.Value, err error) {
			e.receive(worker, ready, m, data, err)
		})
		e.worker, e.ready = worker, ready
	}
	return e.worker, e.ready
}

// receive is called on the event loop.
func (e *engine) receive(from *protocol.Worker, ready chan struct{}, m protocol.Message, data js.Value, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if from != e.worker {
		return // one that was replaced
	}
	c := e.calls[m.ID]
	switch b := m.Body.(type) {
	case protocol.Ready:
		close(ready)
		return
	case protocol.Progress:
		if c != nil {
			c.progress = b.Progress
			select {
			case c.moved <- struct{}{}:
			default:
			}
		}
		return
	case protocol.Failed:
		if m.ID == 0 || b.Code == status.Crashed {
			e.abandon(b.Message) // after a fault nothing in the worker is to be trusted
			return
		}
		if b.Code == status.BackendLost && c != nil {
			c.answers <- answer{body: b}
			delete(e.calls, m.ID)
			e.losses = append(e.losses, loss{b.Backend, b.Message})
			e.abandon(b.Message)
			return
		}
	}
	switch {
	case err != nil:
		e.abandon(err.Error())
	case c != nil:
		c.answers <- answer{body: m.Body, data: data}
		delete(e.calls, m.ID)
	}
}

// abandon ends the worker and answers every call that waits for it: it has
// crashed. The next call starts a new one.
func (e *engine) abandon(message string) {
	if e.worker != nil {
		e.worker.Terminate()
		e.worker = nil
	}
	for id, c := range e.calls {
		c.answers <- answer{body: protocol.Failed{Code: status.Crashed, Message: message}}
		delete(e.calls, id)
	}
}

// expect returns an answer's body if it is of the kind asked for.
func expect[B protocol.Body](a answer) (B, error) {
	var none B
	if a.err != nil {
		return none, a.err
	}
	switch b := a.body.(type) {
	case B:
		return b, nil
	case protocol.Failed:
		return none, &status.Error{Code: b.Code, Err: errors.New(b.Message)}
	}
	return none, errors.New("app: an answer to another question")
}
