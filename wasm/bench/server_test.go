//go:build !js

package main

import (
	"encoding/binary"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/device/portable"
	"uarweb/wasm/bench/internal/stage"
	"uarweb/weights"
)

func testServer(t *testing.T) *server {
	t.Helper()
	c := stage.Small()
	m, err := newRandomModel(t.Context(), c)
	require.NoError(t, err)
	return &server{config: c, folder: t.TempDir(), graphs: map[string][]byte{}, outputs: map[string][]float32{}, random: func() (*randomModel, error) { return m, nil }}
}

// What the browser is sent of a model is enough for its stage, in every
// precision and in both formats.
func TestModels(t *testing.T) {
	s := testServer(t)
	for _, precision := range precisions {
		for _, name := range []string{stage.DVAE, stage.Encoder, stage.Decoder, stage.Report} {
			dir, err := s.shards(t.Context(), precision, name)
			require.NoError(t, err)
			c, err := weights.Open(t.Context(), filepath.Join(dir, weights.ManifestName))
			require.NoError(t, err)
			loaded, err := stage.New(t.Context(), name, c, portable.New(), 1, false)
			require.NoError(t, err, "%s of %s", name, precision)
			loaded.Close()
			if name != stage.Report {
				graph, err := s.onnx(t.Context(), precision, name)
				require.NoError(t, err)
				assert.NotEmpty(t, graph)
			}
		}
	}
	_, err := s.shards(t.Context(), "int2", stage.DVAE)
	assert.EqualError(t, err, "there is no model of int2")
	_, err = s.onnx(t.Context(), precisionF32, stage.Report)
	assert.EqualError(t, err, "there is no graph study")
}

func TestInputs(t *testing.T) {
	s := testServer(t)
	c := s.config
	for name, size := range map[string]int{
		inputView:           c.Image.Channels * c.Image.Size * c.Image.Size,
		inputAligned:        c.ImageTokens() * c.Dim,
		inputMemory:         c.ImageTokens() * c.Dim,
		inputEmbedded + "3": c.MaxTokens * 3 * c.Dim,
	} {
		raw, err := s.input(t.Context(), precisionInt8, name)
		require.NoError(t, err)
		assert.Len(t, raw, 4*size, name)
	}
	for _, name := range []string{"words", inputEmbedded, inputEmbedded + "x"} {
		_, err := s.input(t.Context(), precisionInt8, name)
		assert.Error(t, err, name)
	}

	// A row is the word's embedding and its position's.
	raw, err := s.input(t.Context(), precisionF32, inputEmbedded+"2")
	require.NoError(t, err)
	m, err := s.random()
	require.NoError(t, err)
	words, err := values(m.weights[precisionF32], "lsu.text_tokens.weight")
	require.NoError(t, err)
	positions, err := values(m.weights[precisionF32], "lsu.text_positions.weight")
	require.NoError(t, err)
	const step, beam, column = 4, 1, 7
	at := ((step*2+beam)*c.Dim + column) * 4
	want := words[stage.Words(c, step, 2)[beam]*c.Dim+column] + positions[step*c.Dim+column]
	assert.Equal(t, want, math.Float32frombits(binary.LittleEndian.Uint32(raw[at:])))
}

func TestTake(t *testing.T) {
	s := testServer(t)
	require.NoError(t, s.take("ours", strings.NewReader("\x00\x00\x80\x3f\x00\x00\x00\xc0")))
	assert.Equal(t, []float32{1, -2}, s.output("ours"))
	assert.Error(t, s.take("ours", strings.NewReader("\x00\x00\x80")))
}
