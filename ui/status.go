package ui

import "fmt"

// Status says which model is in use.
type Status struct{ Desk *Desk }

// Text is the status in a few words.
func (c *Status) Text() string {
	d := c.Desk
	switch {
	case d.loading != nil:
		return d.loading.Doing()
	case d.model != nil:
		return fmt.Sprintf("Model ready · %s · %s", d.model.Precision, d.model.Backend)
	}
	return "No model is loaded"
}

func (d *Desk) canLoad() bool { return d.loading == nil && d.model == nil }
