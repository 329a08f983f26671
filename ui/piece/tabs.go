package piece

import "github.com/vugu/vugu"

// Tab is one of Tabs, an element of this ID. The room that shows its panel gives
// that the id Panel, role="tabpanel" and aria-labelledby the tab.
type Tab struct{ ID, Panel, Name string }

// Tabs is a row of tabs, one of which is chosen: by a click, and by the arrow keys,
// Home and End, from any of them (ARIA Authoring Practices, tabs that follow the
// focus). Who is told to Choose another also moves the keyboard there.
type Tabs struct {
	Label  string // of all
	Tabs   []Tab
	Chosen int // an index of Tabs
	Choose func(tab int)
}

func (c *Tabs) tabindex(tab int) string {
	if tab == c.Chosen {
		return "0"
	}
	return "-1"
}

func (c *Tabs) key(event vugu.DOMEvent) {
	if Modified(event) {
		return
	}
	n := len(c.Tabs)
	to, known := map[string]int{"ArrowLeft": (c.Chosen + n - 1) % n, "ArrowRight": (c.Chosen + 1) % n, "Home": 0, "End": n - 1}[event.PropString("key")]
	if known {
		event.PreventDefault()
		c.Choose(to)
	}
}
