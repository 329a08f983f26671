package export

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine"
	"uarweb/wasm/bench/internal/stage"
	"uarweb/weights"
	"uarweb/weights/quantize"
	"uarweb/weights/tensor"
)

func checkpoint(t *testing.T, c *engine.Config, format tensor.Format) *weights.Checkpoint {
	t.Helper()
	config, err := json.Marshal(c)
	require.NoError(t, err)
	tensors, err := stage.Weights(c)
	require.NoError(t, err)
	full, err := weights.Build(map[string]string{"uar.config": string(config)}, tensors)
	require.NoError(t, err)
	if format == tensor.F32 {
		return full
	}
	plan, err := quantize.NewPlan(full, quantize.Options{Precision: format})
	require.NoError(t, err)
	rounded, err := plan.Apply(t.Context(), full, nil)
	require.NoError(t, err)
	return rounded
}

// The graphs hold the weights as they are stored. What they mean is shown by the
// benchmark, which runs them beside the engine.
func TestGraphs(t *testing.T) {
	c := stage.Small()
	sizes := map[tensor.Format][]int{}
	for _, format := range []tensor.Format{tensor.F32, tensor.I8, tensor.U8} {
		source := checkpoint(t, c, format)
		ranges, err := Calibrate(t.Context(), c, source, stage.View(c))
		require.NoError(t, err)
		for _, write := range []func() ([]byte, error){
			func() ([]byte, error) { return DVAE(c, source, ranges) },
			func() ([]byte, error) { return Encoder(c, source) },
			func() ([]byte, error) { return Cross(c, source) },
			func() ([]byte, error) { return Decoder(c, source) },
		} {
			graph, err := write()
			require.NoError(t, err)
			sizes[format] = append(sizes[format], len(graph))
		}
	}
	for i := range sizes[tensor.F32] {
		assert.Less(t, sizes[tensor.I8][i], sizes[tensor.F32][i])
	}
	assert.Equal(t, sizes[tensor.I8][0], sizes[tensor.U8][0], "the dVAE of 4-bit weights is int8")
	assert.Less(t, sizes[tensor.U8][3], sizes[tensor.I8][3])
}

func TestErrors(t *testing.T) {
	c := stage.Small()
	none, err := weights.Build(nil, nil)
	require.NoError(t, err)
	_, err = Encoder(c, none)
	assert.ErrorIs(t, err, weights.ErrMissing)
	_, err = DVAE(c, none, nil)
	assert.ErrorIs(t, err, weights.ErrMissing)
	_, err = Calibrate(t.Context(), c, none, stage.View(c))
	assert.ErrorIs(t, err, weights.ErrMissing)
	_, err = DVAE(c, checkpoint(t, c, tensor.I8), nil)
	assert.EqualError(t, err, "export: the input of dvae.input was not calibrated")
}

func TestCalibrate(t *testing.T) {
	c := stage.Small()
	ranges, err := Calibrate(t.Context(), c, checkpoint(t, c, tensor.F32), stage.View(c))
	require.NoError(t, err)
	blocks := c.DVAE.Groups * c.DVAE.BlocksPerGroup
	convolutions := 1 + 4*blocks + (c.DVAE.Groups - 1) + 1
	assert.Len(t, ranges, 2*convolutions+blocks)
	for g := range c.DVAE.Groups {
		name := blockName(g, 0) + "res_path.conv_"
		for i := range 3 {
			r := ranges[Point{fmt.Sprint(name, i+1), Output}]
			assert.Zero(t, r.Low, "after a ReLU")
			assert.Positive(t, r.High)
			assert.Equal(t, r, ranges[Point{fmt.Sprint(name, i+2), Input}], "of the convolution after it")
		}
		assert.Contains(t, ranges, Point{name + "4", Sum})
	}
	assert.Equal(t, ranges[Point{blockName(c.DVAE.Groups-1, 0) + "res_path.conv_4", Sum}], ranges[Point{"dvae.output", Input}])
}

// Every range is taken apart so that 0 is exact, as padding needs.
func TestRange(t *testing.T) {
	for _, r := range []Range{{-1, 1}, {0, 5}, {0.1, 0.9}, {-7, -3}, {-0.3, 1000}} {
		q := r.as("")
		low, high := -float32(q.zero)*q.step, float32(255-q.zero)*q.step
		assert.InDelta(t, min(r.Low, 0), low, float64(q.step))
		assert.InDelta(t, max(r.High, 0), high, float64(q.step))
	}
	assert.Positive(t, Range{}.as("").step)
}

func TestTranspose(t *testing.T) {
	assert.Equal(t, []byte("adbecf"), transpose([]byte("abcdef"), 2, 3))
}
