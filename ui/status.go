package ui

import "fmt"

// Status says which model is in use.
type Status struct{ Desk *Desk }

// Text is the status in a few words.
func (c *Status) Text() string {
	if job := c.Desk.loading; job != nil {
		return job.Doing()
	}
	if m := c.Desk.model(); m != nil {
		return fmt.Sprintf("Model ready · %s · %s", m.Precision, m.Backend)
	}
	return "No model is loaded"
}

func (d *Desk) canLoad() bool { return d.loading == nil && d.model() == nil }
