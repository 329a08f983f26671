package desk

import (
	"slices"
	"strconv"

	"uarweb/engine/score/findings"
)

// Answer is what the reader saw on films before the draft about them was shown.
type Answer struct {
	seen    []findings.Label
	nothing bool
	given   bool
	views   []*View
}

// Saw says whether the reader saw a finding, or with findings.NoFinding that there is
// nothing of these.
func (a *Answer) Saw(l findings.Label) bool {
	if l == findings.NoFinding {
		return a.nothing
	}
	return slices.Contains(a.seen, l)
}

// LookFirst says whether a draft is shown only when the reader has said what they see.
func (d *Desk) LookFirst() bool { return d.lookFirst }

// SetLookFirst changes that, and shows a draft that waits for it.
func (d *Desk) SetLookFirst(on bool) {
	d.lookFirst = on
	if !on {
		d.SkipAnswer()
	}
}

// Asking says that the reader is being asked what they see. A draft is covered until
// then.
func (d *Desk) Asking() bool { return d.answer != nil && !d.answer.given }

// Answer is that to the report on its way, or that waits for it, or nil.
func (d *Desk) Answer() *Answer { return d.answer }

// ask asks what the reader sees on the views that a report is written of, once.
func (d *Desk) ask(views []*View) {
	switch {
	case !d.lookFirst:
		d.answer = nil
	case d.answer == nil || !slices.Equal(d.answer.views, views):
		d.answer = &Answer{views: views}
	}
	d.waiting = nil
	if d.Asking() {
		d.result, d.redraw, d.rewrite = nil, nil, nil // which may say what there is to see
		d.leaveChanged()
		d.selected, d.hovered = None, None
		d.focus = Focus{SeenID(findings.NoFinding), Always}
	}
}

// See says that the reader sees a finding, or no longer, or with findings.NoFinding
// nothing of these.
func (d *Desk) See(l findings.Label) {
	a := d.answer
	switch {
	case l == findings.NoFinding:
		a.nothing, a.seen = !a.nothing, nil
		return
	case a.Saw(l):
		a.seen = slices.DeleteFunc(a.seen, func(other findings.Label) bool { return other == l })
	default:
		a.seen = append(a.seen, l)
	}
	a.nothing = false
}

// CanAnswer says whether the reader has said anything.
func (d *Desk) CanAnswer() bool { return d.Asking() && (d.answer.nothing || len(d.answer.seen) > 0) }

// GiveAnswer shows the draft, as soon as there is one, beside what the reader saw.
func (d *Desk) GiveAnswer() {
	if d.CanAnswer() {
		d.answer.given = true
		d.uncover()
	}
}

// SkipAnswer shows the draft without an answer.
func (d *Desk) SkipAnswer() {
	if d.Asking() {
		d.answer = nil
		d.uncover()
	}
}

// uncover shows the draft that waits, if there is one.
func (d *Desk) uncover() {
	if show := d.waiting; show != nil {
		d.waiting = nil
		show()
	}
}

// SeenID is the element of a box to say that a finding is seen.
func SeenID(l findings.Label) string {
	return "seen-" + strconv.Itoa(slices.Index(findings.Labels(), l))
}
