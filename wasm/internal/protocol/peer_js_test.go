package protocol

import (
	"syscall/js"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gowebapi/webapi/javascript"
)

func TestSendAndOpen(t *testing.T) {
	var posted js.Value
	var transferred int
	p := &Peer{func(message any, transfer []*javascript.Object) {
		posted = js.ValueOf(message)
		transferred = len(transfer)
	}}
	for _, m := range examples() {
		require.NoError(t, p.Send(m, js.Undefined()))
		got, data, err := open(posted)
		require.NoError(t, err)
		assert.Equal(t, m, got)
		assert.True(t, data.IsUndefined())
		assert.Zero(t, transferred)
	}
	bytes := js.Global().Get("Uint8Array").New(3)
	require.NoError(t, p.Send(Message{1, LoadFile{}}, bytes))
	assert.Equal(t, 1, transferred)
	_, data, err := open(posted)
	require.NoError(t, err)
	assert.True(t, data.Equal(bytes))
}

// What cannot be posted is an error, not the end of the program.
func TestSendWhatCannotTravel(t *testing.T) {
	ports := js.Global().Get("MessageChannel").New()
	defer ports.Get("port1").Call("close")
	p := &Peer{func(message any, transfer []*javascript.Object) {
		buffers := make([]any, len(transfer))
		for i, t := range transfer {
			buffers[i] = t.JSValue()
		}
		ports.Get("port1").Call("postMessage", message, buffers)
	}}
	bytes := js.Global().Get("Uint8Array").New(3)
	require.NoError(t, p.Send(Message{1, LoadFile{}}, bytes))
	assert.ErrorContains(t, p.Send(Message{2, LoadFile{}}, bytes), "protocol: load-file: ", "it is detached")
	require.NoError(t, p.Send(Message{3, Cancel{}}, js.Undefined()))
}

func TestOpenRefuses(t *testing.T) {
	for _, v := range []any{
		nil, 1, "text", []any{}, map[string]any{}, map[string]any{"text": 5}, map[string]any{"text": "{"},
		map[string]any{"text": `{"id":1,"kind":"done","body":{}}`, "data": "no bytes"},
	} {
		_, _, err := open(js.ValueOf(v))
		assert.Error(t, err, "%v", v)
	}
}
