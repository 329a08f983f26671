package lesson

import (
	"fmt"
	"strings"

	"uarweb/engine/report/heatmap"
)

// Map is what lies over a view, or over several, one below the other.
type Map struct {
	Levels []Level
	// Line goes around what is half way up the scale, so that the map shows without
	// colours: the data of an SVG path, in tokens.
	Line string
}

// Level is the part of a map that has one colour.
type Level struct {
	Colour int    // from 0 to Colours−1, the highest values last
	Path   string // the data of an SVG path, in tokens
}

// Colours is how many a map has.
const Colours = 6

// Maps are what a step shows over each view of the model, or nil if it shows nothing:
// attention beyond an even share, the upper half of the cosines, and σ(M) where it is not flat.
func (n *Numbers) Maps(step Step) []Map {
	var values []float32
	switch step {
	case StepBasis:
		if n.Word != nil {
			values = n.Word.Alike
		}
	case StepPatches, StepLook:
		values = n.AttentionOf(step, n.Head)
	case StepMask:
		if n.Word != nil {
			values = n.Mask(n.layer())
		}
	}
	grids := n.grids(values)
	if grids == nil {
		return nil
	}
	var low, high float32
	switch step {
	case StepBasis:
		low, high = heatmap.Mask.Limits(grids)
		low = (low + high) / 2
	case StepMask:
		if low, high = heatmap.Mask.Limits(grids); !heatmap.Mask.Visible(low, high) {
			return nil
		}
	default:
		low, high = heatmap.Attention.Limits(grids)
	}
	var all []Map
	for _, g := range grids {
		all = append(all, newMap(g, low, high))
	}
	return all
}

// HeadMap is the attention of a head at a step, of the views of the model one below
// the other.
func (n *Numbers) HeadMap(step Step, head int) Map {
	grids := n.grids(n.AttentionOf(step, head))
	if grids == nil {
		return Map{}
	}
	tall := heatmap.Grid{Side: grids[0].Side}
	for _, g := range grids {
		tall.Values = append(tall.Values, g.Values...)
	}
	low, high := heatmap.Attention.Limits(grids)
	return newMap(tall, low, high)
}

// grids cuts a map of the N patches into one for each view of the model.
func (n *Numbers) grids(values []float32) []heatmap.Grid {
	if n.Study == nil || values == nil {
		return nil
	}
	return heatmap.Split(values, len(n.Study.Pixels), len(n.Study.Pixels), heatmap.Attention)
}

// newMap shows the tokens of a grid that are over low.
func newMap(g heatmap.Grid, low, high float32) Map {
	var paths [Colours]strings.Builder
	var line strings.Builder
	half := func(column, row int) bool { return g.Values[row*g.Side+column] > low+(high-low)/2 }
	for i, v := range g.Values {
		if v <= low {
			continue
		}
		column, row := i%g.Side, i/g.Side
		colour := min(int(Colours*(v-low)/(high-low)), Colours-1)
		fmt.Fprintf(&paths[colour], "M%d %dh1v1h-1z", column, row)
		if !half(column, row) {
			continue
		}
		for _, edge := range []struct {
			beside bool // whether what lies there is half way up, too
			path   string
		}{
			{row > 0 && half(column, row-1), fmt.Sprintf("M%d %dh1", column, row)},
			{(row+1)*g.Side < len(g.Values) && half(column, row+1), fmt.Sprintf("M%d %dh1", column, row+1)},
			{column > 0 && half(column-1, row), fmt.Sprintf("M%d %dv1", column, row)},
			{column+1 < g.Side && half(column+1, row), fmt.Sprintf("M%d %dv1", column+1, row)},
		} {
			if !edge.beside {
				line.WriteString(edge.path)
			}
		}
	}
	m := Map{Line: line.String()}
	for i := range paths {
		if paths[i].Len() > 0 {
			m.Levels = append(m.Levels, Level{i, paths[i].String()})
		}
	}
	return m
}
