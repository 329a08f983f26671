package stage

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/device/portable"
	"uarweb/weights"
)

func checkpoint(t *testing.T) *weights.Checkpoint {
	t.Helper()
	config, err := json.Marshal(Small())
	require.NoError(t, err)
	tensors, err := Weights(Small())
	require.NoError(t, err)
	c, err := weights.Build(map[string]string{"uar.config": string(config)}, tensors)
	require.NoError(t, err)
	return c
}

func TestStages(t *testing.T) {
	c, config := checkpoint(t), Small()
	for _, test := range []struct {
		name  string
		beams int
		size  int // of the output
	}{
		{DVAE, 0, config.ViewTokens() * config.DVAE.Vocab},
		{Encoder, 0, config.ImageTokens() * config.Dim},
		{Decoder, 1, len(config.Vocab)},
		{Decoder, 3, 3 * len(config.Vocab)},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := New(t.Context(), test.name, c, portable.New(), test.beams, false)
			require.NoError(t, err)
			defer s.Close()
			first, err := s.Output(t.Context())
			require.NoError(t, err)
			assert.Len(t, first, test.size)
			took, err := s.Run(t.Context())
			require.NoError(t, err)
			assert.Positive(t, took)
			again, err := s.Output(t.Context())
			require.NoError(t, err)
			assert.Equal(t, first, again)
			for _, v := range first {
				require.Less(t, math.Abs(float64(v)), 1e4)
			}
		})
	}
}

// The paper's model as counted apart from this code, layer by layer: the encoder
// of one view.
func TestOperations(t *testing.T) {
	c := Paper()
	assert.InDelta(t, 52.12e9, Operations(c, DVAE, 0), 0.005e9)
	c.Image.Views = 1
	assert.InDelta(t, 3.94e9, Operations(c, Encoder, 0), 0.005e9)
	one := Operations(c, Decoder, 1)
	assert.InDelta(t, 28e6, one, 1e6)
	assert.Equal(t, 3*one, Operations(c, Decoder, 3))
	assert.Zero(t, Operations(c, Report, 3))
}

// The study's report is as long as one can be, so that its time means something.
func TestReport(t *testing.T) {
	s, err := New(t.Context(), Report, checkpoint(t), portable.New(), 3, false)
	require.NoError(t, err)
	defer s.Close()
	tokens, err := s.Output(t.Context())
	require.NoError(t, err)
	assert.Len(t, tokens, Small().MaxTokens-1)

	g, err := s.(*Model).Grow(t.Context(), 1)
	require.NoError(t, err)
	assert.Len(t, g.Views, 2)
	assert.Len(t, g.Beams, 5)
	assert.Len(t, g.Words, Small().MaxTokens-1)
	assert.IsIncreasing(t, g.Words)
}

func TestNoStage(t *testing.T) {
	_, err := New(t.Context(), "cra", checkpoint(t), portable.New(), 1, false)
	assert.EqualError(t, err, "stage: cra: there is no such stage")
}

func TestNoWeights(t *testing.T) {
	c, err := weights.Build(map[string]string{"uar.config": checkpoint(t).Metadata["uar.config"]}, nil)
	require.NoError(t, err)
	_, err = New(t.Context(), Encoder, c, portable.New(), 1, false)
	assert.ErrorIs(t, err, weights.ErrMissing)
}
