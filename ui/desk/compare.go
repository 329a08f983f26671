package desk

import (
	"slices"

	"uarweb/engine/report"
	"uarweb/ui/say"
)

// Comparison is what the draft can be compared with.
type Comparison struct {
	Change Change // LeaveOutTIR, OtherBeam or KeptReport
	Beam   int    // of OtherBeam, else 0
}

// Name says what is changed.
func (c Comparison) Name() string {
	switch c.Change {
	case LeaveOutTIR:
		return say.Text("without the mask")
	case KeptReport:
		return say.Text("that is kept")
	}
	return say.F("with %s", say.Count(c.Beam, "beam"))
}

// Comparisons are those that the draft can be compared with.
func (d *Desk) Comparisons() []Comparison {
	all := []Comparison{{Change: LeaveOutTIR}}
	for _, beam := range []int{1, 3, 5} {
		if d.result != nil && d.result.Report.Beam != beam {
			all = append(all, Comparison{OtherBeam, beam})
		}
	}
	if d.kept != nil && !d.Keeps() {
		all = append(all, Comparison{Change: KeptReport})
	}
	return all
}

// CanCompare says whether Compare would do anything.
func (d *Desk) CanCompare(c Comparison) bool {
	if c.Change == KeptReport {
		return d.result != nil && d.kept != nil && !d.Keeps()
	}
	return d.CanRewrite()
}

// Compare puts the report beside the draft that is kept, or writes it otherwise.
func (d *Desk) Compare(c Comparison) {
	switch {
	case !d.CanCompare(c):
	case c.Change == KeptReport:
		d.rewrite.stop()
		d.rewrite = &Rewrite{Change: KeptReport, Word: None, draft: d.result}
		d.rewrite.stand(d.kept)
		d.leaveChanged()
		d.say(d.rewrite.Title() + ": " + d.rewrite.Verdict())
	default:
		d.rewriteWith(&Rewrite{Change: c.Change, Word: None, beam: c.Beam}, Writing{Beam: c.Beam, WithoutTIR: c.Change == LeaveOutTIR})
	}
}

// Compared says whether that is the last thing that the draft was compared with.
func (d *Desk) Compared(c Comparison) bool {
	return d.rewrite != nil && Comparison{d.rewrite.Change, d.rewrite.beam} == c
}

// Keep keeps the draft, to compare others with it that are of other films or by another
// model, in place of what was kept before; or lets it go again.
func (d *Desk) Keep() {
	switch {
	case d.result == nil:
	case d.Keeps():
		d.kept = nil
		d.say(say.Text("The report is no longer kept."))
	default:
		d.kept = d.result.withoutPixels()
		if d.rewrite != nil && d.rewrite.Change == KeptReport { // by another, that is let go
			d.rewrite = nil
			d.leaveChanged()
		}
		d.say(say.Text("The report is kept, to compare others with it."))
	}
}

// Keeps says whether the draft is what is kept.
func (d *Desk) Keeps() bool {
	return d.kept != nil && d.result != nil && d.kept.Report == d.result.Report
}

// Kept says what is kept, if it is not the draft.
func (d *Desk) Kept() string {
	if d.kept == nil || d.Keeps() {
		return ""
	}
	return say.F("Kept is the report of %s.", filmsOf(d.kept.Report))
}

// withoutPixels is a copy that holds no film.
func (r *Result) withoutPixels() *Result {
	light := *r
	light.Views = nil
	for _, v := range r.Views {
		view := *v
		view.Preview, view.Scale = nil, nil
		light.Views = append(light.Views, &view)
	}
	return &light
}

// sameFilms says whether both are reports of the same films, in the same slots: of the
// same views, or of files with the same bytes.
func (r *Result) sameFilms(other *Result) bool {
	sameView := func(a, b *View) bool { return a.number == b.number }
	sameFile := func(a, b report.View) bool { return a.SHA256 != "" && a.SHA256 == b.SHA256 }
	return slices.Equal(r.Slots, other.Slots) &&
		(slices.EqualFunc(r.Views, other.Views, sameView) || slices.EqualFunc(r.Report.Views, other.Report.Views, sameFile))
}

// differs says in which of its films and its model a report differs from another.
func (r *Result) differs(other *Result) string {
	text := ""
	if !r.sameFilms(other) {
		text = say.F(", of %s", filmsOf(r.Report))
	}
	if model := r.Report.Model.SHA256; model != other.Report.Model.SHA256 {
		text += say.F(", by the model %s", ShortHash(model))
	}
	return text
}

// filmsOf are the films that a report is about.
func filmsOf(r *report.Report) string { return say.Text(r.Films()) }
