package main

import (
	"strconv"
	"syscall/js"

	"github.com/gowebapi/webapi/dom"

	"uarweb/ui/desk"
	"uarweb/ui/film"
	"uarweb/wasm/internal/browser"
)

// contact is the contact sheet: its frames, and what they show.
type contact struct {
	frames        []frame
	shows         film.Contact
	pinned, shown int // words, or desk.None
}

// emptyContact is a contact sheet without frames.
var emptyContact = contact{pinned: desk.None, shown: desk.None}

// frame is a word's element, and what is in it.
type frame struct {
	element *dom.Element
	picture *browser.Canvas
	word    *dom.Element
}

// frameOf returns the word whose frame an event is about.
func frameOf(event js.Value) (int, bool) {
	return numberOf(event, "#contact-frames [data-frame]", "data-frame")
}

// framePixels is the side of a frame's canvas: twice what it is to be seen, for
// screens of small pixels.
const framePixels = 112

// ground is how much of a film is to be seen on the contact sheet, behind its map.
const ground = 0.55

// drawContact brings the contact sheet up to date.
func (s *stage) drawContact() {
	c := &s.contact
	s.env.RLock()
	now, pinned, shown := film.ContactOf(s.desk), s.desk.Selected(), s.desk.Shown()
	s.env.RUnlock()
	if now.Result == nil {
		pinned, shown = desk.None, desk.None
	}
	host := browser.Element("contact-frames")
	if host == nil { // another room is shown, and the frames will be filled anew
		*c = emptyContact
		return
	}
	if now != c.shows {
		c.fill(host, now.Frames(), s.grounds())
		c.shows, c.pinned, c.shown = now, desk.None, desk.None
	}
	c.mark("data-pinned", c.pinned, pinned)
	c.mark("data-shown", c.shown, shown)
	if pinned != c.pinned && pinned != desk.None {
		reveal(host, c.frames[pinned].element)
	}
	c.pinned, c.shown = pinned, shown
}

// mark moves an attribute from one frame to another.
func (c *contact) mark(attribute string, from, to int) {
	for _, at := range []struct {
		frame int
		value string
	}{{from, "false"}, {to, "true"}} {
		if at.frame != desk.None {
			c.frames[at.frame].element.SetAttribute(attribute, at.value)
		}
	}
}

// reveal scrolls a frame into its strip, and nothing else, which scrollIntoView
// would.
func reveal(strip, frame *dom.Element) {
	view, inner := strip.JSValue(), frame.JSValue()
	left, width := inner.Get("offsetLeft").Float(), inner.Get("offsetWidth").Float()
	from, room := view.Get("scrollLeft").Float(), view.Get("clientWidth").Float()
	if left < from || left+width > from+room {
		view.Set("scrollLeft", left-(room-width)/2)
	}
}

// grounds are the films on the stage, small.
func (s *stage) grounds() map[*desk.View]*browser.Canvas {
	small := map[*desk.View]*browser.Canvas{}
	for i := range s.films {
		if v := s.films[i].shows.View; v != nil {
			small[v] = browser.NewCanvas("ground")
			small[v].Resize(framePixels, framePixels)
			small[v].Lay(s.films[i].xray, 1)
		}
	}
	return small
}

// fill puts frames into the strip: those that are there already show something else,
// so that nothing moves while a draft is written.
func (c *contact) fill(strip *dom.Element, frames []film.Frame, grounds map[*desk.View]*browser.Canvas) {
	for _, left := range c.frames[min(len(frames), len(c.frames)):] {
		left.element.JSValue().Call("remove")
	}
	c.frames = c.frames[:min(len(frames), len(c.frames))]
	for i := len(c.frames); i < len(frames); i++ {
		e := browser.AppendNew(strip, "frame")
		e.SetAttribute("data-frame", strconv.Itoa(i))
		picture := browser.NewCanvas("frame-picture")
		picture.AppendTo(e)
		c.frames = append(c.frames, frame{e, picture, browser.AppendNew(e, "frame-word")})
	}
	heat := browser.NewCanvas("heat")
	for i, f := range frames {
		at := c.frames[i]
		for name, value := range map[string]bool{"data-ends": f.Ends, "data-mapped": f.View != nil, "data-pinned": false, "data-shown": false} {
			at.element.SetAttribute(name, strconv.FormatBool(value))
		}
		at.word.SetTextContent(&f.Word)
		at.picture.Clear()
		if f.View == nil {
			continue
		}
		at.picture.Resize(framePixels, framePixels)
		if small := grounds[f.View]; small != nil {
			at.picture.Lay(small, ground)
		}
		if f.Heat != nil {
			heat.DrawNRGBA(f.Heat)
			at.picture.Lay(heat, 1)
		}
	}
}
