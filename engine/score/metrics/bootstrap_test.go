package metrics

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// mixed is a corpus with findings, right and wrong.
func mixed() []Pair {
	return slices.Concat(
		corpus(rand.New(rand.NewPCG(5, 6)), 40),
		times(20, large, large), times(10, normal, large), times(5, large, normal), times(15, denied, normal),
	)
}

// TestIntervalsHoldTheScores: every interval holds the score of the whole corpus
// and is not empty.
func TestIntervalsHoldTheScores(t *testing.T) {
	e, err := Evaluate(mixed())
	require.NoError(t, err)
	i := e.Intervals
	for name, c := range map[string]struct {
		score    float64
		interval Interval
	}{
		"BLEU-4": {e.R2Gen.BLEU4, i.BLEU4}, "ROUGE-L": {e.R2Gen.ROUGEL, i.ROUGEL}, "CIDEr": {e.R2Gen.CIDEr, i.CIDEr},
		"macro-F1": {e.Findings.Macro.F1, i.MacroF1}, "accuracy": {e.Findings.BalancedAccuracy, i.BalancedAccuracy},
		"distinct": {e.R2Gen.DistinctReports, i.DistinctReports},
	} {
		assert.Less(t, c.interval.Low, c.score, name)
		assert.Greater(t, c.interval.High, c.score, name)
	}
	again, err := Bootstrap(mixed())
	require.NoError(t, err)
	assert.Equal(t, i, again, "the resamples are always the same")
}

// TestIntervalOfAProportion: by theory the 95 % interval of a mean of n zeros and
// ones is 1.96·√(p(1−p)/n) wide on either side. ROUGE-L of equal and of unlike
// reports is such a mean.
func TestIntervalOfAProportion(t *testing.T) {
	i, err := Bootstrap(slices.Concat(times(300, "a b", "a b"), times(100, "a b", "c d")))
	require.NoError(t, err)
	half := 1.96 * math.Sqrt(0.75*0.25/400)
	assert.InDelta(t, 0.75-half, i.ROUGEL.Low, 0.006)
	assert.InDelta(t, 0.75+half, i.ROUGEL.High, 0.006)
}

// Reports that are all different stay so however a resample repeats studies, and
// a perfect corpus has no other scores.
func TestIntervalsOfAPerfectCorpus(t *testing.T) {
	pairs := corpus(rand.New(rand.NewPCG(7, 8)), 30)
	for i := range pairs {
		pairs[i].Hypothesis = pairs[i].Reference
	}
	i, err := Bootstrap(pairs)
	require.NoError(t, err)
	for name, interval := range map[string]Interval{"BLEU-4": i.BLEU4, "ROUGE-L": i.ROUGEL, "distinct": i.DistinctReports} {
		assert.InDelta(t, 1, interval.Low, 1e-8, name)
		assert.InDelta(t, 1, interval.High, 1e-8, name)
	}
	assert.InDelta(t, 10, i.CIDEr.Low, tolerance)
}

func TestIntervalCutsBothEnds(t *testing.T) {
	var scores []float64
	for i := range Resamples {
		scores = append(scores, float64((i*7)%Resamples))
	}
	assert.Equal(t, Interval{25, 974}, interval(scores))
}

func TestEvaluateNothing(t *testing.T) {
	_, err := Evaluate(nil)
	assert.ErrorContains(t, err, "metrics: no reports")
	_, err = Bootstrap(nil)
	assert.ErrorContains(t, err, "metrics: no reports")
}
