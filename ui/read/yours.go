package read

import "uarweb/ui/desk"

// Yours is the reader's version of the draft, and what they have changed. It is typed
// into an element that a script makes: a component would not know what was typed, and
// of a field of a form Chromium would ask its maker what could be filled into it.
type Yours struct{ Desk *desk.Desk }

func (c *Yours) edits() []desk.Edit {
	if c.Desk.Result() == nil {
		return nil
	}
	return c.Desk.Result().Edits()
}
