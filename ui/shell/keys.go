package shell

import (
	"strconv"
	"strings"

	"github.com/vugu/vugu"

	"uarweb/ui/desk"
	"uarweb/ui/say"
)

// Keys lists what keys do. The browser shows it above all else (wasm/app), where the
// keyboard stays in it, and goes back to where it was.
type Keys struct{ Desk *desk.Desk }

// closed is called once the browser has shown the list no longer. By then it may have
// been asked for again, and may even be shown again.
func (c *Keys) closed(event vugu.DOMEvent) {
	if !event.PropBool("target", "open") && event.PropString("target", "dataset", "asked") == strconv.Itoa(c.Desk.KeysAsked()) {
		c.Desk.CloseKeys()
	}
}

// keyGroup is the keys of an area.
type keyGroup struct {
	area desk.Area
	keys []desk.Key
}

// groups are all keys, while they are shown: each render makes them anew.
func (c *Keys) groups() []keyGroup {
	if !c.Desk.IsOpen(desk.Keys) {
		return nil
	}
	var all []keyGroup
	for _, k := range desk.KeyList() {
		if len(all) == 0 || all[len(all)-1].area != k.Area {
			all = append(all, keyGroup{area: k.Area})
		}
		group := &all[len(all)-1]
		group.keys = append(group.keys, k)
	}
	return all
}

// labels are those of a key's label that stand on keys of their own.
func (c *Keys) labels(k desk.Key) []string { return strings.Fields(say.Text(k.Label)) }

func (c *Keys) hint() string {
	if c.Desk.SingleKeys() {
		return say.Text("Letters, digits and signs mean something only in these places. A setting, at the foot of the page, turns them off.")
	}
	return say.Text("Letters, digits and signs are turned off, by a setting at the foot of the page.")
}
