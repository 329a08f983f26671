package backends

import (
	"context"
	"errors"
	"time"

	"uarweb/engine/device"
	"uarweb/engine/device/internal/selftest"
	"uarweb/engine/device/webgpu"
)

// candidates are all there are, in the order of trying: the fastest first.
var candidates = append([]candidate{gpu}, processors...)

var gpu = candidate{
	name:     "webgpu",
	patience: 30 * time.Second,
	open: func(ctx context.Context, wished, plain bool) (device.Backend, string, error) {
		b, err := webgpu.New(ctx, webgpu.Options{Software: wished, Plain: plain})
		if err != nil {
			return nil, "", err
		}
		return b, b.Description(), nil
	},
	// The failure is that of a GPU there is, whose shaders were not known to be
	// plain.
	doubted: func(b device.Backend, err error) bool {
		if g, open := b.(*webgpu.Backend); open {
			return !g.Plain() && (errors.Is(err, selftest.ErrWrong) || errors.Is(err, webgpu.ErrFailed))
		}
		return errors.Is(err, webgpu.ErrFailed)
	},
}
