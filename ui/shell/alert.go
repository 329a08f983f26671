package shell

import (
	"github.com/vugu/vugu"

	"uarweb/ui/desk"
)

// Alert shows the trouble or the notice of the moment.
type Alert struct{ Desk *desk.Desk }

func (c *Alert) trouble() desk.Trouble {
	if c.Desk.Trouble() == nil {
		return desk.Trouble{}
	}
	return *c.Desk.Trouble()
}

// toggle shows or hides the detail. The browser's own toggling would be undone
// by the next render.
func (c *Alert) toggle(event vugu.DOMEvent) {
	event.PreventDefault()
	c.Desk.Toggle(desk.Detail)
}
