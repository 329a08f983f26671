package learn

import (
	"fmt"
	"strconv"

	"github.com/vugu/vugu"

	"uarweb/engine/lesson"
	"uarweb/ui/desk"
	"uarweb/ui/piece"
	"uarweb/ui/say"
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
func (c *Films) name(view int) string { return c.learn().Numbers().ViewName(view) }

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
		return say.F("%s, with the map that is described beside it", c.name(view))
	}
	return c.name(view)
}

func (c *Films) value(view int) string {
	s := c.learn().Study()
	if in, row, column := s.Place(c.learn().ChosenPatch()); in == view {
		return c.learn().Numbers().Where(row, column)
	}
	return say.Text("no patch chosen here")
}

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
func (c *Films) levels(view int) []lesson.Level {
	maps := c.learn().Numbers().Maps(c.learn().Step())
	if maps == nil {
		return nil
	}
	return maps[view].Levels
}

// level is the class of a colour.
func level(l lesson.Level) string { return "level-" + strconv.Itoa(l.Colour) }

// caption says what the pictures are, and how to choose on them.
func (c *Films) caption() string {
	text := c.learn().Numbers().Caption(c.learn().Step())
	switch c.learn().Step() {
	case lesson.StepPixels, lesson.StepShrink:
		text += " " + say.Text("Choose a patch with the pointer or the arrow keys.")
	case lesson.StepBasis:
		text += " " + say.Text("Choose a patch, too, to see which words it is nearest to.")
	}
	return text
}
