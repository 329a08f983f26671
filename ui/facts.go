package ui

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Facts is the panel about the model in use.
type Facts struct{ Desk *Desk }

// Fact is one line of the facts about the model in use.
type Fact struct {
	ID, Label, Value string
}

// facts lists what this page knows about the model and the last report.
func (d *Desk) facts() []Fact {
	var facts []Fact
	add := func(id, label, value string) {
		if value != "" {
			facts = append(facts, Fact{ID: "fact-" + id, Label: label, Value: value})
		}
	}
	if m := d.model(); m != nil {
		add("model", "Model", m.title())
		add("precision", "Precision", m.Precision)
		add("engine", "Program", m.Engine.String())
		add("backend", "Backend", m.Backend+" ("+m.Why+")")
		add("sha256", "SHA-256", m.SHA256)
		add("size", "Size", fmt.Sprintf("%.1f million parameters, %s", float64(m.Parameters)/1e6, megabytes(m.Bytes)))
		add("input", "Sees", fmt.Sprintf("%d × %d pixels, %s", m.ImageSize, m.ImageSize, count(m.Views, "view")))
		add("words", "Knows", count(m.Words, "word"))
		add("load-time", "Loaded in", seconds(m.Seconds))
	}
	if d.result != nil {
		s := d.result.Report.Seconds
		add("time", "Last report", fmt.Sprintf("%s: image %s, tokens %s, encoder %s, words %s",
			seconds(s.DecodeImage+s.Tokenize+s.Encode+s.Generate), seconds(s.DecodeImage), seconds(s.Tokenize), seconds(s.Encode), seconds(s.Generate)))
	}
	add("network", "Data sent off this device", "None")
	return facts
}

// claims lists what the model's maker says of it on its card, which may be
// anything. The limits stand with the report.
func (d *Desk) claims() []Fact {
	m := d.model()
	if m == nil {
		return nil
	}
	return slices.DeleteFunc(card(m.Card), func(f Fact) bool { return f.Label == limitsLabel })
}

const limitsLabel = "Limits"

// title names a model.
func (m *Model) title() string {
	if m.Name == "" {
		return "The model of this page, " + m.Format
	}
	return m.Name + ", " + m.Format
}

// limits is what the model's card says of them, or empty.
func (m *Model) limits() string {
	for _, f := range card(m.Card) {
		if f.Label == limitsLabel {
			return f.Value
		}
	}
	return ""
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func seconds(s float64) string {
	if s < 0.1 {
		return fmt.Sprintf("%.0f ms", 1000*s)
	}
	return fmt.Sprintf("%.1f s", s)
}

// card reads the model card of a weights file, a JSON object of the file's
// maker: at most so many entries of at most so many characters are shown.
func card(text string) []Fact {
	const maxEntries, maxLength = 12, 400
	var object map[string]any
	if json.Unmarshal([]byte(text), &object) != nil {
		return nil
	}
	var facts []Fact
	for label, value := range object {
		line := plain(value)
		if line == "" || len(label) > maxLength {
			continue
		}
		if runes := []rune(line); len(runes) > maxLength {
			line = string(runes[:maxLength]) + "…"
		}
		facts = append(facts, Fact{ID: "fact-card", Label: sentenceCase(label), Value: line})
	}
	slices.SortFunc(facts, func(a, b Fact) int { return strings.Compare(a.Label, b.Label) })
	facts = facts[:min(len(facts), maxEntries)]
	for i := range facts {
		facts[i].ID = fmt.Sprintf("fact-card-%d", i)
	}
	return facts
}

// plain is a JSON value in one line of words.
func plain(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case float64, bool:
		return fmt.Sprint(v)
	case []any:
		parts := make([]string, len(v))
		for i, e := range v {
			parts[i] = plain(e)
		}
		return strings.Join(parts, ", ")
	case map[string]any:
		var parts []string
		for k, e := range v {
			parts = append(parts, k+" "+plain(e))
		}
		slices.Sort(parts)
		return strings.Join(parts, ", ")
	}
	return ""
}

func sentenceCase(label string) string {
	label = strings.ReplaceAll(label, "_", " ")
	_, size := utf8.DecodeRuneInString(label)
	return strings.ToUpper(label[:size]) + label[size:]
}
