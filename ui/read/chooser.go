package read

import (
	"slices"
	"strings"

	"uarweb/ui/desk"
	"uarweb/ui/say"
)

// Chooser lists images to choose from.
type Chooser struct{ Desk *desk.Desk }

func (c *Chooser) title() string {
	if c.Desk.Choice() == nil {
		return ""
	}
	return c.Desk.Choice().Title()
}

func (c *Chooser) images() []desk.Found {
	if c.Desk.Choice() == nil {
		return nil
	}
	return c.Desk.Choice().Images
}

func (c *Chooser) openLabel() string {
	if c.Desk.Choice() == nil || c.Desk.Choice().Chosen() < 2 {
		return say.Text("Open")
	}
	return say.Text("Open both")
}

// folder is where an image lies, or empty.
func (c *Chooser) folder(f desk.Found) string {
	return strings.TrimSuffix(strings.TrimSuffix(f.Source.Path(), f.Source.Name()), "/")
}

// facts are what an image's file says of it.
func (c *Chooser) facts(f desk.Found) string {
	view := ""
	if f.View != "" {
		view = say.F("%s view", say.Text(f.View))
	}
	side := map[string]string{"L": say.Text("left"), "R": say.Text("right")}[f.Laterality]
	facts := []string{view, side, f.Date, f.Modality, f.Series, f.Format, desk.Megabytes(f.Source.Size())}
	return strings.Join(slices.DeleteFunc(facts, func(s string) bool { return s == "" }), " · ")
}
