package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"uarweb/engine/device"
	"uarweb/weights/tensor"
)

// shape is a convolution: an image, its channels and the kernel.
type shape struct{ height, width, in, out, kernel int }

// Sizes around the tiles of 2×2 pixels and 4 columns, and channels around the
// vectors and panels of 8, more than one chunk and band of tiles, and groups of
// panels that do not come out even.
var shapes = []shape{
	{1, 1, 1, 1, 3}, {1, 1, 8, 8, 3}, {1, 1, 3, 5, 7}, {1, 6, 8, 3, 3}, {7, 1, 16, 9, 3},
	{2, 2, 2, 2, 3}, {2, 2, 8, 16, 3}, {5, 7, 16, 40, 3}, {5, 7, 9, 7, 3}, {6, 9, 40, 17, 3}, {8, 8, 24, 8, 3},
	{5, 7, 3, 10, 5}, {4, 3, 7, 4, 5}, {9, 5, 4, 11, 7}, {13, 14, 1, 6, 7}, {5, 6, 3, 8, 7}, {31, 29, 16, 24, 3}, {4, 5, 8, 72, 3}, {4, 5, 8, 136, 3},
	{5, 7, 5, 6, 1}, {2, 2, 8, 8, 1}, {1, 9, 40, 9, 1}, {112, 112, 3, 4, 7}, {112, 112, 8, 8, 3}, {112, 112, 1, 5, 3},
}

func (s shape) String() string {
	return fmt.Sprintf("%d×%d image, %d to %d channels, %d×%d", s.height, s.width, s.in, s.out, s.kernel, s.kernel)
}

func (s shape) pixels() int { return s.height * s.width }

func (s shape) dimensions() []int { return []int{s.out, s.in, s.kernel, s.kernel} }

// weight is a random weight of float32, or of int8 with random scales.
func (s shape) weight(r *rig, format tensor.Format) tensor.Tensor {
	n := s.out * s.in * s.kernel * s.kernel
	if format == tensor.F32 {
		return tensor.FromFloats("weight", s.dimensions(), r.values(n))
	}
	t := tensor.Tensor{Name: "weight", Format: tensor.I8, Shape: s.dimensions(), Data: make([]byte, n), Scale: make([]float32, s.out)}
	for i := range t.Data {
		t.Data[i] = byte(r.random.IntN(255) - 127)
	}
	for i := range t.Scale {
		t.Scale[i] = (0.5 + r.random.Float32()) / 127
	}
	return t
}

// epilogues are all kinds; residual says whether there is one.
var epilogues = []struct {
	device.Epilogue
	residual bool
}{{}, {Epilogue: device.Epilogue{ReLU: true}}, {Epilogue: device.Epilogue{Gain: 0.25}, residual: true}, {Epilogue: device.Epilogue{ReLU: true, Gain: 3}, residual: true}}

// sub is the rig for a subtest: a backend takes a while to make.
func (r *rig) sub(t *testing.T) *rig {
	return &rig{T: t, random: r.random, backend: r.backend}
}

func TestConvolve(t *testing.T) {
	all := newRig(t)
	for _, format := range []struct {
		tensor.Format
		tolerance float64
	}{{tensor.F32, 1e-5}, {tensor.I8, 5e-4}} {
		for i, s := range shapes {
			t.Run(fmt.Sprint(format.Format, " ", s), func(t *testing.T) {
				r := all.sub(t)
				for j, e := range epilogues {
					r.requireConvolve(s, format.Format, e.Epilogue, e.residual, j%2 == 0, (i+j)%2 == 0, format.tolerance)
				}
			})
		}
	}
}

// requireConvolve compares a Convolve of random values with the reference's.
func (r *rig) requireConvolve(s shape, format tensor.Format, e device.Epilogue, residual, inPlace, relu bool, tolerance float64) {
	r.Helper()
	w := s.weight(r, format)
	got, err := r.backend.Matrix(w)
	require.NoError(r, err)
	defer got.Release()
	want, err := reference.Matrix(w)
	require.NoError(r, err)
	x, bias, dst := r.upload(r.values(s.pixels()*s.in)), r.upload(r.values(s.out)), r.upload(r.values(s.pixels()*s.out))
	gotE, wantE := e, e
	if residual && inPlace {
		gotE.Residual, wantE.Residual = dst.got, dst.want
	} else if residual {
		p := r.upload(r.values(s.pixels() * s.out))
		gotE.Residual, wantE.Residual = p.got, p.want
	}
	r.backend.Convolve(dst.got, x.got, s.height, s.width, got, bias.got, relu, gotE)
	reference.Convolve(dst.want, x.want, s.height, s.width, want, bias.want, relu, wantE)
	r.requireNearSums(dst, s.in*s.kernel*s.kernel, tolerance)
	r.release()
}

// FuzzConvolve compares with the reference at any size.
func FuzzConvolve(f *testing.F) {
	backend, err := New()
	require.NoError(f, err)
	f.Cleanup(backend.Close)
	f.Add(uint8(6), uint8(8), uint8(31), uint8(38), uint8(1), uint8(0), uint64(1))  // Winograd
	f.Add(uint8(16), uint8(18), uint8(7), uint8(8), uint8(1), uint8(31), uint64(2)) // of several chunks
	f.Add(uint8(6), uint8(8), uint8(2), uint8(14), uint8(3), uint8(5), uint64(3))   // direct
	f.Add(uint8(2), uint8(3), uint8(32), uint8(9), uint8(0), uint8(2), uint64(4))   // a Linear
	f.Fuzz(func(t *testing.T, height, width, in, out, kernel, options uint8, seed uint64) {
		r := &rig{T: t, random: rand.New(rand.NewPCG(seed, 0)), backend: backend}
		s := shape{1 + int(height)%24, 1 + int(width)%24, 1 + int(in)%48, 1 + int(out)%48, 1 + 2*int(kernel%4)}
		format, tolerance := tensor.F32, 1e-5
		if options&1 > 0 {
			format, tolerance = tensor.I8, 1e-3
		}
		e := epilogues[options>>1&3]
		r.requireConvolve(s, format, e.Epilogue, e.residual, options&8 > 0, options&16 > 0, tolerance)
	})
}

// TestConvolveExact: the kernels compute what the scalar loops say, to the last
// bit, and so the direct and the Winograd convolution are the same function.
func TestConvolveExact(t *testing.T) {
	all := newRig(t)
	for i, s := range shapes {
		if s.kernel == 1 {
			continue // a Linear
		}
		t.Run(s.String(), func(t *testing.T) {
			r := all.sub(t)
			values := r.values(s.pixels() * s.in)
			bias := r.values(s.out)
			w := s.weight(r, tensor.I8)
			c, err := r.backend.newConvolution(w, algorithm(w))
			require.NoError(t, err)
			relu := i%2 == 0
			want := quantizedConvolution(values, s, w, c.limit, bias, relu)
			convolve := func(c *convolution) []float32 {
				dst := r.floats(s.pixels() * s.out)
				r.backend.Convolve(dst.got, r.upload(values).got, s.height, s.width, c, r.upload(bias).got, relu, device.Epilogue{})
				got := make([]float32, len(want))
				require.NoError(t, r.backend.Download(t.Context(), device.Copy{From: dst.got, Floats: got}))
				r.checkGuards()
				return got
			}
			require.Equal(t, want, convolve(c))
			if c.algorithm == winograd {
				plain, err := r.backend.newConvolution(w, direct)
				require.NoError(t, err)
				require.GreaterOrEqual(t, plain.limit, c.limit)
				plain.limit = c.limit
				require.Equal(t, want, convolve(plain))
			}
		})
	}
}

// quantizedConvolution is the integer convolution, naively.
func quantizedConvolution(x []float32, s shape, w tensor.Tensor, limit int, bias []float32, relu bool) []float32 {
	top := float32(0)
	for _, v := range x {
		if !relu || v > 0 {
			top = max(top, v, -v)
		}
	}
	scale, inverse := top/float32(limit), float32(limit)/top
	integers := make([]int, len(x))
	for i, v := range x {
		if !relu || v > 0 {
			integers[i] = int(math.RoundToEven(float64(v * inverse)))
		}
	}
	dst := make([]float32, s.pixels()*s.out)
	for y := range s.height {
		for x := range s.width {
			for o := range s.out {
				sum := 0
				for i := range s.kernel {
					for j := range s.kernel {
						sy, sx := y+i-s.kernel/2, x+j-s.kernel/2
						if sy < 0 || sy >= s.height || sx < 0 || sx >= s.width {
							continue
						}
						for c := range s.in {
							sum += integers[(sy*s.width+sx)*s.in+c] * int(int8(w.Data[((o*s.in+c)*s.kernel+i)*s.kernel+j]))
						}
					}
				}
				product := float32(sum) * (scale * w.Scale[o])
				dst[(y*s.width+x)*s.out+o] = product + bias[o]
			}
		}
	}
	return dst
}

// TestConvolveOfExtremes: the largest activations and weights there are, of
// signs that make every sum as large as it gets.
func TestConvolveOfExtremes(t *testing.T) {
	r := newRig(t)
	s := shape{6, 6, 512, 8, 3}
	w := tensor.Tensor{Name: "weight", Format: tensor.I8, Shape: s.dimensions(), Data: make([]byte, s.out*s.in*9), Scale: make([]float32, s.out)}
	values := make([]float32, s.pixels()*s.in)
	for i := range values {
		values[i] = 1
	}
	for i := range w.Data {
		w.Data[i] = []byte{127, 0x81}[i/(s.in*9)%2] // every other output −127
	}
	for i := range w.Scale {
		w.Scale[i] = 1
	}
	for _, a := range []convolutionAlgorithm{direct, winograd} {
		c, err := r.backend.newConvolution(w, a)
		require.NoError(t, err)
		bias := make([]float32, s.out)
		dst := r.floats(s.pixels() * s.out)
		r.backend.Convolve(dst.got, r.upload(values).got, s.height, s.width, c, r.upload(bias).got, false, device.Epilogue{})
		got := make([]float32, s.pixels()*s.out)
		require.NoError(t, r.backend.Download(t.Context(), device.Copy{From: dst.got, Floats: got}))
		require.Equal(t, quantizedConvolution(values, s, w, c.limit, bias, false), got)
	}
}

// TestConvolveNotFinite: what is not finite in the input is not finite in the
// result, wherever it can reach.
func TestConvolveNotFinite(t *testing.T) {
	all := newRig(t)
	for _, format := range []tensor.Format{tensor.F32, tensor.I8} {
		for _, s := range []shape{{5, 6, 8, 9, 3}, {5, 6, 3, 9, 7}, {5, 6, 8, 9, 1}} {
			for _, bad := range []float64{math.NaN(), math.Inf(1)} {
				t.Run(fmt.Sprint(format, " ", s, " ", bad), func(t *testing.T) {
					r := all.sub(t)
					values := r.values(s.pixels() * s.in)
					at := s.pixels() / 2
					values[at*s.in+1] = float32(bad)
					m, err := r.backend.Matrix(s.weight(r, format))
					require.NoError(t, err)
					dst := r.floats(s.pixels() * s.out)
					r.backend.Convolve(dst.got, r.upload(values).got, s.height, s.width, m, r.upload(r.values(s.out)).got, true, device.Epilogue{})
					got := make([]float32, s.pixels()*s.out)
					require.NoError(t, r.backend.Download(t.Context(), device.Copy{From: dst.got, Floats: got}))
					for o, v := range got[at*s.out : (at+1)*s.out] {
						require.True(t, math.IsNaN(float64(v)) || math.IsInf(float64(v), 0), "output %d is %v", o, v)
					}
				})
			}
		}
	}
}

// TestConvolveOfNothing: zeros, and values too small for an inverse, have a
// finite result.
func TestConvolveOfNothing(t *testing.T) {
	r := newRig(t)
	for _, value := range []float32{0, -1, math.SmallestNonzeroFloat32} {
		s := shape{3, 4, 8, 8, 3}
		values := make([]float32, s.pixels()*s.in)
		for i := range values {
			values[i] = value
		}
		w := s.weight(r, tensor.I8)
		got, err := r.backend.Matrix(w)
		require.NoError(t, err)
		want, err := reference.Matrix(w)
		require.NoError(t, err)
		x, bias, dst := r.upload(values), r.upload(r.values(s.out)), r.floats(s.pixels()*s.out)
		r.backend.Convolve(dst.got, x.got, s.height, s.width, got, bias.got, true, device.Epilogue{})
		reference.Convolve(dst.want, x.want, s.height, s.width, want, bias.want, true, device.Epilogue{})
		r.requireNear(dst, 1e-6)
	}
}

func TestConvolutionShape(t *testing.T) {
	r := newRig(t)
	for _, dimensions := range [][]int{{1, 1, 2, 2}, {1, 1, 3, 5}} {
		n := dimensions[2] * dimensions[3]
		_, err := r.backend.Matrix(tensor.FromFloats("w", dimensions, make([]float32, n)))
		require.ErrorContains(t, err, "w has shape")
	}
}
