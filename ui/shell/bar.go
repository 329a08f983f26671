package shell

import "uarweb/ui/desk"

// Bar is the top of the page.
type Bar struct{ Desk *desk.Desk }

// current says whether the reader is in a room, as aria-current says it.
func (c *Bar) current(r desk.Room) string {
	if c.Desk.Place().Room == r {
		return "page"
	}
	return "false"
}

// count is how many things a room holds.
func (c *Bar) count(r desk.Room) int {
	if r == desk.RoomQueue {
		return len(c.Desk.Studies())
	}
	return 0
}
