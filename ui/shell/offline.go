package shell

import (
	"uarweb/ui/desk"
	"uarweb/ui/say"
)

// Offline says how the page stands without its server, and has the lock.
type Offline struct{ Desk *desk.Desk }

func (c *Offline) lock() string {
	if c.Desk.Standing().Locked {
		return say.Text("Unlock")
	}
	return say.Text("Lock")
}
