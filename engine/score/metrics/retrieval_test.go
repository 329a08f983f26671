package metrics

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Retrieval by hand: the first image is nearest its report, the second finds the
// first's nearer, and the last two share a report.
func TestRetrievalByHand(t *testing.T) {
	reports := [][]float32{{2, 0}, {0, 3}, {1, 1}, {1, 1}}
	images := [][]float32{{1, 0}, {1, 0.5}, {5, 5}, {0, 1}}
	got, err := Retrieve(images, reports, []string{"a", "b", "c", "c"})
	require.NoError(t, err)
	// Ranks 1, 3, 1, 2 among three; cosines 1, 0.447, 1, 0.707.
	assert.Equal(t, 3, got.Candidates)
	assert.Equal(t, 0.5, got.Recall1)
	assert.Equal(t, 1.0, got.Recall5)
	assert.Equal(t, 1.0, got.Recall10)
	assert.Equal(t, 1.5, got.MedianRank)
	assert.InDelta(t, (1+1.0/3+1+0.5)/4, got.MeanReciprocalRank, tolerance)
	assert.Equal(t, 0.5, got.AlignmentScore, "0.707 is at 0.47 between the ends")
}

// TestRetrievalOfOrthogonalFeatures: whoever has a direction of his own is found.
func TestRetrievalOfOrthogonalFeatures(t *testing.T) {
	const n = 20
	features, texts := make([][]float32, n), make([]string, n)
	for i := range n {
		features[i] = make([]float32, n)
		features[i][i] = float32(i + 1)
		texts[i] = fmt.Sprint(i)
	}
	got, err := Retrieve(features, features, texts)
	require.NoError(t, err)
	assert.Equal(t, Retrieval{Candidates: n, Recall1: 1, Recall5: 1, Recall10: 1, MedianRank: 1, MeanReciprocalRank: 1}, got)
}

// Features that are the same for everybody find nobody.
func TestRetrievalOfEqualFeatures(t *testing.T) {
	for _, feature := range [][]float32{{1, 2, 3}, {0, 0, 0}} {
		var features [][]float32
		var texts []string
		for i := range 12 {
			features = append(features, feature)
			texts = append(texts, fmt.Sprint(i))
		}
		got, err := Retrieve(features, features, texts)
		require.NoError(t, err)
		assert.Zero(t, got.Recall10)
		assert.Equal(t, 12.0, got.MedianRank)
		assert.Zero(t, got.AlignmentScore)
	}
	_, err := Retrieve(nil, nil, nil)
	assert.ErrorContains(t, err, "metrics: no reports")
}
