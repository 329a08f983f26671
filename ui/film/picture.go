package film

import (
	"image"

	"uarweb/ui/desk"
)

// Picture is what a slot shows. Two that are equal look the same.
type Picture struct {
	View   *desk.View
	Result *desk.Result // whose map is drawn, or nil
	Word   int          // of the result; desk.None is all of them
	Map    desk.Map

	Rewrite *desk.Rewrite // of which desk.Changed is the change
}

// Of returns what a slot shows now.
func Of(d *desk.Desk, slot int) Picture {
	if d.Shown() == desk.None {
		return Picture{View: d.View(slot)}
	}
	return OnPaper(d, slot)
}

// OnPaper returns what is printed of a slot: the map that it shows or, if no word is
// chosen, that of all words.
func OnPaper(d *desk.Desk, slot int) Picture {
	p := Picture{View: d.View(slot)}
	if p.View != nil && d.Result() != nil && d.Map() != desk.Off && d.Result().Place(p.View) >= 0 {
		p.Result, p.Word, p.Map = d.Result(), d.Shown(), d.Map()
		if p.Map == desk.Changed {
			p.Rewrite = d.LastRewrite()
		}
	}
	return p
}

// Heat returns the map to lay over the view, or nil if there is none to see.
func (p Picture) Heat() *image.NRGBA {
	grid, low, high := p.grid()
	if grid.Values == nil {
		return nil
	}
	if p.Map == desk.Changed {
		return heat(grid, low, high, heatSize, &diverging)
	}
	return heat(grid, low, high, heatSize, &ramp)
}

// Contour returns the lines around what lies above the middle of the map's legend, or
// of its halves of more and of less: the data of SVG paths in a square of ContourSize,
// nothing where there is none to see. Only a change has less.
func (p Picture) Contour() (more, less string) {
	grid, low, high := p.grid()
	switch {
	case grid.Values == nil:
		return "", ""
	case p.Map != desk.Changed:
		return contour(grid, (low+high)/2), ""
	}
	opposite := desk.Grid{Side: grid.Side}
	for _, v := range grid.Values {
		opposite.Values = append(opposite.Values, -v)
	}
	return contour(grid, high/2), contour(opposite, high/2)
}

// grid is the map, if there is any to see, and the values at the ends of its
// legend.
func (p Picture) grid() (g desk.Grid, low, high float32) {
	if p.Result == nil {
		return g, 0, 0
	}
	var grids []desk.Grid
	if p.Map == desk.Changed {
		grids = p.Rewrite.Grids(p.Word)
	} else {
		grids = p.Result.Grids(p.Word, p.Map)
	}
	if grids == nil {
		return g, 0, 0
	}
	if low, high = p.Map.Limits(grids); !p.Map.Visible(low, high) {
		return g, low, high
	}
	return grids[p.Result.Place(p.View)], low, high
}
