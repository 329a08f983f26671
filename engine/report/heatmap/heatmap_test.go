package heatmap

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSplit(t *testing.T) {
	values := []float32{1, 2, 3, 4, 5, 6, 7, 8}
	for _, c := range []struct {
		name         string
		values       []float32
		views, shown int
		kind         Kind
		want         []Grid
	}{
		{"two views", values, 2, 2, Attention, []Grid{{2, values[:4]}, {2, values[4:]}}},
		{"one view, shown to a model of two: attention adds up", values, 2, 1, Attention, []Grid{{2, []float32{6, 8, 10, 12}}}},
		{"and the mask is their mean", values, 2, 1, Mask, []Grid{{2, []float32{3, 4, 5, 6}}}},
		{"one view", values[:1], 1, 1, Mask, []Grid{{1, values[:1]}}},
		{"no square", values[:3], 1, 1, Attention, nil},
		{"no values", nil, 2, 2, Attention, nil},
		{"no views", values, 0, 1, Attention, nil},
		{"more views shown than the model has", values, 1, 2, Attention, nil},
		{"values for half a view", values[:7], 2, 2, Attention, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.want, Split(c.values, c.views, c.shown, c.kind))
		})
	}
}

func TestLimits(t *testing.T) {
	even := Grid{2, []float32{0.25, 0.25, 0.25, 0.25}}
	peaked := Grid{3, []float32{0.92, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01}}
	for _, c := range []struct {
		kind      Kind
		g         Grid
		low, high float32
		visible   bool
	}{
		{Attention, even, 0.25, 1, true},
		{Attention, peaked, 1. / 9, 0.92, true},
		{Attention, Grid{2, make([]float32, 4)}, 0, 0, false},
		{Mask, even, 0.25, 0.25, false},
		{Mask, Grid{1, []float32{0.5}}, 0.5, 0.5, false},
		{Mask, peaked, 0.01, 0.92, true},
		{Changed, Grid{2, []float32{-2, 1, 1, 0}}, -2, 2, true},
		{Changed, Grid{3, make([]float32, 9)}, -4. / 9, 4. / 9, true},
	} {
		low, high := c.kind.Limits([]Grid{c.g})
		assert.InDelta(t, c.low, low, 1e-6)
		assert.InDelta(t, c.high, high, 1e-6)
		assert.Equal(t, c.visible, c.kind.Visible(low, high))
	}
}

func TestDescribe(t *testing.T) {
	at := func(values map[int]float32) Grid {
		g := Grid{atlasSide, make([]float32, atlasSide*atlasSide)}
		for token, v := range values {
			g.Values[token] = v
		}
		return g
	}
	even := Grid{atlasSide, slices.Repeat([]float32{1}, atlasSide*atlasSide)}
	const right, left, corner, heart = 8*atlasSide + 3, 8*atlasSide + 11, 0, 7*atlasSide + 5 // heart in the lateral view
	for _, c := range []struct {
		grids []Grid
		views []int
		kind  Kind
		want  string
	}{
		{[]Grid{at(map[int]float32{right: 1})}, []int{Frontal}, Attention, "Looked mostly at: the right lower zone, 100 %."},
		{[]Grid{at(map[int]float32{right: 0.25}), at(map[int]float32{heart: 0.5, corner: 0.25})}, []int{Frontal, Lateral}, Attention,
			"Looked mostly at: the heart (lateral), 50 %; the right lower zone, 25 %; outside the chest (lateral), 25 %."},
		{[]Grid{at(map[int]float32{heart: 1})}, []int{Lateral}, Attention, "Looked mostly at: the heart, 100 %."},
		{[]Grid{at(map[int]float32{left: 4, right: 3, corner: 2, heart: 1})}, []int{Frontal}, Attention,
			"Looked mostly at: the right lower zone, 40 %; the left lower zone, 40 %; outside the chest, 20 %."},
		{[]Grid{even}, []int{Frontal}, Attention, "Spread widely; most at: outside the chest, 37 %; below the diaphragm, 17 %; the heart and mediastinum, 15 %."},
		{[]Grid{at(nil)}, []int{Frontal}, Attention, "No attention on the image."},
		{[]Grid{even}, []int{Frontal}, Mask, "The mask is the same everywhere (σ(M) = 1.0000): it guides this word nowhere."},
		{[]Grid{at(map[int]float32{left: 0.9})}, []int{Frontal}, Mask, "The mask runs from 0.00 to 0.90 and is most open at: the left lower zone."},
	} {
		assert.Equal(t, c.want, Describe(c.grids, c.views, c.kind))
	}
	assert.Equal(t, 0.625, Outside([]Grid{at(map[int]float32{corner: 3, right: 1}), at(map[int]float32{corner: 2, heart: 2})}, []int{Frontal, Lateral}))
	assert.Zero(t, Outside([]Grid{at(nil)}, []int{Frontal}))
}

// Every cell of the atlases has a zone, and every zone cells; the patient's right is
// not on the image's right.
func TestAtlases(t *testing.T) {
	named := map[byte]int{}
	for _, z := range zones {
		named[z.letter] = 0
	}
	for _, a := range atlases {
		for _, row := range a {
			require.Len(t, row, atlasSide)
			for i := range row {
				require.Contains(t, named, row[i])
				named[row[i]]++
			}
			for _, letter := range "ABCc" {
				assert.Less(t, strings.LastIndexByte(row, byte(letter)), atlasSide/2)
			}
		}
	}
	assert.Len(t, named, len(zones))
	for letter, cells := range named {
		assert.Positive(t, cells, "%c", letter)
	}
}

func TestZonesCountEveryTokenOnce(t *testing.T) {
	for side := 1; side <= 30; side++ {
		for view := range atlases {
			tokens := 0.0
			for _, z := range zonesOf([]Grid{{side, make([]float32, side*side)}}, []int{view}) {
				tokens += z.tokens
			}
			require.Equal(t, float64(side*side), tokens)
		}
	}
}
