package lab

import (
	"fmt"
	"strings"

	"uarweb/engine/radiograph/phantom"
	"uarweb/ui/desk"
	"uarweb/ui/say"
)

// Films are the phantom's films, with what is known of them.
type Films struct{ Desk *desk.Desk }

func (c *Films) lab() *desk.Lab { return c.Desk.Lab() }

// Frame is a film of the lab.
type Frame struct {
	ID, Name, Note string
	View           *desk.View // or nil
	slot           int        // of the study, or desk.None
}

// frames are the films that the lab shows, whether they are there or not.
func (c *Films) frames() []Frame {
	l := c.lab()
	return []Frame{
		{"lab-film-0", say.Text("Frontal"), "", l.Film(), desk.Frontal},
		{"lab-film-1", say.Text("Lateral"), "", l.Lateral(), desk.Lateral},
		{"lab-plain", say.Text("Without the findings"), say.Text("same seed"), l.Plain(), desk.None},
	}
}

// outlines are the lines around what is drawn, unless they are not to be seen.
func (c *Films) outlines(f Frame) []phantom.Outline {
	if f.View == nil || f.slot == desk.None || !c.lab().ShowsTruth() {
		return nil
	}
	return f.View.Outlines
}

// name is what stands at an outline: what it is, and how much of it.
func (c *Films) name(o phantom.Outline) string {
	return sayDrawn(c.lab().Chest(), o.Name)
}

// place is where that stands: above it, or below the upper edge of the film.
func (c *Films) place(o phantom.Outline) string {
	percent := func(n int) int { return 100 * n / phantom.OutlineSize }
	return fmt.Sprintf("left:%d%%;top:%d%%", min(max(percent(o.X), 12), 88), max(percent(o.Y), 6))
}

// rows are the changed image words of a film, row by row of its grid, as the data of
// SVG paths, unless they are not to be seen.
func (c *Films) rows(f Frame) []string {
	if f.View == nil || f.slot == desk.None || !c.lab().ShowsChanges() {
		return nil
	}
	changed, side := c.changed(f)
	var rows []string
	for y := range side {
		var path strings.Builder
		for x := range side {
			if changed[y*side+x] {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x, y)
			}
		}
		if path.Len() > 0 {
			rows = append(rows, path.String())
		}
	}
	return rows
}

// changed says which image words of a film have changed, and how many there are in a
// row of its grid.
func (c *Films) changed(f Frame) (changed []bool, side int) {
	if f.slot == desk.None {
		return nil, 0
	}
	changed = c.lab().Changed(f.slot)
	for side*side < len(changed) {
		side++
	}
	if side*side != len(changed) {
		return nil, 0
	}
	return changed, side
}

func (c *Films) viewBox(f Frame) string {
	_, side := c.changed(f)
	return fmt.Sprintf("0 0 %d %d", max(side, 1), max(side, 1))
}

// describe says what a film shows to who does not see it.
func (c *Films) describe(f Frame) string {
	if f.View == nil {
		return say.F("%s, being drawn", f.Name)
	}
	if f.slot == desk.None {
		return say.Text("The same drawn chest without findings")
	}
	var names []string
	for _, o := range f.View.Outlines {
		names = append(names, c.name(o))
	}
	if names == nil {
		return say.F("%s view of a drawn chest without findings", f.Name)
	}
	return say.F("%s view of a drawn chest with: %s", f.Name, strings.Join(names, ", "))
}

// sayDrawn says what is drawn, and how much of it.
func sayDrawn(chest phantom.Chest, name string) string {
	if name == "large heart" {
		name = "heart"
	}
	for _, s := range desk.Sliders {
		if s.Name == strings.ReplaceAll(name, " ", "-") {
			return say.Text(name) + ", " + s.Text(chest)
		}
	}
	return say.Text(name)
}
