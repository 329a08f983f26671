package desk

import (
	"slices"
	"strings"

	"uarweb/ui/say"
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

var viewNames = [2]string{say.Key("frontal"), say.Key("lateral")}

// evidence says each kind behind the name of a view.
var evidence = map[Evidence]string{ByPicture: say.Key(", by the look of it"), ByName: say.Key(", by its name"), ByFile: say.Key(", as the file says"), ByHand: say.Key(", as you chose")}

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
		return say.F("%s view: %s.", SlotName(slot), say.Text(v.Name))
	}
	return say.F("%s view: empty.", SlotName(slot))
}

// CanSwap says whether there is anything to swap.
func (d *Desk) CanSwap() bool { return d.Views() != nil }

// SwapLabel says what Swap does.
func (d *Desk) SwapLabel() string {
	switch {
	case d.slots[Frontal] != nil && d.slots[Lateral] == nil:
		return say.Text("Use as lateral")
	case d.slots[Frontal] == nil && d.slots[Lateral] != nil:
		return say.Text("Use as frontal")
	}
	return say.Text("Swap views")
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
	by := say.Text(evidence[v.Known])
	switch {
	case v.Known == ByOrder:
		return say.F("taken as the %s view: nothing says which it is", say.Text(viewNames[slot]))
	case v.Shows != slot:
		return say.F("also a %s view%s: it takes the other’s place", say.Text(viewNames[v.Shows]), by)
	}
	return say.F("the %s view%s", say.Text(viewNames[slot]), by)
}

// inSentences makes sentences of notes, each behind a space.
func inSentences(notes []string) string {
	var b strings.Builder
	for _, n := range notes {
		b.WriteString(" " + n + ".")
	}
	return b.String()
}
