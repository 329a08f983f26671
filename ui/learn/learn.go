// Package learn is the room Learn: steps from the pixels of a film to the words of
// its report, each with one picture, one idea, the model's own numbers for the films on
// the desk, and the equation.
package learn

import (
	"fmt"

	"github.com/vugu/vugu"

	"uarweb/engine/lesson"
	"uarweb/ui/desk"
	"uarweb/ui/piece"
	"uarweb/ui/say"
)

// Learn is the room.
type Learn struct{ Desk *desk.Desk }

func (c *Learn) learn() *desk.Learn { return c.Desk.Learn() }

func (c *Learn) in(s lesson.Step) bool { return c.learn().Step() == s }

// current is a link's aria-current.
func (c *Learn) current(s lesson.Step) string {
	if c.in(s) {
		return "step"
	}
	return "false"
}

func (c *Learn) title() string {
	s := c.learn().Step()
	if s == lesson.Teacher {
		return page(s).Title
	}
	return fmt.Sprintf("%d\u2003%s", s, page(s).Title)
}

func (c *Learn) lead() string { return page(c.learn().Step()).Idea }

// state says why there are no numbers, or what is being done about them.
func (c *Learn) state() string {
	l := c.learn()
	why, _ := l.Needs()
	switch {
	case l.Trouble() != nil:
		return l.Trouble().Sentence
	case why != "":
		return why
	case c.Desk.Running() != nil:
		return c.Desk.Running().Doing()
	case l.Study() != nil:
		return ""
	case l.Job() != nil:
		return l.Job().Doing()
	case c.Desk.Redrawing():
		return say.Text("The numbers come after the redraws.")
	}
	return say.Text("Starting")
}

func (c *Learn) canWrite() bool {
	_, write := c.learn().Needs()
	return write
}

func (c *Learn) writeLabel() string {
	if c.Desk.Views() == nil {
		return say.Text("Read an example")
	}
	return say.Text("Write it")
}

// gathering says how far the sheets are.
func (c *Learn) gathering() string {
	if c.Desk.Redrawing() {
		return say.Text("The sheets come after the redraws.")
	}
	return say.F("Gathering the sheets: %d of %d", c.learn().Step(), lesson.Teacher)
}

// about says which films and report the numbers are of.
func (c *Learn) about() string {
	if c.learn().Study() == nil {
		return say.Text("From film to word, step by step")
	}
	if c.Desk.Result().Synthetic() {
		return say.Text("On the synthetic films on the desk")
	}
	return say.Text("On the films on the desk")
}

// beside is the name of a neighbour of the step, or empty.
func (c *Learn) beside(by int) string {
	if s := c.learn().Beside(by); s != 0 {
		return page(s).Name
	}
	return ""
}

// link leads to a neighbour of the step.
func (c *Learn) link(by int) string {
	if s := c.learn().Beside(by); s != 0 {
		return desk.StepPlace(s).Address()
	}
	return desk.StepPlace(c.learn().Step()).Address()
}

// key does what a single key means, wherever in the room it is pressed.
func (c *Learn) key(event vugu.DOMEvent) {
	if !piece.Modified(event) && c.learn().Key(event.PropString("key")) {
		event.PreventDefault()
	}
}

// greys says whether the step shows grey values.
func (c *Learn) greys() bool { return c.learn().Step() <= lesson.StepCodes }

// heads says whether the step looks into the heads of an attention.
func (c *Learn) heads() bool { return c.in(lesson.StepPatches) || c.in(lesson.StepLook) }
