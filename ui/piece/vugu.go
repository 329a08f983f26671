// Package piece is what several rooms of the page show alike. Here is also what
// works around Vugu, so that it stands in one place.
package piece

import "strconv"

// Flag spells a boolean for an attribute that is always there; Vugu leaves out
// those that are false.
func Flag(b bool) string { return strconv.FormatBool(b) }
