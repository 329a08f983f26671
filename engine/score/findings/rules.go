package findings

import (
	_ "embed"
	"encoding/json"
	"slices"
	"strings"
)

//go:embed rules.json
var rulesJSON []byte

// rules are those of rules.json, whose notes explain them.
var rules struct {
	Gap         int    // the most words that "..." stands for
	Reach       int    // the most words between a mention and a cue behind it
	Labels      []rule // all but NoFinding
	Cues        struct{ Before, Behind pattern }
	Terminators []phrase
}

func init() {
	if err := json.Unmarshal(rulesJSON, &rules); err != nil {
		panic("findings: rules.json: " + err.Error())
	}
}

// rule is how a label is mentioned.
type rule struct {
	Label Label
	pattern
}

// pattern is phrases, but for what overlaps an exception.
type pattern struct {
	Phrases, Exceptions []phrase
}

// find returns where the pattern occurs.
func (p pattern) find(words []string) []span {
	exceptions := find(p.Exceptions, words)
	return slices.DeleteFunc(find(p.Phrases, words), func(s span) bool { return slices.ContainsFunc(exceptions, s.overlaps) })
}

// phrase is consecutive words, each the alternatives for it: "*" stands for any
// letters, and the alternative "..." for up to Gap words.
type phrase [][]string

// UnmarshalText reads a phrase: white space separates words, "|" alternatives.
func (p *phrase) UnmarshalText(text []byte) error {
	for word := range strings.FieldsSeq(string(text)) {
		*p = append(*p, strings.Split(word, "|"))
	}
	return nil
}
