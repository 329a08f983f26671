package app

import (
	"syscall/js"
	"testing"

	"github.com/stretchr/testify/assert"

	"uarweb/ui/desk"
	"uarweb/wasm/internal/protocol"
)

// What was asked for before somebody listens is kept for them.
func TestLog(t *testing.T) {
	var told js.Value // the callback
	asked := js.FuncOf(func(_ js.Value, args []js.Value) any {
		told = args[0]
		return nil
	})
	defer asked.Release()
	js.Global().Set("Offline", map[string]any{"asked": asked})
	defer js.Global().Delete("Offline")

	l, heard := newLog(), make(chan []desk.Request, 1)
	told.Invoke(`[{"url":"https://a.org/?x","at":5,"received":300,"local":true},{"url":"inline","at":6,"refused":"script-src"}]`)
	l.add([]protocol.Request{{URL: "https://a.org/b", Body: 2}})
	l.tell(func(asked []desk.Request) { heard <- asked })
	assert.Equal(t, []desk.Request{
		{URL: "https://a.org/?x", At: 5, Received: 300, Local: true}, {URL: "inline", At: 6, Refused: "script-src"}, {URL: "https://a.org/b", Body: 2},
	}, <-heard)
	told.Invoke(`[{"url":"https://a.org/c","at":7,"body":1}]`)
	assert.Equal(t, []desk.Request{{URL: "https://a.org/c", At: 7, Body: 1}}, <-heard)
}
