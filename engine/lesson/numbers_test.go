package lesson_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"uarweb/engine/lesson"
	"uarweb/engine/report"
	"uarweb/engine/trace"
)

// Of what is not there nothing is said, at any step.
func TestNothing(t *testing.T) {
	for _, n := range []*lesson.Numbers{{Temperature: 1}, {Temperature: 1, Study: &trace.Study{Grid: 1, Pixels: make([][]byte, 1)}}} {
		for _, s := range append(lesson.Steps(), lesson.Teacher) {
			assert.Empty(t, n.Now(s))
			assert.Empty(t, n.Shows(s))
			assert.Empty(t, n.Looks(s))
			assert.Empty(t, n.Flat(s))
			assert.Empty(t, n.Greys(s))
			assert.Empty(t, n.AboutGreys(s))
			assert.Nil(t, n.Maps(s))
			assert.Empty(t, n.HeadMap(s, lesson.Mean))
		}
		assert.Empty(t, n.Codes())
		assert.Empty(t, n.Tokens())
		assert.Empty(t, n.Nearest())
		assert.Empty(t, n.PatchNear())
		assert.Empty(t, n.Masks())
		assert.Empty(t, n.Choices())
		assert.Empty(t, n.Entries())
		assert.Empty(t, n.AboutDictionary())
		assert.Empty(t, n.AboutRetold())
		assert.Nil(t, n.Picked())
		assert.Empty(t, n.Picks())
		assert.Nil(t, n.Gates())
		assert.Empty(t, n.Considered())
		assert.Empty(t, n.AboutConsidered())
		assert.Empty(t, n.Further())
		assert.Empty(t, n.Searched())
		assert.Empty(t, n.TreePicture().Labels)
		assert.Empty(t, n.Found())
		assert.Zero(t, n.Rank())
	}
}

// The line goes around what is half way up the scale, and not between two such patches.
func TestLine(t *testing.T) {
	n := &lesson.Numbers{
		Study: &trace.Study{Grid: 2, Pixels: make([][]byte, 1)},
		Word:  &trace.Word{Mask: [][]float32{{1, 0.75, 0.25, 0}}},
		Layer: lesson.Last,
	}
	assert.Equal(t, []lesson.Map{{
		Levels: []lesson.Level{{Colour: 1, Path: "M0 1h1v1h-1z"}, {Colour: 4, Path: "M1 0h1v1h-1z"}, {Colour: 5, Path: "M0 0h1v1h-1z"}},
		Line:   "M0 0h1M0 1h1M0 0v1M1 0h1M1 1h1M2 0v1",
	}}, n.Maps(lesson.StepMask))

	n.Word.Mask[0] = []float32{0.5, 0.5, 0.5, 0.5}
	assert.Nil(t, n.Maps(lesson.StepMask), "flat")
}

func TestLeastSure(t *testing.T) {
	assert.Zero(t, lesson.LeastSure(nil))
	assert.Equal(t, 1, lesson.LeastSure([]report.Word{{Text: "the", LogProb: -0.1}, {Text: "lungs", LogProb: -2}, {Text: "are", LogProb: -1}, {Text: ".", LogProb: -3}}))
}
