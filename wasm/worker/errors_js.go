package main

import (
	"errors"
	"strings"

	"uarweb/engine/device/webgpu"
	"uarweb/engine/status"
	"uarweb/wasm/internal/protocol"
)

// failed is the answer to a request that ended with err.
func failed(err error) protocol.Failed {
	message := err.Error() // which may quote a file
	if len(message) > protocol.MaxFailure {
		message = strings.ToValidUTF8(message[:protocol.MaxFailure], "") + "…"
	}
	f := protocol.Failed{Code: status.CodeOf(err), Message: message}
	if errors.Is(err, webgpu.ErrLost) || errors.Is(err, webgpu.ErrFailed) {
		f.Backend = "webgpu"
	}
	return f
}
