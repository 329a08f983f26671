package desk

import (
	"slices"

	"uarweb/engine/lesson"
	"uarweb/engine/trace"
	"uarweb/ui/say"
)

// Numbers are what the steps show and say of the draft, as far as it was fetched.
func (l *Learn) Numbers() *lesson.Numbers {
	n := &lesson.Numbers{Say: say.F, Study: l.Study(), Head: l.head, Layer: l.layer, Temperature: l.Temperature()}
	if n.Study == nil {
		return n
	}
	n.Films, n.Draft = l.draft.Slots, l.draft.Report
	n.Patch, n.PatchAt = l.shown[trace.OfPatch].Patch, l.shown[trace.OfPatch].index
	n.Word, n.WordAt = l.shown[trace.OfWord].Word, l.shown[trace.OfWord].index
	n.Search = l.Search()
	if l.Step() >= lesson.StepFind {
		n.Candidates = l.found()
	}
	return n
}

// Temperature is that of the slider.
func (l *Learn) Temperature() float64 { return float64(l.tenths) / 10 }

// SetTenths changes the temperature, in tenths.
func (l *Learn) SetTenths(tenths int) { l.tenths = min(max(tenths, 1), MaxTenths) }

// Head is the one that is chosen, among those of all layers, or lesson.Mean.
func (l *Learn) Head() int {
	if layers, heads := l.Numbers().Heads(l.Step()); l.head >= layers*heads {
		return lesson.Mean
	}
	return l.head
}

// ChooseHead chooses a head, or lesson.Mean.
func (l *Learn) ChooseHead(head int) { l.head = head }

// ChooseLayer chooses the layer whose mask the films show.
func (l *Learn) ChooseLayer(layer int) { l.layer = layer }

// candidate is a report that a film may be found again by.
type candidate struct {
	lesson.Candidate
	tokens []int
}

// candidates are the draft, what its redraws say, and the drafts of the other studies of
// the queue, each text once.
func (l *Learn) candidates() []candidate {
	d := l.desk
	all := []candidate{{lesson.Candidate{Text: l.draft.Report.Text, From: say.Text("the draft"), Own: true}, l.draft.Report.Tokens}}
	add := func(text, from string, tokens []int) {
		if !slices.ContainsFunc(all, func(c candidate) bool { return c.Text == text }) {
			all = append(all, candidate{lesson.Candidate{Text: text, From: from}, tokens})
		}
	}
	if d.redraw != nil {
		for _, r := range d.redraw.reports {
			add(r.Report.Text, say.Text("a redraw"), r.Report.Tokens)
		}
	}
	for _, s := range d.queue.studies {
		if r := s.Report; r != nil && r.Model == l.draft.Report.Model {
			add(r.Text, say.Text("the draft of another study"), r.Tokens)
		}
	}
	return all
}

// found are the reports that the film may be found again by, that of the largest cosine
// first; none while that is not known.
func (l *Learn) found() []lesson.Candidate {
	s := l.shown[trace.OfReports]
	if s.Reports == nil {
		return nil
	}
	all := l.candidates()
	if len(s.Reports.Cosines) != len(all) {
		return nil
	}
	var found []lesson.Candidate
	for i, c := range all {
		c.Cosine = s.Reports.Cosines[i]
		found = append(found, c.Candidate)
	}
	return lesson.Ranked(found)
}
