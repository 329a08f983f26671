package desk

import "uarweb/ui/say"

// Standing is how the page stands to its server.
type Standing struct {
	Insecure bool   // it came without encryption, so that the browser withholds much
	Copy     string // "whole" is in this browser, "refused" cannot be, "erased" was; "none" is not known yet, or not possible
	Newer    bool   // a newer version of the page is in this browser, too
	Others   bool   // which had to be left where it is, for other tabs have this page open
	Lockable bool
	Locked   bool // nothing leaves the page
	Framed   bool // it is shown in another page, which is told the reports
	Refused  int  // what has tried to since
}

// Standing is how the page stands to its server.
func (d *Desk) Standing() Standing { return d.standing }

// keep has the page kept in this browser, once.
func (d *Desk) keep() {
	if !d.keeping {
		d.keeping = true
		d.screen.Keep(func(s Standing) {
			d.update(func() {
				before := d.standing
				d.standing = s
				d.privacy.stands(before, s)
				switch {
				case s.Newer && !before.Newer:
					d.say(d.Newer())
				case s.Locked != before.Locked:
					d.say(d.Offline())
				}
			})
		})
	}
}

// Offline says how the page stands without its server.
func (d *Desk) Offline() string {
	s := d.standing
	switch {
	case s.Insecure:
		return say.Text("This page came without encryption (https): this browser computes on one thread, and keeps no copy for when the server is away")
	case s.Locked && s.Framed:
		return say.Text("Locked: nothing leaves this page but its reports, to the page around it")
	case s.Locked && s.Refused > 0:
		return say.F("Locked: nothing leaves this page; %s refused", say.Count(s.Refused, "request"))
	case s.Locked:
		return say.Text("Locked: nothing leaves this page, not even to its server")
	case s.Copy == "whole":
		return say.Text("Works without a network")
	case s.Copy == "refused":
		return say.Text("This browser keeps no copy of the page: to open it again needs its server")
	case s.Copy == "erased":
		return say.Text("The copy of this page is erased: to open it again needs its server, and makes another")
	}
	return ""
}

// Newer says that there is a newer version of the page, and what to do.
func (d *Desk) Newer() string {
	if d.standing.Others {
		return say.Text("A new version of this page is ready. Close the other tabs with this page, then use it here.")
	}
	return say.Text("A new version of this page is ready. To use it empties the desk.")
}

// CanRenew says whether the newer version may take over: never in the midst of
// what takes long.
func (d *Desk) CanRenew() bool {
	return d.standing.Newer && d.running == nil && d.loading == nil && d.queue.writing == nil && !d.Opening()
}

// Renew has the newer version of the page take over.
func (d *Desk) Renew() {
	if d.CanRenew() {
		d.screen.Renew()
	}
}

// ToggleLock lets nothing out of the page, or no longer.
func (d *Desk) ToggleLock() { d.screen.Lock(!d.standing.Locked) }
