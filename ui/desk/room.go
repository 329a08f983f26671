package desk

import (
	"slices"
	"strconv"
	"strings"

	"uarweb/ui/say"
)

// Room is a part of the page that takes all of it, but for what stands around
// every room.
type Room string

// The rooms.
const (
	RoomRead  Room = "read"
	RoomQueue Room = "queue"
	RoomLearn Room = "learn"
	RoomLab   Room = "lab"

	RoomPrivacy Room = "privacy"
)

// rooms are those there are, in the order of the bar. The first is that of an
// address that names none.
var rooms = []struct {
	Room
	name       string
	part       string   // the parameter that stands behind a slash: #learn/3; empty if none does
	parameters []string // that a link to it may have behind a question mark
}{
	{RoomRead, say.Key("Read"), "", nil},
	{RoomQueue, say.Key("Queue"), "", nil},
	{RoomLearn, say.Key("Learn"), stepKey, nil},
	{RoomLab, say.Key("Phantom lab"), "", labParameters},
	{RoomPrivacy, say.Key("Privacy"), "", nil},
}

// Rooms are those there are, in the order of the bar.
func Rooms() []Room {
	all := make([]Room, len(rooms))
	for i, r := range rooms {
		all[i] = r.Room
	}
	return all
}

// index is where a room stands in rooms, or -1.
func (r Room) index() int {
	for i := range rooms {
		if rooms[i].Room == r {
			return i
		}
	}
	return -1
}

// Name is what the bar calls a room.
func (r Room) Name() string { return say.Text(rooms[r.index()].name) }

// Address is the link to a room.
func (r Room) Address() string { return "#" + string(r) }

// TitleID is the element of the heading of a room.
func (r Room) TitleID() string { return string(r) + "-title" }

// Place is where on the page a reader is.
type Place struct {
	Room
	Parameters map[string]int // that the room is set to; numbers alone, so that a link never holds a patient
}

// Address is the link to a place: #read, #learn/3, #lab?seed=5.
func (p Place) Address() string {
	address, room := p.Room.Address(), rooms[p.index()]
	if value, set := p.Parameters[room.part]; set {
		address += "/" + strconv.Itoa(value)
	}
	mark := "?"
	for _, name := range room.parameters {
		if value, set := p.Parameters[name]; set {
			address += mark + name + "=" + strconv.Itoa(value)
			mark = "&"
		}
	}
	return address
}

// placeOf is the place of a link. A room that is not there is the first, and
// parameters that the room does not have, or that are no numbers, are left out.
func placeOf(address string) Place {
	path, query, _ := strings.Cut(strings.TrimPrefix(address, "#"), "?")
	name, part, _ := strings.Cut(path, "/")
	at := Room(name).index()
	if at < 0 {
		return Place{Room: rooms[0].Room}
	}
	p := Place{Room: Room(name)}
	set := func(key, text string) {
		value, err := strconv.Atoi(text)
		if err != nil {
			return
		}
		if p.Parameters == nil {
			p.Parameters = map[string]int{}
		}
		p.Parameters[key] = value
	}
	if rooms[at].part != "" {
		set(rooms[at].part, part)
	}
	for pair := range strings.SplitSeq(query, "&") {
		if key, text, _ := strings.Cut(pair, "="); slices.Contains(rooms[at].parameters, key) {
			set(key, text)
		}
	}
	return p
}

// Place is where on the page the reader is. Its address is also the page's.
func (d *Desk) Place() Place { return d.at }

// Arrive goes where a link leads: one that was followed, or lies behind the
// browser's buttons back and forward. What is on the desk stays there.
func (d *Desk) Arrive(address string) { d.Go(placeOf(address)) }

// Go goes to a place.
func (d *Desk) Go(p Place) {
	changed := p.Room != d.at.Room
	d.at = p
	if p.Room == RoomLab {
		d.lab.arrive()
	} else {
		d.lab.stop()
	}
	if p.Room == RoomLearn {
		d.learn.arrive()
	} else {
		d.learn.stop()
	}
	if !changed {
		return
	}
	if p.Room == RoomPrivacy {
		d.privacy.inspect()
	}
	d.SetFull(false)
	d.focus = Focus{p.TitleID(), Always}
}

// Title is that of the document.
func (d *Desk) Title() string { return d.at.Name() + " · uarweb" }
