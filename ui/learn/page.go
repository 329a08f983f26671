package learn

import (
	"uarweb/engine/lesson"
	"uarweb/ui/say"
)

// page is what a step says, in the reader's language.
func page(s lesson.Step) lesson.Page {
	p := s.Page()
	for _, text := range []*string{&p.Name, &p.Title, &p.Idea, &p.Equation, &p.Letters, &p.Question, &p.Answer, &p.Watch} {
		*text = say.Text(*text)
	}
	return p
}

// notes are those for teachers, in the reader's language.
func notes() []lesson.Note {
	all := lesson.Notes()
	for i, n := range all {
		all[i] = lesson.Note{Name: say.Text(n.Name), Text: say.Text(n.Text)}
	}
	return all
}
