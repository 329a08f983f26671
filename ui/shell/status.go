package shell

import (
	"fmt"

	"uarweb/ui/desk"
)

// Status says which model is in use.
type Status struct{ Desk *desk.Desk }

// Text is the status in a few words.
func (c *Status) Text() string {
	if job := c.Desk.Loading(); job != nil {
		return job.Doing()
	}
	if m := c.Desk.Model(); m != nil {
		return fmt.Sprintf("Model ready · %s · %s", m.Precision, m.Backend)
	}
	return "No model is loaded"
}
