package simd

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"uarweb/engine/device"
	"uarweb/engine/device/simd/internal/kernel"
	"uarweb/weights/tensor"
)

// weight is a random weight [out, in] in a format.
func (r *rig) weight(format tensor.Format, out, in int) tensor.Tensor {
	t := tensor.Tensor{Name: "weight", Format: format, Shape: []int{out, in}}
	random := func(bytes, scales int) {
		t.Data, t.Scale = make([]byte, bytes), make([]float32, scales)
		for i := range t.Data {
			t.Data[i] = byte(r.random.IntN(256))
		}
		for i := range t.Scale {
			t.Scale[i] = (r.random.Float32() - 0.5) / 64
		}
	}
	switch format {
	case tensor.F32:
		return tensor.FromFloats(t.Name, t.Shape, r.values(out*in))
	case tensor.F16, tensor.BF16:
		random(2*out*in, 0)
		for i := 1; i < len(t.Data); i += 2 {
			t.Data[i] = t.Data[i]&0x83 | 0x3c // around 1
		}
	case tensor.I8:
		random(out*in, out)
		for i, v := range t.Data {
			t.Data[i] = max(v, 0x81) // no −128
			if v < 0x80 {
				t.Data[i] = v
			}
		}
	case tensor.U8:
		random(out*in/2, out*in/tensor.GroupSize)
	}
	return t
}

// format of weights: the multiple of columns they come in, and how near to the
// reference a product of them is.
type format struct {
	tensor.Format
	multiple  int
	tolerance float64
	bytes     bool // what they are multiplied with has 8 bits,
	dots      bool // and byte dots do it, if there are any
}

var (
	floats32  = format{Format: tensor.F32, multiple: 1, tolerance: 1e-5}
	int8s     = format{Format: tensor.I8, multiple: 1, tolerance: 1e-3}
	fourBits  = format{Format: tensor.U8, multiple: tensor.GroupSize, tolerance: 1e-3}
	byteInt16 = format{Format: tensor.I8, multiple: 1, tolerance: 6e-2, bytes: true}
	byteDots  = format{Format: tensor.I8, multiple: 1, tolerance: 6e-2, bytes: true, dots: true}
)

var formats = []format{
	floats32, {Format: tensor.F16, multiple: 1, tolerance: 1e-5}, {Format: tensor.BF16, multiple: 1, tolerance: 1e-5},
	int8s, fourBits, byteInt16, byteDots,
}

func (f format) String() string {
	switch {
	case f.dots:
		return "byte dots"
	case f.bytes:
		return "bytes"
	}
	return string(f.Format)
}

// weight is a random weight [out, in], which the backend has to take next.
func (f format) weight(r *rig, out, in int) tensor.Tensor {
	t := r.weight(f.Format, out, in)
	t.Bytes = f.bytes
	r.useDots(f.dots)
	return t
}

// requireLinear compares a Linear of random values with the reference's.
func (r *rig) requireLinear(f format, rows, out, in int, e device.Epilogue, residual, inPlace, bias, relu bool) {
	r.Helper()
	t := f.weight(r, out, in)
	got, err := r.backend.Matrix(t)
	require.NoError(r, err)
	defer got.Release()
	want, err := reference.Matrix(t)
	require.NoError(r, err)
	values := r.values(rows * in)
	x := r.upload(values)
	if relu {
		for i, v := range values {
			values[i] = max(v, 0)
		}
		x.want = r.upload(values).want
	}
	dst := r.upload(r.values(rows * out))
	gotE, wantE := e, e
	if inPlace {
		gotE.Residual, wantE.Residual = dst.got, dst.want
	} else if residual {
		p := r.upload(r.values(rows * out))
		gotE.Residual, wantE.Residual = p.got, p.want
	}
	var b pair
	if bias {
		b = r.upload(r.values(out))
	}
	r.backend.linear(dst.got, x.got, rows, got, b.got, relu, gotE)
	reference.Linear(dst.want, x.want, rows, want, b.want, wantE)
	r.requireNearSums(dst, in, f.tolerance)
	r.release()
}

// Sizes around the tiles, the panels, the pairs and the parts.
func TestLinear(t *testing.T) {
	for _, f := range formats {
		t.Run(f.String(), func(t *testing.T) {
			r := newRig(t)
			i := 0
			try := func(rows, out, in int) {
				e := epilogues[i%len(epilogues)]
				r.requireLinear(f, rows, out, in*f.multiple, e.Epilogue, e.residual, e.residual && i%8 < 4, i%3 > 0, i%5 == 0)
				i++
			}
			for rows := 1; rows <= 9; rows++ {
				for out := 1; out <= 17; out++ {
					for in := 1; in <= 19; in += f.multiple {
						try(rows, out, in)
					}
				}
			}
			for _, s := range [][3]int{{1, 33, 40}, {1, 2051, 520}, {2, 1030, 522}, {3, 700, 511}, {33, 65, 129}, {70, 300, 64}, {196, 72, 130}, {257, 9, 600}} {
				try(s[0], s[1], (s[2]+f.multiple-1)/f.multiple)
			}
		})
	}
}

// quantizedLinear is the arithmetic of the integer products in plain Go, of
// activations up to most, or as much as the sums have room for.
func quantizedLinear(x []float32, rows int, most float32, w tensor.Tensor, bias []float32, e device.Epilogue, residual []float32) []float32 {
	out, in := w.Rows(), w.Columns()
	group, element := in, func(o, c int) int64 { return int64(int8(w.Data[o*in+c])) }
	if w.Format == tensor.U8 {
		group, element = tensor.GroupSize, func(o, c int) int64 { return int64(w.Data[(o*in+c)/2]>>(c%2*4)&15) - 8 }
	}
	largest := int64(1)
	for o := range out {
		for g := 0; g < in; g += group {
			sum := int64(0)
			for c := g; c < g+group; c++ {
				sum += max(element(o, c), -element(o, c))
			}
			largest = max(largest, sum)
		}
	}
	limit := float32(min(math.MaxInt16, math.MaxInt32/largest))
	if w.Format == tensor.U8 {
		limit = math.MaxInt16
	}
	limit = min(limit, most)
	dst := make([]float32, rows*out)
	q := make([]int64, in)
	for i := range rows {
		top := float32(0x1p-100)
		for _, v := range x[i*in:][:in] {
			top = max(top, v, -v)
		}
		inverse := limit / top
		for c, v := range x[i*in:][:in] {
			q[c] = int64(math.RoundToEven(float64(float32(v * inverse))))
		}
		for o := range out {
			total := float32(0)
			for g := 0; g < in; g += group {
				sum := int64(0)
				for c := g; c < g+group; c++ {
					sum += q[c] * element(o, c)
				}
				if sum != int64(int32(sum)) {
					panic("an int32 overflows")
				}
				if w.Format == tensor.U8 {
					total += float32(float32(sum) * w.Scale[(o*in+g)/group])
				} else {
					total = float32(sum)
				}
			}
			v := float32(total * float32(top/limit))
			if w.Format == tensor.I8 {
				v = float32(v * w.Scale[o])
			}
			v += bias[o]
			if e.ReLU {
				v = max(v, 0)
			}
			if e.Gain != 0 {
				v *= e.Gain
			}
			if residual != nil {
				v = float32(v) + residual[i*out+o]
			}
			dst[i*out+o] = v
		}
	}
	return dst
}

// Integer products are equal to the last bit, with relaxed instructions too.
func TestLinearExact(t *testing.T) {
	for _, format := range []tensor.Format{tensor.I8, tensor.U8} {
		t.Run(string(format), func(t *testing.T) {
			r := newRig(t)
			for i, s := range [][3]int{{1, 1, 32}, {1, 43, 64}, {2, 12, 96}, {3, 100, 512}, {5, 31, 2048}, {9, 17, 32}, {65, 24, 160}} {
				rows, out, in := s[0], s[1], s[2]
				w := r.weight(format, out, in)
				m, err := r.backend.Matrix(w)
				require.NoError(t, err)
				values, bias, residual := r.values(rows*in), r.values(out), r.values(rows*out)
				e := epilogues[i%len(epilogues)]
				var addend []float32
				dst := r.upload(residual)
				if e.residual {
					addend, e.Epilogue.Residual = residual, dst.got
				}
				r.backend.Linear(dst.got, r.upload(values).got, rows, m, r.upload(bias).got, e.Epilogue)
				e.Epilogue.Residual = nil
				require.Equal(t, quantizedLinear(values, rows, math.MaxInt16, w, bias, e.Epilogue, addend), r.download(dst))
				r.checkGuards()
			}
		})
	}
}

// Bytes give the same integers whatever multiplies them, signed or, after a ReLU, not.
func TestBytesExact(t *testing.T) {
	for _, f := range []format{byteInt16, byteDots} {
		t.Run(f.String(), func(t *testing.T) {
			r := newRig(t)
			for i, s := range [][3]int{{1, 1, 1}, {1, 43, 64}, {2, 12, 97}, {3, 100, 511}, {5, 31, 2050}, {9, 17, 32}, {65, 24, 163}} {
				rows, out, in := s[0], s[1], s[2]
				w := f.weight(r, out, in)
				m, err := r.backend.Matrix(w)
				require.NoError(t, err)
				values, bias, dst := r.values(rows*in), r.values(out), r.floats(rows*out)
				x := r.upload(values).got
				e := device.Epilogue{ReLU: i%2 == 0}
				r.backend.linear(dst.got, x, rows, m, r.upload(bias).got, false, e)
				require.Equal(t, quantizedLinear(values, rows, 127, w, bias, e, nil), r.download(dst))
				for i, v := range values {
					values[i] = max(v, 0)
				}
				r.backend.linear(dst.got, x, rows, m, r.upload(bias).got, true, e)
				require.Equal(t, quantizedLinear(values, rows, 255, w, bias, e, nil), r.download(dst))
				r.checkGuards()
			}
		})
	}
}

// Whatever the dots take a byte for, with the offset it is the integer.
func TestFlip(t *testing.T) {
	for _, signed := range []bool{true, false} {
		least, most := 0, 255
		if signed {
			least, most = -127, 127
		}
		for v := least; v <= most; v++ {
			mask, offset := flipped(signed, kernel.SignedDots)
			require.Equal(t, int32(v), int32(int8(uint32(v)^mask))+offset)
			mask, offset = flipped(signed, kernel.UnsignedDots)
			require.Equal(t, int32(v), int32(uint8(uint32(v)^mask))+offset)
		}
	}
}

// The largest sums there can be: all weights and all activations at their
// limits.
func TestLinearAtLimits(t *testing.T) {
	for _, test := range []struct {
		format format
		in     int
		weight byte
	}{
		{int8s, 1, 127}, {int8s, 1000, 127}, {int8s, 1001, 0x81}, {int8s, 20_000, 0x81}, {fourBits, 1024, 0}, {fourBits, 1024, 0xff},
		{byteDots, 1, 127}, {byteDots, 1001, 0x81}, {byteDots, 66_000, 127}, {byteDots, 66_000, 0x81}, {byteDots, 100_000, 0x81},
		{byteInt16, 66_000, 0x81}, {byteInt16, 100_000, 127},
	} {
		t.Run(fmt.Sprint(test), func(t *testing.T) {
			r := newRig(t)
			const rows, out = 6, 9
			w := test.format.weight(r, out, test.in)
			for i := range w.Data {
				w.Data[i] = test.weight
			}
			m, err := r.backend.Matrix(w)
			require.NoError(t, err)
			values := slices.Repeat([]float32{0.7}, rows*test.in)
			for i := range test.in {
				values[i] = -0.7
			}
			bias := make([]float32, out)
			dst := r.floats(rows * out)
			r.backend.Linear(dst.got, r.upload(values).got, rows, m, r.upload(bias).got, device.Epilogue{})
			most := float32(math.MaxInt16)
			if w.Bytes {
				most = math.MaxInt8
			}
			require.Equal(t, quantizedLinear(values, rows, most, w, bias, device.Epilogue{}, nil), r.download(dst))
			if w.Bytes { // 0 to 255, or what the sums have room for
				for i, v := range values {
					values[i] = max(v, 0)
				}
				r.backend.linear(dst.got, r.upload(values).got, rows, m, r.upload(bias).got, true, device.Epilogue{})
				require.Equal(t, quantizedLinear(values, rows, math.MaxUint8, w, bias, device.Epilogue{}, nil), r.download(dst))
			}
			r.checkGuards()
		})
	}
}

// What is not finite must not become a plausible number, and must stay in its
// row; neither may a row of zeros or of tiny numbers become anything else.
func TestLinearOfStrangeRows(t *testing.T) {
	nan, infinity := float32(math.NaN()), float32(math.Inf(1))
	for _, f := range formats {
		t.Run(f.String(), func(t *testing.T) {
			r := newRig(t)
			const out, in = 19, 64
			strange := []float32{0, 1e-45, 1e-38, nan, infinity, -infinity, 1e36}
			rows := 2 * len(strange)
			w := f.weight(r, out, in)
			m, err := r.backend.Matrix(w)
			require.NoError(t, err)
			values := r.values(rows * in)
			for i, v := range strange {
				row := values[2*i*in:][:in]
				clear(row)
				row[(i*11)%in] = v
			}
			x, bias, dst := r.upload(values), r.upload(make([]float32, out)), r.floats(rows*out)
			for _, e := range []device.Epilogue{{}, {ReLU: true}} {
				r.backend.Linear(dst.got, x.got, rows, m, bias.got, e)
				got := r.download(dst)
				for i := range rows {
					for o, v := range got[i*out:][:out] {
						finite := !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0)
						switch {
						case i%2 == 1 || i/2 < 3 || i/2 == 6:
							require.True(t, finite, "row %d, output %d: %v", i, o, v)
						case f.multiple == 1 && f.Format != tensor.I8: // in f32 a ReLU may take −∞ for 0
							require.True(t, !finite || e.ReLU && v == 0, "row %d, output %d: %v", i, o, v)
						default:
							require.True(t, math.IsNaN(float64(v)), "row %d, output %d: %v", i, o, v)
						}
						if i < 6 && i%2 == 0 {
							require.InDelta(t, 0, v, 1e-28)
						}
					}
				}
			}
			r.checkGuards()
		})
	}
}

// Round half to even, and a ReLU before the largest magnitude is sought.
func TestQuantizeRows(t *testing.T) {
	r := newRig(t)
	const in = 16 // The weight is the identity.
	w := tensor.Tensor{Name: "weight", Format: tensor.I8, Shape: []int{in, in}, Data: make([]byte, in*in), Scale: slices.Repeat([]float32{1}, in)}
	for i := range in {
		w.Data[i*in+i] = 1
	}
	m, err := r.backend.Matrix(w)
	require.NoError(t, err)
	values := make([]float32, in)
	want := make([]float32, in)
	for i := range values {
		values[i] = float32(i) + 0.5
		want[i] = float32(math.RoundToEven(float64(values[i])))
	}
	values[in-1], want[in-1] = math.MaxInt16, math.MaxInt16
	dst := r.floats(in)
	r.backend.Linear(dst.got, r.upload(values).got, 1, m, nil, device.Epilogue{})
	require.Equal(t, want, r.download(dst))
	values[0], want[0] = -1e9, 0
	r.backend.linear(dst.got, r.upload(values).got, 1, m, nil, true, device.Epilogue{})
	require.Equal(t, want, r.download(dst))
	r.checkGuards()
}

func TestLinearOfNoRows(t *testing.T) {
	r := newRig(t)
	for _, f := range formats {
		m, err := r.backend.Matrix(f.weight(r, 5, 32))
		require.NoError(t, err)
		r.backend.Linear(r.floats(0).got, r.floats(0).got, 0, m, nil, device.Epilogue{})
	}
	r.checkGuards()
}

func TestLinearPanics(t *testing.T) {
	r := newRig(t)
	m, err := r.backend.Matrix(r.weight(tensor.F32, 5, 7))
	require.NoError(t, err)
	x, dst, small := r.floats(14).got, r.floats(10).got, r.floats(4).got
	none := device.Epilogue{}
	require.Panics(t, func() { r.backend.Linear(small, x, 2, m, nil, none) })
	require.Panics(t, func() { r.backend.Linear(dst, small, 2, m, nil, none) })
	require.Panics(t, func() { r.backend.Linear(dst, x, 2, m, small, none) })
	require.Panics(t, func() { r.backend.Linear(dst, x, 2, m, nil, device.Epilogue{Residual: small}) })
	c, err := r.backend.Matrix(tensor.FromFloats("weight", []int{5, 7, 3, 3}, r.values(5*7*9)))
	require.NoError(t, err)
	require.Panics(t, func() { r.backend.Linear(dst, x, 2, c, nil, none) })
	m.Release()
	require.PanicsWithValue(t, "simd: a weight is used after its release", func() { r.backend.Linear(dst, x, 2, m, nil, none) })
}

func TestMatrixErrors(t *testing.T) {
	r := newRig(t)
	nan := r.values(6)
	nan[4] = float32(math.NaN())
	for name, w := range map[string]tensor.Tensor{
		"is NaN or infinite": tensor.FromFloats("head.weight", []int{2, 3}, nan),
		"is −128":            {Name: "head.weight", Format: tensor.I8, Shape: []int{1, 1}, Data: []byte{0x80}, Scale: []float32{1}},
		"has 3 bytes":        {Name: "head.weight", Format: tensor.F32, Shape: []int{1, 1}, Data: make([]byte, 3)},
		"is square and odd":  tensor.FromFloats("head.weight", []int{1, 1, 2, 2}, make([]float32, 4)),
		"has rows of 200000": {Name: "head.weight", Format: tensor.I8, Shape: []int{1, 200_000}, Data: bytes.Repeat([]byte{127}, 200_000), Scale: []float32{1}},
	} {
		_, err := r.backend.Matrix(w)
		require.ErrorContains(t, err, name)
		require.ErrorContains(t, err, "head.weight")
	}
}

// A released weight's memory is used again.
func TestMatrixRelease(t *testing.T) {
	r := newRig(t)
	for _, f := range formats {
		w := f.weight(r, 40, 96)
		m, err := r.backend.Matrix(w)
		require.NoError(t, err)
		first := m.(*matrix).panels.address
		m.Release()
		m.Release()
		m, err = r.backend.Matrix(w)
		require.NoError(t, err)
		require.Equal(t, first, m.(*matrix).panels.address)
		other, err := r.backend.Matrix(w)
		require.NoError(t, err)
		require.NotEqual(t, first, other.(*matrix).panels.address)
	}
	for _, s := range []shape{{in: 8, out: 9, kernel: 3}, {in: 3, out: 9, kernel: 7}} {
		for _, format := range []tensor.Format{tensor.F32, tensor.I8} {
			w := s.weight(r, format)
			m, err := r.backend.Matrix(w)
			require.NoError(t, err)
			m.Release()
			m.Release()
			blocks := len(r.backend.blocks)
			_, err = r.backend.Matrix(w)
			require.NoError(t, err)
			require.Len(t, r.backend.blocks, blocks)
		}
	}
}

func FuzzLinear(f *testing.F) {
	backend, err := New()
	require.NoError(f, err)
	f.Cleanup(backend.Close)
	dots := backend.memory.dots
	f.Add(uint8(4), uint16(8), uint8(16), uint8(0), uint8(0), uint64(1))
	f.Fuzz(func(t *testing.T, rows uint8, out uint16, in, format, options uint8, seed uint64) {
		r := &rig{T: t, random: rand.New(rand.NewPCG(seed, 0)), backend: backend, dots: dots}
		of, e := formats[int(format)%len(formats)], epilogues[int(options)%len(epilogues)]
		r.requireLinear(of, 1+int(rows)%70, 1+int(out)%600, (1+int(in))*of.multiple, e.Epilogue, e.residual,
			e.residual && options&4 > 0, options&8 > 0, options&16 > 0)
	})
}

// GOP/s are 10⁹ multiplications and additions a second.
func BenchmarkLinear(b *testing.B) {
	backend, err := New()
	require.NoError(b, err)
	b.Cleanup(backend.Close)
	r := &rig{random: rand.New(rand.NewPCG(1, 2)), backend: backend, dots: backend.memory.dots}
	for _, format := range []format{floats32, int8s, fourBits, byteDots} {
		for _, s := range [][3]int{{784, 256, 2304}, {196, 2048, 512}, {1, 2048, 512}, {3, 2048, 512}, {3, 512, 512}} {
			rows, out, in := s[0], s[1], s[2]
			b.Run(fmt.Sprintf("%s/%d×%d×%d", format, rows, out, in), func(b *testing.B) {
				w, err := backend.Matrix(format.weight(r, out, in))
				require.NoError(b, err)
				defer w.Release()
				x, dst := backend.Floats(rows*in), backend.Floats(rows*out)
				defer x.Release()
				defer dst.Release()
				backend.Upload(x, 0, r.values(rows*in))
				for b.Loop() {
					backend.Linear(dst, x, rows, w, nil, device.Epilogue{})
				}
				b.ReportMetric(2*float64(rows*out*in)*float64(b.N)/float64(b.Elapsed().Nanoseconds()), "GOP/s")
			})
		}
	}
}
