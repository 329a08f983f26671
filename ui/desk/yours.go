package desk

import (
	"slices"

	"uarweb/engine/report/export"
)

// yours is what the reader says of a draft. It goes with the draft, on the stage and in
// the queue, and is kept nowhere else.
type yours struct {
	wrong []int // sentences of the draft, ascending
}

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
	if len(y.wrong) == 0 {
		return nil
	}
	return &export.Reader{Wrong: slices.Clone(y.wrong)}
}

// marked says whether the reader has said anything of the draft.
func (d *Desk) marked() bool { return d.result != nil && d.result.yours.reader() != nil }

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
