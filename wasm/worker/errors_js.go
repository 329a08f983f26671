package main

import (
	"errors"

	"uarweb/engine/device/webgpu"
	"uarweb/engine/status"
	"uarweb/wasm/internal/protocol"
)

// maxMessage is how many bytes of an error's message are sent: it may quote
// what it is about.
const maxMessage = 8 << 10

// failed is the answer to a request that ended with err.
func failed(err error) protocol.Failed {
	f := protocol.Failed{Code: status.CodeOf(err), Message: err.Error()}
	if len(f.Message) > maxMessage {
		f.Message = f.Message[:maxMessage] + "…"
	}
	if errors.Is(err, webgpu.ErrLost) || errors.Is(err, webgpu.ErrFailed) {
		f.Backend = "webgpu"
	}
	return f
}
