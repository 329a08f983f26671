package learn

import (
	"github.com/vugu/vugu"

	"uarweb/ui/desk"
)

// Equation is the step's, in the letters of engine/MODEL.md, and with this film's numbers.
type Equation struct{ Desk *desk.Desk }

func (c *Equation) learn() *desk.Learn { return c.Desk.Learn() }

func (c *Equation) equation() vugu.HTML { return vugu.HTML(page(c.learn().Step()).Equation) }

func (c *Equation) letters() vugu.HTML { return vugu.HTML(page(c.learn().Step()).Letters) }

// now is the equation with numbers, or empty while there are none.
func (c *Equation) now() string { return c.learn().Numbers().Now(c.learn().Step()) }
