package app

import (
	"math"
	"strconv"
	"syscall/js"

	"uarweb/ui/desk"
	"uarweb/wasm/internal/browser"
)

// drag is a pointer that is, or was, held down on a film.
type drag struct {
	film         js.Value
	slot         int
	pointer      int
	held         bool
	pans         bool    // instead of changing the window
	x, y         float64 // where it is
	moveX, moveY float64 // how far it has gone since the desk was last told
}

// listenToFilms turns what a pointer does on the films into what the desk does:
// to drag changes the window, or with Shift pans; a wheel zooms; a double click
// resets. What fingers do is another thing.
func (s *stage) listenToFilms() {
	var d drag
	fingers, touched := newFingers(s), false
	tell := browser.OnFrame(func() {
		x, y, now := d.moveX, d.moveY, d
		d.moveX, d.moveY = 0, 0
		if !browser.Shown(now.film) { // the room was left meanwhile
			return
		}
		width, height := now.film.Get("offsetWidth").Float(), now.film.Get("offsetHeight").Float()
		s.change(func() {
			if now.pans {
				s.desk.Pan(now.slot, x/width, y/height)
			} else {
				s.desk.MoveWindow(now.slot, x, y)
			}
		})
	})
	browser.Listen("pointerdown", func(e js.Value) {
		f, slot, ok := filmOf(e)
		touched = e.Get("pointerType").String() == "touch"
		switch {
		case !ok:
			return
		case touched:
			fingers.down(f, slot, e)
			return
		case e.Get("button").Int() != 0 || d.held:
			return
		}
		d = drag{film: f, slot: slot, pointer: e.Get("pointerId").Int(), held: true, pans: e.Get("shiftKey").Bool()}
		d.x, d.y = position(e)
		f.Call("setPointerCapture", d.pointer)
	})
	browser.Listen("pointermove", func(e js.Value) {
		fingers.moved(e)
		if d.held && e.Get("pointerId").Int() == d.pointer {
			x, y := position(e)
			d.moveX, d.moveY = d.moveX+x-d.x, d.moveY+y-d.y
			d.x, d.y = x, y
			tell()
		}
	})
	release := func(cancelled bool) func(e js.Value) {
		return func(e js.Value) {
			fingers.up(e, cancelled)
			if e.Get("pointerId").Int() == d.pointer {
				d.held = false
			}
		}
	}
	browser.Listen("pointerup", release(false))
	browser.Listen("pointercancel", release(true))
	browser.ListenActively("wheel", func(e js.Value) {
		f, slot, ok := filmOf(e)
		turn := e.Get("deltaY").Float()
		if !ok || turn == 0 || turn > 0 && !zoomed(f) { // aside, or cannot be smaller: the page scrolls
			return
		}
		e.Call("preventDefault")
		if lines := e.Get("deltaMode").Int() != 0; lines {
			turn *= 16
		}
		x, y := position(e)
		x, y = placeOn(f, x, y)
		s.change(func() { s.desk.Zoom(slot, math.Exp(-turn/500), x, y) })
	})
	browser.Listen("dblclick", func(e js.Value) {
		if _, slot, ok := filmOf(e); ok && !touched {
			s.change(func() { s.desk.Reset(slot) })
		}
	})
	browser.Listen("fullscreenchange", func(js.Value) {
		full := browser.FillsScreen()
		s.change(func() { s.desk.SetFull(full) })
	})
}

// filmOf returns the film that an event is about, and its slot.
func filmOf(event js.Value) (film js.Value, slot int, ok bool) {
	element := browser.Closest(event, ".film[data-slot]")
	if element.IsNull() {
		return js.Null(), 0, false
	}
	slot, err := strconv.Atoi(element.Get("dataset").Get("slot").String())
	return element, slot, err == nil && slot < desk.Slots
}

// zoomed says whether a film is larger than its frame.
func zoomed(film js.Value) bool { return film.Get("dataset").Get("zoomed").String() == "true" }
