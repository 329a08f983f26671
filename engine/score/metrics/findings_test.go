package metrics

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/score/findings"
)

const (
	normal = "the lungs are clear ."
	large  = "cardiomegaly ."
	fluid  = "small pleural effusion ."
	wet    = "cardiomegaly . pleural effusion ."
	denied = "no cardiomegaly or pleural effusion ."
)

// times is n equal pairs.
func times(n int, hypothesis, reference string) []Pair {
	return slices.Repeat([]Pair{{hypothesis, reference}}, n)
}

// Findings by hand: cardiomegaly is stated by 12 references and 10 reports, 8 of
// them together; effusion by 10 references and 4 reports, all right; fracture by
// too few references to count.
func TestFindingsByHand(t *testing.T) {
	pairs := slices.Concat(
		times(4, wet, wet), times(4, large, large), times(4, denied, large), times(2, large, normal),
		times(6, normal, fluid), times(5, normal, denied), times(1, normal, "old rib fractures ."),
	)
	f, err := ScoreFindings(pairs)
	require.NoError(t, err)
	require.Len(t, f.Labels, 14)
	by := map[findings.Label]LabelScore{}
	for _, l := range f.Labels {
		by[l.Label] = l
	}
	heart, effusion := by[findings.Cardiomegaly], by[findings.PleuralEffusion]
	assert.Equal(t, [2]int{12, 10}, [2]int{heart.Positives, heart.Predicted})
	assert.InDelta(t, 8.0/10, heart.Precision, tolerance)
	assert.InDelta(t, 8.0/12, heart.Recall, tolerance)
	assert.InDelta(t, 16.0/22, heart.F1, tolerance)
	assert.Equal(t, [2]int{10, 4}, [2]int{effusion.Positives, effusion.Predicted})
	assert.InDelta(t, 8.0/14, effusion.F1, tolerance)
	assert.Equal(t, 1, by[findings.Fracture].Positives)
	assert.Zero(t, by[findings.Fracture].Agreement)

	assert.Equal(t, []findings.Label{findings.Cardiomegaly, findings.PleuralEffusion}, f.Averaged, "neither the rare ones nor no finding")
	assert.InDelta(t, (16.0/22+8.0/14)/2, f.Macro.F1, tolerance)
	assert.InDelta(t, (8.0/10+1)/2, f.Macro.Precision, tolerance)
	assert.InDelta(t, 12.0/14, f.Micro.Precision, tolerance)
	assert.InDelta(t, 12.0/22, f.Micro.Recall, tolerance)
	assert.InDelta(t, 24.0/36, f.Micro.F1, tolerance)
	// 7 normal references, 5 reported so; 19 abnormal ones, 8 reported so.
	assert.InDelta(t, (5.0/7+8.0/19)/2, f.BalancedAccuracy, tolerance)
}

// A constant report sees nothing, however often it is right.
func TestFindingsOfAConstant(t *testing.T) {
	f, err := ScoreFindings(slices.Concat(times(9*MinPositives, normal, denied), times(MinPositives, normal, large)))
	require.NoError(t, err)
	assert.Equal(t, []findings.Label{findings.Cardiomegaly}, f.Averaged)
	assert.Zero(t, f.Macro)
	assert.Zero(t, f.Micro)
	assert.Equal(t, 0.5, f.BalancedAccuracy)
	assert.Equal(t, 0.9, f.Labels[noFinding].Precision)
}

func TestFindingsOfOneKind(t *testing.T) {
	for _, c := range []struct {
		pairs []Pair
		want  float64
	}{
		{slices.Concat(times(3, normal, denied), times(1, large, normal)), 0.75},
		{slices.Concat(times(3, normal, fluid), times(1, large, large)), 0.25},
	} {
		f, err := ScoreFindings(c.pairs)
		require.NoError(t, err)
		assert.Equal(t, c.want, f.BalancedAccuracy)
		assert.Empty(t, f.Averaged)
		_, err = json.Marshal(f)
		assert.NoError(t, err, "no NaN")
	}
	_, err := ScoreFindings(nil)
	assert.ErrorContains(t, err, "metrics: no reports")
}

func TestNoFindingComesFirst(t *testing.T) {
	assert.Equal(t, findings.NoFinding, findings.Labels()[noFinding])
}
