// Package phantom draws synthetic chest radiographs, for tests, teaching and pictures
// where a patient's has no place. They look like chests but measure nothing. What one
// shows is known, because it is drawn: a Chest says what it has, Chest.Truth what a
// report that notices it would state, and where it lies.
package phantom

import (
	"image"
	"slices"

	"uarweb/engine/status"
)

// Chest is a phantom's: what a picture of it shows is known, because it is drawn.
// The zero value, and any with a seed alone, is healthy. Left and right are the
// patient's: in the frontal view the heart's apex, on the left, is on the right of
// the picture.
type Chest struct {
	Seed              uint64  `json:"seed"`           // which of the many patients
	Heart             float64 `json:"heart"`          // cardiothoracic ratio of the frontal view; 0 is what the seed gives, about 0.47
	RightEffusion     float64 `json:"right_effusion"` // how high the fluid stands, as a share of the lung
	LeftEffusion      float64 `json:"left_effusion"`
	Opacity           float64 `json:"opacity"` // of airspace: its size, 1 fills a third of a lung
	OpacityZone       Zone    `json:"opacity_zone"`
	Nodule            float64 `json:"nodule"` // diameter, mm, in a picture 350 mm wide
	NoduleZone        Zone    `json:"nodule_zone"`
	RightPneumothorax float64 `json:"right_pneumothorax"` // how far the lung has come off the wall, as a share of its width
	LeftPneumothorax  float64 `json:"left_pneumothorax"`
	Pacemaker         bool    `json:"pacemaker"`      // on the left, with leads to the right atrium and ventricle
	Hyperinflation    float64 `json:"hyperinflation"` // 1: flat domes far down, a narrow heart
	Rotation          float64 `json:"rotation"`       // of the picture, degrees clockwise
	Exposure          float64 `json:"exposure"`       // of the film, in stops: above 0 too dark, below too light and grainy
}

// Zone is a third of a lung; the zero value is the right lower one.
type Zone int

// The zones, whose names are those of ZoneNames.
const (
	RightLower Zone = iota
	RightMiddle
	RightUpper
	LeftLower
	LeftMiddle
	LeftUpper
)

// ZoneNames are those of the zones, in their order.
var ZoneNames = []string{"right-lower", "right-middle", "right-upper", "left-lower", "left-middle", "left-upper"}

// MarshalText is a zone's name, in JSON.
func (z Zone) MarshalText() ([]byte, error) { return []byte(ZoneNames[z]), nil }

// UnmarshalText reads a zone's name.
func (z *Zone) UnmarshalText(text []byte) error {
	i := slices.Index(ZoneNames, string(text))
	if i < 0 {
		return status.Errorf(status.InvalidArgument, "phantom: %q is no zone of a phantom", text)
	}
	*z = Zone(i)
	return nil
}

// place is the middle of a zone in the frontal view, and in the lateral one.
func (z Zone) place() (frontal, lateral point) {
	places := [3][2]point{{{0.56, 0.66}, {0.30, 0.68}}, {{0.52, 0.49}, {-0.02, 0.50}}, {{0.46, 0.27}, {0.10, 0.25}}}
	p := places[z%3]
	if z < LeftLower {
		p[0].x = -p[0].x
	}
	return p[0], p[1]
}

type point struct{ x, y float64 }

// Parameter is a number of a Chest, for flags and sliders.
type Parameter struct {
	Name     string  // such as "left-effusion"
	Summary  string  // what it is, with its unit
	From, To float64 // its bounds; 0, which changes nothing, is always allowed
	Of       func(*Chest) *float64
}

// Parameters are all numbers of a Chest that can be chosen.
var Parameters = []Parameter{
	{"heart", "cardiothoracic ratio", 0.35, 0.70, func(c *Chest) *float64 { return &c.Heart }},
	{"right-effusion", "fluid on the right, as a share of the lung's height", 0, 1, func(c *Chest) *float64 { return &c.RightEffusion }},
	{"left-effusion", "fluid on the left, as a share of the lung's height", 0, 1, func(c *Chest) *float64 { return &c.LeftEffusion }},
	{"opacity", "size of an airspace opacity, 1 fills a third of a lung", 0, 1, func(c *Chest) *float64 { return &c.Opacity }},
	{"nodule", "diameter of a nodule in mm", 0, 40, func(c *Chest) *float64 { return &c.Nodule }},
	{"right-pneumothorax", "how far the right lung is off the wall, as a share of its width", 0, 1, func(c *Chest) *float64 { return &c.RightPneumothorax }},
	{"left-pneumothorax", "how far the left lung is off the wall, as a share of its width", 0, 1, func(c *Chest) *float64 { return &c.LeftPneumothorax }},
	{"hyperinflation", "1: flat domes far down, a narrow heart", 0, 1, func(c *Chest) *float64 { return &c.Hyperinflation }},
	{"rotation", "of the picture, degrees clockwise", -45, 45, func(c *Chest) *float64 { return &c.Rotation }},
	{"exposure", "of the film in stops: above 0 too dark, below too light", -3, 3, func(c *Chest) *float64 { return &c.Exposure }},
}

// Check returns a status.InvalidArgument if a number is out of its Parameter's
// bounds, and a zone none of ZoneNames.
func (c Chest) Check() error {
	for _, p := range Parameters {
		v := *p.Of(&c)
		if !(v >= p.From && v <= p.To) && v != 0 {
			return status.Errorf(status.InvalidArgument, "phantom: a chest's %s is %v, it must be %v to %v", p.Name, v, p.From, p.To)
		}
	}
	for _, z := range []Zone{c.OpacityZone, c.NoduleZone} {
		if z < 0 || int(z) >= len(ZoneNames) {
			return status.Errorf(status.InvalidArgument, "phantom: a chest's zone is %d, there are %d", z, len(ZoneNames))
		}
	}
	return nil
}

// Frontal draws the posteroanterior view of width×height pixels. It panics if there
// are none, and if Check finds fault.
func (c Chest) Frontal(width, height int) *image.Gray {
	return c.patient().expose(width, height, (*patient).frontal)
}

// Lateral draws the left lateral view, in which the patient looks to the left, as
// Frontal does.
func (c Chest) Lateral(width, height int) *image.Gray {
	return c.patient().expose(width, height, (*patient).lateral)
}

// Draw draws the frontal view, or the lateral, of size pixels a side, as Frontal does.
func (c Chest) Draw(lateral bool, size int) *image.Gray {
	if lateral {
		return c.Lateral(size, size)
	}
	return c.Frontal(size, size)
}

// Plain is the same patient without findings, on a film that was exposed and turned
// as this one.
func (c Chest) Plain() Chest { return Chest{Seed: c.Seed, Rotation: c.Rotation, Exposure: c.Exposure} }

// IsPlain says whether a chest is drawn as Plain's is: where nothing is, it matters not
// where it would be.
func (c Chest) IsPlain() bool {
	if c.Opacity == 0 {
		c.OpacityZone = 0
	}
	if c.Nodule == 0 {
		c.NoduleZone = 0
	}
	return c == c.Plain()
}

// HeartRatio is the cardiothoracic ratio, which the seed gives if Heart is 0.
func (c Chest) HeartRatio() float64 {
	return heartRatio * newPatient(Chest{Seed: c.Seed, Heart: c.Heart}).heart
}

func (c Chest) patient() *patient {
	if err := c.Check(); err != nil {
		panic(err)
	}
	return newPatient(c)
}

// Drawn is something that a Chest has, and where a picture shows it.
type Drawn struct {
	Finding
	Mask *image.Alpha // 255 where it lies, else 0
}

// Finding is something that a Chest has.
type Finding struct {
	Name  string `json:"name"`  // such as "left effusion"
	Label string `json:"label"` // of engine/score/findings, which a report that notices it states
}

// Truth is what a view of width×height pixels shows that a healthy chest does not:
// the frontal one, or the lateral.
func (c Chest) Truth(lateral bool, width, height int) []Drawn {
	var all []Drawn
	c.shares(lateral, width, height, func(f finding, shares []float64) {
		mask := image.NewAlpha(image.Rect(0, 0, width, height))
		for i, share := range shares {
			if share > noticeable {
				mask.Pix[i] = 255
			}
		}
		all = append(all, Drawn{f.Finding, mask})
	})
	return all
}

// noticeable is the share of a ray from which on a finding counts as drawn there.
const noticeable = 0.15

// shares visits the findings that a view shows, with the share of each in the ray of
// each pixel.
func (c Chest) shares(lateral bool, width, height int, visit func(f finding, shares []float64)) {
	p := c.patient()
	for _, f := range p.findings() {
		draw := f.frontal
		if lateral {
			draw = f.lateral
		}
		if draw != nil {
			shown := p.film(width, height)
			draw(shown)
			visit(f, shown.light)
		}
	}
}
