package tensor

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCheck(t *testing.T) {
	inf := float32(math.Inf(1))
	tests := []struct {
		name   string
		tensor Tensor
		err    string // "" is none
	}{
		{"vector", Tensor{Format: F32, Shape: []int{3}, Data: make([]byte, 12)}, ""},
		{"half matrix", Tensor{Format: BF16, Shape: []int{3, 5}, Data: make([]byte, 30)}, ""},
		{"kernel", Tensor{Format: I8, Shape: []int{2, 3, 3, 3}, Data: make([]byte, 54), Scale: make([]float32, 2)}, ""},
		{"4-bit", Tensor{Format: U8, Shape: []int{2, 64}, Data: make([]byte, 64), Scale: make([]float32, 4)}, ""},
		{"4-bit 1×1", Tensor{Format: U8, Shape: []int{2, 32, 1, 1}, Data: make([]byte, 32), Scale: make([]float32, 2)}, ""},
		{"scalar", Tensor{Format: F32, Data: make([]byte, 4)}, "0 dimensions"},
		{"rank 5", Tensor{Format: F32, Shape: []int{1, 1, 1, 1, 1}, Data: make([]byte, 4)}, "5 dimensions"},
		{"zero", Tensor{Format: F32, Shape: []int{3, 0}}, "shape [3 0]"},
		{"negative", Tensor{Format: F32, Shape: []int{-3, -1}, Data: make([]byte, 12)}, "shape [-3 -1]"},
		{"too wide", Tensor{Format: F32, Shape: []int{MaxDimension + 1}}, "dimensions are 1 to"},
		{"product overflows", Tensor{Format: F32, Shape: []int{MaxDimension, MaxDimension, MaxDimension, MaxDimension}}, "more than"},
		{"short", Tensor{Format: F16, Shape: []int{3}, Data: make([]byte, 5)}, "has 5 bytes"},
		{"long", Tensor{Format: I8, Shape: []int{3}, Data: make([]byte, 4), Scale: make([]float32, 3)}, "has 4 bytes"},
		{"no scales", Tensor{Format: I8, Shape: []int{2, 2}, Data: make([]byte, 4)}, "has 0 scales"},
		{"scales of a float", Tensor{Format: F32, Shape: []int{1}, Data: make([]byte, 4), Scale: make([]float32, 1)}, "has 1 scales"},
		{"infinite scale", Tensor{Format: I8, Shape: []int{1, 2}, Data: make([]byte, 2), Scale: []float32{inf}}, "scale +Inf at index 0"},
		{"NaN scale", Tensor{Format: I8, Shape: []int{2}, Data: make([]byte, 2), Scale: []float32{0, inf - inf}}, "scale NaN at index 1"},
		{"scale whose product overflows", Tensor{Format: I8, Shape: []int{1}, Data: make([]byte, 1), Scale: []float32{math.MaxFloat32}}, "scale"},
		{"4-bit half a group", Tensor{Format: U8, Shape: []int{2, 16}, Data: make([]byte, 16), Scale: make([]float32, 1)}, "4-bit wants"},
		{"4-bit 3×3", Tensor{Format: U8, Shape: []int{1, 32, 3, 3}, Data: make([]byte, 144), Scale: make([]float32, 9)}, "4-bit wants"},
		{"4-bit vector", Tensor{Format: U8, Shape: []int{32}, Data: make([]byte, 16), Scale: make([]float32, 1)}, "4-bit wants"},
		{"other format", Tensor{Format: "I64", Shape: []int{1}, Data: make([]byte, 8)}, `format "I64"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			test.tensor.Name = "head.weight"
			err := test.tensor.Check()
			if test.err == "" {
				require.NoError(t, err)
				values, err := test.tensor.Floats()
				require.NoError(t, err)
				assert.Len(t, values, test.tensor.Elements())
				return
			}
			require.ErrorContains(t, err, test.err)
			require.ErrorContains(t, err, "head.weight")
			assert.Equal(t, err, test.tensor.Valid())
			_, again := test.tensor.Floats()
			assert.Equal(t, err, again)
		})
	}
}

func TestSizes(t *testing.T) {
	k := Tensor{Shape: []int{6, 5, 3, 3}}
	assert.Equal(t, []int{6, 45, 270}, []int{k.Rows(), k.Columns(), k.Elements()})
	v := Tensor{Shape: []int{7}}
	assert.Equal(t, []int{7, 1, 7}, []int{v.Rows(), v.Columns(), v.Elements()})
}

func TestFloats(t *testing.T) {
	nibbles := make([]byte, 32)
	nibbles[0], nibbles[1], nibbles[31] = 0xf0, 0x88, 0x19
	four := make([]float32, 64)
	for i := range four {
		four[i] = -8 * []float32{0.5, 2}[i/32]
	}
	four[0], four[1], four[2], four[3], four[62], four[63] = -4, 3.5, 0, 0, 2, -14
	tests := []struct {
		tensor Tensor
		want   []float32
	}{
		{Tensor{Format: F32, Shape: []int{2}, Data: []byte{0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0}}, []float32{1, -2}},
		{Tensor{Format: F16, Shape: []int{3}, Data: []byte{0, 0x3c, 0xff, 0x7b, 1, 0x80}}, []float32{1, 65504, -0x1p-24}},
		{Tensor{Format: BF16, Shape: []int{2}, Data: []byte{0x80, 0x3f, 0x49, 0xc0}}, []float32{1, -3.140625}},
		{Tensor{Format: I8, Shape: []int{2, 2}, Data: []byte{127, 0x81, 1, 0xff}, Scale: []float32{0.5, 4}}, []float32{63.5, -63.5, 4, -4}},
		{Tensor{Format: U8, Shape: []int{1, 64}, Data: nibbles, Scale: []float32{0.5, 2}}, four},
	}
	for _, test := range tests {
		t.Run(string(test.tensor.Format), func(t *testing.T) {
			values, err := test.tensor.Floats()
			require.NoError(t, err)
			assert.Equal(t, test.want, values)
		})
	}
}

// Every place of a first bad element is found, in whole words and in the rest.
func TestValidNamesTheFirstBadElement(t *testing.T) {
	for format, patterns := range map[Format][][]byte{
		F32:  {{0, 0, 0x80, 0x7f}, {0, 0, 0x80, 0xff}, {1, 0, 0x80, 0x7f}, {0xff, 0xff, 0xff, 0xff}},
		F16:  {{0, 0x7c}, {0, 0xfc}, {1, 0x7c}, {0xff, 0xff}},
		BF16: {{0x80, 0x7f}, {0x80, 0xff}, {0x81, 0x7f}, {0xff, 0xff}},
		I8:   {{0x80}},
	} {
		fault := "is NaN or infinite"
		largest := map[Format][]byte{F32: {0xff, 0xff, 0x7f, 0xff}, F16: {0xff, 0xfb}, BF16: {0x7f, 0xff}, I8: {0x81}}[format]
		x := Tensor{Name: "cra.gain", Format: format}
		if format == I8 {
			fault = "is −128, beyond −127 to 127,"
		}
		for n := 1; n <= 9; n++ {
			x.Shape = []int{n}
			if format == I8 {
				x.Scale = make([]float32, n)
			}
			x.Data = bytes.Repeat(largest, n)
			require.NoError(t, x.Valid(), format)
			for _, bad := range patterns {
				for i := range n {
					x.Data = append(bytes.Repeat(largest, i), bytes.Repeat(bad, n-i)...)
					want := fmt.Sprintf("tensor: cra.gain %s at index %d", fault, i)
					require.EqualError(t, x.Valid(), want, format)
					_, err := x.Floats()
					require.EqualError(t, err, want, format)
				}
			}
		}
	}
}

func TestFromFloats(t *testing.T) {
	values := []float32{1, -2, 0x1p-149, math.MaxFloat32, 0, 7}
	back, err := FromFloats("x", []int{2, 3}, values).Floats()
	require.NoError(t, err)
	assert.Equal(t, values, back)
	assert.Panics(t, func() { FromFloats("x", []int{4}, values) })
}

// Every finite binary16 comes back from its float, and so do all floats between
// it and halfway to its neighbours.
func TestEncodeF16RoundsToNearestEven(t *testing.T) {
	const inf = 0x7c00
	for h := uint16(0); h < inf; h++ {
		low, high := float64(DecodeF16(h)), float64(DecodeF16(h+1))
		if h+1 == inf {
			high = 0x1p16 // its value if exponents went on
		}
		half := float32((low + high) / 2)
		below, above := math.Nextafter32(half, 0), math.Nextafter32(half, float32(math.Inf(1)))
		even := h + h&1
		for _, c := range []struct {
			f    float32
			want uint16
		}{{float32(low), h}, {below, h}, {half, even}, {above, h + 1}} {
			for _, sign := range []uint16{0, 0x8000} {
				f := c.f
				if sign != 0 {
					f = -f
				}
				got, overflow := EncodeF16(f)
				if got != c.want|sign || overflow != (c.want == inf) {
					t.Fatalf("%v: got %#x %v, want %#x", f, got, overflow, c.want|sign)
				}
			}
		}
	}
	negative, overflow := EncodeF16(float32(math.Inf(-1)))
	assert.Equal(t, uint16(inf|0x8000), negative)
	assert.False(t, overflow)
	nan, overflow := EncodeF16(math.Float32frombits(0x7f800001))
	assert.False(t, overflow)
	assert.True(t, math.IsNaN(float64(DecodeF16(nan))))
	assert.True(t, math.IsInf(float64(DecodeF16(inf)), 1))
}

func BenchmarkFloats(b *testing.B) {
	const rows, columns = 512, 512
	data := make([]byte, 4*rows*columns)
	for i := 0; i < len(data); i += 4 {
		binary.LittleEndian.PutUint32(data[i:], uint32(i)*2654435761&0x3bff3bff)
	}
	for _, t := range []Tensor{
		{Format: F32, Data: data},
		{Format: F16, Data: data[:2*rows*columns]},
		{Format: BF16, Data: data[:2*rows*columns]},
		{Format: I8, Data: data[:rows*columns], Scale: make([]float32, rows)},
		{Format: U8, Data: data[:rows*columns/2], Scale: make([]float32, rows*columns/GroupSize)},
	} {
		t.Shape = []int{rows, columns}
		b.Run(string(t.Format), func(b *testing.B) {
			b.SetBytes(4 * rows * columns)
			for b.Loop() {
				if _, err := t.Floats(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkValid(b *testing.B) {
	const rows, columns = 512, 512
	for _, t := range []Tensor{
		{Format: F32, Data: make([]byte, 4*rows*columns)},
		{Format: F16, Data: make([]byte, 2*rows*columns)},
		{Format: I8, Data: make([]byte, rows*columns), Scale: make([]float32, rows)},
	} {
		t.Shape = []int{rows, columns}
		b.Run(string(t.Format), func(b *testing.B) {
			b.SetBytes(int64(len(t.Data)))
			for b.Loop() {
				if err := t.Valid(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
