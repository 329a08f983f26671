package tensor

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
)

// Valid returns the error of Check, or one naming the tensor and the index of
// the first element that no weights may have: NaN, an infinity, or the int8
// −128. 4-bit elements may have every value.
func (t Tensor) Valid() error {
	if err := t.Check(); err != nil {
		return err
	}
	i, fault := -1, "is NaN or infinite"
	switch t.Format {
	case F32:
		i = firstNonFinite(t.Data, 4, 0x7f800000_7f800000)
	case F16:
		i = firstNonFinite(t.Data, 2, 0x7c00_7c00_7c00_7c00)
	case BF16:
		i = firstNonFinite(t.Data, 2, 0x7f80_7f80_7f80_7f80)
	case I8:
		i, fault = bytes.IndexByte(t.Data, 0x80), "is −128, beyond −127 to 127,"
	}
	if i >= 0 {
		return fmt.Errorf("tensor: %s %s at index %d", t.Name, fault, i)
	}
	return nil
}

// firstNonFinite is the index of the first element of size bytes all of whose
// exponent bits are set, or −1. It looks at 8 bytes at a time: adding the lowest
// bit of such an exponent to it carries into the sign, and of no other.
func firstNonFinite(data []byte, size int, exponent uint64) int {
	lowest := exponent &^ (exponent << 1)
	sign := exponent + lowest
	for i := 0; i < len(data); i += 8 {
		var word uint64
		if rest := data[i:]; len(rest) >= 8 {
			word = binary.LittleEndian.Uint64(rest)
		} else {
			var last [8]byte
			copy(last[:], rest)
			word = binary.LittleEndian.Uint64(last[:])
		}
		if carried := (word&exponent + lowest) & sign; carried != 0 {
			return (i + bits.TrailingZeros64(carried)/8) / size
		}
	}
	return -1
}

// Floats is the exact value of every element, row-major. It returns the error
// of Valid if there is one.
func (t Tensor) Floats() ([]float32, error) {
	if err := t.Valid(); err != nil {
		return nil, err
	}
	values := make([]float32, t.Elements())
	switch t.Format {
	case F32:
		for i := range values {
			values[i] = math.Float32frombits(binary.LittleEndian.Uint32(t.Data[4*i:]))
		}
	case F16:
		for i := range values {
			values[i] = DecodeF16(binary.LittleEndian.Uint16(t.Data[2*i:]))
		}
	case BF16:
		for i := range values {
			values[i] = DecodeBF16(binary.LittleEndian.Uint16(t.Data[2*i:]))
		}
	case I8:
		columns := t.Columns()
		for row, scale := range t.Scale {
			data := t.Data[row*columns:][:columns]
			out := values[row*columns:][:columns]
			for i, b := range data {
				out[i] = float32(int8(b)) * scale
			}
		}
	case U8:
		for group, scale := range t.Scale {
			data := t.Data[group*GroupSize/2:][:GroupSize/2]
			out := values[group*GroupSize:][:GroupSize]
			for i, b := range data {
				out[2*i] = float32(int(b&15)-8) * scale
				out[2*i+1] = float32(int(b>>4)-8) * scale
			}
		}
	}
	return values, nil
}

// FromFloats is the F32 tensor of values. It panics if shape asks for another
// number of them.
func FromFloats(name string, shape []int, values []float32) Tensor {
	t := Tensor{Name: name, Format: F32, Shape: shape, Data: make([]byte, 4*len(values))}
	if t.Elements() != len(values) {
		panic("tensor: the number of values does not fit the shape")
	}
	for i, v := range values {
		binary.LittleEndian.PutUint32(t.Data[4*i:], math.Float32bits(v))
	}
	return t
}
