package lesson_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"uarweb/engine/lesson"
	"uarweb/engine/report"
	"uarweb/engine/trace"
)

// The tree says what was found, whether a single beam finds it, too, and what was left out.
func TestSearched(t *testing.T) {
	step := func(rows ...trace.Considered) []trace.Considered { return rows }
	kept := func(row int, text string, p, sum float64, won bool) trace.Considered {
		return trace.Considered{Row: row, Text: text, LogProb: p, Sum: sum, Kept: true, Won: won}
	}
	found := &trace.Search{
		Width: 2, Text: "Lungs clear", LogProb: -1.5, Further: []int{7, 0, 1},
		Steps: [][]trace.Considered{
			step(kept(0, "heart", -0.001, -0.001, false), kept(0, "lungs", -1, -1, true), trace.Considered{Text: "no", LogProb: -3, Sum: -3}),
			step(kept(1, "clear", -0.5, -1.5, true), kept(0, "large", -2, -2, false)),
			step(trace.Considered{Row: 0, Text: report.End, LogProb: 0, Sum: -1.5, Kept: true, Ends: true, Won: true}, kept(1, "and", -1, -3, false)),
		},
	}
	n := &lesson.Numbers{Draft: &report.Report{Text: "Lungs clear", LogProb: -1.5}, Search: lesson.NewSearch(found)}
	assert.Equal(t, "A search of 2 beams finds the draft, whose log p is -1.50. Its beginning was not the likeliest at 1 of 3 steps; at word 1 it stood in place 2.", n.Searched())
	assert.Equal(t, "7 further sequences, all dropped.", n.Further())
	assert.Len(t, n.Considered(), 3)
	assert.Equal(t, "dropped", n.Considered()[2].Fate())
	n.WordAt = 1
	assert.Empty(t, n.Further())
	assert.Equal(t, "… lungs", n.Considered()[0].Start())
	n.WordAt = 2
	assert.Equal(t, "1 further sequence, dropped.", n.Further())
	picture := n.TreePicture()
	assert.Equal(t, lesson.Label{X: 40, Y: 18, Text: "heart", Fate: lesson.Kept}, picture.Labels[0])
	assert.Equal(t, lesson.Label{X: 178, Y: 18, Text: "0.00", Fate: lesson.Kept, Number: true}, picture.Labels[1])
	assert.Equal(t, "M385 0h167v84h-167z", picture.Now)
	n.WordAt = 3
	assert.Contains(t, n.AboutConsidered(), "took no step for word 4")
	assert.Empty(t, n.TreePicture().Now)

	n.Draft = &report.Report{Text: "Heart normal", LogProb: -1}
	assert.Contains(t, n.Searched(), "finds another report, log p = -1.50, less likely than the draft, whose log p is -1.00: “Lungs clear”")
	n.Draft.LogProb = -2
	assert.Contains(t, n.Searched(), "likelier than the draft, whose log p is -2.00")
	found.Steps[0][0], found.Steps[0][1] = found.Steps[0][1], found.Steps[0][0]
	found.Steps[1][0].Row = 0
	n.Search = lesson.NewSearch(found)
	assert.Contains(t, n.Searched(), "so that a single beam finds it, too.")
	found.Width = 1
	assert.NotContains(t, n.Searched(), "single")
}
