package sweep

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/radiograph/phantom"
	"uarweb/engine/score/findings"
	"uarweb/engine/status"
)

func TestNew(t *testing.T) {
	for of, label := range map[string]findings.Label{
		"left-effusion": findings.PleuralEffusion, "heart": findings.Cardiomegaly, "nodule": findings.LungLesion, "rotation": findings.NoFinding,
	} {
		s, err := New(phantom.Chest{Seed: 3, LeftEffusion: 0.5, Nodule: 9}, of, 20)
		require.NoError(t, err)
		assert.Equal(t, label, s.Label, of)
		assert.Equal(t, 1, s.Seeds)
	}
	s, err := New(phantom.Chest{Seed: 3, LeftEffusion: 0.5, Nodule: 9}, "left-effusion", 20)
	require.NoError(t, err)
	assert.Equal(t, phantom.Chest{Seed: 5, LeftEffusion: 0.25, Nodule: 9}, s.At(0.25, 2))
	assert.NoError(t, s.Check(1))

	_, unknown := New(phantom.Chest{}, "hat", 20)
	_, impossible := New(phantom.Chest{Heart: 2}, "nodule", 20)
	for _, err := range []error{unknown, impossible, s.Check(1.5), (&Sweep{Of: "nodule"}).Check(0), (&Sweep{Of: "hat", Seeds: 1}).Check(0)} {
		assert.Equal(t, status.InvalidArgument, status.CodeOf(err), err)
	}
}

func TestValues(t *testing.T) {
	assert.Equal(t, []float64{-1, 0, 1}, Values(-1, 1, 3))
	assert.Equal(t, []float64{5, 5}, Values(5, 5, 2))
}

func TestWriteCSV(t *testing.T) {
	s := Sweep{Chest: phantom.Chest{Seed: 5}, Of: "nodule", Label: findings.LungLesion, Seeds: 2, Points: []Point{
		{Value: 0, Reports: 4, Findings: findings.Table("", []string{"no nodule .", "a nodule ."})},
		{Value: 20, Reports: 4, Drafts: 1, Changed: 0.25, Inside: new(0.5), Area: new(0.125)},
	}}
	assert.Equal(t, 1, s.Named(s.Points[0]))
	var text strings.Builder
	require.NoError(t, s.WriteCSV(&text))
	assert.Equal(t, "nodule,reports,named,denied,drafts,of,tokens changed,attention inside,area,seed\n0,4,1,1,0,2,0.000,,,5\n20,4,0,0,1,2,0.250,0.500,0.125,5\n", text.String())
}

// The values are those of Brown, Cai and DasGupta (2001).
func TestInterval(t *testing.T) {
	for _, c := range []struct {
		n, of     int
		low, high float64
	}{{0, 20, 0, 0.1611}, {20, 20, 0.8389, 1}, {5, 20, 0.1119, 0.4687}, {10, 20, 0.2993, 0.7007}, {0, 0, 0, 1}} {
		low, high := Interval(c.n, c.of)
		assert.InDelta(t, c.low, low, 1e-3, c)
		assert.InDelta(t, c.high, high, 1e-3, c)
	}
}
