package read

import (
	"uarweb/ui/desk"
	"uarweb/ui/say"
)

// Compare is the draft beside the report written otherwise.
type Compare struct{ Desk *desk.Desk }

func (c *Compare) rewrite() *desk.Rewrite { return c.Desk.LastRewrite() }

// done is the last rewrite if it is done, or nil.
func (c *Compare) done() *desk.Rewrite {
	if r := c.rewrite(); r != nil && r.State == desk.RedrawDone {
		return r
	}
	return nil
}

// rewriteState says how far a rewrite is that is not done.
func rewriteState(r *desk.Rewrite) string {
	switch r.State {
	case desk.RedrawRunning:
		return r.Doing()
	case desk.RedrawStopped:
		return say.Text("Stopped.")
	}
	return r.Failure()
}

// state says what has come of the last rewrite.
func (c *Compare) state() string {
	switch {
	case c.rewrite() == nil:
		return ""
	case c.done() == nil:
		return rewriteState(c.rewrite())
	}
	return c.done().Verdict()
}

// hint says what follows from it, or how much of the draft stands in it.
func (c *Compare) hint() string {
	switch {
	case c.done() == nil:
		return ""
	case c.done().Meaning() != "":
		return c.done().Meaning() + " " + c.done().Shared()
	}
	return c.done().Shared()
}

// reports are the draft and what is written otherwise, as far as it is.
func (c *Compare) reports() [2]comparedReport {
	draft, other := comparedReport{id: "rewrite-draft", title: say.Text("The draft")}, comparedReport{id: "rewrite-other"}
	if r := c.rewrite(); r != nil {
		other.title = r.Title()
		draft.runs, other.runs = r.Runs()
	}
	return [2]comparedReport{draft, other}
}

// comparedReport is one of the two reports that stand side by side.
type comparedReport struct {
	id, title string
	runs      []desk.Run
}
