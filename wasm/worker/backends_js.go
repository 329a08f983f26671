package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"uarweb/engine/device"
	"uarweb/engine/device/portable"
	"uarweb/engine/device/selftest"
	"uarweb/engine/device/simd"
)

// candidate is a backend that this program may compute with.
type candidate struct {
	name string
	// open returns it and what it is in words, or why it cannot run here.
	open func() (device.Backend, string, error)
}

// candidates are all there are, the fastest first. The last needs nothing.
var candidates = []candidate{
	{"simd", func() (device.Backend, string, error) {
		b, err := simd.New()
		if err != nil {
			return nil, "", err
		}
		return b, b.Description(), nil
	}},
	{"portable", func() (device.Backend, string, error) { return portable.New(), "Go without SIMD", nil }},
}

// choice is what decides between the candidates.
type choice struct {
	wish   string // a candidate's name; any other text leaves the choice to this program
	limits string // what the kernels do without, and why; may be empty
}

// backend opens the candidate wished for, or the fastest, and tests it. One that
// fails is followed by the next. The answer also says in words what computes,
// and why nothing faster.
func (c choice) backend(ctx context.Context) (device.Backend, string, error) {
	first := slices.IndexFunc(candidates, func(o candidate) bool { return o.name == c.wish })
	notes := ""
	if first >= 0 {
		notes = "; as chosen"
	}
	if c.limits != "" {
		notes += "; " + c.limits
	}
	for _, o := range candidates[max(first, 0):] {
		b, what, err := o.open()
		if err == nil {
			err = check(ctx, b)
		}
		switch {
		case err == nil:
			return b, what + notes, nil
		case ctx.Err() != nil:
			return nil, "", ctx.Err()
		case errors.Is(err, simd.ErrThreadLost): // with one thread it may do
			return nil, "", err
		}
		notes += fmt.Sprintf("; not %s: %v", o.name, err)
	}
	return nil, "", errors.New("worker: no backend" + notes)
}

// check tests a backend and closes it if it fails.
func check(ctx context.Context, b device.Backend) (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("%v", fault)
		}
		if err != nil {
			b.Close()
		}
	}()
	return selftest.Run(ctx, b)
}
