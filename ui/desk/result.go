package desk

import (
	"slices"
	"strings"
	"time"

	"uarweb/engine/report"
	"uarweb/engine/report/heatmap"
	"uarweb/engine/score/findings"
	"uarweb/ui/say"
)

// Result is a finished report and what it is about.
type Result struct {
	Report  *report.Report
	Spans   []report.Span // one a word
	Views   []*View
	Slots   []int            // that the views stood in when it was written
	Named   []findings.Label // by the report
	Written time.Time
	Answer  *Answer // of the reader, before they saw the draft, or nil

	yours    yours
	mentions []Mention
}

// newResult returns a report as a result about views, which stand in slots.
func newResult(r *report.Report, views []*View, slots []int) *Result {
	result := &Result{Report: r, Spans: report.Layout(texts(r.Words)), Views: views, Slots: slots, Written: time.Now().Truncate(time.Second)}
	result.Named = findings.Of(result.cleaned())
	result.mentions = result.mention() // once: the rules take too long for every render
	return result
}

// cleaned is the report as findings are read from (report.Clean).
func (r *Result) cleaned() string { return join(r.Report.Words) }

// Unlike says which of the views are unlike what the model learned from, in one
// sentence; it is empty if none is, the model cannot tell, or there is no Result.
func (r *Result) Unlike() string {
	if r == nil {
		return ""
	}
	var views []string
	for i, v := range r.Report.Views {
		if v.Surprisal.Unlike() {
			views = append(views, say.Text(viewNames[r.Slots[i]]))
		}
	}
	switch len(views) {
	case 0:
		return ""
	case 1:
		return say.F("The %s view is unlike the chest X-rays that the model learned from: what it wrote may mean nothing.", views[0])
	}
	return say.Text("Both views are unlike the chest X-rays that the model learned from: what it wrote may mean nothing.")
}

// join returns the texts of words, separated by a space.
func join(words []report.Word) string { return strings.Join(texts(words), " ") }

func texts(words []report.Word) []string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.Text
	}
	return texts
}

// sentences are those of the report as people read it.
func (r *Result) sentences() []string {
	var all []string
	for _, s := range r.Spans {
		switch {
		case s.Sentence == len(all):
			all = append(all, s.Text)
		case s.SpaceBefore:
			all[s.Sentence] += " " + s.Text
		default:
			all[s.Sentence] += s.Text
		}
	}
	return all
}

// NamedBeside returns the findings that the sentence of a word names.
func (r *Result) NamedBeside(word int) []findings.Label {
	sentence := r.cleanedSentences()[r.Spans[word].Sentence]
	return slices.DeleteFunc(findings.Of(sentence), func(l findings.Label) bool { return l == findings.NoFinding })
}

// Stale says that the views are no longer those of the report.
func (d *Desk) Stale() bool {
	if d.result == nil {
		return false
	}
	now := d.Views()
	if len(now) != len(d.result.Views) {
		return true
	}
	for i, v := range now {
		if v != d.result.Views[i] {
			return true
		}
	}
	return false
}

// Synthetic says that the report is about a synthetic picture.
func (r *Result) Synthetic() bool {
	for _, v := range r.Views {
		if v.Synthetic {
			return true
		}
	}
	return false
}

// Place is where among the report's views v stands, or −1.
func (r *Result) Place(v *View) int {
	for i, other := range r.Views {
		if v == other {
			return i
		}
	}
	return -1
}

// Grids returns a word's attention or mask for each of the report's views, for None the
// mean of all words', or nil if the report does not fit them.
func (r *Result) Grids(word int, m Map) []Grid {
	words := r.Report.Words
	if word != None {
		words = words[word:][:1]
	}
	var mean []float32
	for _, w := range words {
		values := w.Attention
		if m == Mask {
			values = w.Mask
		}
		if mean == nil {
			mean = make([]float32, len(values))
		}
		for i, v := range values[:min(len(values), len(mean))] {
			mean[i] += v / float32(len(words))
		}
	}
	return heatmap.Split(mean, len(r.Report.ImageTokens), len(r.Views), m)
}

// Grids returns a word's map for each view of the report, for None that of all words,
// or nil if there is none.
func (d *Desk) Grids(word int, m Map) []Grid {
	switch {
	case d.result == nil:
		return nil
	case m != Changed:
		return d.result.Grids(word, m)
	case d.rewrite == nil:
		return nil
	}
	return d.rewrite.Grids(word)
}

// Where says in words where a word's map lies.
func (d *Desk) Where(word int, m Map) string {
	grids := d.Grids(word, m)
	switch {
	case grids == nil && m == Changed:
		return say.Text("The other report has no such word here.")
	case grids == nil:
		return ""
	}
	said := heatmap.DescribeIn(say.F, grids, d.result.Slots, m) + d.result.sides(heatmap.Describe(grids, d.result.Slots, m))
	if m == Attention && heatmap.Outside(grids, d.result.Slots) > 0.5 {
		said += " " + say.Text("Most of it lies outside the chest, and explains little.")
	}
	return said
}

// sides says how far to trust the sides that a text speaks of, the patient's: they are
// read as from a film hung as usual, unless the file says how it hangs.
func (r *Result) sides(text string) string {
	frontal := slices.Index(r.Slots, Frontal)
	switch {
	case frontal < 0 || !strings.Contains(text, "right") && !strings.Contains(text, "left"):
		return ""
	case r.Views[frontal].Synthetic || r.Views[frontal].RowsTo == "L":
		return ""
	case r.Views[frontal].RowsTo == "R":
		return " " + say.Text("By its file this film is mirrored: what is called right is the patient’s left.")
	}
	return " " + say.Text("Sides are assumed.")
}

// Describe says in one breath what is known of a word: its sentence, where it
// looked, and how many redraws name the findings of that sentence again.
func (d *Desk) Describe(word int) string {
	r := d.result
	text := say.F("%s, sentence %d. %s", r.Spans[word].Text, r.Spans[word].Sentence+1, d.Where(word, d.mode))
	for _, l := range r.NamedBeside(word) {
		if said := d.redraw.Said(l); said != "" {
			text += " " + say.F("%s said again in %s.", Titled(l), said)
		}
	}
	return text
}
