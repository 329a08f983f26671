package ui

import (
	"fmt"
	"strings"

	"uarweb/engine/report"
)

// Details is about the selected word.
type Details struct{ Desk *Desk }

func (c *Details) chosen() bool { return c.Desk.result != nil && c.Desk.selected != none }

func (c *Details) word() report.Word {
	if !c.chosen() {
		return report.Word{}
	}
	return c.Desk.result.Report.Words[c.Desk.selected]
}

func (c *Details) text() string {
	if !c.chosen() {
		return ""
	}
	return spoken(c.word().Text)
}

func (c *Details) probability() string { return percent(c.word().LogProb) }

func (c *Details) logProbability() string {
	return strings.Replace(fmt.Sprintf("%.3f", c.word().LogProb), "-", "−", 1)
}

func (c *Details) whereLabel() string {
	if c.Desk.mode == Mask {
		return "Where the model could look"
	}
	return "Where the model looked"
}

func (c *Details) where() string {
	if !c.chosen() {
		return ""
	}
	m := c.Desk.mode
	if m == Off {
		m = Attention
	}
	return c.Desk.result.where(c.Desk.selected, m, c.Desk.named)
}

func (c *Details) choices() []Choice {
	if !c.chosen() {
		return nil
	}
	return c.Desk.result.choices(c.Desk.selected)
}
