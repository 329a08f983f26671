package ui

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Chooser lists images to choose from.
type Chooser struct{ Desk *Desk }

// choice is what a person is to choose from.
type choice struct {
	Listing
	chosen []int // of Images, in ascending order
}

// offer has a person choose.
func (d *Desk) offer(l *Listing) {
	d.choice = &choice{Listing: *l}
	d.focus = Focus{choiceID(0), Always}
	d.say((&Chooser{d}).title() + ". " + (&Chooser{d}).help())
}

// Choose chooses an image of the list, or no longer.
func (d *Desk) Choose(image int) {
	c := d.choice
	if at, found := slices.BinarySearch(c.chosen, image); found {
		c.chosen = slices.Delete(c.chosen, at, at+1)
	} else if len(c.chosen) < len(d.slots) {
		c.chosen = slices.Insert(c.chosen, at, image)
	}
}

// OpenChosen opens the images chosen: beside those on the desk if there is room,
// else in their place, once they are there.
func (d *Desk) OpenChosen() {
	if !d.canOpenChosen() {
		return
	}
	d.clear()
	var images []Source
	for _, i := range d.choice.chosen {
		images = append(images, d.choice.Images[i].Source)
	}
	d.choice = nil
	if len(images) <= d.free() {
		d.open(images)
		return
	}
	var others []opener
	for _, f := range images {
		others = append(others, opener{f.Name(), func() (*View, error) { return d.engine.Open(context.Background(), f) }})
	}
	d.replace("files", others)
}

func (d *Desk) canOpenChosen() bool {
	return d.choice != nil && len(d.choice.chosen) > 0 && d.running == nil && !d.reading()
}

// DismissChoice takes the list away.
func (d *Desk) DismissChoice() { d.choice = nil }

// sources are those of all images.
func (l *Listing) sources() []Source {
	sources := make([]Source, len(l.Images))
	for i, f := range l.Images {
		sources[i] = f.Source
	}
	return sources
}

// leftOut says how many files are no images.
func leftOut(n int) string {
	if n == 1 {
		return "Another file is no image that this page can read."
	}
	return fmt.Sprintf("%d other files are no images that this page can read.", n)
}

func choiceID(image int) string { return "choice-" + strconv.Itoa(image) }

func (c *Chooser) images() []Found {
	if c.Desk.choice == nil {
		return nil
	}
	return c.Desk.choice.Images
}

func (c *Chooser) title() string { return "Choose from " + count(len(c.images()), "image") }

func (c *Chooser) help() string {
	if c.Desk.choice == nil {
		return ""
	}
	help := "A report is about one or two: a frontal view, and a lateral one if there is one."
	if c.Desk.views() != nil {
		help += " What does not fit beside the images on the desk takes their place."
	}
	if n := c.Desk.choice.Others; n > 0 {
		help += " " + leftOut(n)
	}
	if n := c.Desk.choice.More; n > 0 {
		help += " " + count(n, "more image") + " cannot be listed; choose a smaller folder to see them."
	}
	return help
}

func (c *Chooser) chosen(image int) bool {
	_, found := slices.BinarySearch(c.Desk.choice.chosen, image)
	return found
}

// closed says that an image cannot be chosen beside those that are.
func (c *Chooser) closed(image int) bool {
	return len(c.Desk.choice.chosen) == len(c.Desk.slots) && !c.chosen(image)
}

func (c *Chooser) openLabel() string {
	if c.Desk.choice == nil || len(c.Desk.choice.chosen) < 2 {
		return "Open"
	}
	return "Open both"
}

// folder is where an image lies, or empty.
func (c *Chooser) folder(f Found) string {
	return strings.TrimSuffix(strings.TrimSuffix(f.Source.Path(), f.Source.Name()), "/")
}

// facts are what an image's file says of it.
func (c *Chooser) facts(f Found) string {
	view := ""
	if f.View != "" {
		view = f.View + " view"
	}
	side := map[string]string{"L": "left", "R": "right"}[f.Laterality]
	facts := []string{view, side, f.Date, f.Modality, f.Series, f.Format, megabytes(f.Source.Size())}
	return strings.Join(slices.DeleteFunc(facts, func(s string) bool { return s == "" }), " · ")
}
