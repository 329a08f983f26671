package ui

import (
	"context"
	"encoding/binary"
	"strings"
)

// Add puts files on the desk, one after the other: images into the free slots,
// weights in place of the model.
func (d *Desk) Add(files ...File) {
	d.clear()
	d.opening += len(files)
	go func() {
		for _, f := range files {
			d.add(f)
		}
	}()
}

func (d *Desk) add(f File) {
	var view *View
	head, err := f.Head(weightsHead)
	weights := isWeights(f.Name(), head)
	switch {
	case err != nil:
		err = &Error{CodeUnreadable, err.Error()}
	case !weights:
		view, err = d.engine.Open(context.Background(), f)
	}
	d.update(func() {
		d.opening--
		switch {
		case err != nil:
			d.fail(explain(err, f.Name()))
		case weights:
			d.load(f)
		default:
			d.place(view)
		}
	})
}

// weightsHead is how many bytes isWeights looks at.
const weightsHead = 9

// isWeights says whether a file is meant to be weights: by its name, so that a
// broken one gets the right error, or by its first bytes, the length of a
// safetensors header, which fits the format's limit, and the brace that opens it.
func isWeights(name string, head []byte) bool {
	const maxHeader = 100_000_000
	return strings.HasSuffix(strings.ToLower(name), ".safetensors") ||
		len(head) == weightsHead && binary.LittleEndian.Uint64(head) <= maxHeader && head[8] == '{'
}

// place puts a view into the first free slot.
func (d *Desk) place(v *View) {
	for i, taken := range d.slots {
		if taken == nil {
			d.slots[i] = v
			d.say(slotNames[i] + " view: " + v.Name + ".")
			return
		}
	}
	go d.engine.Close(v)
	d.fail(trouble(codeTooMany, ""))
}

// Example replaces the views by a synthetic pair.
func (d *Desk) Example() {
	d.clear()
	for i := range d.slots {
		d.remove(i)
	}
	d.opening++
	go func() {
		var views [2]*View
		var err error
		for i := range views {
			if views[i], err = d.engine.Phantom(context.Background(), i == Lateral); err != nil {
				break
			}
		}
		d.update(func() {
			d.opening--
			if err != nil {
				d.fail(explain(err, ""))
				return
			}
			for _, v := range views {
				d.place(v)
			}
		})
	}()
}

// Swap exchanges the frontal and the lateral view.
func (d *Desk) Swap() {
	d.slots[0], d.slots[1] = d.slots[1], d.slots[0]
	d.say("The views are swapped.")
}

// Remove takes a view off the desk.
func (d *Desk) Remove(slot int) {
	d.remove(slot)
	d.focus = "files"
}

func (d *Desk) remove(slot int) {
	if v := d.slots[slot]; v != nil {
		d.slots[slot] = nil
		go d.engine.Close(v)
	}
}

// views returns those on the desk, the frontal first.
func (d *Desk) views() []*View {
	var views []*View
	for _, v := range d.slots {
		if v != nil {
			views = append(views, v)
		}
	}
	return views
}
