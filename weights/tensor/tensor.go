// Package tensor says what a stored tensor is: its name, format, shape and
// bytes, and the exact value of every element in every format a UAR weights
// file may use. It is the ground that the file reader (weights/safetensors),
// the quantizer (weights/quantize) and the backends (engine/device) share.
package tensor

import (
	"fmt"
	"math"
	"math/bits"
)

// Format is how the elements of a tensor are stored, spelled as safetensors
// spells it.
type Format string

// The formats of a weights file. All are little endian.
const (
	F32  Format = "F32"  // IEEE 754 binary32
	F16  Format = "F16"  // IEEE 754 binary16
	BF16 Format = "BF16" // the upper half of a binary32
	I8   Format = "I8"   // −127 to 127, value = element · Scale[row]
	U8   Format = "U8"   // two 4-bit values a byte, low nibble first, value = (q − 8) · Scale[row, column/32]
)

// GroupSize is how many consecutive elements of a row share a 4-bit scale.
const GroupSize = 32

// Limits of a tensor, several times what the paper's model needs. They keep
// every size computed from a shape within an int.
const (
	MaxRank      = 4       // a convolution's weight, [out, in, k, k]
	MaxDimension = 1 << 24 // rows of an embedding
	MaxElements  = 1 << 29 // 2 GiB as F32, half of what a wasm program can address
)

// maxScale keeps the product of a scale and any quantized value finite.
const maxScale = math.MaxFloat32 / 128

// Tensor is one named tensor. Shape counts elements, also for U8, whose Data
// holds two of them a byte.
type Tensor struct {
	Name   string
	Format Format
	Shape  []int
	Data   []byte    // row-major, little endian
	Scale  []float32 // I8: [rows]; U8: [rows, columns/GroupSize]; else nil

	// Bytes says of an I8 matrix or 1×1 kernel that what it is multiplied with is to be
	// rounded to 8 bits by a backend that multiplies integers (weights.BytesKey).
	Bytes bool
}

// Rows is the first dimension: of a weight, its outputs.
func (t Tensor) Rows() int { return t.Shape[0] }

// Columns is the product of the other dimensions, 1 for a vector.
func (t Tensor) Columns() int {
	n := 1
	for _, d := range t.Shape[1:] {
		n *= d
	}
	return n
}

// Elements is the product of all dimensions.
func (t Tensor) Elements() int { return t.Rows() * t.Columns() }

// IsMatrix says whether it is a matrix, or the kernel of a 1×1 convolution.
func (t Tensor) IsMatrix() bool {
	return len(t.Shape) == 2 || len(t.Shape) == 4 && t.Shape[2] == 1 && t.Shape[3] == 1
}

// Check returns an error naming the tensor unless its shape is within the
// limits, its data and scales are as many as shape and format ask for, and its
// scales are finite. Elements are not looked at: see Valid. The other methods may
// be called only on tensors that pass.
func (t Tensor) Check() error {
	if len(t.Shape) == 0 || len(t.Shape) > MaxRank {
		return fmt.Errorf("tensor: %s has %d dimensions, 1 to %d are allowed", t.Name, len(t.Shape), MaxRank)
	}
	elements := uint64(1)
	for _, d := range t.Shape {
		if d < 1 || d > MaxDimension {
			return fmt.Errorf("tensor: %s has shape %v, dimensions are 1 to %d", t.Name, t.Shape, MaxDimension)
		}
		hi, lo := bits.Mul64(elements, uint64(d))
		if hi != 0 || lo > MaxElements {
			return fmt.Errorf("tensor: %s has shape %v, more than %d elements", t.Name, t.Shape, MaxElements)
		}
		elements = lo
	}
	size, scales := t.Elements(), 0
	switch t.Format {
	case F32:
		size *= 4
	case F16, BF16:
		size *= 2
	case I8:
		scales = t.Rows()
	case U8:
		if !t.IsMatrix() || t.Columns()%GroupSize != 0 {
			return fmt.Errorf("tensor: %s has shape %v, 4-bit wants a matrix or 1×1 kernel whose columns are a multiple of %d", t.Name, t.Shape, GroupSize)
		}
		size /= 2
		scales = t.Elements() / GroupSize
	default:
		return fmt.Errorf("tensor: %s has format %q, which no weights may have", t.Name, t.Format)
	}
	if len(t.Data) != size {
		return fmt.Errorf("tensor: %s has %d bytes, %s %v wants %d", t.Name, len(t.Data), t.Format, t.Shape, size)
	}
	if len(t.Scale) != scales {
		return fmt.Errorf("tensor: %s has %d scales, %s %v wants %d", t.Name, len(t.Scale), t.Format, t.Shape, scales)
	}
	for i, s := range t.Scale {
		if !(s >= -maxScale && s <= maxScale) {
			return fmt.Errorf("tensor: %s has scale %v at index %d", t.Name, s, i)
		}
	}
	return nil
}
