package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"uarweb/engine/device"
	"uarweb/engine/device/portable"
	"uarweb/engine/device/selftest"
	"uarweb/engine/device/simd"
	"uarweb/engine/device/webgpu"
)

// candidate is a backend that this program may compute with.
type candidate struct {
	name string
	// patience is how long it may take to open and be tested, unless it is wished
	// for: the driver of a GPU may hang. 0 is for ever.
	patience time.Duration
	// open returns it and what it is in words, or why it cannot run here, or not
	// unless it is wished for. A plain one does without whatever it could.
	open func(ctx context.Context, wished, plain bool) (device.Backend, string, error)
}

// candidates are all there are, the fastest first. The last needs nothing.
var candidates = []candidate{
	{"webgpu", 20 * time.Second, func(ctx context.Context, wished, plain bool) (device.Backend, string, error) {
		b, err := webgpu.New(ctx, webgpu.Options{Software: wished, Plain: plain})
		if err != nil {
			return nil, "", err
		}
		return b, b.Description(), nil
	}},
	{"simd", 0, func(context.Context, bool, bool) (device.Backend, string, error) {
		b, err := simd.New()
		if err != nil {
			return nil, "", err
		}
		return b, b.Description(), nil
	}},
	{"portable", 0, func(context.Context, bool, bool) (device.Backend, string, error) {
		return portable.New(), "Go without SIMD", nil
	}},
}

// choice is what decides between the candidates.
type choice struct {
	wish   string // a candidate's name; any other text leaves the choice to this program
	limits string // what the kernels do without, and why; may be empty
	plain  bool   // see candidate.open
}

// backend opens the candidate wished for, or the fastest, and tests it. One that
// fails is followed by the next. The answer also says in words what computes,
// and why nothing faster, unless that was the wish.
func (c choice) backend(ctx context.Context) (device.Backend, string, error) {
	first := slices.IndexFunc(candidates, func(o candidate) bool { return o.name == c.wish })
	notes := ""
	if c.limits != "" {
		notes = "; " + c.limits
	}
	for _, o := range candidates[max(first, 0):] {
		b, what, err := o.try(ctx, o.name == c.wish, c.plain)
		switch {
		case err == nil:
			return b, what + notes, nil
		case ctx.Err() != nil:
			return nil, "", ctx.Err()
		case errors.Is(err, simd.ErrThreadLost): // with one thread it may do
			return nil, "", err
		case errors.Is(err, simd.ErrUnavailable): // the limits say why
			continue
		}
		notes += fmt.Sprintf("; not %s: %s", o.name, o.reason(err))
	}
	return nil, "", errors.New("worker: no backend" + notes)
}

// reason is an error in words that stand behind the candidate's name.
func (o candidate) reason(err error) string { return strings.TrimPrefix(err.Error(), o.name+": ") }

// try opens a candidate and tests it. A GPU that fails may do so for what is used
// beyond the plain, and is tried without.
func (o candidate) try(ctx context.Context, wished, plain bool) (device.Backend, string, error) {
	if o.patience > 0 && !wished {
		limited, cancel := context.WithTimeoutCause(ctx, o.patience, fmt.Errorf("it was not ready within %v", o.patience))
		defer cancel()
		ctx = limited
	}
	b, what, err := o.openTested(ctx, wished, plain)
	if !plain && ctx.Err() == nil && failedOnGPU(b, err) {
		note := "; not with more than plain shaders: " + o.reason(err)
		b, what, err = o.openTested(ctx, wished, true)
		what += note
	}
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return b, what, err
}

// failedOnGPU says whether an error is that of a GPU there is, whose shaders were
// not known to be plain.
func failedOnGPU(b device.Backend, err error) bool {
	g, open := b.(*webgpu.Backend)
	if open {
		return !g.Plain() && (errors.Is(err, selftest.ErrWrong) || errors.Is(err, webgpu.ErrFailed))
	}
	return errors.Is(err, webgpu.ErrFailed)
}

// openTested opens and tests. It returns what failed the test too, closed.
func (o candidate) openTested(ctx context.Context, wished, plain bool) (device.Backend, string, error) {
	b, what, err := o.open(ctx, wished, plain)
	if err == nil {
		err = check(ctx, b)
	}
	return b, what, err
}

// check tests a backend and closes it if it fails or ctx ends: a GPU that hangs
// does not see that.
func check(ctx context.Context, b device.Backend) (err error) {
	stop := context.AfterFunc(ctx, b.Close)
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%v", fault)
		}
		if open := stop(); open && err != nil {
			b.Close()
		}
	}()
	return selftest.Run(ctx, b)
}
