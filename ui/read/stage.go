package read

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/vugu/vugu"

	"uarweb/engine/report"
	"uarweb/ui/desk"
	"uarweb/ui/film"
	"uarweb/ui/piece"
	"uarweb/ui/say"
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
		return say.F("drawn here, %d × %d", v.Width, v.Height)
	}
	return fmt.Sprintf("%s, %d × %d", v.Format, v.Width, v.Height)
}

func (c *Stage) removeLabel(slot int) string {
	return say.F("Remove the %s view", strings.ToLower(desk.SlotName(slot)))
}

func (c *Stage) invitation(slot int) string {
	switch {
	case c.Desk.View(slot) != nil:
		return ""
	case c.Desk.Opening():
		return say.Text("Reading the image…")
	case slot == desk.Frontal:
		return say.Text("Drop a chest X-ray here")
	}
	return say.Text("Lateral view, if there is one")
}

func (c *Stage) mapped(slot int) string {
	if p := film.Of(c.Desk, slot); p.Result != nil {
		return strconv.Itoa(p.Word)
	}
	return ""
}

func (c *Stage) describe(slot int) string {
	if v := c.Desk.View(slot); v != nil {
		return say.F("%s view, %s", desk.SlotName(slot), say.Text(v.Name))
	}
	return say.F("%s view, empty", desk.SlotName(slot))
}

// shape gives the style sheet the shape of a slot's view, and the strength of the
// map on it.
func (c *Stage) shape(slot int) string {
	v := c.Desk.View(slot)
	if v == nil {
		return ""
	}
	return fmt.Sprintf("--ratio:%.4f;--strength:%.2f", float64(v.Width)/float64(v.Height), float64(c.Desk.Strength())/100)
}

// transform zooms and moves a film in its frame.
func (c *Stage) transform(slot int) string {
	look := c.Desk.Look(slot)
	return fmt.Sprintf("transform:translate(%.2f%%,%.2f%%) scale(%.3f)", 100*look.X, 100*look.Y, look.Zoom)
}

// window says which values are seen, in the file's units, as viewers do.
func (c *Stage) window(slot int) string {
	look := c.Desk.Look(slot)
	decimals := 0
	if v := c.Desk.View(slot); v != nil && v.Scale != nil { // as many as tell the values of the film apart
		decimals = max(0, int(math.Ceil(-math.Log10(math.Abs(v.Scale.Slope)))))
	}
	text := say.F("W %.*f  L %.*f", decimals, look.Width, decimals, look.Center)
	if look.Inverted {
		text += "  " + say.Text("inverted")
	}
	return text
}

func (c *Stage) layout() string {
	if c.Desk.SideBySide() {
		return "pair"
	}
	return "hero"
}

// empty says that there is no film for the tools to act on.
func (c *Stage) empty() bool { return c.Desk.Views() == nil }

// look is that of the film that the tools act on.
func (c *Stage) look() desk.Look { return c.Desk.Look(c.Desk.Active()) }

// active says that the tools act on this film and not on the other.
func (c *Stage) active(slot int) bool {
	return len(c.Desk.Views()) > 1 && slot == c.Desk.Active()
}

func (c *Stage) zoom() string { return say.F("%.0f %%", 100*c.look().Zoom) }

func (c *Stage) strength() string { return strconv.Itoa(c.Desk.Strength()) }

func (c *Stage) setStrength(event vugu.DOMEvent) {
	if percent, err := strconv.Atoi(event.PropString("target", "value")); err == nil {
		c.Desk.SetStrength(percent)
	}
}

// key does what a key means on the stage. That of a film comes by here, too, and
// has been done.
func (c *Stage) key(event vugu.DOMEvent) {
	if !event.PropBool("defaultPrevented") && !piece.Modified(event) && c.Desk.StageKey(event.PropString("key")) {
		event.PreventDefault()
	}
}

func (c *Stage) filmKey(event vugu.DOMEvent, slot int) {
	if !piece.Modified(event) && c.Desk.FilmKey(slot, event.PropString("key"), event.PropBool("shiftKey")) {
		event.PreventDefault()
	}
}

// grids are those of the word that is shown.
func (c *Stage) grids() []desk.Grid {
	d := c.Desk
	if d.Result() == nil || d.Shown() == desk.None {
		return nil
	}
	return d.Grids(d.Shown(), d.Map())
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
	switch c.Desk.Map() {
	case desk.Mask:
		return [2]string{say.Number(report.Decimals(low, high-low)), say.Number(report.Decimals(high, high-low))}
	case desk.Changed:
		return [2]string{say.F("less, %.1f %%", -100*low), say.F("more, %.1f %%", 100*high)}
	}
	return [2]string{say.F("even share, %.1f %%", 100*low), say.F("%.1f %%", 100*high)}
}

func (c *Stage) help() string {
	switch d := c.Desk; {
	case d.Map() == desk.Off:
		return say.Text("Nothing lies over the films.")
	case d.Shown() == desk.None:
		return say.Text("Choose a word to see its map.")
	case d.Map() == desk.Changed && c.grids() == nil:
		return say.Text("The other report has no such word here: choose one that both have.")
	case d.Map() == desk.Changed:
		return say.Text("Where the word looked more (amber, solid line) and less (blue, dashed line) in the other report.")
	case d.Map() == desk.Mask:
		return say.Text("Where the model let the word look, before attention chose.")
	}
	return say.Text("Where the word came from, not where a finding is. The line is at the middle of the scale.")
}

// noteLanguage is that of a note of a view: the page says the first, the engine the others.
func (c *Stage) noteLanguage(note int) string {
	if note == 0 {
		return say.Language()
	}
	return say.English
}
