package shell

import (
	"uarweb/ui/desk"
	"uarweb/ui/say"
)

// Status says which model is in use.
type Status struct{ Desk *desk.Desk }

// Text is the status in a few words.
func (c *Status) Text() string {
	if job := c.Desk.Loading(); job != nil {
		return job.Doing()
	}
	if m := c.Desk.Model(); m != nil {
		return say.F("Model ready · %s · %s", m.Precision, m.Backend)
	}
	return say.Text("No model is loaded")
}
