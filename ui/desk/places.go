package desk

import (
	"slices"
	"strings"
)

// Evidence says how it is known which view a picture shows. Of two, the higher
// counts.
type Evidence int

// The kinds of evidence.
const (
	ByOrder   Evidence = iota // there is none: the first free slot is as good as the other
	ByPicture                 // by the look of it
	ByName                    // by the file's name
	ByFile                    // DICOM's View Position
	ByHand                    // a person has said so
)

var viewNames = [2]string{"frontal", "lateral"}

// evidence says each kind behind the name of a view.
var evidence = map[Evidence]string{ByPicture: ", by the look of it", ByName: ", by its name", ByFile: ", as the file says", ByHand: ", as you chose"}

// place puts a view into its slot; one was kept for it.
func (d *Desk) place(v *View) {
	slot := seat(&d.slots, v)
	d.say(d.placed(slot) + inSentences(d.Notes(slot)))
}

// seat puts a view that was just opened into its slot, or the first free one, which
// it returns. A view that stands there for lesser reasons moves on.
func seat(slots *[Slots]*View, v *View) int {
	v.look, v.presets = v.plainLook(), presets(v.scale())
	slot := slices.Index(slots[:], nil)
	if v.claim(1-slot) > slots[1-slot].claim(1-slot) {
		slots[slot] = slots[1-slot]
		slot = 1 - slot
	}
	slots[slot] = v
	return slot
}

// claim is what speaks for a view in a slot. A view that is not there has none.
func (v *View) claim(slot int) Evidence {
	if v == nil || v.Shows != slot {
		return ByOrder
	}
	return v.Known
}

// placed says what a slot holds.
func (d *Desk) placed(slot int) string {
	if v := d.slots[slot]; v != nil {
		return SlotNames[slot] + " view: " + v.Name + "."
	}
	return SlotNames[slot] + " view: empty."
}

// CanSwap says whether there is anything to swap.
func (d *Desk) CanSwap() bool { return d.Views() != nil }

// SwapLabel says what Swap does.
func (d *Desk) SwapLabel() string {
	switch {
	case d.slots[Frontal] != nil && d.slots[Lateral] == nil:
		return "Use as lateral"
	case d.slots[Frontal] == nil && d.slots[Lateral] != nil:
		return "Use as frontal"
	}
	return "Swap views"
}

// Swap exchanges the frontal and the lateral view, which then stay where they
// are put.
func (d *Desk) Swap() {
	d.notice = ""
	d.slots[0], d.slots[1] = d.slots[1], d.slots[0]
	for i, v := range d.slots {
		if v != nil {
			v.Shows, v.Known = i, ByHand
		}
	}
	d.say(d.placed(Frontal) + " " + d.placed(Lateral))
}

// Notes are what was decided about the view in a slot, first of all that it
// stands there.
func (d *Desk) Notes(slot int) []string {
	v := d.slots[slot]
	if v == nil || v.Synthetic {
		return nil
	}
	notes := []string{sentenceCase(v.why(slot))}
	for _, n := range v.Notes {
		notes = append(notes, sentenceCase(n))
	}
	return notes
}

// why says why a view stands in a slot.
func (v *View) why(slot int) string {
	by := evidence[v.Known]
	switch {
	case v.Known == ByOrder:
		return "taken as the " + viewNames[slot] + " view: nothing says which it is"
	case v.Shows != slot:
		return "also a " + viewNames[v.Shows] + " view" + by + ": it takes the other’s place"
	}
	return "the " + viewNames[slot] + " view" + by
}

// inSentences makes sentences of notes, each behind a space.
func inSentences(notes []string) string {
	var b strings.Builder
	for _, n := range notes {
		b.WriteString(" " + n + ".")
	}
	return b.String()
}
