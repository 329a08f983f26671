package main

import (
	"context"
	"errors"
	"fmt"

	"uarweb/engine"
	"uarweb/engine/device/simd"
	"uarweb/engine/device/webgpu"
	"uarweb/engine/radiograph"
	"uarweb/wasm/internal/browser"
	"uarweb/wasm/internal/protocol"
)

// Errors that this program adds to the engine's.
var (
	errFault   = errors.New("worker: fault")
	errNoModel = errors.New("worker: no model is loaded")
	errWeights = errors.New("worker: weights")
)

// badWeights marks an error as the weights' own, unless it has another cause.
func badWeights(ctx context.Context, err error) error {
	if ctx.Err() != nil || errors.Is(err, browser.ErrFetch) {
		return err
	}
	return fmt.Errorf("%w: %w", errWeights, err)
}

// failed is the answer to a request that ended with err.
func failed(err error) protocol.Failed {
	f := protocol.Failed{Code: codeOf(err), Message: err.Error()}
	if errors.Is(err, webgpu.ErrLost) || errors.Is(err, webgpu.ErrFailed) {
		f.Backend = "webgpu"
	}
	return f
}

// codeOf sorts errors into the protocol's codes.
func codeOf(err error) protocol.Code {
	for _, c := range []struct {
		is   error
		code protocol.Code
	}{
		{context.Canceled, protocol.Cancelled},
		{errFault, protocol.Crashed},
		{simd.ErrThreadLost, protocol.BackendLost},
		{webgpu.ErrLost, protocol.BackendLost},
		{webgpu.ErrFailed, protocol.BackendLost},
		{browser.ErrFetch, protocol.Network},
		{errNoModel, protocol.NoModel},
		{errWeights, protocol.BadWeights},
		{engine.ErrNotFinite, protocol.NotFinite},
		{radiograph.ErrEmpty, protocol.EmptyImage},
		{radiograph.ErrUnknownFormat, protocol.UnknownImage},
		{radiograph.ErrTooLarge, protocol.LargeImage},
		{radiograph.ErrUnsupported, protocol.UnsupportedImage},
		{radiograph.ErrDamaged, protocol.DamagedImage},
	} {
		if errors.Is(err, c.is) {
			return c.code
		}
	}
	return protocol.Internal
}
