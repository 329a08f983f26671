package ui

import "strconv"

// Page is the root component.
type Page struct{ Desk *Desk }

// flag spells a boolean for an attribute that is always there; Vugu leaves out
// those that are false.
func flag(b bool) string { return strconv.FormatBool(b) }
