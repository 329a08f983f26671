package read

import (
	"uarweb/ui/desk"
	"uarweb/ui/piece"
	"uarweb/ui/say"
)

// Position says which study of the queue is on the stage, and leads to its neighbours.
type Position struct{ Desk *desk.Desk }

func (c *Position) says() string {
	if s := c.Desk.Reading(); s != nil {
		return c.Desk.Position() + ": " + s.Name()
	}
	return ""
}

func (c *Position) neighbours() []piece.Button {
	d := c.Desk
	return []piece.Button{
		{ID: "previous-study", Label: say.Text("Previous"), Keys: "PageUp", Closed: !d.CanReadNext(-1), Do: func() { d.ReadNext(-1) }},
		{ID: "next-study", Label: say.Text("Next"), Keys: "PageDown", Closed: !d.CanReadNext(1), Do: func() { d.ReadNext(1) }},
	}
}
