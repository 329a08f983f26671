package read

import (
	"fmt"
	"strings"

	"uarweb/engine/score/findings"
	"uarweb/ui/desk"
	"uarweb/ui/piece"
)

// Again is what the draft names, how often redraws name it again, and how often the
// model was right when it did.
type Again struct{ Desk *desk.Desk }

// named are the findings that the draft names, or that it names none.
func (c *Again) named() []findings.Label {
	if c.Desk.Result() == nil {
		return nil
	}
	return c.Desk.Result().Named
}

// finding is a label as a line begins with it.
func finding(l findings.Label) string {
	if l == findings.NoFinding {
		return "Names no finding"
	}
	return strings.ToUpper(string(l[:1])) + string(l[1:])
}

// record says how often the model that wrote the draft was right about a finding, if
// it is still there to ask.
func record(d *desk.Desk, l findings.Label) string {
	if d.Model() == nil || d.Result() == nil || d.Model().SHA256 != d.Result().Report.Model.SHA256 {
		return ""
	}
	return d.Model().Record().Of(l)
}

// again says how many redraws name a finding.
func again(d *desk.Desk, l findings.Label) string {
	r := d.LastRedraw()
	if r == nil || r.Drawn == 0 {
		return "–"
	}
	return fmt.Sprintf("Said again in %d of %d", r.Again(l), r.Drawn)
}

// drawn is how many redraws there are.
func (c *Again) drawn() int {
	if c.Desk.LastRedraw() == nil {
		return 0
	}
	return c.Desk.LastRedraw().Drawn
}

// viewBox has room for a row of dots.
func (c *Again) viewBox() string {
	return fmt.Sprintf("0 0 %d %d", piece.DotPitch*desk.Redraws, piece.DotPitch)
}

// others says what only redraws name.
func (c *Again) others() string {
	var names []string
	for _, o := range c.Desk.LastRedraw().Others() {
		names = append(names, fmt.Sprintf("%s %d", o.Label, o.Stated))
	}
	if names == nil {
		return ""
	}
	return fmt.Sprintf("Not in this draft, but in some redraws: %s of %d.", strings.Join(names, ", "), c.drawn())
}

// state says how far the redraws are.
func (c *Again) state() string {
	r := c.Desk.LastRedraw()
	switch {
	case r == nil:
		return "not redrawn"
	case r.State == desk.RedrawRunning:
		return fmt.Sprintf("redrawing, %d of %d", r.Drawn, desk.Redraws)
	case r.State == desk.RedrawStopped:
		return "stopped after " + desk.Count(r.Drawn, "redraw")
	case r.State == desk.RedrawFailed:
		return "redraws failed after " + desk.Count(r.Drawn, "redraw")
	}
	return desk.Count(r.Drawn, "redraw")
}
