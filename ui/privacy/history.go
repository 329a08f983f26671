package privacy

import (
	"time"

	"uarweb/ui/desk"
)

// History is what this browser remembers of reports.
type History struct{ Desk *desk.Desk }

func (c *History) history() *desk.History { return c.Desk.History() }

// change is what the button does.
func (c *History) change() string {
	if c.history().On() {
		return "Turn it off, and erase all"
	}
	return "Remember reports from now on"
}

// why says why the browser did not do what it was asked for, or is empty.
func (c *History) why() string {
	if why := c.history().Why(); why != "" {
		return "That could not be done. The browser says: " + why
	}
	return ""
}

func when(r desk.Remembered) string { return r.Time().Format(time.DateTime) }
