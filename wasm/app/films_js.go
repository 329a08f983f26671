package main

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
// to drag changes the window, or with Shift, or a finger on a film that is zoomed,
// pans; a wheel zooms; a double click resets.
func (s *stage) listenToFilms() {
	var d drag
	tell := browser.OnFrame(func() {
		x, y, now := d.moveX, d.moveY, d
		d.moveX, d.moveY = 0, 0
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
		if !ok || e.Get("button").Int() != 0 || d.held {
			return
		}
		touch := e.Get("pointerType").String() == "touch"
		if touch && !zoomed(f) {
			return // it scrolls the page
		}
		d = drag{
			film: f, slot: slot, pointer: e.Get("pointerId").Int(), held: true, pans: touch || e.Get("shiftKey").Bool(),
			x: e.Get("clientX").Float(), y: e.Get("clientY").Float(),
		}
		f.Call("setPointerCapture", d.pointer)
	})
	browser.Listen("pointermove", func(e js.Value) {
		if d.held && e.Get("pointerId").Int() == d.pointer {
			x, y := e.Get("clientX").Float(), e.Get("clientY").Float()
			d.moveX, d.moveY = d.moveX+x-d.x, d.moveY+y-d.y
			d.x, d.y = x, y
			tell()
		}
	})
	release := func(e js.Value) {
		if e.Get("pointerId").Int() == d.pointer {
			d.held = false
		}
	}
	browser.Listen("pointerup", release)
	browser.Listen("pointercancel", release)
	browser.ListenToWheel(func(e js.Value) {
		f, slot, ok := filmOf(e)
		turn := e.Get("deltaY").Float()
		if !ok || turn == 0 || turn > 0 && !zoomed(f) { // aside, or cannot be smaller: the page scrolls
			return
		}
		e.Call("preventDefault")
		if lines := e.Get("deltaMode").Int() != 0; lines {
			turn *= 16
		}
		box := f.Get("parentElement").Call("getBoundingClientRect")
		from := func(at, start, length, size string) float64 {
			return (e.Get(at).Float() - box.Get(start).Float() - box.Get(length).Float()/2) / f.Get(size).Float()
		}
		x, y := from("clientX", "left", "width", "offsetWidth"), from("clientY", "top", "height", "offsetHeight")
		s.change(func() { s.desk.Zoom(slot, math.Exp(-turn/500), x, y) })
	})
	browser.Listen("dblclick", func(e js.Value) {
		if _, slot, ok := filmOf(e); ok {
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
