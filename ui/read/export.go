package read

import (
	"github.com/vugu/vugu"

	"uarweb/ui/desk"
	"uarweb/ui/piece"
)

// Export is what takes the report off the page.
type Export struct{ Desk *desk.Desk }

// key closes the list of formats by Escape.
func (c *Export) key(event vugu.DOMEvent) {
	if !piece.Modified(event) && event.PropString("key") == "Escape" && c.Desk.CloseExports() {
		event.PreventDefault()
	}
}
