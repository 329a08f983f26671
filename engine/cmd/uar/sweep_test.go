package main

import (
	"encoding/csv"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/radiograph"
	"uarweb/engine/report"
	"uarweb/engine/score/findings"
	"uarweb/weights"
	"uarweb/weights/model"
)

func TestSweep(t *testing.T) {
	weights := filepath.Join(workspace(t), "model.safetensors")
	args := []string{"sweep", "-weights", weights, "-of", "opacity", "-opacity-zone", "left-upper", "-steps", "3", "-samples", "4", "-seeds", "2", "-seed", "7"}
	var s sweep
	require.NoError(t, json.Unmarshal([]byte(must(t, append(args, "-json")...)), &s))
	assert.Equal(t, thisEngine(), s.Engine)
	assert.Equal(t, findings.LungOpacity, s.Label)
	assert.Equal(t, radiograph.Chest{Seed: 7, OpacityZone: radiograph.LeftUpper}, s.Chest)
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
	assert.Equal(t, s.rows(), rows)
	assert.Contains(t, must(t, append(args, "-from", "0.5", "-to", "0.6")...), `"lung opacity"`)
}

// A word about a finding looks where it is, or not, patch by patch.
func TestLooks(t *testing.T) {
	checkpoint, err := weights.OpenFS(t.Context(), model.FS, model.Manifest)
	require.NoError(t, err)
	m, err := loadModel(t.Context(), checkpoint, "portable", "the model", func(string, ...any) {})
	require.NoError(t, err)
	defer m.Close()
	chest := radiograph.Chest{LeftEffusion: 0.5}
	n, grid := m.Config().ImageTokens(), m.Config().Grid()
	there := patchesOf(chest.Truth(false, 512, 512), findings.PleuralEffusion, grid)
	there = append(there, patchesOf(chest.Truth(true, 512, 512), findings.PleuralEffusion, grid)...)
	require.Len(t, there, n)
	at := slices.Index(there, true)
	require.Positive(t, at)
	assert.Greater(t, at%grid, grid/2, "the patient's left")

	r := &report.Report{Tokens: m.Vocabulary().Encode("the heart is normal . there is a pleural effusion .")}
	for i, token := range r.Tokens {
		w := report.Word{Token: token, Attention: make([]float32, n)}
		w.Attention[0] = 1
		if i >= 5 { // of the second sentence, of six words
			w.Attention[0], w.Attention[at] = 0.25, 0.75
		}
		r.Words = append(r.Words, w)
	}
	var l looks
	l.add(m, chest, r, findings.PleuralEffusion)
	inside, area := l.means()
	require.NotNil(t, inside)
	assert.InDelta(t, 0.75, *inside, 1e-6)
	assert.InDelta(t, 0.15, *area, 0.1)
	l = looks{}
	l.add(m, chest, r, findings.Pneumothorax)
	inside, _ = l.means()
	assert.Nil(t, inside, "nobody says so")
}
