package codec

import (
	"context"
	"syscall/js"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A worker that fails, or does not answer, is ended with the decode, and its
// error does not go on to whoever started it.
func TestWorkerThatFails(t *testing.T) {
	var object js.Value
	prevented, ended := 0, 0
	method := func(do func()) js.Func {
		f := js.FuncOf(func(js.Value, []js.Value) any {
			do()
			return nil
		})
		t.Cleanup(f.Release)
		return f
	}
	begin := func() {}
	terminate, preventDefault := method(func() { ended++ }), method(func() { prevented++ })
	post := method(func() { begin() })
	constructor := js.FuncOf(func(this js.Value, _ []js.Value) any {
		object = this
		this.Set("postMessage", post)
		this.Set("terminate", terminate)
		return this
	})
	before := js.Global().Get("Worker")
	js.Global().Set("Worker", constructor)
	t.Cleanup(func() {
		js.Global().Set("Worker", before)
		constructor.Release()
	})

	begin = func() {
		object.Get("onerror").Invoke(map[string]any{"type": "error", "message": "no script", "preventDefault": preventDefault})
	}
	_, err := Decode(t.Context(), JPEG, []byte{1}, roomy)
	assert.ErrorIs(t, err, ErrUnavailable)
	assert.ErrorContains(t, err, "no script")
	assert.Equal(t, 1, prevented)
	assert.Equal(t, 1, ended)

	ctx, cancel := context.WithCancel(t.Context())
	begin = cancel
	_, err = Decode(ctx, JPEG, []byte{1}, roomy)
	assert.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, 2, ended)
}
