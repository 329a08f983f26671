package learn

import (
	"fmt"
	"strconv"

	"github.com/vugu/vugu"

	"uarweb/engine/lesson"
	"uarweb/ui/desk"
	"uarweb/ui/say"
)

// Tree is the tree of a search, of the width of the slider, around the chosen word.
type Tree struct{ Desk *desk.Desk }

func (c *Tree) learn() *desk.Learn { return c.Desk.Learn() }

func (c *Tree) numbers() *lesson.Numbers { return c.learn().Numbers() }

func (c *Tree) picture() lesson.TreePicture { return c.numbers().TreePicture() }

func (c *Tree) viewBox() string {
	picture := c.picture()
	return fmt.Sprintf("0 0 %d %d", picture.Width, picture.Height)
}

// labelClass is the class of a text.
func labelClass(l lesson.Label) string {
	if l.Number {
		return "learn-" + string(l.Fate) + " number"
	}
	return "learn-" + string(l.Fate)
}

func (c *Tree) width() string { return say.Count(c.learn().Width(), "beam") }

func (c *Tree) setWidth(event vugu.DOMEvent) {
	if n, err := strconv.Atoi(event.PropString("target", "value")); err == nil {
		c.learn().SetWidth(n)
	}
}

// found says what the search has found.
func (c *Tree) found() string {
	if s := c.learn().Search(); s == nil || s.Width != c.learn().Width() {
		return say.F("Searching with %s", c.width())
	}
	return c.numbers().Searched()
}
