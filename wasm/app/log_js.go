package app

import (
	"encoding/json"
	"sync"
	"syscall/js"

	"uarweb/ui/desk"
	"uarweb/wasm/internal/protocol"
)

// log gathers what was asked for by the page and by the service worker, of which
// wasm/page/offline.js tells, and by the engine's worker, which says so in messages.
// Each is told once: what the page and its workers ask of the service worker is answered
// in this browser, and what that asks the network for is its own request.
type log struct {
	mu      sync.Mutex
	waiting []desk.Request // until somebody listens
	asked   func([]desk.Request)
}

// newLog returns a log of the page, from its first request on.
func newLog() *log {
	l := &log{}
	offline().Call("asked", js.FuncOf(func(_ js.Value, args []js.Value) any {
		var asked []protocol.Request
		if err := json.Unmarshal([]byte(args[0].String()), &asked); err != nil {
			panic("app: offline.js tells what is no request")
		}
		l.add(asked)
		return nil
	}))
	return l
}

// add is called on the event loop.
func (l *log) add(asked []protocol.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range asked {
		l.waiting = append(l.waiting, desk.Request(r))
	}
	l.pass()
}

// tell is desk.Screen's Log.
func (l *log) tell(asked func([]desk.Request)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked = asked
	l.pass()
}

// pass passes on what waits, in a goroutine, for who listens may wait.
func (l *log) pass() {
	if l.asked != nil && len(l.waiting) > 0 {
		go l.asked(l.waiting)
		l.waiting = nil
	}
}
