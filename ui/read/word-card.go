package read

import (
	"fmt"
	"math"
	"strings"

	"uarweb/engine/report"
	"uarweb/engine/score/findings"
	"uarweb/ui/desk"
	"uarweb/ui/say"
)

// WordCard is about the selected word.
type WordCard struct{ Desk *desk.Desk }

func (c *WordCard) chosen() bool { return c.Desk.Result() != nil && c.Desk.Selected() != desk.None }

func (c *WordCard) word() report.Word {
	if !c.chosen() {
		return report.Word{}
	}
	return c.Desk.Result().Report.Words[c.Desk.Selected()]
}

func (c *WordCard) text() string {
	if !c.chosen() {
		return ""
	}
	return report.Spoken(c.word().Text)
}

// findings are those that the word's sentence names.
func (c *WordCard) findings() []findings.Label {
	if !c.chosen() {
		return nil
	}
	return c.Desk.Result().NamedBeside(c.Desk.Selected())
}

// judged says how often redraws name a finding again, and how often the model was
// right about it.
func (c *WordCard) judged(l findings.Label) string {
	return strings.TrimSpace(strings.Join([]string{again(c.Desk, l) + ".", record(c.Desk, l)}, " "))
}

func (c *WordCard) probability() string { return say.Number(report.Percent(c.word().LogProb)) }

func (c *WordCard) whereLabel() string {
	switch c.Desk.Map() {
	case desk.Mask:
		return say.Text("The mask let it look")
	case desk.Changed:
		return say.Text("Its looking changed")
	}
	return say.Text("It looked")
}

func (c *WordCard) where() string {
	if !c.chosen() {
		return ""
	}
	m := c.Desk.Map()
	if m == desk.Off {
		m = desk.Attention
	}
	return c.Desk.Where(c.Desk.Selected(), m)
}

// Alternative is a word that could have stood there, as it is shown.
type Alternative struct {
	Text    string
	Label   string // of the button that follows it
	Percent string
	Width   string // of its bar, a CSS length
	Chosen  bool
	Follows bool // whether the report can go on from it
}

// alternatives are those of the word, the best first.
func (c *WordCard) alternatives() []Alternative {
	if !c.chosen() {
		return nil
	}
	var all []Alternative
	for i, a := range c.word().Alternatives {
		all = append(all, Alternative{
			Text:    report.Spoken(a.Text),
			Label:   say.F("Follow “%s”", report.Spoken(a.Text)),
			Percent: say.Number(report.Percent(a.LogProb)),
			Width:   fmt.Sprintf("%.1f%%", 100*math.Exp(a.LogProb)),
			Chosen:  a.Token == c.word().Token,
			Follows: c.Desk.CanFollow(i),
		})
	}
	return all
}

// rewrite is the last one if it is about the word, or nil.
func (c *WordCard) rewrite() *desk.Rewrite {
	if r := c.Desk.LastRewrite(); c.chosen() && r != nil && r.Word == c.Desk.Selected() {
		return r
	}
	return nil
}

func (c *WordCard) rewriteLabel() string {
	if r := c.rewrite(); r != nil && r.Change == desk.FollowWord {
		return say.Text("If otherwise")
	}
	return say.Text("If covered")
}

// outcome is what has come of covering what the word looked at, or of following
// another, and the sentence that stands for the word's then.
func (c *WordCard) outcome() string {
	r := c.rewrite()
	switch {
	case r == nil:
		return ""
	case r.State != desk.RedrawDone:
		return rewriteState(r)
	case r.Instead() == "":
		return r.Verdict() + " " + say.Text("No sentence there is like this one.")
	}
	return r.Verdict() + " " + say.F("The sentence there: “%s”", r.Instead())
}
