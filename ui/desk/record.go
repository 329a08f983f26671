package desk

import (
	"encoding/json"

	"uarweb/engine/score/findings"
	"uarweb/ui/say"
)

// Outcomes counts the studies that a model was checked on by whether its report and
// the radiologist's name a finding: both (TP), the report alone (FP), the
// radiologist's alone (FN), neither (TN).
type Outcomes struct {
	TP, FP, FN, TN int
}

// Record is how often a model was right, as its card says (weights/README.md).
type Record struct {
	Studies  int
	Findings map[findings.Label]Outcomes
}

// record is that of a card, or one without studies if it has none that adds up.
func record(card string) Record {
	var c struct{ Record Record }
	if json.Unmarshal([]byte(card), &c) != nil {
		return Record{}
	}
	for _, o := range c.Record.Findings {
		if min(o.TP, o.FP, o.FN, o.TN) < 0 || max(o.TP, o.FP, o.FN, o.TN) > c.Record.Studies || o.TP+o.FP+o.FN+o.TN != c.Record.Studies {
			return Record{}
		}
	}
	return c.Record
}

// fewest is of how many cases at least something can be said.
const fewest = 5

// Of says how often the model was right when it named a finding, or how often it
// missed one if it names none; nothing if that is not known.
func (r Record) Of(l findings.Label) string {
	o, known := r.Findings[l]
	named := o.TP + o.FP
	switch {
	case l == findings.NoFinding:
		return r.missed()
	case !known:
		return ""
	case named == 0:
		return say.Text("Too few to say: it never named this when it was checked.")
	case named < fewest:
		return say.F("Too few to say: it named this %s when it was checked.", say.Count(named, "time"))
	}
	return say.F("Right %d of the %d times it named this.", o.TP, named)
}

// OfSilence says how often the model missed a finding, or nothing if that is not
// known.
func (r Record) OfSilence(l findings.Label) string {
	o, known := r.Findings[l]
	there := o.TP + o.FN
	switch {
	case !known:
		return ""
	case there < fewest:
		return say.F("Too few to say: it was there %s when this was checked.", say.Count(there, "time"))
	}
	return say.F("Missed %d of the %d times it was there.", o.FN, there)
}

// common is how many studies at least have a finding that counts in sums
// (metrics.MinPositives).
const common = 10

// sum counts the outcomes of all common findings.
func (r Record) sum() (all Outcomes) {
	for l, o := range r.Findings {
		if l != findings.NoFinding && o.TP+o.FN >= common {
			all.TP, all.FP, all.FN = all.TP+o.TP, all.FP+o.FP, all.FN+o.FN
		}
	}
	return all
}

// Sum says how often the model was right in all about the common findings, or
// nothing if that is not known.
func (r Record) Sum() string {
	all := r.sum()
	if all.TP+all.FN == 0 {
		return ""
	}
	return say.F("Checked on %d studies, it named %d of %d common findings; %d of the %d it named were not there.",
		r.Studies, all.TP, all.TP+all.FN, all.FP, all.TP+all.FP)
}

// missed says what it is worth that the model names no finding, or nothing if that is
// not known.
func (r Record) missed() string {
	all := r.sum()
	if all.TP+all.FN == 0 {
		return ""
	}
	return say.F("It missed %d of %d common findings, so this does not mean normal.", all.FN, all.TP+all.FN)
}
