package tensor

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Finite returns an error naming the tensor and the index of the first element
// that is NaN or infinite. Quantized elements are finite when their scales are,
// which Check sees to.
func (t Tensor) Finite() error {
	i := -1
	switch t.Format {
	case F32:
		i = firstNonFinite32(t.Data)
	case F16:
		i = firstNonFinite16(t.Data, 0x7c00)
	case BF16:
		i = firstNonFinite16(t.Data, 0x7f80)
	}
	if i >= 0 {
		return fmt.Errorf("tensor: %s is NaN or infinite at index %d", t.Name, i)
	}
	return nil
}

func firstNonFinite32(data []byte) int {
	const exponent = 0x7f800000
	for i := 0; i+4 <= len(data); i += 4 {
		if binary.LittleEndian.Uint32(data[i:])&exponent == exponent {
			return i / 4
		}
	}
	return -1
}

func firstNonFinite16(data []byte, exponent uint16) int {
	for i := 0; i+2 <= len(data); i += 2 {
		if binary.LittleEndian.Uint16(data[i:])&exponent == exponent {
			return i / 2
		}
	}
	return -1
}

// Floats is the exact value of every element, row-major. It returns the error
// of Check or Finite if there is one.
func (t Tensor) Floats() ([]float32, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	if err := t.Finite(); err != nil {
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
