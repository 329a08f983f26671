package ui

import (
	"fmt"
	"strconv"
	"strings"
)

// Views is the image pane.
type Views struct{ Desk *Desk }

func (c *Views) id(what string, slot int) string { return what + "-" + strconv.Itoa(slot) }

func (c *Views) name(slot int) string {
	if v := c.Desk.slots[slot]; v != nil && !v.Synthetic {
		return v.Name
	}
	return ""
}

func (c *Views) synthetic(slot int) bool {
	v := c.Desk.slots[slot]
	return v != nil && v.Synthetic
}

func (c *Views) size(slot int) string {
	v := c.Desk.slots[slot]
	switch {
	case v == nil:
		return ""
	case v.Synthetic:
		return fmt.Sprintf("drawn here, %d × %d", v.Width, v.Height)
	}
	return fmt.Sprintf("%s, %d × %d", v.Format, v.Width, v.Height)
}

func (c *Views) removeLabel(slot int) string {
	return "Remove the " + strings.ToLower(slotNames[slot]) + " view"
}

func (c *Views) invitation(slot int) string {
	switch {
	case c.Desk.slots[slot] != nil:
		return ""
	case c.Desk.reading():
		return "Reading the image…"
	case slot == Frontal:
		return "Drop a chest X-ray here"
	}
	return "Lateral view, if there is one"
}

func (c *Views) mapped(slot int) string {
	if p := c.Desk.Picture(slot); p.Result != nil {
		return strconv.Itoa(p.Word)
	}
	return ""
}

func (c *Views) describe(slot int) string {
	if v := c.Desk.slots[slot]; v != nil {
		return slotNames[slot] + " view, " + v.Name
	}
	return slotNames[slot] + " view, empty"
}

// ratio gives the style sheet the shape of a slot's view.
func (c *Views) ratio(slot int) string {
	v := c.Desk.slots[slot]
	if v == nil {
		return ""
	}
	return fmt.Sprintf("--ratio:%.4f", float64(v.Width)/float64(v.Height))
}

// grids are those of the word that is shown.
func (c *Views) grids() []Grid {
	d := c.Desk
	if d.result == nil || d.shown() == none {
		return nil
	}
	return d.result.grids(d.shown(), d.mode)
}

// legend says whether there are colours to explain.
func (c *Views) legend() bool {
	if c.Desk.mode == Off {
		return false
	}
	grids := c.grids()
	if grids == nil {
		return false
	}
	low, high := c.Desk.mode.limits(grids)
	return c.Desk.mode.visible(low, high)
}

// ends labels the two ends of the legend.
func (c *Views) ends() [2]string {
	grids := c.grids()
	if grids == nil {
		return [2]string{}
	}
	low, high := c.Desk.mode.limits(grids)
	if c.Desk.mode == Mask {
		return [2]string{decimals(low, high-low), decimals(high, high-low)}
	}
	return [2]string{fmt.Sprintf("even share, %.1f %%", 100*low), fmt.Sprintf("%.1f %%", 100*high)}
}

func (c *Views) help() string {
	switch d := c.Desk; {
	case d.mode == Off:
		return "Nothing lies over the image."
	case d.shown() == none:
		return "Choose a word to see its map."
	case d.mode == Mask:
		return "Where the model let the word look, before attention chose."
	}
	return "Coloured where a part of the image drew more than an even share of the attention when the word was written."
}
