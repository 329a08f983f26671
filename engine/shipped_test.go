//go:build !nomodel

package engine_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine"
	"uarweb/engine/device"
	"uarweb/engine/device/portable"
	"uarweb/engine/device/simd"
	"uarweb/engine/radiograph"
	"uarweb/engine/report"
	"uarweb/weights"
	"uarweb/weights/model"
)

// TestShippedModelInIntegers: integer arithmetic changes the codes of a few
// patches that two codes describe equally well, and no word. What is rounded to bytes
// (weights.BytesKey) moves attention more than anything.
func TestShippedModelInIntegers(t *testing.T) {
	const size = 512
	s := engine.Study{Views: []*radiograph.Radiograph{
		{Pixels: radiograph.Phantom(1, size, size)}, {Pixels: radiograph.PhantomLateral(1, size, size)},
	}}
	write := func(t *testing.T, b device.Backend) *report.Report {
		c, err := weights.OpenFS(t.Context(), model.FS, model.Manifest)
		require.NoError(t, err)
		m, err := engine.Load(t.Context(), c, b, engine.LoadOptions{})
		require.NoError(t, err)
		defer m.Close()
		r, err := m.Report(t.Context(), s, engine.Options{})
		require.NoError(t, err)
		return r
	}
	want := write(t, portable.New())
	b, err := simd.New()
	require.NoError(t, err)
	got := write(t, b)
	require.NotEmpty(t, want.Words)
	assert.Equal(t, want.Text, got.Text)
	require.Equal(t, want.Tokens, got.Tokens)
	same, all := 0, 0
	for view, tokens := range want.ImageTokens {
		for i, token := range tokens {
			all++
			if got.ImageTokens[view][i] == token {
				same++
			}
		}
	}
	assert.GreaterOrEqual(t, float64(same)/float64(all), 0.99, "%d of %d image tokens", same, all)
	for i, w := range want.Words {
		assert.InDelta(t, w.LogProb, got.Words[i].LogProb, 0.05)
		inDelta(t, w.Attention, got.Words[i].Attention, 0.03)
	}
}
