package phantom

import "math"

// finding is something that a chest has, with what draws the share of it in each
// ray of a view; nil where a view does not show it.
type finding struct {
	Finding
	frontal, lateral func(f *film)
}

// Findings are all that the chest has, whether a view shows them or not. It draws
// nothing.
func (c Chest) Findings() (all []Finding) {
	const enlarged = 0.5 // the cardiothoracic ratio beyond which a heart counts as large
	for _, f := range []struct {
		there       bool
		name, label string
	}{
		{c.Heart > enlarged, largeHeart, "cardiomegaly"},
		{c.RightEffusion > 0, rightEffusion, "pleural effusion"},
		{c.RightPneumothorax > 0, rightPneumothorax, "pneumothorax"},
		{c.LeftEffusion > 0, leftEffusion, "pleural effusion"},
		{c.LeftPneumothorax > 0, leftPneumothorax, "pneumothorax"},
		{c.Opacity > 0, opacity, "lung opacity"},
		{c.Nodule > 0, nodule, "lung lesion"},
		{c.Pacemaker, pacemaker, "support devices"},
	} {
		if f.there {
			all = append(all, Finding{f.name, f.label})
		}
	}
	return all
}

// The names of findings.
const (
	largeHeart        = "large heart"
	rightEffusion     = "right effusion"
	leftEffusion      = "left effusion"
	rightPneumothorax = "right pneumothorax"
	leftPneumothorax  = "left pneumothorax"
	opacity           = "opacity"
	nodule            = "nodule"
	pacemaker         = "pacemaker"
)

// findings are those of the chest.
func (p *patient) findings() (all []finding) {
	for _, f := range p.Findings() {
		frontal, lateral := p.shown(f.Name)
		all = append(all, finding{f, frontal, lateral})
	}
	return all
}

// shown draws the finding of a name.
func (p *patient) shown(name string) (frontal, lateral func(f *film)) {
	over := func(share func(x, y float64) float64) func(f *film) {
		return func(f *film) {
			f.add(func(x, y float64) float64 { return share(p.lean(x, y), y) })
		}
	}
	beside := func(share func(x, y float64) float64) func(f *film) {
		return func(f *film) { f.add(share) }
	}
	inLung := func(lung, share func(x, y float64) float64) func(x, y float64) float64 {
		return func(x, y float64) float64 { return lung(x, y) * share(x, y) }
	}
	effusion := func(side, height float64) (frontal, lateral func(f *film)) {
		return over(inLung(p.frontalLung, func(x, y float64) float64 { return fluid(x, y, side, height) })),
			beside(inLung(p.lateralLung, func(x, y float64) float64 { return lateralFluid(x, y, height) }))
	}
	pneumothorax := func(side, share float64) func(f *film) {
		return over(inLung(p.frontalLung, func(x, y float64) float64 { return gap(x, y, side, share) }))
	}
	switch name {
	case largeHeart:
		return over(p.frontalHeart), beside(p.lateralHeart)
	case rightEffusion:
		return effusion(-1, p.RightEffusion)
	case leftEffusion:
		return effusion(1, p.LeftEffusion)
	case rightPneumothorax:
		return pneumothorax(-1, p.RightPneumothorax), nil
	case leftPneumothorax:
		return pneumothorax(1, p.LeftPneumothorax), nil
	case opacity:
		return over(inLung(p.frontalLung, p.opacity)), beside(inLung(p.lateralLung, p.lateralOpacity))
	case nodule:
		return over(p.nodule), beside(p.lateralNodule)
	}
	return p.pacemaker, p.lateralPacemaker
}

// displaced is the share of the ray's air that findings take.
func (p *patient) displaced(x, y float64) float64 {
	return 1 - (1-fluid(x, y, -1, p.RightEffusion))*(1-fluid(x, y, 1, p.LeftEffusion))*(1-p.opacity(x, y))*(1-0.8*p.nodule(x, y))
}

// lateralDisplaced is that of the lateral view, where left and right lie behind one
// another.
func (p *patient) lateralDisplaced(x, y float64) float64 {
	half := 1 - 0.5*lateralFluid(x, y, p.RightEffusion) - 0.5*lateralFluid(x, y, p.LeftEffusion)
	return 1 - half*(1-0.6*p.lateralOpacity(x, y))*(1-0.6*p.lateralNodule(x, y))
}

// bare is the share of the ray without lung's vessels: the air of a pneumothorax.
func (p *patient) bare(x, y float64) float64 {
	return gap(x, y, -1, p.RightPneumothorax) + gap(x, y, 1, p.LeftPneumothorax)
}

// on says whether x is on a side of the frontal view: -1 is the picture's left.
func on(x, side float64) bool { return x*side > 0 }

// fluid is the share of a free effusion along the ray. Upright, its upper border is
// a meniscus: it stands higher at the wall.
func fluid(x, y, side, height float64) float64 {
	if height <= 0 || !on(x, side) {
		return 0
	}
	level := 0.91 - 0.62*height + 0.11*ramp(0, 0.5, chestWall(y)-math.Abs(x))
	return 0.97 * ramp(-0.02, 0.04, y-level)
}

// lateralFluid stands higher before and behind.
func lateralFluid(x, y, height float64) float64 {
	if height <= 0 {
		return 0
	}
	front, back := lateralCage(y)
	level := 0.93 - 0.62*height + 0.10*ramp(0, 0.4, smaller(x-front, back+0.10-x))
	return 0.97 * ramp(-0.02, 0.04, y-level)
}

// gap is the share of the ray between the chest wall and a lung that has come off it,
// most at the top, where air gathers upright.
func gap(x, y, side, share float64) float64 {
	if share <= 0 || !on(x, side) {
		return 0
	}
	return ramp(0.006, -0.006, offWall(x, y)-0.5*share*ramp(0.95, 0.1, y))
}

// pleura is the line of that lung's border.
func pleura(x, y, side, share float64) float64 {
	if share <= 0 || !on(x, side) {
		return 0
	}
	return bump(square((offWall(x, y) - 0.5*share*ramp(0.95, 0.1, y)) / 0.012))
}

// offWall is how far a ray lies inside the chest wall or below the lung's top.
func offWall(x, y float64) float64 {
	side := math.Abs(x)
	return smaller(chestWall(y)-side, 2*(y-0.065-0.9*square(side-0.31)))
}

// opacity is the share of the ray's air that a consolidation takes: patches with
// soft borders.
func (p *patient) opacity(x, y float64) float64 {
	at, _ := p.OpacityZone.place()
	return p.patches(x-at.x, y-at.y)
}

func (p *patient) lateralOpacity(x, y float64) float64 {
	_, at := p.OpacityZone.place()
	return p.patches(x-at.x, y-at.y)
}

// patches is an opacity around (0, 0).
func (p *patient) patches(x, y float64) float64 {
	if p.Opacity <= 0 {
		return 0
	}
	size := 0.05 + 0.30*p.Opacity
	d := square(x/size) + square(2*y/size)
	if d >= 1 {
		return 0
	}
	texture := 0.8 + 0.2*math.Sin(31*x+7*p.ribSlope)*math.Sin(53*y+11*p.heart)
	return 0.85 * math.Sqrt(bump(d)) * texture
}

// mm is a millimetre of a picture that shows 350 of them, in units of its half width.
const mm = 2.0 / 350

// nodule is 1 in the middle of a ball, and 0 outside.
func (p *patient) nodule(x, y float64) float64 {
	at, _ := p.NoduleZone.place()
	return p.ball(x-at.x, y-at.y)
}

func (p *patient) lateralNodule(x, y float64) float64 {
	_, at := p.NoduleZone.place()
	return p.ball(x-at.x, y-at.y)
}

func (p *patient) ball(x, y float64) float64 {
	if p.Nodule <= 0 {
		return 0
	}
	r := p.Nodule / 2 * mm
	return ellipse(x, 2*y, r, r, 0.8)
}

// pacemaker draws a generator below the left clavicle, whose leads run through the
// vena cava to the right atrium and to the apex of the right ventricle.
func (p *patient) pacemaker(f *film) {
	x, y := 0.60+p.tilt*(0.24-0.5), 0.24
	f.generator(x, y)
	entry := []point{{x, y - 0.03}, {0.42, 0.16}, {0.12, 0.19}, {-0.06, 0.24}, {-0.08, 0.40}}
	f.lead(append(entry, point{-0.13, 0.56}, point{-0.10 * p.heart, 0.60}, point{-0.02, 0.57})...)
	f.lead(append(entry, point{-0.10, 0.58}, point{0, 0.70}, point{0.20, 0.745}, point{0.38 * p.heart, 0.755})...)
}

func (p *patient) lateralPacemaker(f *film) {
	f.generator(-0.42, 0.25)
	entry := []point{{-0.42, 0.22}, {-0.25, 0.15}, {-0.04, 0.20}, {-0.02, 0.40}}
	f.lead(append(entry, point{-0.06, 0.55}, point{-0.20, 0.56})...)
	f.lead(append(entry, point{-0.02, 0.60}, point{-0.20, 0.72}, point{-0.45 * p.heart, 0.72})...)
}

// generator is a flat case of metal, about 45 mm across.
func (f *film) generator(x, y float64) {
	f.add(func(px, py float64) float64 {
		dx, dy := (px-x)/(23*mm), 2*(py-y)/(21*mm)
		return 0.75 * ramp(1, 0.9, dx*dx*dx*dx+dy*dy*dy*dy)
	})
}

// lead is a wire through points, rounded at each.
func (f *film) lead(through ...point) {
	const steps = 60 // a segment
	n := len(through)
	at := func(i int) point { return through[min(max(i, 0), n-1)] }
	for i := range n - 1 {
		a, b, c, d := at(i-1), at(i), at(i+1), at(i+2)
		for k := range steps {
			t := float64(k) / steps
			f.stroke(catmullRom(a.x, b.x, c.x, d.x, t), catmullRom(a.y, b.y, c.y, d.y, t), 1.6*mm/2, 0.12)
		}
	}
	tip := through[n-1]
	f.stroke(tip.x, tip.y, 3*mm/2, 0.6)
}

// catmullRom is the curve from b to c that a and d bend (Catmull and Rom, 1974).
func catmullRom(a, b, c, d, t float64) float64 {
	return b + 0.5*t*(c-a+t*(2*a-5*b+4*c-d+t*(3*(b-c)+d-a)))
}
