package ui

import "uarweb/ui/desk"

// Page is the root component.
type Page struct{ Desk *desk.Desk }

// in says whether the reader is in a room. Those that are not shown are not
// rendered; each has a place of its own, for elements are reused by their place.
func (c *Page) in(r desk.Room) bool { return c.Desk.Place().Room == r }
