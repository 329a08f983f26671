package ui

import "github.com/vugu/vugu"

// Alert shows the trouble or the notice of the moment.
type Alert struct{ Desk *Desk }

func (c *Alert) trouble() Trouble {
	if c.Desk.trouble == nil {
		return Trouble{}
	}
	return *c.Desk.trouble
}

// toggle shows or hides the detail. The browser's own toggling would be undone
// by the next render.
func (c *Alert) toggle(event vugu.DOMEvent) {
	event.PreventDefault()
	c.Desk.detailed = !c.Desk.detailed
}
