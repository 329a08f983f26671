package cra

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/device"
	"uarweb/engine/device/portable"
	"uarweb/weights/tensor"
)

const width, heads, basis = 12, 3, 19

// source makes every tensor at random when it is asked for.
type source struct{ random *rand.Rand }

func (s source) Tensor(name string) (tensor.Tensor, error) {
	shape := []int{width, width}
	switch {
	case name == "cra.basis" || name == "cra.gain" || name == "cra.bias":
		shape = []int{basis, width}
	case strings.HasSuffix(name, ".bias"):
		shape = []int{width}
	}
	t := tensor.Tensor{Shape: shape}
	return tensor.FromFloats(name, shape, s.values(t.Elements())), nil
}

func (s source) values(n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(s.random.NormFloat64() / 2)
	}
	return v
}

func aligner(t *testing.T) (*Aligner, device.Backend, source) {
	t.Helper()
	s := source{rand.New(rand.NewPCG(1, 2))}
	b := portable.New()
	l := device.NewLoader(t.Context(), s, b, func() {})
	a := Load(l, width, heads, basis)
	require.NoError(t, l.Err())
	return a, b, s
}

// TestFold: the F of a token depends on its embedding alone, so that the folded
// table holds what Align gives for any mixture of tokens, in any order.
func TestFold(t *testing.T) {
	a, b, s := aligner(t)
	const rows = foldRows + 3
	table, values := b.Floats(rows*width), s.values(rows*width)
	b.Upload(table, 0, values)
	steps := 0
	folded, err := a.Fold(t.Context(), values, func() { steps++ })
	require.NoError(t, err)
	assert.Equal(t, FoldSteps(rows), steps)

	tokens := []int32{258, 0, 7, 7, 255, 256}
	ids, embeddings, aligned := b.Ints(len(tokens)), b.Floats(len(tokens)*width), b.Floats(len(tokens)*width)
	b.UploadInts(ids, 0, tokens)
	b.Embed(embeddings, table, ids, 0, len(tokens), width, false)
	a.Align(aligned, embeddings, len(tokens))
	want, got := make([]float32, len(tokens)*width), make([]float32, rows*width)
	require.NoError(t, b.Download(t.Context(), device.Copy{From: aligned, Floats: want}, device.Copy{From: folded, Floats: got}))
	for i, token := range tokens {
		for j := range width {
			assert.InDelta(t, want[i*width+j], got[int(token)*width+j], 1e-5)
		}
	}
}

func TestFoldStops(t *testing.T) {
	a, _, s := aligner(t)
	ctx, cancel := context.WithCancel(t.Context())
	steps := 0
	_, err := a.Fold(ctx, s.values(3*foldRows*width), func() {
		steps++
		cancel()
	})
	assert.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, 1, steps)
}

// TestGatesClosed: with gates whose weights are 0, Eq. 9 is
// (tanh(E + F̃) + E)/2 + F̃; with a basis of one vector, F̃ is its value projected,
// whatever the query.
func TestGatesClosed(t *testing.T) {
	b := portable.New()
	zero := tensor.FromFloats("zero", []int{1, 1}, []float32{0})
	closed, err := b.Matrix(zero)
	require.NoError(t, err)
	one, err := b.Matrix(tensor.FromFloats("one", []int{1, 1}, []float32{1}))
	require.NoError(t, err)
	scalar := func(v float32) device.Buffer {
		x := b.Floats(1)
		b.Upload(x, 0, []float32{v})
		return x
	}
	gates := gate{closed, closed}
	a := &Aligner{
		backend: b, width: 1, heads: 1, basis: 1, key: scalar(4), value: scalar(0.5),
		query: device.Layer{Weight: one, Bias: scalar(0)}, output: device.Layer{Weight: one, Bias: scalar(0.25)},
		input: gates, forget: gates,
	}
	dst, got := b.Floats(1), make([]float32, 1)
	a.Align(dst, scalar(-0.5), 1)
	require.NoError(t, b.Download(t.Context(), device.Copy{From: dst, Floats: got}))
	assert.InDelta(t, (math.Tanh(0.25)-0.5)/2+0.75, got[0], 1e-6)
}
