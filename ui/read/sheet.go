package read

import (
	"fmt"
	"strings"

	"uarweb/engine/report"
	"uarweb/engine/report/export"
	"uarweb/ui/desk"
	"uarweb/ui/say"
)

// Sheet is the report on paper: it shows in print alone, in place of the page.
type Sheet struct{ Desk *desk.Desk }

func (c *Sheet) result() *desk.Result { return c.Desk.Result() }

// about says what is drafted, and when that was.
func (c *Sheet) about() string {
	r := c.result()
	if r == nil {
		return ""
	}
	names := make([]string, len(r.Views))
	for i, v := range r.Views {
		names[i] = v.Name
	}
	return strings.Join(names, " and ") + ", written " + r.Written.Format("2006-01-02 15:04")
}

// films says what stands above it.
func (c *Sheet) films() string { return say.InEnglish(c.saysFilms) }

func (c *Sheet) saysFilms() string {
	d := c.Desk
	switch {
	case c.result() == nil:
		return ""
	case d.Stale():
		return "The films have changed since this draft was written and are left out."
	case d.Map() == desk.Off:
		return "The films as stored."
	}
	whose, where := "all words, on average", ""
	if word := d.Shown(); word != desk.None {
		whose, where = "“"+c.result().Spans[word].Text+"”", " "+d.Where(word, d.Map())
	}
	what := "what the draft looked at"
	line := "line: half way up the scale"
	switch d.Map() {
	case desk.Mask:
		what = "the mask"
	case desk.Changed:
		what, line = "the change of attention ("+d.LastRewrite().Title()+")", "line: more, dashed: less, half way up the scale"
	}
	return fmt.Sprintf("The films as stored, and %s: %s; %s.%s", what, whose, line, where)
}

// sentences are those of the draft, with what the reader says of them.
func (c *Sheet) sentences() []string {
	if c.result() == nil {
		return nil
	}
	d := c.Desk.Document()
	sentences := d.Sentences()
	for i := range sentences {
		if c.result().IsWrong(i) {
			sentences[i] += " [The reader says: wrong.]"
		}
	}
	return sentences
}

// edits are those of the reader, if they say anything.
func (c *Sheet) edits() []desk.Edit {
	if c.result() == nil {
		return nil
	}
	if d := c.Desk.Document(); d.Reader == nil || d.Reader.Text == "" {
		return nil
	}
	return c.result().Edits()
}

func (c *Sheet) provenance() []export.Fact {
	if c.result() == nil {
		return nil
	}
	d := c.Desk.Document()
	return d.Provenance()
}

// trust is how far to trust it.
func (c *Sheet) trust() string {
	text := strings.TrimSpace(say.InEnglish(c.result().Unlike)+" "+report.Disclaimer) + " Its maps show where a draft came from, not where a finding is."
	if m := c.Desk.Model(); m != nil {
		text += " " + m.Card.Limits
	}
	return text
}
