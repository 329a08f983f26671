package read

import (
	"fmt"
	"strconv"
	"strings"

	"uarweb/ui/desk"
	"uarweb/ui/film"
)

// Stage is where the views stand.
type Stage struct{ Desk *desk.Desk }

func (c *Stage) id(what string, slot int) string { return what + "-" + strconv.Itoa(slot) }

func (c *Stage) name(slot int) string {
	if v := c.Desk.View(slot); v != nil && !v.Synthetic {
		return v.Name
	}
	return ""
}

func (c *Stage) synthetic(slot int) bool {
	v := c.Desk.View(slot)
	return v != nil && v.Synthetic
}

func (c *Stage) size(slot int) string {
	v := c.Desk.View(slot)
	switch {
	case v == nil:
		return ""
	case v.Synthetic:
		return fmt.Sprintf("drawn here, %d × %d", v.Width, v.Height)
	}
	return fmt.Sprintf("%s, %d × %d", v.Format, v.Width, v.Height)
}

func (c *Stage) removeLabel(slot int) string {
	return "Remove the " + strings.ToLower(desk.SlotNames[slot]) + " view"
}

func (c *Stage) invitation(slot int) string {
	switch {
	case c.Desk.View(slot) != nil:
		return ""
	case c.Desk.Opening():
		return "Reading the image…"
	case slot == desk.Frontal:
		return "Drop a chest X-ray here"
	}
	return "Lateral view, if there is one"
}

func (c *Stage) mapped(slot int) string {
	if p := film.Of(c.Desk, slot); p.Result != nil {
		return strconv.Itoa(p.Word)
	}
	return ""
}

func (c *Stage) describe(slot int) string {
	if v := c.Desk.View(slot); v != nil {
		return desk.SlotNames[slot] + " view, " + v.Name
	}
	return desk.SlotNames[slot] + " view, empty"
}

// ratio gives the style sheet the shape of a slot's view.
func (c *Stage) ratio(slot int) string {
	v := c.Desk.View(slot)
	if v == nil {
		return ""
	}
	return fmt.Sprintf("--ratio:%.4f", float64(v.Width)/float64(v.Height))
}

// grids are those of the word that is shown.
func (c *Stage) grids() []desk.Grid {
	d := c.Desk
	if d.Result() == nil || d.Shown() == desk.None {
		return nil
	}
	return d.Result().Grids(d.Shown(), d.Map())
}

// legend says whether there are colours to explain.
func (c *Stage) legend() bool {
	if c.Desk.Map() == desk.Off {
		return false
	}
	grids := c.grids()
	if grids == nil {
		return false
	}
	low, high := c.Desk.Map().Limits(grids)
	return c.Desk.Map().Visible(low, high)
}

// ends labels the two ends of the legend.
func (c *Stage) ends() [2]string {
	grids := c.grids()
	if grids == nil {
		return [2]string{}
	}
	low, high := c.Desk.Map().Limits(grids)
	if c.Desk.Map() == desk.Mask {
		return [2]string{desk.Decimals(low, high-low), desk.Decimals(high, high-low)}
	}
	return [2]string{fmt.Sprintf("even share, %.1f %%", 100*low), fmt.Sprintf("%.1f %%", 100*high)}
}

func (c *Stage) help() string {
	switch d := c.Desk; {
	case d.Map() == desk.Off:
		return "Nothing lies over the image."
	case d.Shown() == desk.None:
		return "Choose a word to see its map."
	case d.Map() == desk.Mask:
		return "Where the model let the word look, before attention chose."
	}
	return "Coloured where a part of the image drew more than an even share of the attention when the word was written."
}
