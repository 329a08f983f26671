package desk

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"uarweb/ui/say"
)

// Claim is a line of a model's card.
type Claim struct{ Label, Value string }

// Card is what the model's maker says of it.
type Card struct {
	Claims []Claim // which may be anything, but for what stands with the report:
	Limits string  // what it cannot do; or empty
	Record Record  // one without studies if there is none that adds up
}

// ReadCard reads the card of a weights file, a JSON object of the file's maker.
func ReadCard(text string) Card {
	c := Card{Claims: claims(text), Record: record(text)}
	if at := slices.IndexFunc(c.Claims, func(c Claim) bool { return c.Label == limitsLabel }); at >= 0 {
		c.Limits = c.Claims[at].Value
	}
	c.Claims = slices.DeleteFunc(c.Claims, func(c Claim) bool { return c.Label == limitsLabel || c.Label == recordLabel })
	return c
}

// The lines of a card that stand with the report.
const (
	limitsLabel = "Limits"
	recordLabel = "Record"
)

// Title names a model.
func (m *Model) Title() string {
	if m.Name == "" {
		return say.F("The model of this page, %s", m.Format)
	}
	return m.Name + ", " + m.Format
}

// SignedBy says which key has signed a model.
func (m *Model) SignedBy() string { return signedBy(m.Signer, m.Verified) }

func signedBy(signer string, verified bool) string {
	switch {
	case signer == "":
		return say.Text("Nobody")
	case !verified:
		return say.F("The key %s, it says, which this browser cannot check", signer)
	}
	return say.F("The key %s", signer)
}

// claims are the entries of a card: at most so many of at most so many characters are
// shown.
func claims(text string) []Claim {
	const maxEntries, maxLength = 12, 400
	var object map[string]any
	if json.Unmarshal([]byte(text), &object) != nil {
		return nil
	}
	var all []Claim
	for label, value := range object {
		line := plain(value)
		if line == "" || len(label) > maxLength {
			continue
		}
		if runes := []rune(line); len(runes) > maxLength {
			line = string(runes[:maxLength]) + "…"
		}
		all = append(all, Claim{Label: sentenceCase(label), Value: line})
	}
	slices.SortFunc(all, func(a, b Claim) int { return strings.Compare(a.Label, b.Label) })
	return all[:min(len(all), maxEntries)]
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
