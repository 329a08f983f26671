package read

import "uarweb/ui/desk"

// Wrong is the button by which the reader says that the sentence of the selected word
// is wrong.
type Wrong struct{ Desk *desk.Desk }

// sentence is that of the word, or desk.None.
func (c *Wrong) sentence() int {
	if c.Desk.Result() == nil || c.Desk.Selected() == desk.None {
		return desk.None
	}
	return c.Desk.Result().Spans[c.Desk.Selected()].Sentence
}

func (c *Wrong) marked() bool {
	return c.sentence() != desk.None && c.Desk.Result().IsWrong(c.sentence())
}
