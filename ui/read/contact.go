package read

import (
	"github.com/vugu/vugu"

	"uarweb/ui/desk"
	"uarweb/ui/piece"
	"uarweb/ui/say"
)

// Contact is the contact sheet: a small map of each word of the draft. The frames
// are film.Contact's, which scripts draw, as they would be too many elements here; to
// a screen reader all are one control, whose value is the word that is pinned.
type Contact struct{ Desk *desk.Desk }

func (c *Contact) hidden() bool { return c.Desk.Asking() || c.Desk.Running() == nil && c.words() == 0 }

// words is how many there are to choose from: none while they may still change.
func (c *Contact) words() int {
	if c.Desk.Running() != nil || c.Desk.Result() == nil {
		return 0
	}
	return len(c.Desk.Result().Spans)
}

// word is which word is pinned, counted from 1, or 0.
func (c *Contact) word() int {
	if c.words() == 0 {
		return 0
	}
	return c.Desk.Selected() + 1
}

func (c *Contact) about() string {
	if c.Desk.Running() != nil {
		return say.Text("The maps come when the draft is done.")
	}
	return say.Text("A frame for each word, on the view that it looked at more: where the draft came from, not where a finding is.")
}

func (c *Contact) describe() string {
	switch {
	case c.words() == 0:
		return say.Text("no words yet")
	case c.word() == 0:
		return say.Text("no word is chosen")
	}
	return c.Desk.Describe(c.Desk.Selected())
}

func (c *Contact) key(event vugu.DOMEvent) {
	if !piece.Modified(event) && c.words() > 0 && c.Desk.ContactKey(event.PropString("key")) {
		event.PreventDefault()
	}
}
