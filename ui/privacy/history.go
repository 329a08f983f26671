package privacy

import (
	"time"

	"uarweb/ui/desk"
	"uarweb/ui/say"
)

// History is what this browser remembers of reports.
type History struct{ Desk *desk.Desk }

func (c *History) history() *desk.History { return c.Desk.History() }

// change is what the button does.
func (c *History) change() string {
	if c.history().On() {
		return say.Text("Turn it off, and erase all")
	}
	return say.Text("Remember reports from now on")
}

// why says why the browser did not do what it was asked for, or is empty.
func (c *History) why() string {
	if why := c.history().Why(); why != "" {
		return say.F("That could not be done. The browser says: %s", why)
	}
	return ""
}

func when(r desk.Remembered) string { return r.Time().Format(time.DateTime) }
