package film

import (
	"image"
	"strings"

	"uarweb/ui/desk"
)

// Contact is what the contact sheet shows: a frame for each word of the draft. Two
// that are equal look the same.
type Contact struct {
	Result *desk.Result // or nil
	Text   string       // of the draft while it is written, of which there are no maps yet
}

// ContactOf returns what the contact sheet shows now.
func ContactOf(d *desk.Desk) Contact {
	if j := d.Running(); j != nil && !d.Asking() {
		return Contact{Text: j.Text()}
	}
	return Contact{Result: d.Result()}
}

// Frame is a word's.
type Frame struct {
	Word string
	Ends bool       // its sentence; while it is written that may change, and would move what follows
	View *desk.View // of those of the report, which the word looked at more; nil without maps

	grid      desk.Grid // where, or none if there is none to see
	low, high float32   // the values at the ends of its legend
}

// Heat returns where on the view the word looked, or nil if there is none to see.
func (f Frame) Heat() *image.NRGBA {
	if f.grid.Values == nil {
		return nil
	}
	return heat(f.grid, f.low, f.high, frameSize, &ramp)
}

// Frames are those of all words, in the order of the report.
func (c Contact) Frames() []Frame {
	var frames []Frame
	if c.Result == nil {
		for _, word := range strings.Fields(c.Text) {
			frames = append(frames, Frame{Word: word})
		}
		return frames
	}
	spans := c.Result.Spans
	for word, s := range spans {
		f := Frame{Word: s.Text, Ends: word+1 < len(spans) && spans[word+1].Sentence != s.Sentence}
		if grids := c.Result.Grids(word, desk.Attention); grids != nil {
			most := 0
			for i, g := range grids {
				if sum(g.Values) > sum(grids[most].Values) {
					most = i
				}
			}
			f.View = c.Result.Views[most]
			if low, high := desk.Attention.Limits(grids); desk.Attention.Visible(low, high) {
				f.grid, f.low, f.high = grids[most], low, high
			}
		}
		frames = append(frames, f)
	}
	return frames
}

func sum(values []float32) (s float32) {
	for _, v := range values {
		s += v
	}
	return s
}
