package desk

import (
	"slices"

	"uarweb/engine/report/export"
)

// yours is what the reader says of a draft. It goes with the draft and is kept nowhere
// else.
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
func (r *Result) reader() *export.Reader {
	if len(r.yours.wrong) == 0 {
		return nil
	}
	return &export.Reader{Wrong: slices.Clone(r.yours.wrong)}
}

// Discarding says that the reader is being asked whether what they have said of the
// draft may go.
func (d *Desk) Discarding() bool { return d.discarding && d.result.reader() != nil }

// Discard writes the report that was asked for, with which what the reader has said of
// the one before goes.
func (d *Desk) Discard() {
	d.discarding = false
	if ok, _ := d.CanRun(); ok {
		d.run()
	}
}

// KeepYours lets the draft stand, with what the reader has said of it.
func (d *Desk) KeepYours() {
	d.discarding = false
	d.focus = Focus{"run", Always}
}
