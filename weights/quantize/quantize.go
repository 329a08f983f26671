// Package quantize rounds weights to the quantized formats of engine/MODEL.md §10 and
// measures what that does.
//
// A layer computes x·Wᵀ. Of its inputs X [samples, columns] all that matters to
// the error of its outputs is the Gram matrix H = XᵀX [columns, columns]:
//
//	Σ‖x·(Ŵ − W)ᵀ‖² = tr((Ŵ − W)·H·(Ŵ − W)ᵀ)
//
// Given H, rounding goes column by column and each column makes up for the
// errors of those before it (GPTQ, arXiv 2210.17323, in the form of LDLQ,
// arXiv 2307.13304, theorem 6: the same result from one factorization and
// without an inverse). Without H every element is rounded to the nearest value.
//
// The columns of a convolution's weight [out, in, k, k] are in·k·k in that
// order, and H must have the same order.
//
// Results are equal bit for bit on every machine: that is why the factorization
// is written here and products are converted before they are added (which keeps
// the compiler from fusing the two); gonum serves as H's type and to measure.
package quantize

import (
	"encoding/binary"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"uarweb/weights/tensor"
)

// Int8 rounds a matrix or kernel to I8, one scale a row. A tensor that is I8
// already is returned as it is. gram may be nil.
func Int8(t tensor.Tensor, gram *mat.SymDense) (tensor.Tensor, error) {
	return quantize(t, gram, grid{
		format: tensor.I8, low: -127, high: 127, shrink: 0.02,
		scale: func(s float64) (float32, bool) { return float32(s), true },
	})
}

// Int4 rounds a matrix or 1×1 kernel, whose columns must be a multiple of
// tensor.GroupSize, to U8, one F16 scale a group. A tensor that is U8 already is
// returned as it is. gram may be nil.
func Int4(t tensor.Tensor, gram *mat.SymDense) (tensor.Tensor, error) {
	return quantize(t, gram, grid{
		format: tensor.U8, low: -8, high: 7, shrink: 0.025, // the sixth scale tried makes the largest value −8
		scale: func(s float64) (float32, bool) {
			h, overflow := tensor.EncodeF16(float32(s))
			return tensor.DecodeF16(h), !overflow
		},
	})
}

// F16 rounds a tensor to F16. It returns an error naming the first element that
// is too large.
func F16(t tensor.Tensor) (tensor.Tensor, error) {
	if t.Format == tensor.F16 {
		return t, nil
	}
	values, err := t.Floats()
	if err != nil {
		return tensor.Tensor{}, fmt.Errorf("quantize: %w", err)
	}
	data := make([]byte, 2*len(values))
	for i, v := range values {
		h, overflow := tensor.EncodeF16(v)
		if overflow {
			return tensor.Tensor{}, fmt.Errorf("quantize: %s has %v at index %d, too large for F16", t.Name, v, i)
		}
		binary.LittleEndian.PutUint16(data[2*i:], h)
	}
	return tensor.Tensor{Name: t.Name, Format: tensor.F16, Shape: t.Shape, Data: data}, nil
}

// grid is what a format can hold: scale times the integers low..high.
type grid struct {
	format    tensor.Format
	low, high float64
	shrink    float64                       // step of the scales tried
	scale     func(float64) (float32, bool) // as stored; false if too large
}

// scalesTried is how many scales are tried, from the one that holds the largest
// value down: clipping one outlier may serve all others.
const scalesTried = 11

func quantize(t tensor.Tensor, gram *mat.SymDense, g grid) (tensor.Tensor, error) {
	if t.Format == g.format {
		return t, nil
	}
	values, err := t.Floats()
	if err != nil {
		return tensor.Tensor{}, fmt.Errorf("quantize: %w", err)
	}
	if len(t.Shape) < 2 {
		return tensor.Tensor{}, fmt.Errorf("quantize: %s is a vector, which stays floating point", t.Name)
	}
	rows, columns := t.Rows(), t.Columns()
	group := columns
	if g.format == tensor.U8 {
		group = tensor.GroupSize
		if columns%group != 0 {
			return tensor.Tensor{}, fmt.Errorf("quantize: %s has %d columns, no multiple of %d", t.Name, columns, group)
		}
	}
	h, err := factorize(gram, columns)
	if err != nil {
		return tensor.Tensor{}, fmt.Errorf("quantize: %s: %w", t.Name, err)
	}

	q := tensor.Tensor{Name: t.Name, Format: g.format, Shape: t.Shape}
	for i := 0; i < len(values); i += group {
		s, ok := g.bestScale(values[i:i+group], h.weights[i%columns:])
		if !ok {
			return tensor.Tensor{}, fmt.Errorf("quantize: %s has values too large for its scales near index %d", t.Name, i)
		}
		q.Scale = append(q.Scale, s)
	}
	integers := make([]int8, len(values))
	parallel(rows, func(from, to int) {
		h.round(integers[from*columns:to*columns], values[from*columns:to*columns], q.Scale[from*columns/group:to*columns/group], group, g)
	})
	q.Data = pack(integers, g.format)
	if err := q.Check(); err != nil {
		return tensor.Tensor{}, fmt.Errorf("quantize: %w", err)
	}
	return q, nil
}

// nearest is the integer of the grid nearest to x, ties to even.
func (g grid) nearest(x float64) float64 {
	return min(max(math.RoundToEven(x), g.low), g.high)
}

// bestScale is the scale with the least weighted square error of rounding to
// nearest.
func (g grid) bestScale(values []float32, weights []float64) (best float32, ok bool) {
	largest := 0.0
	for _, v := range values {
		largest = max(largest, math.Abs(float64(v)))
	}
	if largest == 0 {
		return 0, true
	}
	least := math.Inf(1)
	for i := range scalesTried {
		s, fits := g.scale(largest / g.high * (1 - float64(i)*g.shrink))
		if !fits {
			continue
		}
		sum := 0.0
		for j, v := range values {
			e := float64(v) - g.value(float64(v), s)
			sum += float64(weights[j] * float64(e*e))
		}
		if sum < least {
			best, least, ok = s, sum, true
		}
	}
	return best, ok
}

// value is the value of the grid nearest to v. A scale too small to be stored
// is 0, and so are its values.
func (g grid) value(v float64, scale float32) float64 {
	if scale == 0 {
		return 0
	}
	return g.nearest(v/float64(scale)) * float64(scale)
}

// pack stores integers as a format does.
func pack(integers []int8, format tensor.Format) []byte {
	if format == tensor.I8 {
		data := make([]byte, len(integers))
		for i, q := range integers {
			data[i] = byte(q)
		}
		return data
	}
	data := make([]byte, len(integers)/2)
	for i := range data {
		data[i] = byte(integers[2*i]+8) | byte(integers[2*i+1]+8)<<4
	}
	return data
}
