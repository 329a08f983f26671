// Package privacy is the room Privacy: what the page has asked for, what it is made of,
// what it keeps, and how to check all that without believing it.
package privacy

import (
	"time"

	"uarweb/ui/desk"
	"uarweb/ui/say"
)

// Privacy is the room.
type Privacy struct{ Desk *desk.Desk }

func (c *Privacy) privacy() *desk.Privacy { return c.Desk.Privacy() }

// left is the heading behind the number of bytes.
func (c *Privacy) left() string {
	left := " " + say.Text("bytes have left this device")
	if c.privacy().SinceFilm().Sent == 1 {
		left = " " + say.Text("byte has left this device")
	}
	if film := c.privacy().FirstFilm(); film.IsZero() {
		left += say.Text(": no film was opened yet")
	} else {
		left += " " + say.F("since the first film was opened, at %s", clock(film))
	}
	if c.Desk.Standing().Framed {
		left += ". " + say.Text("But it is shown in another page, which is told the reports, locked or not")
	}
	return left
}

// lock is the lock, with what it has done.
func (c *Privacy) lock() Row {
	lock := Row{ID: "privacy-lock", Label: say.Text("Not locked"), Text: say.Text("The page may ask for more, but its own server alone, and only to read: the browser enforces that, by the policy connect-src 'self'.")}
	s := c.Desk.Standing()
	if s.Locked {
		t := c.privacy().Between(c.privacy().Closed(), time.Time{})
		lock.Label = say.F("Locked since %s", clock(c.privacy().Closed()))
		lock.Text = say.F("Since then %s and %s have left this page; %s refused. All it needs is here: it works with the cable out.",
			say.Count(t.Requests, "request"), say.Count(t.Sent, "byte"), say.Count(s.Refused, "request"))
	}
	switch {
	case s.Locked:
		lock.Action, lock.Do = say.Text("Unlock"), c.Desk.ToggleLock
	case s.Lockable:
		lock.Action, lock.Do = say.Text("Lock: not even its server then"), c.Desk.ToggleLock
	default:
		lock.Text += " " + say.Text("It cannot be locked yet: that needs a copy of the page in this browser, which is not there, or still being made.")
	}
	return lock
}

// clock is a time of the day.
func clock(t time.Time) string { return t.Format(time.TimeOnly) }

// size is a number of bytes for people.
func size(n int64) string {
	switch {
	case n < 1e3:
		return say.Count(int(n), "byte")
	case n < 1e6:
		return say.F("%.1f kB", float64(n)/1e3)
	}
	return desk.Megabytes(n)
}
