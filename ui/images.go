package ui

import (
	"context"
	"encoding/binary"
	"slices"
	"strings"

	"uarweb/engine/status"
)

// Add puts files on the desk: images into the free slots, one after the other,
// weights in place of the model. With more images than free slots it takes none
// of the files.
func (d *Desk) Add(files ...File) {
	d.clear()
	d.examining++
	go func() {
		var images, weights []File
		var bad *Trouble
		for _, f := range files {
			if len(images) > len(d.slots) {
				break // of thousands, the others need not be looked at
			}
			switch isWeights, err := examine(f); {
			case err != nil:
				bad = explain(err, f.Name())
			case isWeights:
				weights = append(weights, f)
			default:
				images = append(images, f)
			}
		}
		d.update(func() {
			d.examining--
			if len(images) > d.free() {
				d.fail(trouble(codeTooMany, ""))
				return
			}
			if bad != nil {
				d.fail(bad)
			}
			for _, f := range weights {
				d.load(f)
			}
			d.opening += len(images)
			go d.open(images)
		})
	}()
}

// The most bytes a file may have: larger ones are not read at all.
const (
	maxImage   = 256 << 20 // radiograph.MaxFileSize
	maxWeights = 512 << 20 // WebAssembly has 4 GiB for the file and the model made of it
)

// examine tells weights from images and refuses what cannot be read or held.
func examine(f File) (weights bool, err error) {
	head, err := f.Head(weightsHead)
	if err != nil {
		return false, &status.Error{Code: status.UnreadableFile, Err: err}
	}
	weights = isWeights(f.Name(), head)
	limit, code := int64(maxImage), status.LargeImage
	if weights {
		limit, code = maxWeights, codeLargeWeights
	}
	if size := f.Size(); size > limit {
		return weights, status.Errorf(code, "ui: %s: %d bytes, the limit is %d", f.Name(), size, limit)
	}
	return weights, nil
}

// free is how many slots are neither taken nor kept for an image on its way.
func (d *Desk) free() int {
	if d.drawing {
		return 0
	}
	return len(d.slots) - len(d.views()) - d.opening
}

// reading says that images are on their way to the slots.
func (d *Desk) reading() bool { return d.drawing || d.examining+d.opening > 0 }

// open opens images, for each of which d.opening keeps a slot.
func (d *Desk) open(images []File) {
	for _, f := range images {
		v, err := d.engine.Open(context.Background(), f)
		d.update(func() {
			d.opening--
			if err != nil {
				d.fail(explain(err, f.Name()))
				return
			}
			d.place(v)
		})
	}
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

// place puts a view into the first free slot; one was kept for it.
func (d *Desk) place(v *View) {
	i := slices.Index(d.slots[:], nil)
	d.slots[i] = v
	d.say(d.placed(i))
}

// placed says what a slot holds.
func (d *Desk) placed(slot int) string {
	if v := d.slots[slot]; v != nil {
		return slotNames[slot] + " view: " + v.Name + "."
	}
	return slotNames[slot] + " view: empty."
}

func (d *Desk) canExample() bool { return d.running == nil && !d.reading() }

// Example replaces the views by a synthetic pair, once that is there.
func (d *Desk) Example() {
	if !d.canExample() {
		return
	}
	d.clear()
	d.drawing = true
	go func() {
		var views [2]*View
		var err error
		for i := range views {
			if views[i], err = d.engine.Phantom(context.Background(), i == Lateral); err != nil {
				break
			}
		}
		d.update(func() {
			d.drawing = false
			d.focus = Focus{"example", IfNowhere}
			if err != nil {
				if drawn := views[Frontal]; drawn != nil {
					go d.engine.Close(drawn)
				}
				d.fail(explain(err, ""))
				return
			}
			for i := range d.slots {
				d.remove(i)
			}
			for _, v := range views {
				d.place(v)
			}
		})
	}()
}

// Swap exchanges the frontal and the lateral view.
func (d *Desk) Swap() {
	d.notice = ""
	d.slots[0], d.slots[1] = d.slots[1], d.slots[0]
	d.say(d.placed(Frontal) + " " + d.placed(Lateral))
}

// Remove takes a view off the desk.
func (d *Desk) Remove(slot int) {
	d.notice = ""
	d.remove(slot)
	d.focus = Focus{"files", IfGone}
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
