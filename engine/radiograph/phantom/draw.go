package phantom

import (
	"image"
	"math"
	"math/rand/v2"
)

// patient holds what differs from seed to seed. All lengths of this file are
// in units in which the picture is 2 wide, x from -1 to 1, and 1 high, y from 0
// at the top; all attenuations are in units of full white.
type patient struct {
	Chest
	rng        *rand.Rand
	heart      float64    // size, about 1
	domes      [2]float64 // heights of the diaphragm: image left, image right
	ribSpacing float64
	ribSlope   float64
	tilt       float64 // of the patient, horizontal shift per height
}

func newPatient(c Chest) *patient {
	rng := rand.New(rand.NewPCG(c.Seed, 0x6368657374)) // "chest"
	around := func(mean, spread float64) float64 { return mean + spread*(2*rng.Float64()-1) }
	p := &patient{
		Chest:      c,
		rng:        rng,
		heart:      around(1, 0.12),
		domes:      [2]float64{around(0.775, 0.02), around(0.805, 0.02)},
		ribSpacing: around(0.078, 0.004),
		ribSlope:   around(1, 0.15),
		tilt:       around(0, 0.02),
	}
	if c.Heart > 0 {
		p.heart = c.Heart / heartRatio
	}
	p.heart *= 1 - 0.18*c.Hyperinflation
	p.ribSpacing *= 1 + 0.10*c.Hyperinflation
	for i := range p.domes {
		p.domes[i] += 0.07 * c.Hyperinflation
	}
	return p
}

// heartRatio is the cardiothoracic ratio of a heart of size 1: the larger ellipse of
// frontalHeartHalves is 2·0.3986 wide, and the lungs are 1.708 where they are widest.
const heartRatio = 2 * 0.3986 / 1.708

// expose sums the attenuation of a view's tissues and vessels, adds the grain
// of the detector and develops it to 8 bits.
func (p *patient) expose(width, height int, view func(*patient, *film)) *image.Gray {
	if width < 1 || height < 1 {
		panic("phantom: a chest without pixels")
	}
	f := p.film(width, height)
	view(p, f)
	out := image.NewGray(image.Rect(0, 0, width, height))
	noise := 0.022 * math.Exp2(-p.Exposure/2) // of half the photons
	for i, a := range f.light {
		grain := p.rng.Float64() + p.rng.Float64() + p.rng.Float64() - 1.5
		a = larger(a-0.15*p.Exposure, 0)
		v := 1.22 * a / (1 + 0.28*a*a) // dense tissue saturates softly, as a film's shoulder does
		out.Pix[i] = uint8(255*smaller(larger(v+noise*grain, 0), 1) + 0.5)
	}
	return out
}

// film is a picture of attenuations.
type film struct {
	width, height int
	turned        bool
	sin, cos      float64 // of the rotation
	light         []float64
}

// film is an unexposed one, as the patient lies on it.
func (p *patient) film(width, height int) *film {
	f := &film{width: width, height: height, turned: p.Rotation != 0, light: make([]float64, width*height)}
	f.sin, f.cos = math.Sincos(p.Rotation * math.Pi / 180)
	return f
}

// turn rotates a place by an angle around the film's middle, in pixels.
func (f *film) turn(x, y, sin, cos float64) (float64, float64) {
	half, height := float64(f.width)/2, float64(f.height)
	x, y = x*half, (y-0.5)*height
	return (x*cos - y*sin) / half, (x*sin+y*cos)/height + 0.5
}

// add sums tissue over the whole film.
func (f *film) add(tissue func(x, y float64) float64) {
	for row := range f.height {
		y := (float64(row) + 0.5) / float64(f.height)
		for col := range f.width {
			x, y := 2*(float64(col)+0.5)/float64(f.width)-1, y
			if f.turned {
				x, y = f.turn(x, y, -f.sin, f.cos)
			}
			f.light[row*f.width+col] += tissue(x, y)
		}
	}
}

// stroke adds a soft disc of radius r (of the height) at (x, y).
func (f *film) stroke(x, y, r, amount float64) {
	if f.turned {
		x, y = f.turn(x, y, f.sin, f.cos)
	}
	scale := float64(f.height)
	rows, cols := r*scale, r*float64(f.width)
	cx, cy := (x+1)/2*float64(f.width), y*scale
	for row := max(int(cy-rows), 0); row < min(int(cy+rows)+2, f.height); row++ {
		for col := max(int(cx-cols), 0); col < min(int(cx+cols)+2, f.width); col++ {
			dx, dy := (float64(col)+0.5-cx)/cols, (float64(row)+0.5-cy)/rows
			f.light[row*f.width+col] += amount * bump(dx*dx+dy*dy)
		}
	}
}

// vessels grows a tree of arteries from (x, y) along (dx, dy): each branch
// wanders, thins out and splits.
func (p *patient) vessels(f *film, x, y, dx, dy, r float64, inside func(x, y float64) float64) {
	for r > 0.0012 {
		for range 26 {
			f.stroke(x, y, r, 0.022*min(0.25+r*60, 1)*inside(x, y)*math.Sqrt(r/0.006))
			step := 0.32 * r
			x, y = x+2*dx*step, y+dy*step
		}
		turn := 0.5 * (p.rng.Float64() - 0.5)
		dx, dy = unit(dx-turn*dy, dy+turn*dx)
		if p.rng.Float64() < 0.55 {
			side := 0.5 + 0.5*p.rng.Float64()
			if p.rng.Float64() < 0.5 {
				side = -side
			}
			bx, by := unit(dx-side*dy, dy+side*dx)
			p.vessels(f, x, y, bx, by, r*0.72, inside)
		}
		r *= 0.86
	}
}

// rib is the profile of a row of ribs at phase, one a unit, each with the
// given half thickness: hollow, with bright borders.
func rib(phase, half float64) float64 {
	return cortex((phase - math.Floor(phase) - 0.5) / half)
}

// cortex is the profile of a tube across t in [-1, 1].
func cortex(t float64) float64 {
	d := 1 - t*t
	return 0.75*ramp(0, 0.5, d) + 0.45*bump(square((math.Abs(t)-0.82)/0.20))
}

// ramp rises smoothly from 0 at from to 1 at to, or falls if to < from.
func ramp(from, to, x float64) float64 {
	t := (x - from) / (to - from)
	if t <= 0 {
		return 0
	}
	if t >= 1 {
		return 1
	}
	return t * t * (3 - 2*t)
}

// bump is a bell over the squared distance from its center, 0 from 1 on.
func bump(squared float64) float64 {
	if squared >= 1 {
		return 0
	}
	return (1 - squared) * (1 - squared)
}

// ellipse is 0 outside the ellipse of half axes a and b and rises to 1 within
// depth, steep at the edge as the chord through a round body is.
func ellipse(x, y, a, b, depth float64) float64 {
	t := ramp(0, depth, 1-square(x/a)-square(y/b))
	if t == 0 {
		return 0
	}
	return math.Sqrt(t)
}

// rim is the bright border of that ellipse.
func rim(x, y, a, b float64) float64 {
	return bump(square((1 - square(x/a) - square(y/b)) / 0.16))
}

// smaller and larger are min and max without their care for NaN, for which
// WebAssembly has to call a function.
func smaller(a, b float64) float64 {
	if a < b {
		return a
	}
	return b
}

func larger(a, b float64) float64 {
	if a > b {
		return a
	}
	return b
}

func square(x float64) float64 { return x * x }

func unit(x, y float64) (float64, float64) {
	n := math.Sqrt(x*x + y*y)
	return x / n, y / n
}
