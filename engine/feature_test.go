package engine_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine"
)

// TestFeaturesAlign: the cosine of a report's features is its alignment.
func TestFeaturesAlign(t *testing.T) {
	m := load(t, tinyConfig())
	for _, views := range []int{1, 2} {
		r, err := m.Report(t.Context(), study(views), engine.Options{})
		require.NoError(t, err)
		image, err := m.ImageFeature(t.Context(), r.ImageTokens)
		require.NoError(t, err)
		var words []int
		for _, w := range r.Words {
			words = append(words, w.Token)
		}
		require.NotEmpty(t, words)
		text, err := m.TextFeature(t.Context(), words)
		require.NoError(t, err)
		var product, a, b float64
		for i := range image {
			product += float64(image[i]) * float64(text[i])
			a += float64(image[i]) * float64(image[i])
			b += float64(text[i]) * float64(text[i])
		}
		assert.NotZero(t, r.Alignment)
		assert.InDelta(t, product/math.Sqrt(a*b), r.Alignment, 1e-12)
	}
	nothing, err := m.TextFeature(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, make([]float32, m.Config().Dim), nothing)
}
