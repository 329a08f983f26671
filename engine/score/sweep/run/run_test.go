package run

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine"
	"uarweb/engine/device/portable"
	"uarweb/engine/radiograph/phantom"
	"uarweb/engine/report"
	"uarweb/engine/score/findings"
	"uarweb/engine/score/sweep"
	"uarweb/engine/status"
	"uarweb/weights"
	"uarweb/weights/golden"
)

// A point is the same whatever was measured before it, and says what the chest's own
// seed gives.
func TestPoint(t *testing.T) {
	checkpoint, err := weights.Open(t.Context(), golden.Path(t, "tiny_two_views", "model.safetensors"))
	require.NoError(t, err)
	m, err := engine.Load(t.Context(), checkpoint, portable.New(), engine.LoadOptions{})
	require.NoError(t, err)
	defer m.Close()
	s, err := sweep.New(phantom.Chest{Seed: 4, Exposure: 1}, "left-effusion", 3)
	require.NoError(t, err)

	runner := New(m, engine.Options{})
	stages := map[status.Stage]bool{}
	full, err := runner.Point(t.Context(), s, 1, func(p status.Progress) { stages[p.Stage] = true })
	require.NoError(t, err)
	assert.Len(t, stages, 3)
	assert.Equal(t, 3, full.Reports)
	assert.Len(t, full.Findings, len(findings.Labels()))
	assert.Positive(t, full.Changed)
	none, err := runner.Point(t.Context(), s, 0, nil)
	require.NoError(t, err)
	assert.Zero(t, none.Changed, "nothing is drawn")

	again, err := New(m, engine.Options{}).Point(t.Context(), s, 1, nil)
	require.NoError(t, err)
	assert.Equal(t, full, again)
	s.Seeds = 2
	both, err := runner.Point(t.Context(), s, 0, nil)
	require.NoError(t, err)
	assert.Equal(t, 6, both.Reports)

	_, err = runner.Point(t.Context(), s, 2, nil)
	assert.Equal(t, status.InvalidArgument, status.CodeOf(err))
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = runner.Point(cancelled, s, 1, nil)
	assert.ErrorIs(t, err, context.Canceled)
}

// A word about a finding looks where it is, or not, patch by patch.
func TestLooks(t *testing.T) {
	const grid = 14
	chest := phantom.Chest{LeftEffusion: 0.5}
	there := where(chest, 2, grid, findings.PleuralEffusion)
	require.Len(t, there, 2*grid*grid)
	at := slices.Index(there, true)
	require.Positive(t, at)
	assert.Greater(t, at%grid, grid/2, "the patient's left")

	var words []report.Word
	for i, text := range strings.Fields("the heart is normal . there is a pleural effusion .") {
		w := report.Word{Text: text, Attention: make([]float32, len(there))}
		w.Attention[0] = 1
		if i >= 5 { // of the second sentence, of six words
			w.Attention[0], w.Attention[at] = 0.25, 0.75
		}
		words = append(words, w)
	}
	var l looks
	l.add(words, there, findings.PleuralEffusion)
	inside, area := l.means()
	require.NotNil(t, inside)
	assert.InDelta(t, 0.75, *inside, 1e-6)
	assert.InDelta(t, 0.15, *area, 0.1)
	l = looks{}
	l.add(words, where(chest, 2, grid, findings.Pneumothorax), findings.Pneumothorax)
	inside, _ = l.means()
	assert.Nil(t, inside, "nobody says so")
}
