package learn

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/vugu/vugu"

	"uarweb/engine/lesson"
	"uarweb/ui/desk"
	"uarweb/ui/piece"
)

// Films are the films on the desk, as they are at the first step and then as the model
// sees them, with what the step shows of them.
type Films struct{ Desk *desk.Desk }

func (c *Films) learn() *desk.Learn { return c.Desk.Learn() }

// frames are the views of the model.
func (c *Films) frames() []int {
	s := c.learn().Study()
	if s == nil {
		return nil
	}
	views := len(s.Pixels)
	if c.learn().Step() <= lesson.StepShrink {
		views = len(c.Desk.Result().Views)
	}
	all := make([]int, views)
	for i := range all {
		all[i] = i
	}
	return all
}

// name is that of a view.
func (c *Films) name(view int) string {
	r := c.Desk.Result()
	if shown := len(r.Views); view >= shown {
		return "The same film again"
	}
	return desk.SlotNames[r.Slots[view]]
}

// hidden says that the step is about words alone.
func (c *Films) hidden() bool { return c.learn().Step() >= lesson.StepChoose }

// picks says whether the step is about a patch.
func (c *Films) picks() bool {
	return c.learn().Step() <= lesson.StepPatches
}

// role is that of a film: one to choose a patch on, or a picture.
func (c *Films) role() string {
	if c.picks() {
		return "slider"
	}
	return "img"
}

func (c *Films) tabindex() any {
	if c.picks() {
		return "0"
	}
	return nil
}

// ofSlider is an attribute that only a slider has.
func (c *Films) ofSlider(value string) any {
	if c.picks() {
		return value
	}
	return nil
}

// at is where the patch stands in a view, from 1, or 0.
func (c *Films) at(view int) int {
	s := c.learn().Study()
	if in, row, column := s.Place(c.learn().ChosenPatch()); in == view {
		return row*s.Grid + column + 1
	}
	return 0
}

func (c *Films) most() string {
	s := c.learn().Study()
	return strconv.Itoa(s.Grid * s.Grid)
}

// label says what a film shows to who does not see it.
func (c *Films) label(view int) string {
	switch c.learn().Step() {
	case lesson.StepBasis, lesson.StepPatches, lesson.StepLook, lesson.StepMask:
		return c.name(view) + ", with the map that is described beside it"
	}
	return c.name(view)
}

func (c *Films) value(view int) string {
	s := c.learn().Study()
	if in, row, column := s.Place(c.learn().ChosenPatch()); in == view {
		return where(row, column)
	}
	return "no patch chosen here"
}

func where(row, column int) string { return fmt.Sprintf("row %d, column %d", row+1, column+1) }

func (c *Films) key(event vugu.DOMEvent, view int) {
	if c.picks() && !piece.Modified(event) && c.learn().PatchKey(view, event.PropString("key")) {
		event.PreventDefault()
	}
}

func (c *Films) viewBox() string { return viewBox(c.Desk) }

func viewBox(d *desk.Desk) string {
	side := 1
	if s := d.Learn().Study(); s != nil {
		side = s.Grid
	}
	return fmt.Sprintf("0 0 %d %d", side, side)
}

// patch is the square around the chosen patch, as the data of an SVG path.
func (c *Films) patch(view int) string {
	s := c.learn().Study()
	in, row, column := s.Place(c.learn().ChosenPatch())
	if !c.picks() || in != view {
		return ""
	}
	return fmt.Sprintf("M%d %dh1v1h-1z", column, row)
}

// levels are the map of a view, if the step has one.
func (c *Films) levels(view int) []Level {
	l := c.learn()
	var values []float32
	switch l.Step() {
	case lesson.StepPatches, lesson.StepLook:
		values = l.AttentionOf(l.Head())
	case lesson.StepBasis:
		if w, _ := l.Word(); w != nil {
			return ofRange(l.Grids(w.Alike), view)
		}
	case lesson.StepMask:
		return ofMask(l.Grids(l.MaskOf(l.Layer())), view)
	}
	return ofAttention(l.Grids(values), view)
}

// caption says what the pictures are.
func (c *Films) caption() string {
	s := c.learn().Study()
	if s == nil {
		return ""
	}
	switch c.learn().Step() {
	case lesson.StepPixels:
		return "The film as it is on the desk. Choose a patch with the pointer or the arrow keys."
	case lesson.StepShrink:
		return fmt.Sprintf("The film as the model sees it: %d × %d pixels. Choose a patch with the pointer or the arrow keys.", s.Size, s.Size)
	case lesson.StepCodes:
		return fmt.Sprintf("%d × %d pixels, cut into %d × %d patches of %d × %d.", s.Size, s.Size, s.Grid, s.Grid, s.Size/s.Grid, s.Size/s.Grid)
	case lesson.StepBasis:
		return "The patches that the chosen word is nearest to. Choose a patch, too, to see which words it is nearest to."
	case lesson.StepPatches:
		return "The patch that asks has a frame; what matters to it is coloured."
	case lesson.StepLook:
		return "Where the word looks, as far as that is more than an even share."
	case lesson.StepMask:
		return "Where the mask is most open for the word."
	}
	return ""
}

// Level is a part of a map in one colour, as the data of an SVG path.
type Level struct{ Class, Path string }

// levels is how many colours a map has: those of the ramp.
const levels = 6

// ofAttention is the map of attention of one of the grids of all views. What has an even
// share or less is left clear.
func ofAttention(grids []desk.Grid, view int) []Level {
	if grids == nil {
		return nil
	}
	low, high := desk.Attention.Limits(grids)
	return cells(grids[view], low, high)
}

// ofMask is the map of σ(M); there is none where it is flat.
func ofMask(grids []desk.Grid, view int) []Level {
	if grids == nil {
		return nil
	}
	low, high := desk.Mask.Limits(grids)
	if !desk.Mask.Visible(low, high) {
		return nil
	}
	return cells(grids[view], low, high)
}

// ofRange is a map from the smallest value to the largest, whose lower half is left
// clear.
func ofRange(grids []desk.Grid, view int) []Level {
	if grids == nil {
		return nil
	}
	low, high := desk.Mask.Limits(grids)
	return cells(grids[view], (low+high)/2, high)
}

// cells are the tokens of a grid over low, those of each colour together.
func cells(g desk.Grid, low, high float32) []Level {
	paths := make([]strings.Builder, levels)
	for i, v := range g.Values {
		if v > low {
			level := min(int(levels*(v-low)/(high-low)), levels-1)
			fmt.Fprintf(&paths[level], "M%d %dh1v1h-1z", i%g.Side, i/g.Side)
		}
	}
	var all []Level
	for i := range paths {
		if paths[i].Len() > 0 {
			all = append(all, Level{"level-" + strconv.Itoa(i), paths[i].String()})
		}
	}
	return all
}

// percent is a share of one for people.
func percent(p float64) string { return desk.Percent(math.Log(p)) }

// largest is where the largest value of all views stands, in words, and the value.
func largest(d *desk.Desk, values []float32) (at string, value float32) {
	s := d.Learn().Study()
	if s == nil || values == nil {
		return "", 0
	}
	value = slices.Max(values)
	view, row, column := s.Place(slices.Index(values, value))
	film := "the same film again"
	if r := d.Result(); view < len(r.Views) {
		film = "the " + strings.ToLower(desk.SlotNames[r.Slots[view]]) + " film"
	}
	return film + ", " + where(row, column), value
}
