package desk

import (
	"cmp"
	"math"
	"slices"

	"uarweb/engine/radiograph/voi"
	"uarweb/ui/say"
)

// Preset is a window with a name.
type Preset struct {
	Name string
	voi.Window
}

// parts are windows for the parts of a chest film: lungs are dark, the heart is grey,
// bones are light. Each tells apart what as stored has the greys from low to high, of
// 0 to 255.
var parts = [...]struct {
	name      string
	low, high float64
}{{say.Key("Lungs"), 15, 155}, {say.Key("Heart"), 100, 220}, {say.Key("Bones"), 140, 250}}

// presets are the windows of a film: first that by which the model is shown it, then
// the others of its file, all that is in it, and those of the parts.
func presets(s *voi.Scale) []Preset {
	all := []Preset{{say.Key("As stored"), s.Own()}}
	for i, w := range s.Windows[1:] {
		all = append(all, Preset{cmp.Or(w.Name, say.F("Window %d", i+2)), w.Window})
	}
	full := voi.Between(s.Low, s.High)
	known := slices.ContainsFunc(all, func(p Preset) bool {
		low, high := p.Ends()
		return low == s.Low && high == s.High
	})
	if !known && full.Width > 0 {
		all = append(all, Preset{say.Key("Full range"), full})
	}
	for _, p := range parts {
		low, high := p.low/white, p.high/white
		if s.Inverted {
			low, high = 1-high, 1-low
		}
		if low, high = s.Inverse(s.Own(), low), s.Inverse(s.Own(), high); low < high { // a table of few entries has not all
			all = append(all, Preset{p.name, voi.Between(low, high)})
		}
	}
	return all
}

// white is the lightest grey of a screen.
const white = 255

// plainScale is that of a picture of 8 bits, and of none.
var plainScale = voi.Plain(8)

// scale is what the values of a view are, also if there is nothing to see.
func (v *View) scale() *voi.Scale {
	if v == nil || v.Scale == nil {
		return &plainScale
	}
	return v.Scale
}

// moved is a window with its width and level changed by so many greys of the film as
// stored. The film brightens as the level falls.
func (v *View) moved(w voi.Window, width, level float64) voi.Window {
	s := v.scale()
	own := s.Own()
	low, high := own.Ends()
	low, high = min(low, s.Low), max(high, s.High)
	grey := own.Width / white
	if picture := s.High - s.Low; picture > 0 {
		grey = min(grey, picture/white)
	}
	const fewest = 8 // values that a window tells apart
	least := min(fewest*math.Abs(s.Slope), own.Width)
	if w.Function == voi.Linear {
		least = max(least, 1)
	}
	if s.Inverted {
		level = -level
	}
	w.Width = min(max(w.Width+grey*width, least), 2*(high-low))
	w.Center = min(max(w.Center+grey*level, low), high)
	return w
}

// Look is how a view is shown on the stage.
type Look struct {
	voi.Window
	Inverted bool
	Zoom     float64 // 1 fits the frame
	X, Y     float64 // of the film's middle from the frame's, in widths and heights of the film at zoom 1
}

// plainLook is how a view is shown at first.
func (v *View) plainLook() Look { return Look{Window: v.scale().Own(), Zoom: 1} }

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
	v := d.slots[slot]
	if v == nil {
		return v.plainLook()
	}
	return v.look
}

// Presets are the windows of the view of a slot; the first is that as stored.
func (d *Desk) Presets(slot int) []Preset {
	if v := d.slots[slot]; v != nil {
		return v.presets
	}
	return plainPresets
}

// plainPresets are those of plainScale.
var plainPresets = presets(&plainScale)

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

// SetWindow shows the values of a window.
func (d *Desk) SetWindow(slot int, w voi.Window) {
	d.setLook(slot, func(l Look) Look { l.Window = w; return l })
}

// MoveWindow widens the window, and brightens or darkens the film, by so many greys of
// 0 to 255.
func (d *Desk) MoveWindow(slot int, width, level float64) {
	d.setLook(slot, func(l Look) Look { l.Window = d.slots[slot].moved(l.Window, width, level); return l })
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
func (d *Desk) Reset(slot int) {
	d.setLook(slot, func(Look) Look { return d.slots[slot].plainLook() })
}

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
