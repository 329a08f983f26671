package learn

import (
	"uarweb/engine/lesson"
	"uarweb/ui/desk"
	"uarweb/ui/say"
)

// Found are the reports that the film may be found again by.
type Found struct{ Desk *desk.Desk }

func (c *Found) numbers() *lesson.Numbers { return c.Desk.Learn().Numbers() }

// verdict says in plain words what the rank is worth.
func (c *Found) verdict() string {
	if text := c.numbers().Verdict(); text != "" {
		return text
	}
	return say.Text("Comparing the reports")
}

func cosine(v float64) string { return say.F("%.3f", v) }
