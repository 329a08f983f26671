package read

import (
	"slices"

	"uarweb/ui/desk"
	"uarweb/ui/piece"
)

// Tabs is what stands below the draft, one part at a time.
type Tabs struct{ Desk *desk.Desk }

// tabOrder is the tabs from left to right.
var tabOrder = []struct {
	desk.Tab
	name string
}{
	{desk.FindingsTab, "Findings"},
	{desk.CompareTab, "Compare"},
	{desk.YoursTab, "Your text"},
}

func (c *Tabs) tabs() []piece.Tab {
	var all []piece.Tab
	for _, t := range tabOrder {
		all = append(all, piece.Tab{ID: desk.TabID(t.Tab), Panel: "panel-" + string(t.Tab), Name: t.name})
	}
	return all
}

func (c *Tabs) chosen() int {
	return slices.IndexFunc(c.tabs(), func(t piece.Tab) bool { return t.ID == desk.TabID(c.Desk.Tab()) })
}

func (c *Tabs) choose(tab int) { c.Desk.SetTab(tabOrder[tab].Tab) }

func (c *Tabs) hidden() bool { return c.Desk.Result() == nil || c.Desk.Running() != nil }
