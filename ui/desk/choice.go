package desk

import (
	"context"
	"slices"
	"strconv"

	"uarweb/ui/say"
)

// Choice is what a person is to choose from.
type Choice struct {
	Listing
	chosen []int // of Images, in ascending order
}

// offer has a person choose, where the list can be seen.
func (d *Desk) offer(l *Listing) {
	d.SetFull(false)
	d.choice = &Choice{Listing: *l}
	d.focus = Focus{ChoiceID(0), Always}
	d.say(d.choice.Title() + ". " + d.ChoiceHelp())
}

// Choose chooses an image of the list, or no longer.
func (d *Desk) Choose(image int) {
	c := d.choice
	if at, found := slices.BinarySearch(c.chosen, image); found {
		c.chosen = slices.Delete(c.chosen, at, at+1)
	} else if len(c.chosen) < Slots {
		c.chosen = slices.Insert(c.chosen, at, image)
	}
}

// OpenChosen opens the images chosen: beside those on the desk if there is room,
// else in their place, once they are there.
func (d *Desk) OpenChosen() {
	if !d.CanOpenChosen() {
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

// CanOpenChosen says whether OpenChosen would.
func (d *Desk) CanOpenChosen() bool {
	return d.choice != nil && len(d.choice.chosen) > 0 && d.running == nil && !d.Opening()
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
		return say.Text("Another file is no image that this page can read.")
	}
	return say.F("%d other files are no images that this page can read.", n)
}

// notListed says how many images are beyond a list.
func notListed(n int) string {
	return say.F("%s cannot be listed; choose a smaller folder to see them.", say.Count(n, "more image"))
}

// ChoiceID is the element of an image of the list.
func ChoiceID(image int) string { return "choice-" + strconv.Itoa(image) }

// Choice is what a person is to choose from now, or nil.
func (d *Desk) Choice() *Choice { return d.choice }

// Title names the list.
func (c *Choice) Title() string { return say.F("Choose from %s", say.Count(len(c.Images), "image")) }

// ChoiceHelp says what the choice is for and what is not in the list, if there is
// a choice.
func (d *Desk) ChoiceHelp() string {
	if d.choice == nil {
		return ""
	}
	help := say.Text("A report is about one or two: a frontal view, and a lateral one if there is one.")
	if d.Views() != nil {
		help += " " + say.Text("What does not fit beside the images on the desk takes their place.")
	}
	if n := d.choice.Others; n > 0 {
		help += " " + leftOut(n)
	}
	if n := d.choice.More; n > 0 {
		help += " " + notListed(n)
	}
	return help
}

// Chosen returns how many images are chosen.
func (c *Choice) Chosen() int { return len(c.chosen) }

// IsChosen says whether an image is.
func (c *Choice) IsChosen(image int) bool {
	_, found := slices.BinarySearch(c.chosen, image)
	return found
}

// Closed says that an image cannot be chosen beside those that are.
func (c *Choice) Closed(image int) bool {
	return len(c.chosen) == Slots && !c.IsChosen(image)
}
