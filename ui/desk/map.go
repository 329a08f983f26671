package desk

import "uarweb/engine/report/heatmap"

// Map is which of a word's maps lies over the image: a heatmap.Kind, or Off.
type Map = heatmap.Kind

// The maps.
const (
	Attention = heatmap.Attention
	Mask      = heatmap.Mask
	Changed   = heatmap.Changed
	Off       = 1 + Changed
)

// Grid is a map of one view.
type Grid = heatmap.Grid
