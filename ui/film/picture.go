package film

import (
	"image"

	"uarweb/ui/desk"
)

// Picture is what a slot shows. Two that are equal look the same.
type Picture struct {
	View   *desk.View
	Result *desk.Result // whose map is drawn, or nil
	Word   int          // of the result
	Map    desk.Map
}

// Of returns what a slot shows now.
func Of(d *desk.Desk, slot int) Picture {
	p := Picture{View: d.View(slot)}
	if word := d.Shown(); p.View != nil && d.Result() != nil && word != desk.None && d.Map() != desk.Off && d.Result().Place(p.View) >= 0 {
		p.Result, p.Word, p.Map = d.Result(), word, d.Map()
	}
	return p
}

// Heat returns the map to lay over the view, or nil if there is none to see.
func (p Picture) Heat() *image.NRGBA {
	if p.Result == nil {
		return nil
	}
	grids := p.Result.Grids(p.Word, p.Map)
	if grids == nil {
		return nil
	}
	low, high := p.Map.Limits(grids)
	if !p.Map.Visible(low, high) {
		return nil
	}
	return heat(grids[p.Result.Place(p.View)], low, high)
}
