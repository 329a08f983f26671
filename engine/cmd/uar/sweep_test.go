package main

import (
	"encoding/csv"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/radiograph/phantom"
	"uarweb/engine/score/findings"
)

func TestSweep(t *testing.T) {
	weights := filepath.Join(workspace(t), "model.safetensors")
	args := []string{"sweep", "-weights", weights, "-of", "opacity", "-opacity-zone", "left-upper", "-steps", "3", "-samples", "4", "-seeds", "2", "-seed", "7"}
	var s sweepResult
	require.NoError(t, json.Unmarshal([]byte(must(t, append(args, "-json")...)), &s))
	assert.Equal(t, thisEngine(), s.Engine)
	assert.Equal(t, findings.LungOpacity, s.Label)
	assert.Equal(t, phantom.Chest{Seed: 7, OpacityZone: phantom.LeftUpper}, s.Chest)
	require.Len(t, s.Points, 3)
	for i, p := range s.Points {
		assert.Equal(t, float64(i)/2, p.Value)
		assert.Equal(t, 8, p.Reports)
		assert.Len(t, p.Findings, len(findings.Labels()))
	}
	assert.Zero(t, s.Points[0].Changed, "nothing is drawn")
	assert.Positive(t, s.Points[2].Changed)

	rows, err := csv.NewReader(strings.NewReader(must(t, append(args, "-csv")...))).ReadAll()
	require.NoError(t, err)
	assert.Equal(t, s.Rows(), rows)
	assert.Contains(t, must(t, append(args, "-from", "0.5", "-to", "0.6")...), `"lung opacity"`)
}
