package desk

import "math"

// Window is which greys of 0 to 255 a film tells apart: those half a Width below
// Level, and darker ones, are black, those half a Width above it, and lighter ones,
// white.
type Window struct{ Width, Level float64 }

// The limits of a window.
const (
	minWidth = 8
	maxGrey  = 255
)

// moved is the window with its width and level changed by so much, within the
// limits.
func (w Window) moved(width, level float64) Window {
	return Window{min(max(w.Width+width, minWidth), 2*maxGrey), min(max(w.Level+level, 0), maxGrey)}
}

// Preset is a window with a name.
type Preset struct {
	Name string
	Window
}

// Presets are windows for the parts of a chest film that has been brought to the
// usual greys: lungs are dark, the heart is grey, bones are light. The first is
// that of the file.
var Presets = [...]Preset{
	{"As stored", Window{maxGrey, maxGrey / 2.0}},
	{"Lungs", Window{140, 85}},
	{"Heart", Window{120, 160}},
	{"Bones", Window{110, 195}},
}

// Look is how a view is shown on the stage.
type Look struct {
	Window
	Inverted bool
	Zoom     float64 // 1 fits the frame
	X, Y     float64 // of the film's middle from the frame's, in widths and heights of the film at zoom 1
}

var plainLook = Look{Window: Presets[0].Window, Zoom: 1}

const maxZoom = 8

// zoomed is the look with the zoom times factor, within the limits, about a point
// that stays where it is, given as X and Y are.
func (l Look) zoomed(factor, x, y float64) Look {
	const rounding = 1e-9 // or steps in and out again would end just above 1
	zoom := min(l.Zoom*factor, maxZoom)
	if zoom < 1+rounding {
		zoom = 1
	}
	l.X, l.Y = x-(x-l.X)*zoom/l.Zoom, y-(y-l.Y)*zoom/l.Zoom
	l.Zoom = zoom
	return l.panned(0, 0)
}

// panned is the look with the film moved, as far as it still fills its frame.
func (l Look) panned(x, y float64) Look {
	most := (l.Zoom - 1) / 2
	l.X, l.Y = min(max(l.X+x, -most), most), min(max(l.Y+y, -most), most)
	return l
}

// Look is how the view of a slot is shown. It follows the view.
func (d *Desk) Look(slot int) Look {
	if v := d.slots[slot]; v != nil {
		return v.look
	}
	return plainLook
}

// setLook changes how the view of a slot is shown, and makes it the one that the
// tools act on.
func (d *Desk) setLook(slot int, change func(Look) Look) {
	if v := d.slots[slot]; v != nil {
		d.active = slot
		v.look = change(v.look)
	}
}

// Active is the slot that the tools act on: that which was last acted on, unless
// it is empty.
func (d *Desk) Active() int {
	if d.slots[d.active] == nil && d.slots[Slots-1-d.active] != nil {
		return Slots - 1 - d.active
	}
	return d.active
}

// SetWindow shows the greys of a window.
func (d *Desk) SetWindow(slot int, w Window) {
	d.setLook(slot, func(l Look) Look { l.Window = w; return l })
}

// MoveWindow widens the window, and brightens or darkens the film: its level
// changes by so many greys.
func (d *Desk) MoveWindow(slot int, width, level float64) {
	d.setLook(slot, func(l Look) Look { l.Window = l.moved(width, level); return l })
}

// Invert turns black into white, or back.
func (d *Desk) Invert(slot int) {
	d.setLook(slot, func(l Look) Look { l.Inverted = !l.Inverted; return l })
}

// Zoom makes a film larger by a factor, or smaller, about a point (Look.X, Look.Y).
func (d *Desk) Zoom(slot int, factor, x, y float64) {
	d.setLook(slot, func(l Look) Look { return l.zoomed(factor, x, y) })
}

// Pan moves a film (Look.X, Look.Y).
func (d *Desk) Pan(slot int, x, y float64) {
	d.setLook(slot, func(l Look) Look { return l.panned(x, y) })
}

// Reset shows a film as it came.
func (d *Desk) Reset(slot int) { d.setLook(slot, func(Look) Look { return plainLook }) }

// SideBySide says whether the two films are of one size, instead of a large
// frontal one.
func (d *Desk) SideBySide() bool { return d.sideBySide }

// ToggleSideBySide changes that.
func (d *Desk) ToggleSideBySide() { d.sideBySide = !d.sideBySide }

// Full says whether the stage fills the screen.
func (d *Desk) Full() bool { return d.full }

// SetFull has the stage fill the screen, or no longer. All else is hidden then.
func (d *Desk) SetFull(full bool) {
	if full != d.full {
		d.full = full
		go d.screen.Fill(full)
	}
}

// Strength is how much of a map is to be seen, from 0 to 100.
func (d *Desk) Strength() int { return d.strength }

// SetStrength changes that.
func (d *Desk) SetStrength(percent int) { d.strength = min(max(percent, 0), 100) }

// ZoomStep is the factor of one step of zoom.
const ZoomStep = math.Sqrt2

// Steps of the keyboard.
const (
	windowStep   = 8
	panStep      = 0.1
	strengthStep = 10
)
