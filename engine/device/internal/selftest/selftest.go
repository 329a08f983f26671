// Package selftest compares every operation of a backend with the reference on
// small fixed inputs, before the backend is trusted with an X-ray. Browsers and
// drivers have been seen to compute wrong numbers without an error: what the
// model then writes is fluent, and wrong.
//
// It takes some 10 ms on a CPU, and calls every kernel with little work, after
// which their compilers know them: the first report is not slower for it.
package selftest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"uarweb/engine/device"
	"uarweb/engine/device/portable"
	"uarweb/weights/tensor"
)

// ErrWrong is matched by the error of a backend that computes something else
// than the reference.
var ErrWrong = errors.New("wrong result")

// arithmetic is what an operation's result may lose in a backend.
type arithmetic int

const (
	exact       arithmetic = iota // nothing: what is there is moved, or compared
	summed                        // sums of products in f32, in any order
	curved                        // the same and exp, square root or division
	steep                         // an exp of scores so large that their last bits show
	rounded                       // sums of products with what was rounded to 8 bits, a row at a time
	quantized                     // sums of products with integer weights, a row or an image at a time
	transformed                   // the same, of what may be transformed before and after
)

// tolerances are those of each backend, relative to the largest magnitude of
// the reference's result: some two or three times what was measured.
var tolerances = map[string][transformed + 1]float64{
	"portable": {},
	"simd":     {summed: 1e-6, curved: 2e-6, steep: 3e-5, rounded: 4e-3, quantized: 1e-4, transformed: 2e-4},
	"webgpu":   {summed: 2e-6, curved: 1e-5, steep: 5e-5, rounded: 2e-6, quantized: 2e-6, transformed: 2e-6},
}

// check is one operation on its inputs.
type check struct {
	name       string
	arithmetic arithmetic
	weight     *weight // nil: the operation has none
	run        func(in *inputs, w device.Matrix) result
}

// weight says which one an operation needs.
type weight struct {
	format tensor.Format
	shape  []int
	bytes  bool // tensor.Tensor's
}

// result is what an operation wrote: n elements of Floats or Ints.
type result struct {
	buffer device.Buffer
	n      int
	ints   bool
}

// Run returns nil if b computes what the reference does. An error that matches
// ErrWrong names the operation and the first wrong element; any other is of the
// backend itself.
func Run(ctx context.Context, b device.Backend) error {
	want, err := reference()
	if err != nil {
		return fmt.Errorf("selftest: reference: %w", err)
	}
	got, err := compute(ctx, b)
	if err != nil {
		return fmt.Errorf("selftest: %w", err)
	}
	for i, c := range checks {
		if at := firstDifference(got[i], want[i], tolerances[b.Name()][c.arithmetic]); at >= 0 {
			return fmt.Errorf("selftest: %w: %s: element %d is %v, should be %v", ErrWrong, c.name, at, got[i][at], want[i][at])
		}
	}
	return nil
}

// reference are the results there should be, for all backends that a program
// opens.
var reference = sync.OnceValues(func() ([][]float64, error) {
	return compute(context.Background(), portable.New())
})

// firstDifference is the first index at which got is not within the tolerance
// of want, or −1. What should be NaN is to be not finite.
func firstDifference(got, want []float64, tolerance float64) int {
	largest := 0.0
	for _, w := range want {
		if !math.IsNaN(w) {
			largest = max(largest, math.Abs(w))
		}
	}
	for i, w := range want {
		difference := math.Abs(got[i] - w)
		switch {
		case math.IsNaN(w):
			if !math.IsNaN(got[i] - got[i]) { // 0 of what is finite
				return i
			}
		case !(difference <= tolerance*largest): // NaN is different
			return i
		}
	}
	return -1
}

// compute queues all checks and downloads their results at once: a GPU answers
// late. It has all weights before, so that a GPU makes the pipelines for them side
// by side.
func compute(ctx context.Context, b device.Backend) ([][]float64, error) {
	in := &inputs{backend: b}
	defer in.release()
	weights, states := make([]device.Matrix, len(checks)), make([]uint32, len(checks))
	for i, c := range checks {
		in.state = 1 // the same inputs for every backend
		if c.weight != nil {
			var err error
			if weights[i], err = b.Matrix(in.tensor(*c.weight)); err != nil {
				return nil, fmt.Errorf("%s: %w", c.name, err)
			}
			in.all = append(in.all, weights[i])
		}
		states[i] = in.state
	}
	var copies []device.Copy
	for i, c := range checks {
		in.state = states[i]
		r := c.run(in, weights[i])
		to := device.Copy{From: r.buffer}
		if r.ints {
			to.Ints = make([]int32, r.n)
		} else {
			to.Floats = make([]float32, r.n)
		}
		copies = append(copies, to)
	}
	if err := b.Download(ctx, copies...); err != nil {
		return nil, err
	}
	results := make([][]float64, len(copies))
	for i, c := range copies {
		for _, v := range c.Floats {
			results[i] = append(results[i], float64(v))
		}
		for _, v := range c.Ints {
			results[i] = append(results[i], float64(v))
		}
	}
	return results, nil
}

// inputs makes the inputs of a check in a backend's memory.
type inputs struct {
	backend device.Backend
	state   uint32
	all     []interface{ Release() }
}

func (in *inputs) release() {
	for _, r := range in.all {
		r.Release()
	}
}

// next is a pseudo-random number (Numerical Recipes' generator).
func (in *inputs) next() uint32 {
	in.state = in.state*1664525 + 1013904223
	return in.state >> 8
}

// value is evenly distributed in [−1, 1).
func (in *inputs) value() float32 { return float32(in.next())/(1<<23) - 1 }

func (in *inputs) values(n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = in.value()
	}
	return v
}

// scaled is values up to a magnitude.
func (in *inputs) scaled(n int, by float32) []float32 {
	v := in.values(n)
	for i := range v {
		v[i] *= by
	}
	return v
}

// bytes is a buffer of rows that 8 bits hold without rounding: integers up to 127,
// which each has, and from least on, multiplied by a power of 2.
func (in *inputs) bytes(rows, columns, least int) device.Buffer {
	v := make([]float32, rows*columns)
	for i := range v {
		v[i] = float32(least+int(in.next())%(128-least)) / 64
	}
	for i := range rows {
		v[i*columns+(i*7)%columns] = 127.0 / 64
	}
	return in.upload(v)
}

// out is a buffer for n results, full of NaN: what an operation leaves out is not
// to be what memory held before.
func (in *inputs) out(n int) device.Buffer {
	return in.upload(slices.Repeat([]float32{float32(math.NaN())}, n))
}

func (in *inputs) outInts(n int) device.Buffer { return in.ints(make([]int32, n)...) }

func (in *inputs) upload(v []float32) device.Buffer {
	b := in.backend.Floats(len(v))
	in.all = append(in.all, b)
	in.backend.Upload(b, 0, v)
	return b
}

// floats is a buffer of n random floats.
func (in *inputs) floats(n int) device.Buffer { return in.upload(in.values(n)) }

func (in *inputs) ints(v ...int32) device.Buffer {
	b := in.backend.Ints(len(v))
	in.all = append(in.all, b)
	in.backend.UploadInts(b, 0, v)
	return b
}

// tensor is a random weight.
func (in *inputs) tensor(w weight) tensor.Tensor {
	t := tensor.Tensor{Name: "weight", Format: w.format, Shape: w.shape, Bytes: w.bytes}
	switch w.format {
	case tensor.F32:
		return tensor.FromFloats(t.Name, t.Shape, in.values(t.Elements()))
	case tensor.F16:
		for range t.Elements() {
			half, _ := tensor.EncodeF16(in.value())
			t.Data = binary.LittleEndian.AppendUint16(t.Data, half)
		}
	case tensor.BF16:
		for range t.Elements() {
			t.Data = binary.LittleEndian.AppendUint16(t.Data, uint16(math.Float32bits(in.value())>>16))
		}
	case tensor.I8:
		for range t.Elements() {
			t.Data = append(t.Data, byte(int8(in.next()%255)-127))
		}
		for range t.Rows() {
			t.Scale = append(t.Scale, (in.value()+2)/127)
		}
	case tensor.U8:
		for range t.Elements() / 2 {
			t.Data = append(t.Data, byte(in.next()))
		}
		for range t.Elements() / tensor.GroupSize {
			t.Scale = append(t.Scale, (in.value()+2)/8)
		}
	}
	return t
}
