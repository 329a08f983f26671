package worker

import (
	"errors"

	"uarweb/engine/device/webgpu"
	"uarweb/wasm/internal/protocol"
)

// failed is the answer to a request that ended with err.
func failed(err error) protocol.Failed {
	f := protocol.NewFailed(err)
	if errors.Is(err, webgpu.ErrLost) || errors.Is(err, webgpu.ErrFailed) {
		f.Backend = "webgpu"
	}
	return f
}
