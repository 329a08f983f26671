package shell

import "uarweb/ui/desk"

// Offline says how the page stands without its server, and has the lock.
type Offline struct{ Desk *desk.Desk }

func (c *Offline) lock() string {
	if c.Desk.Standing().Locked {
		return "Unlock"
	}
	return "Lock"
}
