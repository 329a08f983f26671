package app

import (
	"math"
	"slices"
	"syscall/js"
	"time"

	"uarweb/wasm/internal/browser"
)

// What tells one thing that fingers do from another.
const (
	holdAfter = 250 * time.Millisecond // a finger that is still for as long takes hold of the window
	still     = 10                     // pixels that a finger may move meanwhile
	twice     = 300 * time.Millisecond // between two taps that are one double tap
	near      = 30                     // pixels between those
	tapZoom   = 2                      // what a double tap zooms by
)

// fingers is what fingers do on a film: one scrolls the page, as it does
// everywhere, but held still for a moment it changes the window; two zoom and pan; two
// quick taps zoom in, or show the film as it came.
type fingers struct {
	stage   *stage
	film    js.Value
	slot    int
	on      []finger // the film, in the order they came
	windows bool     // the one finger has hold of the window
	tap     tap      // the last
	tell    func()
}

// finger is a pointer, with places in pixels of the window.
type finger struct {
	pointer      int
	x, y         float64
	downX, downY float64 // where it touched the film
	downAt       float64 // ms, by the clock of events: they may be handled late
	toldX, toldY float64 // where it was when the desk was last told
	stirred      bool    // whether it has moved more than a finger at rest does
}

// tap is where and when a finger touched a film shortly.
type tap struct {
	slot int
	x, y float64
	at   float64 // ms, likewise
}

func newFingers(s *stage) *fingers {
	f := &fingers{stage: s}
	f.tell = browser.OnFrame(f.move)
	// While fingers do something to the film, the page neither scrolls nor zooms. A menu
	// would take a finger away that is held still, and so never opens.
	keepIf := func(busy func() bool) func(js.Value) {
		return func(e js.Value) {
			if busy() && e.Get("cancelable").Bool() {
				e.Call("preventDefault")
			}
		}
	}
	keep := keepIf(func() bool { return f.windows || len(f.on) > 1 })
	browser.ListenActively("touchstart", keep)
	browser.ListenActively("touchmove", keep) // which comes behind the pointer's move
	browser.Listen("contextmenu", keepIf(func() bool { return len(f.on) > 0 }))
	return f
}

// down is a finger that touches a film.
func (f *fingers) down(film js.Value, slot int, e js.Value) {
	if len(f.on) > 0 && slot != f.slot || len(f.on) == 2 {
		return
	}
	x, y := position(e)
	f.film, f.slot = film, slot
	f.on = append(f.on, finger{pointer: e.Get("pointerId").Int(), downX: x, downY: y, x: x, y: y, toldX: x, toldY: y, downAt: timeOf(e)})
	f.windows = false
}

// moved is a finger that moves.
func (f *fingers) moved(e js.Value) {
	i := f.index(e)
	if i < 0 {
		return
	}
	at := &f.on[i]
	at.x, at.y = position(e)
	if !at.stirred && len(f.on) == 1 && since(at.downAt, e) >= holdAfter {
		f.windows = true
	}
	at.stirred = at.stirred || math.Hypot(at.x-at.downX, at.y-at.downY) > still
	if f.windows || len(f.on) == 2 {
		f.tell()
	}
}

// up is a finger that leaves the film, or that the page scrolls by from now on.
func (f *fingers) up(e js.Value, scrolls bool) {
	i := f.index(e)
	if i < 0 {
		return
	}
	left := f.on[i]
	tapped := !scrolls && len(f.on) == 1 && !f.windows && !left.stirred && since(left.downAt, e) < holdAfter
	f.on = slices.Delete(f.on, i, i+1)
	f.windows = false
	for k := range f.on { // what is left of two does nothing more
		f.on[k].stirred = true
	}
	if !tapped {
		return
	}
	before := f.tap
	f.tap = tap{f.slot, left.x, left.y, timeOf(e)}
	if before.slot == f.slot && since(before.at, e) < twice && math.Hypot(left.x-before.x, left.y-before.y) < near {
		f.tap = tap{}
		film, slot := f.film, f.slot
		zoomed := zoomed(film)
		x, y := placeOn(film, left.x, left.y)
		f.stage.change(func() {
			if zoomed {
				f.stage.desk.Reset(slot)
			} else {
				f.stage.desk.Zoom(slot, tapZoom, x, y)
			}
		})
	}
}

func (f *fingers) index(e js.Value) int {
	pointer := e.Get("pointerId").Int()
	return slices.IndexFunc(f.on, func(at finger) bool { return at.pointer == pointer })
}

// move tells the desk what has happened since the last frame.
func (f *fingers) move() {
	told := slices.Clone(f.on)
	for i := range f.on {
		f.on[i].toldX, f.on[i].toldY = f.on[i].x, f.on[i].y
	}
	film, slot, desk := f.film, f.slot, f.stage.desk
	switch {
	case !browser.Shown(film): // the room was left meanwhile
	case len(told) == 1 && f.windows:
		f.stage.change(func() { desk.MoveWindow(slot, told[0].x-told[0].toldX, told[0].y-told[0].toldY) })
	case len(told) == 2:
		a, b := told[0], told[1]
		before, now := math.Hypot(a.toldX-b.toldX, a.toldY-b.toldY), math.Hypot(a.x-b.x, a.y-b.y)
		if before < 1 || now < 1 {
			return
		}
		x, y := placeOn(film, (a.x+b.x)/2, (a.y+b.y)/2)
		panX := (a.x + b.x - a.toldX - b.toldX) / 2 / film.Get("offsetWidth").Float()
		panY := (a.y + b.y - a.toldY - b.toldY) / 2 / film.Get("offsetHeight").Float()
		f.stage.change(func() {
			desk.Pan(slot, panX, panY)
			desk.Zoom(slot, now/before, x, y)
		})
	}
}

// timeOf is when an event happened, in ms.
func timeOf(e js.Value) float64 { return e.Get("timeStamp").Float() }

// since is how long before an event something was.
func since(at float64, e js.Value) time.Duration {
	return time.Duration((timeOf(e) - at) * float64(time.Millisecond))
}

// position is where an event happened, in pixels of the window.
func position(e js.Value) (x, y float64) { return e.Get("clientX").Float(), e.Get("clientY").Float() }

// placeOn is a place of the window on a film, as desk.Look has places: from the
// middle of its frame, in widths and heights of the film that is not zoomed.
func placeOn(film js.Value, x, y float64) (float64, float64) {
	box := film.Get("parentElement").Call("getBoundingClientRect")
	from := func(at float64, start, length, size string) float64 {
		return (at - box.Get(start).Float() - box.Get(length).Float()/2) / film.Get(size).Float()
	}
	return from(x, "left", "width", "offsetWidth"), from(y, "top", "height", "offsetHeight")
}
