package quantize

import (
	"crypto/sha256"
	"encoding/hex"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"

	"uarweb/weights/tensor"
)

func random(seed uint64, shape ...int) tensor.Tensor {
	r := rand.New(rand.NewPCG(seed, 1))
	n := 1
	for _, d := range shape {
		n *= d
	}
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(r.NormFloat64()) * 0.1
	}
	return tensor.FromFloats("w", shape, values)
}

// correlated is the Gram matrix of inputs that depend on each other, as pixels
// and features do.
func correlated(seed uint64, samples, columns int) *mat.SymDense {
	r := rand.New(rand.NewPCG(seed, 2))
	x := mat.NewDense(samples, columns, nil)
	for i := range samples {
		common, last := r.NormFloat64(), 0.0
		for j := range columns {
			last = 0.8*last + r.NormFloat64()
			x.Set(i, j, common+last*(1+float64(j%7)))
		}
	}
	var h mat.SymDense
	h.SymOuterK(1, x.T())
	return &h
}

func floats(t *testing.T, x tensor.Tensor) []float32 {
	t.Helper()
	values, err := x.Floats()
	require.NoError(t, err)
	return values
}

func TestInt8Known(t *testing.T) {
	// The first row is exact; in the second 0.5 and 1.5 are ties, to even.
	w := tensor.FromFloats("w", []int{2, 4}, []float32{127, -127, 3, 0, 254, 1, 3, -5})
	q, err := Int8(w, nil)
	require.NoError(t, err)
	assert.Equal(t, []float32{1, 2}, q.Scale)
	assert.Equal(t, []byte{127, 0x81, 3, 0, 127, 0, 2, 0xfe}, q.Data)
	assert.Equal(t, tensor.I8, q.Format)
	assert.Equal(t, []int{2, 4}, q.Shape)
}

func TestInt4Known(t *testing.T) {
	values := make([]float32, 64)
	for i := range 32 {
		values[i] = float32(i%8) / 2
	}
	values[0], values[1], values[2], values[3] = 3.5, -3.5, 0.25, 0.75 // 0.5 and 1.5 scales, to even
	q, err := Int4(tensor.FromFloats("w", []int{1, 64}, values), nil)
	require.NoError(t, err)
	assert.Equal(t, []float32{0.5, 0}, q.Scale)
	assert.Equal(t, []byte{0x1f, 0xa8, 0xdc}, q.Data[:3])
	assert.Equal(t, []float32{3.5, -3.5, 0, 1, 2, 2.5}, floats(t, q)[:6])
	assert.Zero(t, floats(t, q)[40])
}

func TestF16Known(t *testing.T) {
	h, err := F16(tensor.FromFloats("w", []int{3}, []float32{1, -65504, 1e-9}))
	require.NoError(t, err)
	assert.Equal(t, []byte{0, 0x3c, 0xff, 0xfb, 0, 0}, h.Data)
	again, err := F16(h)
	require.NoError(t, err)
	assert.Equal(t, h, again)
	_, err = F16(tensor.FromFloats("w", []int{2}, []float32{1, 1e5}))
	assert.EqualError(t, err, "quantize: w has 100000 at index 1, too large for F16")
}

// Rounded to nearest, an element within the range of its scale is off by at
// most half a scale, and one beyond it becomes the end of the range.
func TestPlainRounding(t *testing.T) {
	for seed := range uint64(20) {
		for _, test := range []struct {
			round     func(tensor.Tensor, *mat.SymDense) (tensor.Tensor, error)
			shape     []int
			group     int
			low, high float64
		}{{Int8, []int{3, 5, 3, 3}, 45, -127, 127}, {Int4, []int{3, 96}, 32, -8, 7}, {Int4, []int{3, 64, 1, 1}, 32, -8, 7}} {
			w := random(seed, test.shape...)
			q, err := test.round(w, nil)
			require.NoError(t, err)
			require.NoError(t, q.Check())
			for i, v := range floats(t, w) {
				s := float64(q.Scale[i/test.group])
				want := min(max(float64(v), test.low*s), test.high*s)
				require.LessOrEqual(t, math.Abs(float64(floats(t, q)[i])-want), s/2*(1+1e-6), "seed %d index %d", seed, i)
			}
		}
	}
}

func TestQuantizedTwice(t *testing.T) {
	w := random(1, 4, 64)
	h := correlated(1, 200, 64)
	for _, round := range []func(tensor.Tensor, *mat.SymDense) (tensor.Tensor, error){Int8, Int4} {
		once, err := round(w, nil)
		require.NoError(t, err)
		twice, err := round(once, h)
		require.NoError(t, err)
		assert.Equal(t, once, twice)

		// As floats, too: the values lie on a grid that is found again.
		again, err := round(tensor.FromFloats("w", []int{4, 64}, floats(t, once)), nil)
		require.NoError(t, err)
		s, err := Error(once, again, nil)
		require.NoError(t, err)
		assert.Less(t, s.Weight, 1e-6)
	}
}

// Compensated, the outputs are off by less; the largest gain is where inputs
// depend on each other.
func TestCompensation(t *testing.T) {
	for seed := range uint64(8) {
		h := correlated(seed, 300, 96)
		for _, test := range []struct {
			name  string
			round func(tensor.Tensor, *mat.SymDense) (tensor.Tensor, error)
		}{{"int8", Int8}, {"int4", Int4}} {
			w := random(seed, 40, 96)
			plain, err := test.round(w, nil)
			require.NoError(t, err)
			compensated, err := test.round(w, h)
			require.NoError(t, err)
			before, err := Error(w, plain, h)
			require.NoError(t, err)
			after, err := Error(w, compensated, h)
			require.NoError(t, err)
			assert.Less(t, after.Output, 0.7*before.Output, "%s, seed %d", test.name, seed)
			assert.Less(t, before.Weight, after.Weight, "what is gained in the outputs is paid in the weights")
		}
	}
}

// The error of the outputs is Σ D_j·η_j² with η the error of rounding alone:
// the factors are those of H.
func TestFactorize(t *testing.T) {
	const n = 50
	h := correlated(3, 20, n) // of rank 20: damping makes it definite
	f, err := factorize(h, n)
	require.NoError(t, err)
	u, d := mat.NewTriDense(n, mat.Upper, nil), mat.NewDiagDense(n, f.weights)
	for i := range n {
		u.SetTri(i, i, 1)
		for k, v := range f.upper[i] {
			u.SetTri(i, i+1+k, v)
		}
	}
	var product mat.Dense
	product.Product(u, d, u.T())
	for i := range n {
		h.SetSym(i, i, h.At(i, i)+damping*mat.Trace(correlated(3, 20, n))/n)
	}
	assert.True(t, mat.EqualApprox(h, &product, 1e-8*h.At(0, 0)))
}

func TestNoInputsMeanPlainRounding(t *testing.T) {
	w := random(5, 3, 32)
	plain, err := Int8(w, nil)
	require.NoError(t, err)
	zero, err := Int8(w, mat.NewSymDense(32, nil))
	require.NoError(t, err)
	assert.Equal(t, plain, zero)
}

func TestRefused(t *testing.T) {
	indefinite, nan := mat.NewSymDense(32, nil), mat.NewSymDense(32, nil)
	indefinite.SetSym(0, 0, 1)
	indefinite.SetSym(1, 1, -0.5)
	nan.SetSym(3, 7, math.NaN())
	huge := make([]float32, 32)
	huge[0] = 1e6
	for name, test := range map[string]struct {
		t    tensor.Tensor
		gram *mat.SymDense
		err  string
	}{
		"vector":      {random(1, 32), nil, "w is a vector"},
		"33 columns":  {random(1, 2, 33), nil, "33 columns, no multiple of 32"},
		"3×3":         {random(1, 2, 32, 3, 3), nil, "4-bit wants"},
		"wrong gram":  {random(1, 2, 32), mat.NewSymDense(31, nil), "31 columns for 32"},
		"indefinite":  {random(1, 2, 32), indefinite, "not positive semidefinite"},
		"NaN in gram": {random(1, 2, 32), nan, "NaN at [3, 7]"},
		"NaN":         {tensor.FromFloats("w", []int{1, 32}, append(make([]float32, 31), float32(math.NaN()))), nil, "w is NaN or infinite at index 31"},
		"huge":        {tensor.FromFloats("w", []int{1, 32}, huge), nil, "too large for its scales"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Int4(test.t, test.gram)
			assert.ErrorContains(t, err, test.err)
		})
	}
}

// A machine that adds in another order would give other bytes. Weights and
// inputs are integers, so that the Gram matrix is exact.
func TestSameOnEveryMachine(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	const rows, columns = 33, 64
	weights := make([]float32, rows*columns)
	for i := range weights {
		weights[i] = float32(r.IntN(2001)-1000) / 1024
	}
	h := mat.NewSymDense(columns, nil)
	for range 150 {
		x, last := make([]float64, columns), 0
		for j := range x {
			last = last/2 + r.IntN(101) - 50
			x[j] = float64(last)
		}
		for i := range columns {
			for j := i; j < columns; j++ {
				h.SetSym(i, j, h.At(i, j)+x[i]*x[j])
			}
		}
	}
	hash := sha256.New()
	for _, round := range []func(tensor.Tensor, *mat.SymDense) (tensor.Tensor, error){Int8, Int4} {
		q, err := round(tensor.FromFloats("w", []int{rows, columns}, weights), h)
		require.NoError(t, err)
		hash.Write(q.Data)
		hash.Write(tensor.FromFloats("", []int{len(q.Scale)}, q.Scale).Data)
	}
	assert.Equal(t, "68ca8c2eec41c3c6869cbeeed360c86cddde4d3332c7201bd2b242336bee51b4", hex.EncodeToString(hash.Sum(nil)))
}

func TestError(t *testing.T) {
	w := tensor.FromFloats("w", []int{1, 2}, []float32{3, 4})
	q := tensor.FromFloats("w", []int{1, 2}, []float32{3, 5})
	h := mat.NewSymDense(2, []float64{2, 1, 1, 3})
	s, err := Error(w, q, h)
	require.NoError(t, err)
	assert.InDelta(t, 0.2, s.Weight, 1e-12)
	assert.InDelta(t, 3.0/(2*9+2*12+3*16), s.Output, 1e-12)
	assert.Equal(t, 1.0, s.Max)

	s, err = Error(w, w, nil)
	require.NoError(t, err)
	assert.Equal(t, Stats{}, s)
	_, err = Error(w, q, mat.NewSymDense(3, nil))
	assert.ErrorContains(t, err, "3 columns for 2")
	_, err = Error(w, random(1, 2, 2), nil)
	assert.ErrorContains(t, err, "shape [2 2]")
}

func BenchmarkInt8(b *testing.B) {
	w, h := random(1, 512, 512), correlated(1, 600, 512)
	for b.Loop() {
		if _, err := Int8(w, h); err != nil {
			b.Fatal(err)
		}
	}
}
