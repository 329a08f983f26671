package desk

import (
	"bytes"
	"context"
	"encoding/binary"
	"strings"

	"uarweb/engine/radiograph/phantom"
	"uarweb/engine/score/sweep"
	"uarweb/engine/status"
)

// Add puts files on the desk: images into the free slots, one after the other,
// weights in place of the model. Three images and more, and those of a folder, are
// for the queue; those of an archive, and more than there are free slots, are listed
// for a person to choose from.
func (d *Desk) Add(files ...File) {
	d.clear()
	d.due = false
	d.choice = nil
	if len(files) == 0 { // an empty folder
		d.fail(trouble(codeNoImages, ""))
		return
	}
	d.examining++
	go func() {
		var images, weights []File
		var bad *Trouble
		several := false
		for _, f := range files {
			switch kind, err := examine(f); {
			case err != nil:
				bad = explain(err, f.Name())
			case kind == isWeights:
				weights = append(weights, f)
			default:
				several = several || kind == isSeveral
				images = append(images, f)
			}
		}
		d.update(func() {
			if bad != nil {
				d.fail(bad)
			}
			for _, f := range weights {
				d.load(f)
			}
			if len(images) > 0 {
				d.privacy.filmed()
			}
			switch {
			case forQueue(images):
				go d.enlist(images)
				return
			case several || len(images) > d.free():
				go d.list(images)
				return
			}
			d.examining--
			d.open(sources(images))
		})
	}()
}

// list finds the images in files, one of the calls that d.examining counts, and
// opens them if there is nothing to choose.
func (d *Desk) list(files []File) {
	l, err := d.engine.List(context.Background(), files)
	d.update(func() {
		d.examining--
		switch {
		case err != nil:
			whole, _, _ := strings.Cut(files[0].Path(), "/")
			d.fail(explain(err, whole))
		case len(l.Images) == 0:
			d.fail(trouble(codeNoImages, ""))
		case len(l.Images) <= d.free():
			d.open(l.sources())
			if l.Others > 0 {
				d.notice = leftOut(l.Others)
			}
		default:
			d.offer(l)
		}
	})
}

// Unreadable says that what was to be put on the desk cannot be read.
func (d *Desk) Unreadable(err error) {
	d.clear()
	d.fail(explain(&status.Error{Code: status.UnreadableFile, Err: err}, ""))
}

// The most bytes a file may have: larger ones are not read at all.
const (
	maxImage   = 256 << 20 // radiograph.MaxFileSize
	maxWeights = 512 << 20 // WebAssembly has 4 GiB for the file and the model made of it
)

// fileKind is what a file is to Add.
type fileKind int

const (
	isImage   fileKind = iota // or is to be refused as one
	isSeveral                 // an archive, or a part of a folder
	isWeights
)

// examine tells weights from images and refuses what cannot be read or held. The
// files of a folder are left to the engine.
func examine(f File) (fileKind, error) {
	if f.Path() != f.Name() {
		return isSeveral, nil
	}
	head, err := f.Head(headSize)
	if err != nil {
		return isImage, &status.Error{Code: status.UnreadableFile, Err: err}
	}
	kind, limit, code := isImage, int64(maxImage), status.LargeImage
	switch {
	case looksLikeWeights(f.Name(), head):
		kind, limit, code = isWeights, maxWeights, codeLargeWeights
	case bytes.HasPrefix(head, []byte("PK\x03\x04")): // a ZIP, of which little is read at a time
		return isSeveral, nil
	}
	if size := f.Size(); size > limit {
		return kind, status.Errorf(code, "desk: %s: %d bytes, the limit is %d", f.Name(), size, limit)
	}
	return kind, nil
}

// free is how many slots are neither taken nor kept for an image on its way.
func (d *Desk) free() int {
	if d.replacing {
		return 0
	}
	return len(d.slots) - len(d.Views()) - d.opening
}

// Opening says that images are on their way to the slots.
func (d *Desk) Opening() bool { return d.replacing || d.examining+d.opening > 0 }

// open opens images, for each of which there is a free slot.
func (d *Desk) open(images []Source) {
	d.opening += len(images)
	go func() {
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
	}()
}

// sources are files as images.
func sources(files []File) []Source {
	sources := make([]Source, len(files))
	for i, f := range files {
		sources[i] = f
	}
	return sources
}

// headSize is how many bytes examine looks at.
const headSize = 9

// looksLikeWeights says whether a file is meant to be weights: by its name, so that a
// broken one gets the right error, or by its first bytes, the length of a
// safetensors header, which fits the format's limit, and the brace that opens it.
func looksLikeWeights(name string, head []byte) bool {
	const maxHeader = 100_000_000
	return strings.HasSuffix(strings.ToLower(name), ".safetensors") ||
		len(head) == headSize && binary.LittleEndian.Uint64(head) <= maxHeader && head[8] == '{'
}

// CanExample says whether Example would do anything.
func (d *Desk) CanExample() bool { return d.running == nil && !d.Opening() }

// Example replaces the views by synthetic ones, once they are there, and has their
// report written. If the reader has said something of the one before, which would go, it
// asks first.
func (d *Desk) Example() {
	switch {
	case !d.CanExample():
	case d.marked():
		d.askToDiscard(func() {
			d.result.yours = yours{}
			d.Example()
		})
	default:
		d.replaceByPhantom(phantom.Chest{Seed: 1})
		d.due = true
	}
}

// replaceByPhantom replaces the views by those of a chest, as many as the model takes.
func (d *Desk) replaceByPhantom(c phantom.Chest) {
	d.clear()
	d.privacy.filmed()
	var draw []opener
	for slot := range d.viewsTaken() {
		draw = append(draw, opener{open: func() (*View, error) {
			return d.engine.Phantom(context.Background(), c, slot == Lateral, sweep.Size)
		}})
	}
	d.replace("", draw)
}

// viewsTaken is how many views the model takes, or any does while there is none.
func (d *Desk) viewsTaken() int {
	if m := d.Model(); m != nil {
		return m.Views
	}
	return Slots
}

// opener opens a view, of the name of a file if it has one.
type opener struct {
	name string
	open func() (*View, error)
}

// replace puts other views in the place of those on the desk, once they all are
// there; the keyboard then goes to the element that brought them, or to what comes next.
func (d *Desk) replace(by string, others []opener) {
	d.replacing, d.due = true, false
	go func() {
		var views []*View
		var bad *Trouble
		for _, o := range others {
			v, err := o.open()
			if err != nil {
				bad = explain(err, o.name)
				break
			}
			views = append(views, v)
		}
		d.update(func() {
			d.replacing = false
			d.focus = Focus{by, IfNowhere}
			if bad != nil {
				for _, v := range views {
					go d.engine.Close(v)
				}
				d.fail(bad)
				return
			}
			for slot := range d.slots {
				d.remove(slot)
			}
			for _, v := range views {
				d.place(v)
			}
		})
	}()
}

// Remove takes a view off the desk.
func (d *Desk) Remove(slot int) {
	d.notice, d.due = "", false
	d.remove(slot)
	d.focus = Focus{"files", IfGone}
}

func (d *Desk) remove(slot int) {
	if v := d.slots[slot]; v != nil {
		d.slots[slot] = nil
		go d.engine.Close(v)
	}
}

// Views returns those on the desk, the frontal first.
func (d *Desk) Views() []*View { return seated(d.slots) }

// seated are the views in slots.
func seated(slots [Slots]*View) []*View {
	var views []*View
	for _, v := range slots {
		if v != nil {
			views = append(views, v)
		}
	}
	return views
}
