package shell

import (
	"fmt"
	"strings"

	"uarweb/ui/desk"
)

// Facts is the panel about the model in use.
type Facts struct{ Desk *desk.Desk }

// Fact is one line of the facts about the model in use.
type Fact struct {
	ID, Label, Value string
}

// facts lists what this page knows about the model and the last report.
func (c *Facts) facts() []Fact {
	var facts []Fact
	add := func(id, label, value string) {
		if value != "" {
			facts = append(facts, Fact{ID: "fact-" + id, Label: label, Value: value})
		}
	}
	if m := c.Desk.Model(); m != nil {
		add("model", "Model", m.Title())
		add("precision", "Precision", m.Precision)
		add("engine", "Program", m.Engine.String())
		add("backend", "Backend", m.Backend+" ("+m.Why+")")
		add("sha256", "SHA-256", m.SHA256)
		add("signer", "Signed by", m.SignedBy())
		add("size", "Size", fmt.Sprintf("%.1f million parameters, %s", float64(m.Parameters)/1e6, desk.Megabytes(m.Bytes)))
		add("input", "Sees", fmt.Sprintf("%d × %d pixels, %s", m.ImageSize, m.ImageSize, desk.Count(m.Views, "view")))
		add("words", "Knows", desk.Count(m.Words, "word"))
		add("load-time", "Loaded in", desk.Seconds(m.Seconds))
	}
	if c.Desk.Result() != nil {
		add("time", "Last report", desk.Seconds(c.Desk.Result().Report.Seconds.Total())+": "+strings.Join(c.stages(), ", "))
	}
	return facts
}

// line says in short what the last report took, and by which weights.
func (c *Facts) line() string {
	line := c.stages()
	if m := c.Desk.Model(); m != nil && len(m.SHA256) >= shortHash {
		line = append(line, "model "+m.SHA256[:shortHash])
	}
	return strings.Join(line, " · ")
}

// stages says what each stage of the last report took.
func (c *Facts) stages() []string {
	if c.Desk.Result() == nil {
		return nil
	}
	s := c.Desk.Result().Report.Seconds
	return []string{
		"image " + desk.Seconds(s.DecodeImage), "tokens " + desk.Seconds(s.Tokenize),
		"encoder " + desk.Seconds(s.Encode), "words " + desk.Seconds(s.Generate),
	}
}

// shortHash is how much of a hash tells two models apart.
const shortHash = 8

// claims are the maker's, apart from what this page knows.
func (c *Facts) claims() []Fact {
	if c.Desk.Model() == nil {
		return nil
	}
	var facts []Fact
	for i, claim := range c.Desk.Model().Card.Claims {
		facts = append(facts, Fact{fmt.Sprintf("fact-card-%d", i), claim.Label, claim.Value})
	}
	return facts
}
