package engine_test

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/device"
	"uarweb/engine/device/portable"
	"uarweb/weights"
	"uarweb/weights/golden"
	"uarweb/weights/tensor"
)

// TestParametersAreAFilesTensors: those that the modules load are all that the
// independent implementation has written.
func TestParametersAreAFilesTensors(t *testing.T) {
	for _, name := range golden.Models {
		path := filepath.Join(golden.Path(t, name), "model.safetensors")
		c, err := weights.Open(t.Context(), path)
		require.NoError(t, err)
		var want []device.Parameter
		for _, name := range c.Names() {
			p, err := c.Tensor(name)
			require.NoError(t, err)
			want = append(want, device.Parameter{Name: name, Shape: p.Shape})
		}
		assert.ElementsMatch(t, want, openModel(t, path, portable.New()).Config().Parameters())
	}
}

// TestRandomTensorsStay: recorded figures and golden numbers count on a seed to
// give the same weights for ever.
func TestRandomTensorsStay(t *testing.T) {
	tensors := tinyConfig().RandomTensors(7)
	for name, want := range map[string]float32{
		"dvae.output.bias":               0.0062739705,
		"lsu.image_positions.weight":     0.25923377,
		"lsu.text_tokens.weight":         1.4395221,
		"cra.gain":                       1.0703801,
		"cra.attention.output.weight":    0.14413969,
		"cra.forget_gate.feature.weight": 0.24204746,
		"encoder.norm.bias":              -0.037140828,
		"decoder.layer_2.tir.bias":       -0.19737758,
		"head.bias":                      -0.13061257,
	} {
		i := slices.IndexFunc(tensors, func(t tensor.Tensor) bool { return t.Name == name })
		values, err := tensors[i].Floats()
		require.NoError(t, err)
		assert.InDelta(t, want, values[0], 1e-6, name)
	}
}
