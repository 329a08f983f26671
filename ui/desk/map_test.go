package desk

import (
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
		m            Map
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
			assert.Equal(t, c.want, split(c.values, c.views, c.shown, c.m))
		})
	}
}

func TestLimits(t *testing.T) {
	even := Grid{2, []float32{0.25, 0.25, 0.25, 0.25}}
	peaked := Grid{3, []float32{0.92, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01, 0.01}}
	for _, c := range []struct {
		m         Map
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
	} {
		low, high := c.m.Limits([]Grid{c.g})
		assert.InDelta(t, c.low, low, 1e-6)
		assert.InDelta(t, c.high, high, 1e-6)
		assert.Equal(t, c.visible, c.m.Visible(low, high))
	}
}

func TestDescribe(t *testing.T) {
	corner := func(token int, v float32) Grid {
		g := Grid{3, make([]float32, 9)}
		g.Values[token] = v
		return g
	}
	even := Grid{3, []float32{1, 1, 1, 1, 1, 1, 1, 1, 1}}
	for _, c := range []struct {
		grids []Grid
		m     Map
		want  string
	}{
		{[]Grid{corner(2, 1)}, Attention, "Most attention: upper image right, 100 %; upper image left, 0 %."},
		{[]Grid{corner(4, 0.25), corner(6, 0.75)}, Attention, "Most attention: lateral, lower image left, 75 %; frontal, centre, 25 %."},
		{[]Grid{even}, Attention, "Spread widely; most in: upper image left, 11 %; upper centre, 11 %."},
		{[]Grid{corner(0, 0)}, Attention, "No attention on the image."},
		{[]Grid{even}, Mask, "The mask is the same everywhere (σ(M) = 1.0000): it guides this word nowhere."},
		{[]Grid{corner(8, 0.9)}, Mask, "The mask runs from 0.00 to 0.90 and is most open in: lower image right."},
		{[]Grid{{1, []float32{0.5}}}, Attention, "Most attention: centre, 100 %; upper image left, 0 %."},
	} {
		assert.Equal(t, c.want, describe(c.grids, []string{"frontal", "lateral"}, c.m))
	}
}

func TestDescribeCountsEveryTokenOnce(t *testing.T) {
	for side := 1; side <= 20; side++ {
		g := Grid{side, make([]float32, side*side)}
		tokens := 0.0
		for _, r := range regionsOf([]Grid{g}, []string{""}) {
			tokens += r.tokens
		}
		require.Equal(t, float64(side*side), tokens)
	}
}
