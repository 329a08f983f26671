// Package tensor says what a stored tensor is: its name, format, shape and
// bytes, and the exact value of every element in every format a UAR weights
// file may use. It is the ground that the file reader (weights/safetensors),
// the quantizer (weights/quantize) and the backends (engine/device) share.
package tensor

// Format is how the elements of a tensor are stored, spelled as safetensors
// spells it.
type Format string

// The formats of a weights file. All are little endian.
const (
	F32  Format = "F32"  // IEEE 754 binary32
	F16  Format = "F16"  // IEEE 754 binary16
	BF16 Format = "BF16" // the upper half of a binary32
	I8   Format = "I8"   // two's complement, value = element · Scale[row]
	U8   Format = "U8"   // two 4-bit values a byte, low nibble first, value = (q − 8) · Scale[row, column/32]
)

// GroupSize is how many consecutive elements of a row share a 4-bit scale.
const GroupSize = 32

// Tensor is one named tensor. Shape counts elements, also for U8, whose Data
// holds two of them a byte.
type Tensor struct {
	Name   string
	Format Format
	Shape  []int
	Data   []byte    // row-major, little endian
	Scale  []float32 // I8: [rows]; U8: [rows, columns/GroupSize]; else nil
}
