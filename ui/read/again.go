package read

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"uarweb/engine/score/findings"
	"uarweb/ui/desk"
	"uarweb/ui/piece"
	"uarweb/ui/say"
)

// Again is what the draft says of each finding, how often redraws name it, and how
// often the model was right about it.
type Again struct{ Desk *desk.Desk }

// mentions are what the draft says of each finding.
func (c *Again) mentions() []desk.Mention {
	if c.Desk.Result() == nil {
		return nil
	}
	return c.Desk.Result().Mentions()
}

// Passage is a sentence of the draft that a finding is in.
type Passage struct {
	Sentence int // from 0
	Text     string
}

// passages are the sentences that speak of a finding.
func (c *Again) passages(m desk.Mention) []Passage {
	var all []Passage
	for _, s := range m.Named {
		all = append(all, Passage{s, say.F("Named in sentence %d", s+1)})
	}
	for _, s := range m.Denied {
		all = append(all, Passage{s, say.F("Denied in sentence %d", s+1)})
	}
	return all
}

// said is the kind of a mention: "named", "denied" or "silent".
func (c *Again) said(m desk.Mention) string {
	switch {
	case c.names(m):
		return "named"
	case m.Denied != nil:
		return "denied"
	}
	return "silent"
}

// names says that a draft names a finding, or that it names none.
func (c *Again) names(m desk.Mention) bool { return slices.Contains(c.Desk.Result().Named, m.Label) }

// again says how many redraws name a finding.
func (c *Again) again(m desk.Mention) string {
	said := c.Desk.LastRedraw().Said(m.Label)
	if said == "" || c.names(m) {
		return again(c.Desk, m.Label)
	}
	return say.F("Named in %s", said)
}

// record says how often the model was right to name what the draft names, and how
// often it missed what it does not.
func (c *Again) record(m desk.Mention) string {
	if c.names(m) {
		return record(c.Desk, m.Label)
	}
	if !known(c.Desk) {
		return ""
	}
	return c.Desk.Model().Card.Record.OfSilence(m.Label)
}

// you says whether the reader saw a finding before they saw the draft, or nothing if
// they were not asked.
func (c *Again) you(m desk.Mention) string {
	switch a := c.Desk.Result().Answer; {
	case a == nil:
		return ""
	case m.Label == findings.NoFinding && a.Saw(m.Label):
		return say.Text("You saw nothing of these.")
	case m.Label == findings.NoFinding:
		return say.Text("You saw something.")
	case a.Saw(m.Label):
		return say.Text("You saw it.")
	}
	return say.Text("You did not see it.")
}

// flatters says what the counts of the shipped model's record are worth; of others it
// is not known how they were chosen.
func (c *Again) flatters() string {
	if !known(c.Desk) || c.Desk.Model().Name != "" || c.Desk.Model().Card.Record.Studies == 0 {
		return ""
	}
	return say.F("How often it was right is counted on the %d studies by which this model was chosen among others like it. That flatters it: on other studies expect it to be wrong more often.", c.Desk.Model().Card.Record.Studies)
}

// finding is a label as a line begins with it.
func finding(l findings.Label) string {
	if l == findings.NoFinding {
		return say.Text("Names no finding")
	}
	return desk.Titled(l)
}

// record says how often the model that wrote the draft was right about a finding, if
// it is still there to ask.
func record(d *desk.Desk, l findings.Label) string {
	if !known(d) {
		return ""
	}
	return d.Model().Card.Record.Of(l)
}

// known says that the model that wrote the draft is there to ask.
func known(d *desk.Desk) bool {
	return d.Model() != nil && d.Result() != nil && d.Model().SHA256 == d.Result().Report.Model.SHA256
}

// again says how many redraws name a finding.
func again(d *desk.Desk, l findings.Label) string {
	said := d.LastRedraw().Said(l)
	if said == "" {
		return "–"
	}
	return say.F("Said again in %s", said)
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
		names = append(names, say.Text(string(o.Label))+" "+strconv.Itoa(o.Stated))
	}
	if names == nil {
		return ""
	}
	return say.F("Not in this draft, but in some redraws: %s of %d.", strings.Join(names, ", "), c.drawn())
}

// state says how far the redraws are.
func (c *Again) state() string {
	r := c.Desk.LastRedraw()
	switch {
	case r == nil:
		return say.Text("not redrawn")
	case r.State == desk.RedrawRunning:
		return say.F("redrawing, %d of %d", r.Drawn, desk.Redraws)
	case r.State == desk.RedrawStopped:
		return say.F("stopped after %s", say.Count(r.Drawn, "redraw"))
	case r.State == desk.RedrawFailed:
		return say.F("redraws failed after %s", say.Count(r.Drawn, "redraw"))
	}
	return say.Count(r.Drawn, "redraw")
}
