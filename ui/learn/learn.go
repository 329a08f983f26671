// Package learn is the room Learn: steps from the pixels of a film to the words of
// its report, each with one picture, one idea, the model's own numbers for the films on
// the desk, and the equation.
package learn

import (
	"fmt"

	"github.com/vugu/vugu"

	"uarweb/ui/desk"
	"uarweb/ui/piece"
)

// Learn is the room.
type Learn struct{ Desk *desk.Desk }

func (c *Learn) learn() *desk.Learn { return c.Desk.Learn() }

func (c *Learn) in(s desk.Step) bool { return c.learn().Step() == s }

// current is a link's aria-current.
func (c *Learn) current(s desk.Step) string {
	if c.in(s) {
		return "step"
	}
	return "false"
}

// titles of the steps, and what they say.
var titles = map[desk.Step]struct{ title, lead string }{
	desk.StepPixels: {"A film is a table of numbers",
		"In a computer a film is one number a pixel, its grey: 0 is black, 255 is white. This is all that the model is given. It knows no patient, no history and no earlier film."},
	desk.StepShrink: {"What the model sees is small",
		"The film is shrunk to a small square, whatever its size and shape. What is finer than a pixel of that is gone before the model has begun."},
	desk.StepCodes: {"A film becomes words",
		"The model has a dictionary of little pictures. It cuts the film into patches and writes down, for each, the entry that fits best. From here on it never sees the pixels again: what the dictionary has no entry for is lost."},
	desk.StepBasis: {"One common basis",
		"Image words and report words are both written anew in terms of the same set of vectors, the basis. So a patch and a word become comparable: the smaller the angle between them, the nearer they are."},
	desk.StepPatches: {"Patches compare themselves with each other",
		"Each patch asks every other, on both films, how much it matters to it. It does so with several heads at once, in several layers, and nobody has told any head what to look for."},
	desk.StepLook: {"From image to word",
		"Before each word the model looks at the patches again, with every head of every layer. The map that Read shows is the mean of the last layer’s heads: here are all of them. It is where the word came from, not where a finding is."},
	desk.StepMask: {"The mask",
		"A mask may open and close patches for each word before its heads look. It was learned, not drawn. The paper multiplies it by a large number, so that small differences decide."},
	desk.StepFind: {"Finding a report again",
		"The basis is there to make images and words comparable: the mean of a film’s patches and the mean of a report’s words are two points in one space. If that works, a film’s own report lies nearer to it than others."},
	desk.StepChoose: {"Choosing words",
		"The model gives every word of its vocabulary a number. A softmax turns these into probabilities, and a search keeps the few beginnings of a report that are likeliest as a whole."},
}

func (c *Learn) title() string {
	return fmt.Sprintf("%d\u2003%s", c.learn().Step(), titles[c.learn().Step()].title)
}

func (c *Learn) lead() string { return titles[c.learn().Step()].lead }

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
		return "The numbers come after the redraws."
	}
	return "Starting"
}

func (c *Learn) canWrite() bool {
	_, write := c.learn().Needs()
	return write
}

func (c *Learn) writeLabel() string {
	if c.Desk.Views() == nil {
		return "Read an example"
	}
	return "Write it"
}

// about says which films and report the numbers are of.
func (c *Learn) about() string {
	if c.learn().Study() == nil {
		return "From film to word, step by step"
	}
	if c.Desk.Result().Synthetic() {
		return "On the synthetic films on the desk"
	}
	return "On the films on the desk"
}

// beside is the name of a neighbour of the step, or empty.
func (c *Learn) beside(by int) string {
	if s := c.learn().Beside(by); s != 0 {
		return s.Name()
	}
	return ""
}

// link leads to a neighbour of the step.
func (c *Learn) link(by int) string {
	if s := c.learn().Beside(by); s != 0 {
		return s.Place().Address()
	}
	return c.learn().Step().Place().Address()
}

// key does what a single key means, wherever in the room it is pressed.
func (c *Learn) key(event vugu.DOMEvent) {
	if !piece.Modified(event) && c.learn().Key(event.PropString("key")) {
		event.PreventDefault()
	}
}

// greys says whether the step shows grey values.
func (c *Learn) greys() bool { return c.learn().Step() <= desk.StepCodes }

// heads says whether the step looks into the heads of an attention.
func (c *Learn) heads() bool { return c.in(desk.StepPatches) || c.in(desk.StepLook) }
