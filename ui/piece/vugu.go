// Package piece is what several rooms of the page show alike. Here is also what
// works around Vugu, so that it stands in one place.
package piece

import (
	"strconv"

	"github.com/vugu/vugu"
)

// Flag spells a boolean for an attribute that is always there; Vugu leaves out
// those that are false.
func Flag(b bool) string { return strconv.FormatBool(b) }

// Modified says that a key belongs to the browser.
func Modified(event vugu.DOMEvent) bool {
	return event.PropBool("ctrlKey") || event.PropBool("altKey") || event.PropBool("metaKey")
}
