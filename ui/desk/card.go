package desk

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Claim is a line of a model's card.
type Claim struct{ Label, Value string }

// Claims lists what the model's maker says of it on its card, which may be
// anything. The limits and the record stand with the report.
func (m *Model) Claims() []Claim {
	return slices.DeleteFunc(card(m.Card), func(c Claim) bool { return c.Label == limitsLabel || c.Label == recordLabel })
}

// The lines of a card that stand with the report.
const (
	limitsLabel = "Limits"
	recordLabel = "Record"
)

// Title names a model.
func (m *Model) Title() string {
	if m.Name == "" {
		return "The model of this page, " + m.Format
	}
	return m.Name + ", " + m.Format
}

// SignedBy says which key has signed a model.
func (m *Model) SignedBy() string {
	switch {
	case m.Signer == "":
		return "Nobody"
	case !m.Verified:
		return "The key " + m.Signer + ", it says, which this browser cannot check"
	}
	return "The key " + m.Signer
}

// Limits is what the model's card says of them, or empty.
func (m *Model) Limits() string {
	for _, f := range card(m.Card) {
		if f.Label == limitsLabel {
			return f.Value
		}
	}
	return ""
}

// card reads the model card of a weights file, a JSON object of the file's
// maker: at most so many entries of at most so many characters are shown.
func card(text string) []Claim {
	const maxEntries, maxLength = 12, 400
	var object map[string]any
	if json.Unmarshal([]byte(text), &object) != nil {
		return nil
	}
	var claims []Claim
	for label, value := range object {
		line := plain(value)
		if line == "" || len(label) > maxLength {
			continue
		}
		if runes := []rune(line); len(runes) > maxLength {
			line = string(runes[:maxLength]) + "…"
		}
		claims = append(claims, Claim{Label: sentenceCase(label), Value: line})
	}
	slices.SortFunc(claims, func(a, b Claim) int { return strings.Compare(a.Label, b.Label) })
	return claims[:min(len(claims), maxEntries)]
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
