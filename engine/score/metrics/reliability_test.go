package metrics

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/score/findings"
)

func TestCalibrate(t *testing.T) {
	r := Calibrate([]Forecast{{0.1, false}, {0.15, true}, {0.8, true}, {1, true}, {0.95, false}})
	assert.Equal(t, 5, r.Forecasts)
	assert.InDelta(t, 0.6, r.BaseRate, 1e-12)
	brier := (0.01 + 0.7225 + 0.04 + 0 + 0.9025) / 5
	assert.InDelta(t, brier, r.Brier, 1e-12)
	assert.InDelta(t, 1-brier/0.24, r.Skill, 1e-12)
	assert.InDelta(t, (2*(0.5-0.125)+0.2+2*(0.975-0.5))/5, r.ECE, 1e-12)
	require.Len(t, r.Table, 3)
	for i, want := range []Bin{{0.1, 0.2, 2, 0.125, 0.5}, {0.8, 0.9, 1, 0.8, 1}, {0.9, 1, 2, 0.975, 0.5}} {
		assert.InDelta(t, want.Probability, r.Table[i].Probability, 1e-12)
		want.Probability = r.Table[i].Probability
		assert.Equal(t, want, r.Table[i])
	}
	assert.Equal(t, Reliability{Table: []Bin{}}, Calibrate(nil))
	assert.Zero(t, Calibrate([]Forecast{{0.3, true}}).Skill, "everything was so")
}

// What comes true as often as it was said is calibrated; the base rate has no skill,
// and certainty that is right has all there is.
func TestCalibrateExtremes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	var honest, certain, flat []Forecast
	so := 0
	for range 20_000 {
		p := random.Float64()
		truth := random.Float64() < p
		if truth {
			so++
		}
		honest = append(honest, Forecast{p, truth})
		certain = append(certain, Forecast{map[bool]float64{true: 1}[truth], truth})
	}
	for _, f := range certain {
		flat = append(flat, Forecast{float64(so) / 20_000, f.True})
	}
	assert.Less(t, Calibrate(honest).ECE, 0.01)
	assert.InDelta(t, 1.0/3, Calibrate(honest).Skill, 0.02) // E[p(1 − p)] is 1/6, of a base rate of ½
	assert.EqualValues(t, 1, Calibrate(certain).Skill)
	assert.Zero(t, Calibrate(certain).ECE)
	assert.InDelta(t, 0, Calibrate(flat).Skill, 1e-9)
	assert.InDelta(t, 0, Calibrate(flat).ECE, 1e-9)
}

// Twentieths fall into the bins that begin with them.
func TestSharesFallIntoTheirBins(t *testing.T) {
	for k := range 21 {
		bin := Calibrate([]Forecast{{float64(k) / 20, true}}).Table[0]
		assert.Equal(t, float64(min(k/2, 9))/10, bin.Low, k)
	}
}

func TestCalibrateFindings(t *testing.T) {
	r, err := CalibrateFindings([]Opinion{
		{[]string{"cardiomegaly .", "the lungs are clear ."}, "cardiomegaly ."},
		{[]string{"no effusion .", "clear ."}, "pleural effusion ."},
	})
	require.NoError(t, err)
	require.Len(t, r.Labels, 14)
	byLabel := map[findings.Label]Reliability{}
	for i, l := range findings.Labels() {
		assert.Equal(t, l, r.Labels[i].Label)
		byLabel[l] = r.Labels[i].Reliability
	}
	assert.Equal(t, Calibrate([]Forecast{{0.5, false}, {1, false}}), byLabel[findings.NoFinding])
	assert.Equal(t, Calibrate([]Forecast{{0.5, true}, {0, false}}), byLabel[findings.Cardiomegaly])
	assert.Equal(t, Calibrate([]Forecast{{0, false}, {0, true}}), byLabel[findings.PleuralEffusion])
	assert.Equal(t, 26, r.All.Forecasts)
	assert.InDelta(t, (0.25+1)/26, r.All.Brier, 1e-12)
	assert.InDelta(t, 1-r.All.Brier/((0.25+0.25)/13), r.All.Skill, 1e-12)

	_, err = CalibrateFindings(nil)
	assert.Error(t, err)
	_, err = CalibrateFindings([]Opinion{{nil, "clear ."}})
	assert.Error(t, err)
}
