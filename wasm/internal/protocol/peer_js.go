package protocol

import (
	"errors"
	"fmt"
	"syscall/js"

	"github.com/gowebapi/webapi/html/channel"
	"github.com/gowebapi/webapi/html/worker"
	"github.com/gowebapi/webapi/javascript"

	"uarweb/engine/status"
)

// Peer is the other side of the protocol: the worker to the page, and the page
// to the worker.
type Peer struct {
	post func(message any, transfer []*javascript.Object)
}

// Handler is called on the event loop with each message and what travels beside
// it: a Uint8Array, an Array of Files, or undefined. It must not wait. A message that cannot be read
// comes as an error.
type Handler func(m Message, data js.Value, err error)

// Page is a worker's peer.
func Page(handle Handler) *Peer {
	scope := worker.DedicatedWorkerGlobalScopeFromJS(js.Global())
	scope.SetOnMessage(func(e *channel.MessageEvent, _ *worker.DedicatedWorkerGlobalScope) { receive(e, handle) })
	return &Peer{scope.PostMessage}
}

// errUnreadable is of a message whose bytes cannot be made values here.
var errUnreadable = errors.New("protocol: a message that cannot be read")

// Worker is a peer that can be ended.
type Worker struct {
	Peer
	worker    *worker.Worker
	callbacks []js.Func
}

// NewWorker starts the worker of a script, or takes the one that the page has started
// already (wasm/page/boot.js). A fault of the script arrives as a Failed of id 0 with
// code status.Crashed, as the worker itself reports it.
func NewWorker(script string, handle Handler) *Worker {
	on := map[string]func(event js.Value){
		"message":      func(e js.Value) { receive(channel.MessageEventFromJS(e), handle) },
		"messageerror": func(js.Value) { handle(Message{}, js.Undefined(), errUnreadable) },
		"error": func(e js.Value) {
			what := "the script could not be loaded"
			if message := e.Get("message"); message.Truthy() {
				what = message.String()
			}
			handle(Message{Body: Failed{Code: status.Crashed, Message: what}}, js.Undefined(), nil)
		},
	}
	started, waiting := start(script)
	w := &Worker{Peer{started.PostMessage}, started, nil}
	for kind, do := range on {
		f := js.FuncOf(func(_ js.Value, args []js.Value) any {
			do(args[0])
			return nil
		})
		started.JSValue().Set("on"+kind, f)
		w.callbacks = append(w.callbacks, f)
	}
	if !waiting.IsUndefined() {
		go func() { // once the caller has its worker
			for i := range waiting.Length() {
				on[waiting.Index(i).Get("type").String()](waiting.Index(i))
			}
		}()
	}
	return w
}

// start starts the worker of a script, and gives it the page's program (boot.js), which
// is its own. Of one that the page has started, it returns the events that wait as well.
func start(script string) (w *worker.Worker, waiting js.Value) {
	early := js.Global().Get("Engine")
	js.Global().Delete("Engine")
	switch {
	case early.IsUndefined():
	case early.Get("address").String() == script:
		return worker.WorkerFromJS(early.Get("worker")), early.Get("events")
	default: // the page wants another
		early.Get("worker").Call("terminate")
	}
	w = worker.NewWorker(script, &worker.WorkerOptions{Name: "engine"})
	if program := js.Global().Get("Program"); program.Truthy() {
		w.JSValue().Call("postMessage", program)
	}
	return w, js.Undefined()
}

// Terminate ends the worker at once, whatever it is doing.
func (w *Worker) Terminate() {
	w.worker.Terminate()
	for _, event := range []string{"onmessage", "onmessageerror", "onerror"} {
		w.worker.JSValue().Set(event, nil) // what has been posted may still arrive
	}
	for _, f := range w.callbacks {
		f.Release()
	}
}

// Send posts a message and data: an Array of Files, a Uint8Array of its own buffer,
// which is transferred and here empty afterwards, or undefined. What cannot be
// posted is an error.
func (p *Peer) Send(m Message, data js.Value) (err error) {
	text, err := Encode(m)
	if err != nil {
		return err
	}
	defer func() {
		switch thrown := recover().(type) {
		case nil:
		case js.Error: // DataCloneError: the data are detached, or cannot travel
			err = fmt.Errorf("protocol: %s: %w", m.Body.kind(), thrown)
		default:
			panic(thrown)
		}
	}()
	message := map[string]any{"text": string(text)}
	var transfer []*javascript.Object
	if !data.IsUndefined() {
		message["data"] = data
		if buffer := data.Get("buffer"); !buffer.IsUndefined() {
			transfer = []*javascript.Object{javascript.ObjectFromJS(buffer)}
		}
	}
	p.post(message, transfer)
	return nil
}

func receive(e *channel.MessageEvent, handle Handler) {
	m, data, err := open(e.Data())
	handle(m, data, err)
}

func open(v js.Value) (Message, js.Value, error) {
	none := js.Undefined()
	if v.Type() != js.TypeObject || v.Get("text").Type() != js.TypeString {
		return Message{}, none, errors.New("protocol: a message without text")
	}
	m, err := Decode([]byte(v.Get("text").String()))
	if err != nil {
		return Message{}, none, fmt.Errorf("protocol: %w", err)
	}
	data := v.Get("data")
	if global := js.Global(); !data.IsUndefined() && !data.InstanceOf(global.Get("Uint8Array")) && !data.InstanceOf(global.Get("Array")) {
		return Message{}, none, errors.New("protocol: a message whose data are neither bytes nor files")
	}
	return m, data, nil
}
