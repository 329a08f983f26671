package read

import (
	"uarweb/engine/score/findings"
	"uarweb/ui/desk"
	"uarweb/ui/say"
)

// LookFirst asks what the reader sees before it lets them see a draft.
type LookFirst struct{ Desk *desk.Desk }

// label names a box.
func (c *LookFirst) label(l findings.Label) string {
	if l == findings.NoFinding {
		return say.Text("Nothing of these")
	}
	return finding(l)
}

func (c *LookFirst) saw(l findings.Label) bool {
	return c.Desk.Asking() && c.Desk.Answer().Saw(l)
}

func (c *LookFirst) state() string {
	if c.Desk.Running() != nil {
		return say.Text("The draft is being written, covered.")
	}
	return say.Text("The draft is written, and covered.")
}
