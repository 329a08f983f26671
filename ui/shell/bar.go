package shell

import "uarweb/ui/desk"

// Bar is the top of the page.
type Bar struct{ Desk *desk.Desk }

// padlock is a drawn one, open or closed, as SVG has it. It stands in the link to
// Privacy, which has no other.
func (c *Bar) padlock() string {
	const body = "M3.5 7h9v6.5h-9zM5.5 7V"
	if c.Desk.Standing().Locked {
		return body + "5a2.5 2.5 0 0 1 5 0v2"
	}
	return body + "4a2.5 2.5 0 0 1 5 0"
}

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
