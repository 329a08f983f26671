package metrics

import (
	"slices"

	"uarweb/engine/score/findings"
)

// MinPositives is how many references must state a finding for it to count in
// Findings' averages.
const MinPositives = 10

// Findings says how well reports state what their references state, by
// findings.Of of both.
type Findings struct {
	Labels []LabelScore `json:"labels"` // all 14, in the order of findings.Labels
	// Averages over the findings (not NoFinding) that at least MinPositives
	// references state; 0 if there are none. Micro counts all their statements
	// together, Macro is the mean of their scores.
	Averaged []findings.Label `json:"averaged"`
	Micro    Agreement        `json:"micro"`
	Macro    Agreement        `json:"macro"`
	// BalancedAccuracy is of normal (NoFinding) against abnormal: the mean of the
	// shares of normal and of abnormal references whose report says the same. If
	// there are only normal or only abnormal ones, it is their share.
	BalancedAccuracy float64 `json:"balanced_accuracy"`
}

// LabelScore is the Agreement on one label.
type LabelScore struct {
	Label     findings.Label `json:"label"`
	Positives int            `json:"positives"` // references that state it
	Predicted int            `json:"predicted"` // reports that state it
	Both      int            `json:"both"`      // pairs of which both state it
	Agreement
}

// Agreement is 0 where nothing was predicted, or nothing was to be.
type Agreement struct {
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"` // their harmonic mean
}

// statements are the labels that a pair's report and reference state, by their
// indices in findings.Labels.
type statements struct {
	hypothesis, reference []bool
}

// states says of each label, by its index in findings.Labels, whether a report states
// it.
func states(report string) []bool {
	labels := findings.Labels()
	stated := make([]bool, len(labels))
	for _, label := range findings.Of(report) {
		stated[slices.Index(labels, label)] = true
	}
	return stated
}

func stateAll(pairs []Pair) []statements {
	list := make([]statements, len(pairs))
	for i, p := range pairs {
		list[i] = statements{states(p.Hypothesis), states(p.Reference)}
	}
	return list
}

// tally counts the statements of one label.
type tally struct{ positives, predicted, both int }

func (t *tally) add(hypothesis, reference bool) {
	if reference {
		t.positives++
	}
	if hypothesis {
		t.predicted++
	}
	if hypothesis && reference {
		t.both++
	}
}

func (t tally) agreement() Agreement {
	return Agreement{
		Precision: ratio(t.both, t.predicted),
		Recall:    ratio(t.both, t.positives),
		F1:        ratio(2*t.both, t.predicted+t.positives),
	}
}

func ratio(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// tallies counts the statements of each label. A pair is counted as often as
// its index is among drawn.
func tallies(list []statements, drawn []int) []tally {
	counts := make([]tally, len(findings.Labels()))
	for _, i := range drawn {
		for l := range counts {
			counts[l].add(list[i].hypothesis[l], list[i].reference[l])
		}
	}
	return counts
}

// averaged returns the indices of the labels that count in averages.
func averaged(counts []tally) []int {
	var labels []int
	for l, t := range counts {
		if l != noFinding && t.positives >= MinPositives {
			labels = append(labels, l)
		}
	}
	return labels
}

// noFinding is the index of findings.NoFinding.
const noFinding = 0

// ScoreFindings scores the statements of a corpus. It is an error if there are
// no pairs.
func ScoreFindings(pairs []Pair) (Findings, error) {
	if len(pairs) == 0 {
		return Findings{}, errNoReports
	}
	counts := tallies(stateAll(pairs), everyIndex(len(pairs)))
	labels := averaged(counts)
	f := Findings{
		Averaged: []findings.Label{},
		Micro:    micro(counts, labels), Macro: macro(counts, labels),
		BalancedAccuracy: balancedAccuracy(counts[noFinding], len(pairs)),
	}
	for l, label := range findings.Labels() {
		f.Labels = append(f.Labels, LabelScore{label, counts[l].positives, counts[l].predicted, counts[l].both, counts[l].agreement()})
	}
	for _, l := range labels {
		f.Averaged = append(f.Averaged, f.Labels[l].Label)
	}
	return f, nil
}

func micro(counts []tally, labels []int) Agreement {
	var all tally
	for _, l := range labels {
		all.positives += counts[l].positives
		all.predicted += counts[l].predicted
		all.both += counts[l].both
	}
	return all.agreement()
}

func macro(counts []tally, labels []int) Agreement {
	var sum Agreement
	for _, l := range labels {
		a := counts[l].agreement()
		sum.Precision += a.Precision / float64(len(labels))
		sum.Recall += a.Recall / float64(len(labels))
		sum.F1 += a.F1 / float64(len(labels))
	}
	return sum
}

// balancedAccuracy is Findings.BalancedAccuracy of n pairs with the tally of
// NoFinding.
func balancedAccuracy(normal tally, n int) float64 {
	abnormal := n - normal.positives
	bothAbnormal := abnormal - (normal.predicted - normal.both)
	switch {
	case normal.positives == 0:
		return ratio(bothAbnormal, abnormal)
	case abnormal == 0:
		return ratio(normal.both, normal.positives)
	}
	return (ratio(normal.both, normal.positives) + ratio(bothAbnormal, abnormal)) / 2
}

// everyIndex is 0..n−1.
func everyIndex(n int) []int {
	indices := make([]int, n)
	for i := range indices {
		indices[i] = i
	}
	return indices
}
