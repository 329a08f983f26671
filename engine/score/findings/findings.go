// Package findings reads from a cleaned report (report.Clean) which of the 14
// labels of CheXpert it states, by keyword rules with negation after CheXpert's
// labeler (Irvin et al., 2019) and NegEx (Chapman et al., 2001), written for the
// wording of the Indiana University reports. The rules are data, in rules.json,
// which weights/train/findings.py reads too.
//
// A sentence at a time:
//   - every phrase of a label is a mention, unless an exception covers part of it;
//   - a mention is negated if a cue such as "no" stands before its end, or a cue
//     such as "has resolved" at most six words behind it, and no word that ends
//     a cue's scope, such as "but", lies between;
//   - one mention that is not negated states the label.
//
// What is uncertain ("may represent", "cannot be excluded") counts as stated, as
// the usual scores of the CheXbert labeler count it; what is not mentioned and
// what is negated count as absent. Old and healed findings are findings.
//
// Of reports sampled for one study, Table and Again count what they have in common.
package findings

import (
	"path"
	"slices"
	"strings"
)

// Label is the name of an observation.
type Label string

// The labels, as CheXpert has them.
const (
	NoFinding                 Label = "no finding" // none of the others, but for support devices
	EnlargedCardiomediastinum Label = "enlarged cardiomediastinum"
	Cardiomegaly              Label = "cardiomegaly"
	LungLesion                Label = "lung lesion"
	LungOpacity               Label = "lung opacity"
	Edema                     Label = "edema"
	Consolidation             Label = "consolidation"
	Pneumonia                 Label = "pneumonia"
	Atelectasis               Label = "atelectasis"
	Pneumothorax              Label = "pneumothorax"
	PleuralEffusion           Label = "pleural effusion"
	PleuralOther              Label = "pleural other"
	Fracture                  Label = "fracture"
	SupportDevices            Label = "support devices"
)

// Labels returns all labels, NoFinding first.
func Labels() []Label {
	labels := []Label{NoFinding}
	for _, r := range rules.Labels {
		labels = append(labels, r.Label)
	}
	return labels
}

// Of returns the labels that a cleaned report states, in the order of Labels.
func Of(report string) []Label {
	stated, _ := named(sentences(report))
	normal := !slices.ContainsFunc(stated, func(l Label) bool { return l != SupportDevices })
	if normal {
		stated = slices.Insert(stated, 0, NoFinding)
	}
	return stated
}

// Denied returns the labels that a cleaned report mentions and does not state, in the
// order of Labels. NoFinding is none of them.
func Denied(report string) []Label {
	_, denied := named(sentences(report))
	return denied
}

// sentences returns the words of each sentence of a cleaned report.
func sentences(report string) [][]string {
	var all [][]string
	for sentence := range strings.SplitSeq(" "+report, " .") {
		if words := strings.Fields(sentence); len(words) > 0 {
			all = append(all, words)
		}
	}
	return all
}

// named returns the labels that sentences state, and those that they only deny,
// without NoFinding.
func named(sentences [][]string) (stated, denied []Label) {
	stated, denied = []Label{}, []Label{}
	for _, r := range rules.Labels {
		switch mentioned, states := r.read(sentences); {
		case states:
			stated = append(stated, r.Label)
		case mentioned:
			denied = append(denied, r.Label)
		}
	}
	return stated, denied
}

// read reports whether sentences mention the rule's label, and whether one states it.
func (r rule) read(sentences [][]string) (mentioned, stated bool) {
	for _, sentence := range sentences {
		for _, mention := range r.find(sentence) {
			if !negated(sentence, mention) {
				return true, true
			}
			mentioned = true
		}
	}
	return mentioned, false
}

// negated reports whether a cue before or behind reaches a mention. A cue inside
// the mention ("heart is not enlarged") reaches it too.
func negated(sentence []string, mention span) bool {
	start := 0 // of the clause that the mention ends in
	for _, t := range find(rules.Terminators, sentence[:mention.start]) {
		start = max(start, t.end)
	}
	end := min(len(sentence), mention.end+1+rules.Reach)
	for _, t := range find(rules.Terminators, sentence[mention.end:end]) {
		end = min(end, mention.end+t.start)
	}
	before, behind := sentence[start:mention.end], sentence[mention.end:end]
	return len(rules.Cues.Before.find(before)) > 0 || len(rules.Cues.Behind.find(behind)) > 0
}

// span is the words [start, end) of a sentence.
type span struct{ start, end int }

func (s span) overlaps(t span) bool { return s.start < t.end && t.start < s.end }

// find returns where phrases occur.
func find(phrases []phrase, words []string) []span {
	var found []span
	for start := range words {
		for _, p := range phrases {
			if n, ok := p.prefix(words[start:]); ok {
				found = append(found, span{start, start + n})
			}
		}
	}
	return found
}

// prefix returns the length of the shortest match of p at the beginning of
// words.
func (p phrase) prefix(words []string) (length int, ok bool) {
	for i, alternatives := range p {
		if alternatives[0] == "..." {
			for skipped := range rules.Gap + 1 {
				if skipped > len(words)-i {
					break
				}
				if n, ok := p[i+1:].prefix(words[i+skipped:]); ok {
					return i + skipped + n, true
				}
			}
			return 0, false
		}
		if i == len(words) || !matches(alternatives, words[i]) {
			return 0, false
		}
	}
	return len(p), true
}

// matches reports whether a word is one of the alternatives.
func matches(alternatives []string, word string) bool {
	return slices.ContainsFunc(alternatives, func(pattern string) bool {
		if !strings.Contains(pattern, "*") {
			return pattern == word
		}
		ok, _ := path.Match(pattern, word)
		return ok
	})
}
