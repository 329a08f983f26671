package app

import (
	"strconv"
	"syscall/js"
	"time"

	"github.com/vugu/vugu"

	"uarweb/engine/radiograph/voi"
	"uarweb/ui/desk"
	"uarweb/ui/film"
	"uarweb/wasm/internal/browser"
	"uarweb/wasm/internal/protocol"
)

// stage is what of the page no component says: the canvases and live regions, and the
// events that come too often for a render each.
type stage struct {
	desk    *desk.Desk
	env     vugu.EventEnv
	films   [desk.Slots]canvases
	contact *contact
	lab     labFilms
	learn   *learnFilms
	yours   yourText
	said    string // in #announce, or about to be
	alert   string // in #alert
	title   string // of the document
	address address

	sheets []js.Value // of the classroom, gathered to be printed at once

	embedding embedding
	focused   js.Value    // the last element to get the keyboard, or undefined
	rested    *time.Timer // runs out when the pointer has stayed on a word
}

// canvases are a slot's and what they show.
type canvases struct {
	xray, heat *browser.Canvas
	ground     *browser.Canvas // the film, small, for the contact sheet
	overlay    *browser.Overlay
	shows      film.Picture
	tone       tone         // of the film
	rest       *time.Timer  // until which not all of its pixels are painted, or nil
	paper      film.Picture // what is printed
}

// tone is what of a look changes the greys of a film.
type tone struct {
	window   voi.Window
	inverted bool
}

func newStage(d *desk.Desk, env vugu.EventEnv) *stage {
	s := &stage{desk: d, env: env, lab: newLabFilms(), learn: newLearnFilms(), yours: yourText{box: browser.NewTextBox("your-text", "tab-yours", "your-text-hint")}}
	for i := range s.films {
		s.films[i] = canvases{
			xray: browser.NewCanvas("xray"), heat: browser.NewCanvas("heat"),
			ground:  browser.NewCanvas("ground"),
			overlay: browser.NewOverlay(film.ContourSize),
		}
	}
	s.contact = newContact(&s.films)
	s.rested = time.AfterFunc(restsAfter, func() {
		s.env.Lock()
		s.env.UnlockRender()
	})
	s.listen()
	s.listenToFilms()
	s.listenToText()
	s.listenToLearn()
	s.listenToPrint()
	s.listenToAddress()
	s.listenToEmbedder()
	return s
}

// change makes a change of the desk that shows in the components.
func (s *stage) change(change func()) {
	go func() { // an event handler must not wait for the lock
		s.env.Lock()
		change()
		s.env.UnlockRender()
	}()
}

// add puts files on the desk.
func (s *stage) add(files []browser.File) {
	s.change(func() {
		wanted := make([]desk.File, len(files))
		for i, f := range files {
			wanted[i] = f
		}
		s.desk.Add(wanted...)
	})
}

func (s *stage) listen() {
	browser.Listen("change", func(e js.Value) {
		if input := browser.Closest(e, "input[type=file]"); !input.IsNull() {
			s.add(browser.ChosenFiles(input))
		}
	})
	browser.Listen("paste", func(e js.Value) {
		if files := browser.PastedFiles(e); len(files) > 0 {
			s.add(files)
		}
	})
	dragging := func(on bool) {
		js.Global().Get("document").Get("body").Get("classList").Call("toggle", "dragging", on)
	}
	browser.Listen("dragover", func(e js.Value) {
		e.Call("preventDefault")
		dragging(true)
	})
	browser.Listen("dragleave", func(e js.Value) {
		if e.Get("relatedTarget").IsNull() { // out of the window
			dragging(false)
		}
	})
	browser.Listen("drop", func(e js.Value) {
		e.Call("preventDefault")
		dragging(false)
		if drop := browser.Dropped(e); !drop.Empty() {
			go func() {
				files, err := drop.Files(protocol.MaxFiles)
				if err != nil {
					s.change(func() { s.desk.Unreadable(err) })
					return
				}
				s.add(files)
			}()
		}
	})
	browser.Listen("focusin", func(e js.Value) { s.focused = e.Get("target") })
	browser.Listen("click", func(e js.Value) {
		if word, ok := wordOf(e); ok && !browser.SelectingText() {
			s.change(func() { s.desk.Select(word) })
		}
		if word, ok := frameOf(e); ok {
			s.change(func() { s.desk.Pin(word) })
		}
	})
	browser.Listen("pointerover", func(e js.Value) {
		word, ok := wordOf(e)
		frame, framed := frameOf(e)
		switch {
		case e.Get("pointerType").String() == "touch": // which never leaves
		case e.Get("buttons").Int() != 0 || browser.SelectingText(): // which is no pointing
		case ok:
			s.hover(word)
		case framed:
			s.hover(frame)
		case browser.Closest(e, "#report, #contact-frames").IsNull():
			s.hover(desk.None)
		}
	})
	browser.Listen("keydown", func(e js.Value) {
		key := e.Get("key").String()
		if key == "?" && !browser.Typing(e) { // one that components do not see, wherever the keyboard is
			s.change(func() { s.desk.PageKey(key) })
		}
	})
	browser.Listen("pointerout", func(e js.Value) {
		if e.Get("relatedTarget").IsNull() { // out of the window
			s.hover(desk.None)
		}
	})
}

// wordOf returns the word of the report that an event is about.
func wordOf(event js.Value) (int, bool) { return numberOf(event, "#report [data-word]", "data-word") }

// numberOf returns the number in an attribute of the element of a selector that an
// event is about.
func numberOf(event js.Value, selector, attribute string) (int, bool) {
	element := browser.Closest(event, selector)
	if element.IsNull() {
		return 0, false
	}
	n, err := strconv.Atoi(element.Call("getAttribute", attribute).String())
	return n, err == nil
}

// hover shows a word's map at once, and what else the page says of the word when the
// pointer rests on it: nobody reads on the way, and a render takes longer than a frame.
func (s *stage) hover(word int) {
	go func() {
		s.env.Lock()
		other := s.desk.Hover(word)
		s.env.UnlockOnly()
		if other {
			s.draw()
			s.rested.Reset(restsAfter)
		}
	}()
}

const restsAfter = 50 * time.Millisecond

// sync brings what no component says up to date after a render.
func (s *stage) sync() {
	s.draw()
	s.env.Lock()
	keys := s.desk.IsOpen(desk.Keys)
	s.lab.draw(s.desk.Lab())
	s.learn.draw(s.desk)
	s.keepSheet()
	focus, say, alert := s.desk.TakeFocus(), s.desk.Announcement(), s.desk.Alert()
	place, title := s.desk.Place(), s.desk.Title()
	s.env.UnlockOnly()
	browser.SetModal(browser.Element("keys"), keys) // before the keyboard is moved, which it gives back
	s.follow(place)
	s.tellEmbedder()
	if title != s.title {
		s.title = title
		browser.SetTitle(title)
	}
	if element := browser.Element(focus.ID); element != nil && s.moves(focus.When) {
		element.JSValue().Call("focus")
	}
	if alert != s.alert {
		s.alert = alert
		browser.Element("alert").SetTextContent(&alert)
	}
	if say != s.said {
		s.said = say
		time.AfterFunc(announceAfter, func() {
			if s.said == say {
				browser.Element("announce").SetTextContent(&say)
			}
		})
	}
}

// moves says whether the keyboard must go to another element. Of one that a
// render has hidden the browser has taken it away already.
func (s *stage) moves(when desk.When) bool {
	if !s.focused.IsUndefined() && !browser.Shown(s.focused) {
		s.focused = js.Undefined()
		return true
	}
	return when == desk.Always || when == desk.IfNowhere && browser.FocusNowhere()
}

// announceAfter is how long the page must be quiet before a screen reader is
// told what has changed: stepping quickly through words says only the last.
const announceAfter = 300 * time.Millisecond

// draw paints the films that show something else than they should.
func (s *stage) draw() {
	for slot := range s.films {
		f := &s.films[slot]
		host := browser.Element("film-" + strconv.Itoa(slot))
		s.env.RLock()
		p, look := film.Of(s.desk, slot), s.desk.Look(slot)
		f.paper = film.OnPaper(s.desk, slot)
		s.env.RUnlock()
		if host == nil { // another room is shown
			continue
		}
		f.xray.AppendTo(host)
		f.heat.AppendTo(host)
		f.overlay.AppendTo(host)
		switch {
		case p.View == f.shows.View:
		case p.View == nil:
			f.xray.Clear()
		default:
			pixels := p.View.Preview.(preview)
			pixels.draw(f.xray)
			f.tone = tone{pixels.scale.Own(), false}
			f.ground.Resize(framePixels, framePixels)
			f.ground.Lay(f.xray, 1)
		}
		if t := (tone{look.Window, look.Inverted}); p.View != nil && t != f.tone {
			f.tone = t
			f.retone(p.View)
		}
		if p == f.shows {
			continue
		}
		if heat := p.Heat(); heat != nil {
			f.heat.DrawNRGBA(heat)
		} else {
			f.heat.Clear()
		}
		f.overlay.Draw(p.Contour())
		f.shows = p
	}
	s.drawContact()
	s.drawText()
}

// While a window is being moved, of a film of more pixels than quick on a side only some
// are painted, so that it follows the pointer; all are once it has been left alone for
// a while.
const (
	quick     = 1024
	restAfter = 100 * time.Millisecond
)

// retone paints a film by its tone.
func (f *canvases) retone(v *desk.View) {
	p := v.Preview.(preview)
	if f.rest != nil {
		f.rest.Stop()
	}
	greys := p.scale.Greys(f.tone.window, f.tone.inverted)
	step := (max(p.size.X, p.size.Y) + quick - 1) / quick
	f.xray.DrawLevels(p.levels, p.size, greys, step)
	if step == 1 {
		return
	}
	tone := f.tone
	f.rest = time.AfterFunc(restAfter, func() {
		f.rest = nil // which would hold the film
		if f.tone == tone && f.shows.View == v {
			f.xray.DrawLevels(p.levels, p.size, greys, 1)
		}
	})
}
