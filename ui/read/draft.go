package read

import (
	"math"

	"github.com/vugu/vugu"

	"uarweb/engine/report"
	"uarweb/engine/status"
	"uarweb/ui/desk"
	"uarweb/ui/piece"
	"uarweb/ui/say"
)

// Draft is the report: what becomes of it, and then its words.
type Draft struct{ Desk *desk.Desk }

// job is what the progress bar is about.
func (c *Draft) job() *desk.Job {
	if c.Desk.Running() != nil {
		return c.Desk.Running()
	}
	return c.Desk.Loading()
}

func (c *Draft) canRun() bool {
	ok, _ := c.Desk.CanRun()
	return ok
}

func (c *Draft) why() string {
	_, why := c.Desk.CanRun()
	return why
}

func (c *Draft) runLabel() string {
	if c.Desk.Result() != nil {
		return say.Text("Write again")
	}
	return say.Text("Write the report")
}

func (c *Draft) cancelLabel() string {
	if c.Desk.Running() == nil {
		return say.Text("Cancel loading")
	}
	return say.Text("Cancel")
}

func (c *Draft) cancelling() bool { return c.job() != nil && c.job().Cancelling() }

func (c *Draft) percent() int {
	if c.job() == nil {
		return 0
	}
	return c.job().Percent()
}

func (c *Draft) stage() status.Stage {
	if c.job() == nil {
		return ""
	}
	return c.job().Stage()
}

// doing says what is being done, or what was.
func (c *Draft) doing() string {
	if c.job() != nil {
		return c.job().Doing()
	}
	if c.Desk.Result() == nil {
		return ""
	}
	return say.F("Written in %s.", desk.Seconds(c.Desk.Result().Report.Seconds.Total()))
}

// Step is one of the stages of a report, "done", "now" or "next".
type Step struct{ Name, State string }

func (c *Draft) steps() []Step {
	steps := []Step{{say.Text("Visual tokens"), "next"}, {say.Text("Encoder"), "next"}, {say.Text("Words"), "next"}}
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

// state says what the paper shows: "covered", "empty", "draft" or "report".
func (c *Draft) state() string {
	switch {
	case c.Desk.Asking():
		return "covered"
	case c.Desk.Running() != nil:
		return "draft"
	case c.Desk.Result() != nil:
		return "report"
	}
	return "empty"
}

func (c *Draft) draft() string {
	if c.Desk.Running() == nil || c.Desk.Asking() {
		return ""
	}
	return c.Desk.Running().Text()
}

// voice says whose words these are.
func (c *Draft) voice() string {
	if c.Desk.Running() != nil {
		return say.Text("The model’s draft: the wording may still change.")
	}
	return say.Text("The model’s draft")
}

// limits is what the maker of the model says it cannot do.
func (c *Draft) limits() string {
	if c.Desk.Model() == nil {
		return ""
	}
	return c.Desk.Model().Card.Limits
}

// unlike says which views of a finished report are none that the model can be asked
// about.
func (c *Draft) unlike() string {
	if c.Desk.Running() != nil {
		return ""
	}
	return c.Desk.Result().Unlike()
}

// record is how often the model was right, if its card says so.
func (c *Draft) record() string {
	if c.Desk.Model() == nil {
		return ""
	}
	return c.Desk.Model().Card.Record.Sum()
}

// about says what must be known about the report before it is read.
func (c *Draft) about() string {
	switch d := c.Desk; {
	case d.Running() != nil || d.Result() == nil:
		return ""
	case len(d.Result().Spans) == 0:
		return say.Text("The model wrote no words about this image.")
	case d.Stale():
		return say.Text("The images have changed since this report was written.")
	case d.Result().Synthetic():
		return say.Text("This report is about a synthetic picture, not a person: what it names that was not drawn is invented.")
	}
	return ""
}

// text is the report in one piece, for reading on: to a screen reader the words
// of a list box are one control.
func (c *Draft) text() string {
	if c.Desk.Result() == nil {
		return ""
	}
	return c.Desk.Result().Report.Text
}

func (c *Draft) spans() []report.Span {
	if c.Desk.Result() == nil {
		return nil
	}
	return c.Desk.Result().Spans
}

func (c *Draft) key(event vugu.DOMEvent) {
	if !piece.Modified(event) && c.Desk.Key(event.PropString("key")) {
		event.PreventDefault()
	}
}

// tabindex lets the Tab key reach one word: the selected one, or the first.
func (c *Draft) tabindex(word int) string {
	if word == max(c.Desk.Selected(), 0) {
		return "0"
	}
	return "-1"
}

// unsure says that the model gave a word less than an even chance.
func (c *Draft) unsure(word int) bool {
	return c.Desk.Result().Report.Words[word].LogProb < -math.Ln2
}

func (c *Draft) anyUnsure() bool {
	if c.state() != "report" {
		return false
	}
	for i := range c.Desk.Result().Spans {
		if c.unsure(i) {
			return true
		}
	}
	return false
}
