package app

import (
	"strconv"
	"syscall/js"

	"github.com/gowebapi/webapi/dom"

	"uarweb/ui/desk"
	"uarweb/ui/film"
	"uarweb/ui/say"
	"uarweb/wasm/internal/browser"
)

// contact is the contact sheet: its frames, and what they show.
type contact struct {
	frames        []frame
	painted       int // frames whose pictures are those they should be
	shows         film.Contact
	pinned, shown int // words, or desk.None

	heat  *browser.Canvas // where a map is drawn before it is laid on a film
	paint func()          // has pictures painted that are not
}

// newContact returns a contact sheet without frames, on whose pictures these films are.
func newContact(films *[desk.Slots]canvases) *contact {
	c := &contact{heat: browser.NewCanvas("heat"), pinned: desk.None, shown: desk.None}
	c.paint = browser.OnFrame(func() { c.paintSome(films) })
	return c
}

// empty takes all frames away, whose elements are gone.
func (c *contact) empty() {
	c.frames, c.painted, c.shows, c.pinned, c.shown = nil, 0, film.Contact{}, desk.None, desk.None
}

// frame is a word's element, what is in it, and what it shows.
type frame struct {
	element *dom.Element
	picture *browser.Canvas
	word    *dom.Element
	shows   film.Frame
}

// frameOf returns the word whose frame an event is about.
func frameOf(event js.Value) (int, bool) {
	return numberOf(event, "#contact-frames [data-frame]", "data-frame")
}

// framePixels is the side of a frame's canvas: twice what it is to be seen, for
// screens of small pixels.
const framePixels = 112

// opacity is how much of a film is to be seen on the contact sheet, behind its map.
const opacity = 0.55

// drawContact brings the contact sheet up to date.
func (s *stage) drawContact() {
	c := s.contact
	s.env.RLock()
	now, pinned, shown := film.ContactOf(s.desk), s.desk.Selected(), s.desk.Shown()
	s.env.RUnlock()
	if now.Result == nil {
		pinned, shown = desk.None, desk.None
	}
	host := browser.Element("contact-frames")
	if host == nil { // another room is shown, and the frames will be filled anew
		c.empty()
		return
	}
	if now != c.shows {
		c.mark("data-pinned", c.pinned, desk.None)
		c.mark("data-shown", c.shown, desk.None)
		c.fill(host, now.Frames())
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

// fill puts frames into the strip: those that are there already show something else,
// so that nothing moves while a draft is written. Their pictures come later.
func (c *contact) fill(strip *dom.Element, frames []film.Frame) {
	for _, left := range c.frames[min(len(frames), len(c.frames)):] {
		left.element.JSValue().Call("remove")
	}
	c.frames = c.frames[:min(len(frames), len(c.frames))]
	for i := len(c.frames); i < len(frames); i++ {
		e := browser.AppendNew(strip, "frame")
		e.SetAttribute("data-frame", strconv.Itoa(i))
		for _, name := range []string{"data-ends", "data-mapped", "data-pinned", "data-shown"} {
			e.SetAttribute(name, "false")
		}
		picture := browser.NewCanvas("frame-picture")
		picture.AppendTo(e)
		word := browser.AppendNew(e, "frame-word")
		word.SetAttribute("lang", say.English)
		c.frames = append(c.frames, frame{element: e, picture: picture, word: word})
	}
	c.painted = 0
	for i, f := range frames {
		at := &c.frames[i]
		if f.Word != at.shows.Word {
			at.word.SetTextContent(&f.Word)
		}
		if f.Ends != at.shows.Ends {
			at.element.SetAttribute("data-ends", strconv.FormatBool(f.Ends))
		}
		if mapped := f.View != nil; mapped != (at.shows.View != nil) {
			at.element.SetAttribute("data-mapped", strconv.FormatBool(mapped))
			at.picture.Clear()
		}
		at.shows = f
	}
	c.paint()
}

// atOnce is how many pictures are painted before the page is next drawn: those of a
// long draft take as long as several frames of the screen.
const atOnce = 8

// paintSome paints some of the pictures that are not yet those of their words.
func (c *contact) paintSome(films *[desk.Slots]canvases) {
	grounds := map[*desk.View]*browser.Canvas{}
	for i := range films {
		grounds[films[i].shows.View] = films[i].ground
	}
	for left := atOnce; c.painted < len(c.frames) && left > 0; c.painted++ {
		f := c.frames[c.painted]
		if f.shows.View == nil {
			continue
		}
		left--
		f.picture.Resize(framePixels, framePixels)
		if ground := grounds[f.shows.View]; ground != nil {
			f.picture.Lay(ground, opacity)
		}
		if heat := f.shows.Heat(); heat != nil {
			c.heat.DrawNRGBA(heat)
			f.picture.Lay(c.heat, 1)
		}
	}
	if c.painted < len(c.frames) {
		c.paint()
	}
}
