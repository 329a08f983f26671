package ui

import (
	"fmt"
	"image"
)

// Picture is what a slot shows. Two that are equal look the same.
type Picture struct {
	View   *View
	Result *Result // whose map is drawn, or nil
	Word   int     // of the result
	Map    Map
}

// Picture returns what a slot shows now.
func (d *Desk) Picture(slot int) Picture {
	p := Picture{View: d.slots[slot]}
	if word := d.shown(); p.View != nil && d.result != nil && word != none && d.mode != Off && d.result.place(p.View) >= 0 {
		p.Result, p.Word, p.Map = d.result, word, d.mode
	}
	return p
}

// Heat returns the map to lay over the view, or nil if there is none to see.
func (p Picture) Heat() *image.NRGBA {
	if p.Result == nil {
		return nil
	}
	grids := p.Result.grids(p.Word, p.Map)
	if grids == nil {
		return nil
	}
	low, high := p.Map.limits(grids)
	if !p.Map.visible(low, high) {
		return nil
	}
	return heat(grids[p.Result.place(p.View)], low, high)
}

// place is where among the report's views v stands, or −1.
func (r *Result) place(v *View) int {
	for i, other := range r.Views {
		if v == other {
			return i
		}
	}
	return -1
}

// grids returns a word's map for each of the report's views, or nil if the
// report does not fit them.
func (r *Result) grids(word int, m Map) []Grid {
	w := r.Report.Words[word]
	if m == Mask {
		return split(w.Mask, len(r.Report.ImageTokens), len(r.Views), m)
	}
	return split(w.Attention, len(r.Report.ImageTokens), len(r.Views), m)
}

// named is what a view of a result is called now: by its slot, or by its file
// if it has left the desk.
func (d *Desk) named(v *View) string {
	for i, s := range d.slots {
		if s == v {
			return slotNames[i] + " view"
		}
	}
	return v.Name
}

// where says in words where a word's map lies.
func (r *Result) where(word int, m Map, named func(*View) string) string {
	grids := r.grids(word, m)
	if grids == nil {
		return ""
	}
	names := make([]string, len(r.Views))
	for i, v := range r.Views {
		names[i] = named(v)
	}
	return describe(grids, names, m)
}

// describe says everything about a word in one breath.
func (r *Result) describe(word int, m Map, named func(*View) string) string {
	return fmt.Sprintf("%s, %s. %s", r.Spans[word].Text, percent(r.Report.Words[word].LogProb), r.where(word, m, named))
}
