// Package lab is the room Phantom lab: a chest that the reader describes is drawn, and
// what the model makes of it stands beside what is known to be there.
package lab

import (
	"github.com/vugu/vugu"

	"uarweb/ui/desk"
	"uarweb/ui/piece"
)

// Lab is the room.
type Lab struct{ Desk *desk.Desk }

func (c *Lab) lab() *desk.Lab { return c.Desk.Lab() }

// key does what a single key means, wherever in the room it is pressed. On a slider, a
// sweep is of that.
func (c *Lab) key(event vugu.DOMEvent) {
	for _, s := range desk.Sliders {
		if id(s) == event.PropString("target", "id") {
			c.lab().SetOf(s.Name)
		}
	}
	if !piece.Modified(event) && c.lab().Key(event.PropString("key")) {
		event.PreventDefault()
	}
}
