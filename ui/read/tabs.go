package read

import (
	"slices"

	"uarweb/ui/desk"
	"uarweb/ui/piece"
	"uarweb/ui/say"
)

// Tabs is what stands below the draft, one part at a time.
type Tabs struct{ Desk *desk.Desk }

// tabOrder is the tabs from left to right.
var tabOrder = []struct {
	desk.Tab
	name string
}{
	{desk.FindingsTab, say.Key("Findings")},
	{desk.CompareTab, say.Key("Compare")},
	{desk.YoursTab, say.Key("Your text")},
}

func (c *Tabs) tabs() []piece.Tab {
	var all []piece.Tab
	for _, t := range tabOrder {
		all = append(all, piece.Tab{ID: desk.TabID(t.Tab), Panel: "panel-" + string(t.Tab), Name: say.Text(t.name)})
	}
	return all
}

func (c *Tabs) chosen() int {
	return slices.IndexFunc(c.tabs(), func(t piece.Tab) bool { return t.ID == desk.TabID(c.Desk.Tab()) })
}

func (c *Tabs) choose(tab int) { c.Desk.SetTab(tabOrder[tab].Tab) }

func (c *Tabs) hidden() bool { return c.Desk.Result() == nil || c.Desk.Running() != nil }
