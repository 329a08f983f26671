package engine_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine"
	"uarweb/engine/device/portable"
	"uarweb/weights/tensor"
)

// A view's surprisal is the mean, over its tokens, of what the table of its place
// says of the code in its cell; over the limit, a note says so.
func TestSurprisal(t *testing.T) {
	const cells = 3 // of 4 tokens a side: unequal ones
	c := tinyConfig()
	c.Surprisal = &engine.Surprisal{Cells: cells, Limits: []float64{100, 1e-3}}
	codes, grid := c.DVAE.Vocab, c.Grid()
	table := make([]float32, c.Image.Views*cells*cells*codes)
	for i := range table {
		table[i] = float32(i) / 64
	}
	w := checkpoint(t, c, func(list []tensor.Tensor) []tensor.Tensor {
		i := slices.IndexFunc(list, func(t tensor.Tensor) bool { return t.Name == "lsu.surprisal.weight" })
		list[i] = tensor.FromFloats(list[i].Name, []int{c.Image.Views * cells * cells, codes}, table)
		return list
	})
	m, err := engine.Load(t.Context(), w, portable.New(), engine.LoadOptions{})
	require.NoError(t, err)
	defer m.Close()

	r, err := m.Report(t.Context(), study(2), engine.Options{})
	require.NoError(t, err)
	cellOf := []int{0, 0, 1, 2} // of a row or column
	for view, tokens := range r.ImageTokens {
		sum := 0.0
		for i, code := range tokens {
			cell := (view*cells+cellOf[i/grid])*cells + cellOf[i%grid]
			sum += float64(table[cell*codes+code])
		}
		found := r.Views[view].Surprisal
		require.NotNil(t, found)
		assert.InDelta(t, sum/float64(len(tokens)), found.Nats, 1e-9)
		assert.Equal(t, c.Surprisal.Limits[view], found.Limit)
	}
	assert.False(t, r.Views[0].Surprisal.Unlike())
	assert.Empty(t, r.Views[0].Notes)
	assert.True(t, r.Views[1].Surprisal.Unlike())
	require.Len(t, r.Views[1].Notes, 1)
	assert.Contains(t, r.Views[1].Notes[0], "unlike the lateral views")

	one, err := m.Report(t.Context(), study(1), engine.Options{})
	require.NoError(t, err)
	assert.Len(t, one.Views, 1, "an image that serves as both is judged as the first")
	assert.Empty(t, one.Views[0].Notes)
}

// A model without a table says nothing, and so does the JSON of its report.
func TestWithoutSurprisal(t *testing.T) {
	r, err := load(t, tinyConfig()).Report(t.Context(), study(1), engine.Options{})
	require.NoError(t, err)
	assert.Nil(t, r.Views[0].Surprisal)
	assert.False(t, r.Views[0].Surprisal.Unlike())
}
