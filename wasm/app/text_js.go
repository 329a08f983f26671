package app

import (
	"uarweb/ui/desk"
	"uarweb/wasm/internal/browser"
)

// yourText is where the reader writes their version of the draft.
type yourText struct {
	box     *browser.TextBox
	of      *desk.Result // what it is the version of
	text    string       // in the box
	written int          // changes that the desk does not know of yet
	unsaved bool         // whether something is lost when the page is left
}

// listenToText tells the desk what the reader writes, and has them asked before it is
// lost with the page.
func (s *stage) listenToText() {
	y := &s.yours
	y.box.OnInput(func() {
		y.text = y.box.Text()
		y.written++
		text, of := y.text, y.of
		s.change(func() {
			y.written--
			if r := s.desk.Result(); r != nil && r == of {
				s.desk.SetYourText(text)
			}
		})
	})
	browser.BeforeLeaving(func() bool { return y.unsaved })
}

// drawText has the box show the reader's version, unless it does: to set it again would
// move the caret.
func (s *stage) drawText() {
	y := &s.yours
	s.env.RLock()
	of, text := s.desk.Result(), ""
	if of != nil {
		text = of.YourText()
	}
	y.unsaved = s.desk.Unsaved()
	s.env.RUnlock()
	if host := browser.Element("your-text"); host != nil {
		y.box.AppendTo(host)
	}
	if y.written > 0 {
		return
	}
	y.of = of
	if text != y.text {
		y.box.SetText(text)
		y.text = text
	}
}
