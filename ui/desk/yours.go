package desk

import (
	"slices"
	"strings"

	"uarweb/engine/report/export"
)

// yours is what the reader says of a draft. It goes with the draft, on the stage and in
// the queue, and is kept nowhere else.
type yours struct {
	text  *string // their version, once they have written one, or nil
	edits []Edit  // what makes it of the draft, or nil if that is nothing
	wrong []int   // sentences of the draft, ascending
}

// clone is a copy that shares nothing that changes.
func (y yours) clone() yours {
	y.wrong = slices.Clone(y.wrong)
	return y
}

// YourText is the reader's version of the draft, at first the draft itself.
func (r *Result) YourText() string {
	if r.yours.text == nil {
		return r.Report.Text
	}
	return *r.yours.text
}

// Edits are what makes the reader's version of the draft, in order, or nil if both say
// the same.
func (r *Result) Edits() []Edit { return r.yours.edits }

// maxYours bounds the reader's version of a draft, in bytes.
const maxYours = 10_000

// SetYourText changes the reader's version of the draft on the desk. What goes beyond
// 10,000 bytes is left out.
func (d *Desk) SetYourText(text string) {
	if len(text) > maxYours {
		text = strings.ToValidUTF8(text[:maxYours], "")
	}
	d.result.yours.text, d.result.yours.edits = &text, edits(d.result.Report.Text, text)
}

// BackToDraft makes the reader's version the draft again.
func (d *Desk) BackToDraft() { d.SetYourText(d.result.Report.Text) }

// IsWrong says whether the reader has said of a sentence of the draft that it is
// wrong.
func (r *Result) IsWrong(sentence int) bool { return slices.Contains(r.yours.wrong, sentence) }

// ToggleWrong says so, or no longer.
func (d *Desk) ToggleWrong(sentence int) {
	wrong := &d.result.yours.wrong
	if at, found := slices.BinarySearch(*wrong, sentence); found {
		*wrong = slices.Delete(*wrong, at, at+1)
	} else {
		*wrong = slices.Insert(*wrong, at, sentence)
	}
}

// reader is what the reader says, as it leaves the page, or nil if that is nothing.
func (y *yours) reader() *export.Reader {
	text := ""
	if y.edits != nil {
		text = strings.TrimSpace(*y.text)
	}
	if text == "" && len(y.wrong) == 0 {
		return nil
	}
	return &export.Reader{Text: text, Wrong: slices.Clone(y.wrong)}
}

// marked says whether the reader has said anything of the draft.
func (d *Desk) marked() bool { return d.result != nil && d.result.yours.reader() != nil }

// Unsaved says whether the reader has said anything of a draft, which goes when the
// page is left.
func (d *Desk) Unsaved() bool {
	return d.marked() || slices.ContainsFunc(d.queue.studies, func(s *Study) bool { return s.yours.reader() != nil })
}

// Discarding says that the reader is being asked whether what they have said of the
// draft may go.
func (d *Desk) Discarding() bool { return d.discarding != nil && d.marked() }

// askToDiscard asks the reader so, in Read; then is what is done if it may.
func (d *Desk) askToDiscard(then func()) {
	d.discarding = then
	d.Go(Place{Room: RoomRead})
	d.focus = Focus{"discard", Always}
}

// Discard does what was asked for, with which what the reader has said of the draft
// goes.
func (d *Desk) Discard() {
	then := d.discarding
	d.discarding = nil
	if then != nil {
		then()
	}
}

// KeepYours lets the draft stand, with what the reader has said of it.
func (d *Desk) KeepYours() {
	d.discarding = nil
	d.focus = Focus{"run", Always}
}
