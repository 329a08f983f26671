package desk

import (
	"slices"

	"uarweb/engine/report"
	"uarweb/engine/score/findings"
)

// Mention is what a draft says of a finding: in which of its sentences, from 0, it
// names it, and in which it denies it.
type Mention struct {
	Label         findings.Label
	Named, Denied []int
}

// Mentions says of each finding what the draft says of it: first those that it names,
// or that it names none, then those that it only denies, then the others.
func (r *Result) Mentions() []Mention { return r.mentions }

func (r *Result) mention() []Mention {
	named, denied := map[findings.Label][]int{}, map[findings.Label][]int{}
	for i, sentence := range r.cleanedSentences() {
		for _, l := range findings.Of(sentence) {
			named[l] = append(named[l], i)
		}
		for _, l := range findings.Denied(sentence) {
			denied[l] = append(denied[l], i)
		}
	}
	var all []Mention
	for _, l := range findings.Labels() {
		switch says := slices.Contains(r.Named, l); {
		case l != findings.NoFinding:
			all = append(all, Mention{l, named[l], denied[l]})
		case says:
			all = append(all, Mention{Label: l})
		}
	}
	slices.SortStableFunc(all, func(a, b Mention) int { return a.rank() - b.rank() })
	return all
}

// rank orders mentions.
func (m Mention) rank() int {
	switch {
	case m.Named != nil || m.Label == findings.NoFinding:
		return 0
	case m.Denied != nil:
		return 1
	}
	return 2
}

// cleanedSentences are those of the draft, as findings are read from.
func (r *Result) cleanedSentences() []string {
	var all []string
	for i, s := range r.Spans {
		if s.Sentence == len(all) {
			all = append(all, r.Report.Words[i].Text)
			continue
		}
		all[s.Sentence] += " " + r.Report.Words[i].Text
	}
	return all
}

// SelectSentence pins the first word of a sentence of the draft.
func (d *Desk) SelectSentence(sentence int) {
	d.Select(slices.IndexFunc(d.result.Spans, func(s report.Span) bool { return s.Sentence == sentence }))
}
