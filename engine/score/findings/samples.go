package findings

import (
	"slices"

	"uarweb/engine/report"
	"uarweb/engine/report/export"
)

// Count is how many of a study's sampled reports name a label.
type Count struct {
	Label  Label `json:"label"`
	Draft  bool  `json:"draft"`  // whether the draft states it
	Stated int   `json:"stated"` // samples that state it (Of)
	Denied int   `json:"denied"` // samples that deny it (Denied)
}

// Table counts for each label, in the order of Labels, what samples say of it. All
// are cleaned reports.
func Table(draft string, samples []string) []Count {
	table := []Count{}
	drafted := Of(draft)
	for _, label := range Labels() {
		table = append(table, Count{Label: label, Draft: slices.Contains(drafted, label)})
	}
	for _, s := range samples {
		stated, denied := Of(s), Denied(s)
		for i, c := range table {
			if slices.Contains(stated, c.Label) {
				table[i].Stated++
			}
			if slices.Contains(denied, c.Label) {
				table[i].Denied++
			}
		}
	}
	return table
}

// Sentence is a sentence of a draft, and how many samples say it again.
type Sentence struct {
	Text   string  `json:"text"`   // for people
	Stated []Label `json:"stated"` // labels that it states
	Denied []Label `json:"denied"` // labels that it denies
	// Again counts the samples that state what it states and deny what it denies, in
	// whatever words. One that names no label is said again word for word.
	Again int `json:"again"`
}

// Again returns the sentences of a draft. All are cleaned reports.
func Again(draft string, samples []string) []Sentence {
	type said struct {
		sentences [][]string
		labels    [2][]Label // stated and denied
	}
	all := make([]said, len(samples))
	for i, s := range samples {
		all[i].sentences = sentences(s)
		all[i].labels[0], all[i].labels[1] = named(all[i].sentences)
	}
	list := []Sentence{}
	for _, words := range sentences(draft) {
		s := Sentence{Text: report.Text(append(slices.Clone(words), "."))}
		s.Stated, s.Denied = named([][]string{words})
		for _, sample := range all {
			again := within(s.Stated, sample.labels[0]) && within(s.Denied, sample.labels[1])
			if len(s.Stated)+len(s.Denied) == 0 {
				again = slices.ContainsFunc(sample.sentences, func(other []string) bool { return slices.Equal(words, other) })
			}
			if again {
				s.Again++
			}
		}
		list = append(list, s)
	}
	return list
}

// within tells whether all has each of some labels.
func within(some, all []Label) bool {
	return !slices.ContainsFunc(some, func(l Label) bool { return !slices.Contains(all, l) })
}

// Samples is what samples say of a draft, in the form in which it leaves. Draft and
// cleaned, the words of the samples, are cleaned reports; how they came about is left
// to the caller.
func Samples(draft string, samples []report.Sample, cleaned []string) *export.Samples {
	s := &export.Samples{Reports: samples}
	for _, c := range Table(draft, cleaned) {
		s.Findings = append(s.Findings, export.Finding{Label: string(c.Label), Draft: c.Draft, Stated: c.Stated, Denied: c.Denied})
	}
	for _, a := range Again(draft, cleaned) {
		s.Sentences = append(s.Sentences, export.Sentence{Text: a.Text, Stated: names(a.Stated), Denied: names(a.Denied), Again: a.Again})
	}
	return s
}

func names(labels []Label) []string {
	names := make([]string, len(labels))
	for i, l := range labels {
		names[i] = string(l)
	}
	return names
}
