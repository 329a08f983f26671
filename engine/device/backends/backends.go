// Package backends opens the backend that a program computes with, and trusts
// none before it has passed the self-test: browsers and drivers have been seen to
// compute wrong numbers without an error.
package backends

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"uarweb/engine/device"
	"uarweb/engine/device/internal/selftest"
	"uarweb/engine/device/portable"
	"uarweb/engine/device/simd"
	"uarweb/engine/status"
)

// candidate is a backend that a program may compute with.
type candidate struct {
	name string
	// patience is how long it may take to open and be tested, unless it is wished
	// for: the driver of a GPU may hang. 0 is for ever.
	patience time.Duration
	// open returns it and what it is in words, or why it cannot run here, or not
	// unless it is wished for. A plain one does without whatever it could.
	open func(ctx context.Context, wished, plain bool) (device.Backend, string, error)
	// doubted says whether a failure may be that of more than the plain, so that a
	// plain one may do better; nil: there is no plain one. b is open unless it is
	// nil.
	doubted func(b device.Backend, err error) bool
}

// processors are the candidates that need no GPU, in a browser the fastest
// first. The last needs nothing.
var processors = []candidate{
	{name: "simd", open: func(context.Context, bool, bool) (device.Backend, string, error) {
		b, err := simd.New()
		if err != nil {
			return nil, "", err
		}
		return b, b.Description(), nil
	}},
	{name: "portable", open: func(context.Context, bool, bool) (device.Backend, string, error) {
		return portable.New(), "Go without SIMD", nil
	}},
}

// Names are the backends that this program may open, in the order of trying.
func Names() []string {
	var names []string
	for _, c := range candidates {
		names = append(names, c.name)
	}
	return names
}

// Open opens and tests the backend of this name and no other, and says in words
// what it is. Its error is a status.NoBackend unless it has another cause.
func Open(ctx context.Context, name string) (device.Backend, string, error) {
	i := slices.IndexFunc(candidates, func(c candidate) bool { return c.name == name })
	if i < 0 {
		return nil, "", status.Errorf(status.NoBackend, "backends: %q is none of %s", name, strings.Join(Names(), ", "))
	}
	b, what, err := candidates[i].try(ctx, true, false)
	return b, what, status.Mark(status.NoBackend, err)
}

// Choice is what decides between the backends.
type Choice struct {
	Wish   string // a backend's name; any other text leaves the choice to Open
	Limits string // what the kernels do without, and why; may be empty
	Plain  bool   // a GPU's shaders use nothing that not every GPU has
}

// Open opens the backend wished for, or the first of Names, and tests it. One that
// fails is followed by the next. The answer also says in words what computes,
// and why nothing faster, unless that was the wish. A lost thread ends it with
// simd.ErrThreadLost: with one thread it may do.
func (c Choice) Open(ctx context.Context) (device.Backend, string, error) {
	first := slices.IndexFunc(candidates, func(o candidate) bool { return o.name == c.Wish })
	notes := ""
	if c.Limits != "" {
		notes = "; " + c.Limits
	}
	for _, o := range candidates[max(first, 0):] {
		b, what, err := o.try(ctx, o.name == c.Wish, c.Plain)
		switch {
		case err == nil:
			return b, what + notes, nil
		case ctx.Err() != nil:
			return nil, "", ctx.Err()
		case errors.Is(err, simd.ErrThreadLost):
			return nil, "", err
		case errors.Is(err, simd.ErrUnavailable): // the limits say why
			continue
		}
		notes += fmt.Sprintf("; not %s: %s", o.name, o.reason(err))
	}
	return nil, "", status.Errorf(status.NoBackend, "backends: none%s", notes)
}

// reason is an error in words that stand behind the candidate's name.
func (o candidate) reason(err error) string { return strings.TrimPrefix(err.Error(), o.name+": ") }

// try opens a candidate and tests it. One that fails may do so for what is used
// beyond the plain, and is tried without.
func (o candidate) try(ctx context.Context, wished, plain bool) (device.Backend, string, error) {
	if o.patience > 0 && !wished {
		limited, cancel := context.WithTimeoutCause(ctx, o.patience, fmt.Errorf("it was not ready within %v", o.patience))
		defer cancel()
		ctx = limited
	}
	b, what, err := o.openTested(ctx, wished, plain)
	if err != nil && !plain && ctx.Err() == nil && o.doubted != nil && o.doubted(b, err) {
		note := "; not with more: " + o.reason(err)
		b, what, err = o.openTested(ctx, wished, true)
		what += note
	}
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	if err != nil {
		return nil, "", err // what failed the test is closed
	}
	return b, what, nil
}

// openTested opens and tests. It returns what failed the test too, closed.
func (o candidate) openTested(ctx context.Context, wished, plain bool) (device.Backend, string, error) {
	b, what, err := o.open(ctx, wished, plain)
	if err == nil {
		err = o.check(ctx, b)
	}
	return b, what, err
}

// check tests a backend and closes it if it fails or ctx ends. One that may hang
// does not see that end, and is closed meanwhile; any other computes on threads of
// this program, under which its memory must not go.
func (o candidate) check(ctx context.Context, b device.Backend) (err error) {
	open := func() bool { return true }
	if o.patience > 0 {
		open = context.AfterFunc(ctx, b.Close)
	}
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%v", fault)
		}
		switch {
		case !open():
			err = ctx.Err() // whatever the test says: it is closed
		case err != nil:
			b.Close()
		}
	}()
	return selftest.Run(ctx, b)
}
