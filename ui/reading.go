package ui

import (
	"math"

	"github.com/vugu/vugu"

	"uarweb/engine/report"
	"uarweb/engine/status"
)

// Reading is the report pane.
type Reading struct{ Desk *Desk }

// job is what the progress bar is about.
func (c *Reading) job() *job {
	if c.Desk.running != nil {
		return c.Desk.running
	}
	return c.Desk.loading
}

func (c *Reading) canRun() bool {
	ok, _ := c.Desk.CanRun()
	return ok
}

func (c *Reading) why() string {
	_, why := c.Desk.CanRun()
	return why
}

func (c *Reading) runLabel() string {
	if c.Desk.result != nil {
		return "Write the report again"
	}
	return "Write the report"
}

func (c *Reading) cancelLabel() string {
	if c.Desk.running == nil {
		return "Cancel loading"
	}
	return "Cancel"
}

func (c *Reading) cancelling() bool { return c.job() != nil && c.job().cancelling }

func (c *Reading) percent() int {
	if c.job() == nil {
		return 0
	}
	return c.job().Percent()
}

func (c *Reading) stage() status.Stage {
	if c.job() == nil {
		return ""
	}
	return c.job().progress.Stage
}

func (c *Reading) doing() string {
	if c.job() == nil {
		return ""
	}
	return c.job().Doing()
}

// Step is one of the stages of a report, "done", "now" or "next".
type Step struct{ Name, State string }

func (c *Reading) steps() []Step {
	steps := []Step{{"Visual tokens", "next"}, {"Encoder", "next"}, {"Words", "next"}}
	for i, stage := range []status.Stage{status.StageTokenize, status.StageEncode, status.StageGenerate} {
		if stage != c.stage() {
			continue
		}
		steps[i].State = "now"
		for j := range i {
			steps[j].State = "done"
		}
	}
	return steps
}

// state says what the paper shows: "empty", "draft" or "report".
func (c *Reading) state() string {
	switch {
	case c.Desk.running != nil:
		return "draft"
	case c.Desk.result != nil:
		return "report"
	}
	return "empty"
}

func (c *Reading) draft() string {
	if c.Desk.running == nil {
		return ""
	}
	return c.Desk.running.progress.Text
}

// limits is what the maker of the model says it cannot do.
func (c *Reading) limits() string {
	if c.Desk.model() == nil {
		return ""
	}
	return c.Desk.model().limits()
}

// about says what must be known about the report before it is read.
func (c *Reading) about() string {
	switch d := c.Desk; {
	case d.running != nil || d.result == nil:
		return ""
	case len(d.result.Spans) == 0:
		return "The model wrote no words about this image."
	case d.stale():
		return "The images have changed since this report was written."
	case d.result.synthetic():
		return "This report is about a synthetic picture, not a person."
	}
	return ""
}

// text is the report in one piece, for reading on: to a screen reader the words
// of a list box are one control.
func (c *Reading) text() string {
	if c.Desk.result == nil {
		return ""
	}
	return c.Desk.result.Report.Text
}

func (c *Reading) spans() []report.Span {
	if c.Desk.result == nil {
		return nil
	}
	return c.Desk.result.Spans
}

func (c *Reading) key(event vugu.DOMEvent) {
	if event.PropBool("ctrlKey") || event.PropBool("altKey") || event.PropBool("metaKey") {
		return
	}
	if c.Desk.Key(event.PropString("key")) {
		event.PreventDefault()
	}
}

// tabindex lets the Tab key reach one word: the selected one, or the first.
func (c *Reading) tabindex(word int) string {
	if word == max(c.Desk.selected, 0) {
		return "0"
	}
	return "-1"
}

// unsure says that the model gave a word less than an even chance.
func (c *Reading) unsure(word int) bool {
	return c.Desk.result.Report.Words[word].LogProb < -math.Ln2
}

func (c *Reading) anyUnsure() bool {
	if c.state() != "report" {
		return false
	}
	for i := range c.Desk.result.Spans {
		if c.unsure(i) {
			return true
		}
	}
	return false
}
