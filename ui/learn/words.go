package learn

import (
	"github.com/vugu/vugu"

	"uarweb/engine/lesson"
	"uarweb/engine/report"
	"uarweb/ui/desk"
	"uarweb/ui/piece"
	"uarweb/ui/say"
)

// Words are those of the draft, to choose one from, at the steps that are about a word.
type Words struct{ Desk *desk.Desk }

func (c *Words) learn() *desk.Learn { return c.Desk.Learn() }

func (c *Words) hidden() bool {
	if c.learn().Study() == nil {
		return true
	}
	switch c.learn().Step() {
	case lesson.StepBasis, lesson.StepLook, lesson.StepMask, lesson.StepChoose:
		return false
	}
	return true
}

// Word is a word to choose.
type Word struct {
	Text, Label string // as it stands there, and as it is spoken
	SpaceBefore bool
	Chosen      bool
}

// words are those of the draft, and its end.
func (c *Words) words() []Word {
	s := c.learn().Study()
	if s == nil {
		return nil
	}
	texts := make([]string, len(s.Words))
	for i, w := range s.Words {
		texts[i] = w.Text
	}
	var words []Word
	for i, span := range report.Layout(texts) {
		words = append(words, Word{span.Text, report.Spoken(span.Text), span.SpaceBefore, i == c.learn().ChosenWord()})
	}
	return append(words, Word{"■", say.Text("end of report"), true, len(texts) == c.learn().ChosenWord()})
}

// tabindex makes the chosen word the one stop of the keyboard.
func tabindex(w Word) string {
	if w.Chosen {
		return "0"
	}
	return "-1"
}

// key moves from word to word.
func (c *Words) key(event vugu.DOMEvent) {
	if !piece.Modified(event) && c.learn().WordKey(event.PropString("key")) {
		event.PreventDefault()
	}
}
