package lesson

import (
	"fmt"
	"strings"

	"uarweb/engine/report/heatmap"
)

// Level is the part of a map that has one colour.
type Level struct {
	Colour int    // from 0 to Colours−1, the highest values last
	Path   string // the data of an SVG path, in tokens
}

// Colours is how many a map has.
const Colours = 6

// Maps are what a step shows over each view of the model, or nil if it shows nothing:
// attention beyond an even share, the upper half of the cosines, and σ(M) where it is not flat.
func (n *Numbers) Maps(step Step) [][]Level {
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
	var all [][]Level
	for _, g := range grids {
		all = append(all, levels(g, low, high))
	}
	return all
}

// HeadMap is the attention of a head at a step, of the views of the model one below
// the other.
func (n *Numbers) HeadMap(step Step, head int) []Level {
	grids := n.grids(n.AttentionOf(step, head))
	if grids == nil {
		return nil
	}
	tall := heatmap.Grid{Side: grids[0].Side}
	for _, g := range grids {
		tall.Values = append(tall.Values, g.Values...)
	}
	low, high := heatmap.Attention.Limits(grids)
	return levels(tall, low, high)
}

// grids cuts a map of the N patches into one for each view of the model.
func (n *Numbers) grids(values []float32) []heatmap.Grid {
	if n.Study == nil || values == nil {
		return nil
	}
	return heatmap.Split(values, len(n.Study.Pixels), len(n.Study.Pixels), heatmap.Attention)
}

// levels are the tokens of a grid over low, those of each colour together.
func levels(g heatmap.Grid, low, high float32) []Level {
	var paths [Colours]strings.Builder
	for i, v := range g.Values {
		if v > low {
			colour := min(int(Colours*(v-low)/(high-low)), Colours-1)
			fmt.Fprintf(&paths[colour], "M%d %dh1v1h-1z", i%g.Side, i/g.Side)
		}
	}
	var all []Level
	for i := range paths {
		if paths[i].Len() > 0 {
			all = append(all, Level{i, paths[i].String()})
		}
	}
	return all
}
