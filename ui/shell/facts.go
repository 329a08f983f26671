package shell

import (
	"fmt"
	"strings"

	"uarweb/ui/desk"
	"uarweb/ui/say"
)

// Facts is the panel about the model in use.
type Facts struct{ Desk *desk.Desk }

// Fact is one line of the facts about the model in use.
type Fact struct {
	ID, Label, Value string
	Engine           bool // whether the engine says it, in English
}

// language is that of the value if it may be another than the page's.
func (f Fact) language() any {
	if f.Engine {
		return say.English
	}
	return nil
}

// facts lists what this page knows about the model and the last report.
func (c *Facts) facts() []Fact {
	var facts []Fact
	add := func(id, label, value string) {
		if value != "" {
			facts = append(facts, Fact{ID: "fact-" + id, Label: label, Value: value, Engine: id == "backend"})
		}
	}
	if m := c.Desk.Model(); m != nil {
		add("model", say.Text("Model"), m.Title())
		add("precision", say.Text("Precision"), m.Precision)
		add("engine", say.Text("Program"), m.Engine.String())
		add("backend", say.Text("Backend"), m.Backend+" ("+m.Why+")")
		add("sha256", say.Text("SHA-256"), m.SHA256)
		add("signer", say.Text("Signed by"), m.SignedBy())
		add("size", say.Text("Size"), say.F("%.1f million parameters, %s", float64(m.Parameters)/1e6, desk.Megabytes(m.Bytes)))
		add("input", say.Text("Sees"), say.F("%d × %d pixels, %s", m.ImageSize, m.ImageSize, say.Count(m.Views, "view")))
		add("words", say.Text("Knows"), say.Count(m.Words, "word"))
		add("load-time", say.Text("Loaded in"), desk.Seconds(m.Seconds))
	}
	if c.Desk.Result() != nil {
		add("time", say.Text("Last report"), desk.Seconds(c.Desk.Result().Report.Seconds.Total())+": "+strings.Join(c.stages(), ", "))
	}
	return facts
}

// line says in short what the last report took, and by which weights.
func (c *Facts) line() string {
	line := c.stages()
	if m := c.Desk.Model(); m != nil && len(m.SHA256) >= shortHash {
		line = append(line, say.F("model %s", m.SHA256[:shortHash]))
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
		say.F("image %s", desk.Seconds(s.DecodeImage)), say.F("tokens %s", desk.Seconds(s.Tokenize)),
		say.F("encoder %s", desk.Seconds(s.Encode)), say.F("words %s", desk.Seconds(s.Generate)),
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
		facts = append(facts, Fact{ID: fmt.Sprintf("fact-card-%d", i), Label: claim.Label, Value: claim.Value})
	}
	return facts
}
