// Package voi is how the values of a radiograph become greys: those of interest
// are told apart by a window or by a table (DICOM PS3.3 §C.11.2), what lies
// beyond is black or white. Package radiograph shows a picture so to the model,
// and a viewer by it what else there is in the picture.
package voi

import (
	"errors"
	"math"
	"slices"
)

// Function is what a window does between its ends, as VOI LUT Function
// (0028,1056) names it.
type Function string

// The functions. A table is none of DICOM's: it is the VOI LUT, stretched over the
// window.
const (
	Linear      Function = "LINEAR"
	LinearExact Function = "LINEAR_EXACT"
	Sigmoid     Function = "SIGMOID"
	Table       Function = "TABLE"
)

// Window is which modality values are told apart.
type Window struct {
	Function Function `json:"function"`
	Center   float64  `json:"center"`
	Width    float64  `json:"width"` // greater than 0; 1 and up if the function is Linear
}

// Between is the window that brings values from low to high, which is greater, to
// greys without a bend.
func Between(low, high float64) Window {
	return Window{LinearExact, low + (high-low)/2, high - low}
}

// Ends are the values below which all is black and above which all is white, but for a
// Sigmoid, which comes near both.
func (w Window) Ends() (low, high float64) {
	if w.Function == Linear {
		return w.Center - 0.5 - (w.Width-1)/2, w.Center - 0.5 + (w.Width-1)/2
	}
	return w.Center - w.Width/2, w.Center + w.Width/2
}

// Named is a window of a file and what the file calls it, maybe nothing.
type Named struct {
	Name string `json:"name,omitempty"`
	Window
}

// Curve is a VOI LUT (PS3.3 §C.11.2.1.1).
type Curve struct {
	First   int      `json:"first"`   // the value that Entries[0] is for
	Entries []uint16 `json:"entries"` // 2 to MaxLevels
	Top     int      `json:"top"`     // the entry that is white
}

// At is the grey of a value, from 0 to 1. Those outside the table take its ends.
func (c *Curve) At(x float64) float64 {
	at := min(max(math.Round(x)-float64(c.First), 0), float64(len(c.Entries)-1))
	return float64(c.Entries[int(at)]) / float64(c.Top)
}

// Window is the one that a table is made for.
func (c *Curve) Window() Window {
	w := Between(float64(c.First), float64(c.First+len(c.Entries)-1))
	w.Function = Table
	return w
}

// The bounds of a Scale.
const (
	MaxLevels  = 1 << 16
	MaxWindows = 4
)

// Scale is what the samples of a picture stand for, and how its file has them
// shown. A sample is a level, from 0 to Levels-1; its modality value is
// Slope·(First+level) + Intercept.
type Scale struct {
	Levels    int     `json:"levels"` // 2 to MaxLevels
	First     int     `json:"first"`
	Slope     float64 `json:"slope"` // not 0
	Intercept float64 `json:"intercept"`
	Low       float64 `json:"low"` // the lowest modality value of the picture
	High      float64 `json:"high"`
	Inverted  bool    `json:"inverted,omitempty"` // the lowest value is white
	Curve     *Curve  `json:"curve,omitempty"`    // of the windows whose function is Table
	Windows   []Named `json:"windows"`            // 1 to MaxWindows; by the first the picture is shown to the model
}

// Plain is the scale of a picture of so many bits, 1 to 16, that is shown as it is.
func Plain(bits int) Scale {
	top := 1<<bits - 1
	return Scale{
		Levels: top + 1, Slope: 1, High: float64(top),
		Windows: []Named{{Window: Between(0, float64(top))}},
	}
}

// Own is the window by which the picture is shown to the model.
func (s *Scale) Own() Window { return s.Windows[0].Window }

// Value is the modality value of a level.
func (s *Scale) Value(level int) float64 {
	return float64(s.First+level)*s.Slope + s.Intercept
}

// At is the grey of a modality value in a window, from 0 to 1, as if the lowest
// value were black.
func (s *Scale) At(w Window, x float64) float64 {
	var y float64
	switch w.Function {
	case Linear:
		// Equation C.11-1. A width of 1 is a threshold, without a slope.
		switch low, high := w.Ends(); {
		case x <= low:
			return 0
		case x > high:
			return 1
		}
		y = (x-(w.Center-0.5))/(w.Width-1) + 0.5
	case Sigmoid:
		y = 1 / (1 + math.Exp(-4*(x-w.Center)/w.Width))
	case Table:
		own := s.Curve.Window()
		y = s.Curve.At(own.Center + (x-w.Center)*(own.Width/w.Width))
	default:
		y = (x-w.Center)/w.Width + 0.5
	}
	return min(max(y, 0), 1)
}

// Inverse is a modality value whose grey in the window, as At gives it, is y, greater than
// 0 and less than 1; of a table, the first that is as light.
func (s *Scale) Inverse(w Window, y float64) float64 {
	switch w.Function {
	case Sigmoid:
		return w.Center - w.Width/4*math.Log(1/y-1)
	case Table:
		entries, own := s.Curve.Entries, s.Curve.Window()
		at := slices.IndexFunc(entries, func(e uint16) bool { return float64(e) >= y*float64(s.Curve.Top) })
		if at < 0 {
			at = len(entries) - 1
		}
		return w.Center + (float64(s.Curve.First+at)-own.Center)*(w.Width/own.Width)
	}
	low, high := w.Ends()
	return low + y*(high-low)
}

// Greys are those of all levels in a window, from 0 to 255; if inverted, black is
// white and white black.
func (s *Scale) Greys(w Window, inverted bool) []uint8 {
	const white = 255
	greys := make([]uint8, s.Levels)
	inverted = s.Inverted != inverted
	low, high := w.Ends()
	if w.Function == Sigmoid || w.Function == Table || low == high {
		for level := range greys {
			y := s.At(w, s.Value(level))
			if inverted {
				y = 1 - y
			}
			greys[level] = uint8(math.Round(white * y))
		}
		return greys
	}
	// A line over the levels: a viewer has a frame's time for it, and for its pixels.
	first := white * (s.Value(0) - low) / (high - low)
	step := white * s.Slope / (high - low)
	if inverted {
		first, step = white-first, -step
	}
	for level := range greys {
		greys[level] = uint8(min(max(first+step*float64(level), 0), white) + 0.5)
	}
	return greys
}

// errScale is of a scale outside its bounds.
var errScale = errors.New("voi: a scale outside its bounds")

// Check returns an error for a scale outside its bounds, which may come from
// elsewhere.
func (s *Scale) Check() error {
	values := []float64{s.Slope, s.Intercept, s.Low, s.High}
	ok := 2 <= s.Levels && s.Levels <= MaxLevels && inBounds(s.First) && s.Slope != 0 && s.Low <= s.High && 1 <= len(s.Windows) && len(s.Windows) <= MaxWindows
	if c := s.Curve; c != nil {
		ok = ok && 2 <= len(c.Entries) && len(c.Entries) <= MaxLevels && 1 <= c.Top && c.Top < MaxLevels && inBounds(c.First)
	}
	for _, w := range s.Windows {
		values = append(values, w.Center, w.Width)
		ok = ok && w.Width > 0 && (w.Function != Linear || w.Width >= 1) && (w.Function != Table || s.Curve != nil)
	}
	for _, v := range values {
		const most = 1e18              // of which products are well within a float64
		ok = ok && math.Abs(v) <= most // which NaN is not
	}
	if !ok {
		return errScale
	}
	return nil
}

func inBounds(first int) bool { return -MaxLevels <= first && first <= MaxLevels }
