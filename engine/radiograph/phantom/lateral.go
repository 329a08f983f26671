package phantom

import "math"

// lateral is the left lateral view: sternum on the left, spine on the right.
func (p *patient) lateral(f *film) {
	air := func(x, y float64) float64 {
		lung := p.lateralLung(x, y)
		if lung == 0 {
			return 0
		}
		return lung * (1 - p.lateralOrgans(x, y)) * (1 - p.lateralDisplaced(x, y))
	}
	f.add(func(x, y float64) float64 {
		front, back := lateralCage(y)
		skin := smaller(x-front+0.15, back+0.30-x)
		body := 0.55*ramp(0, 0.10, skin) + 0.45*ramp(0, 0.6, skin)
		return 0.72*body - 0.50*air(x, y) + p.lateralBones(x, y)*smaller(1.5*body, 1) + p.lateralMidline(x, y)
	})
	for i := range 16 {
		angle := float64(i)/15*4 - 2
		dx, dy := unit(1-2*float64(i%2), angle)
		x, y := 0.02+0.16*(p.rng.Float64()-0.5), 0.46+0.06*(p.rng.Float64()-0.5)
		p.vessels(f, x, y, dx, dy, 0.0075, air)
	}
	if p.Pacemaker {
		p.lateralPacemaker(f)
	}
}

// lateralCage is where the sternum and the spine bound the lungs at y.
func lateralCage(y float64) (front, back float64) {
	front = -0.30 - 0.36*ramp(0.05, 0.75, y)
	back = 0.40 + 0.26*bump(square((y-0.48)/0.75))
	return front, back
}

func (p *patient) lateralLung(x, y float64) float64 {
	front, back := lateralCage(y)
	outer := smaller(x-front, back+0.10-x)
	top := (y - 0.075 - 0.5*square(x-0.1)) * 2
	bottom := (p.lateralDome(x, p.domes[0]) - y) * 2
	second := (p.lateralDome(x, p.domes[1]) - y) * 2
	sharp := ramp(-0.02, 0.08, outer) * ramp(-0.04, 0.25, top) * (0.6*ramp(-0.01, 0.02, bottom) + 0.4*ramp(-0.01, 0.02, second))
	deep := ramp(-0.1, 0.5, outer)
	return sharp * (0.65 + 0.35*deep)
}

func (p *patient) lateralDome(x, height float64) float64 {
	d := x + 0.18
	return height - 0.06 + 0.16*d*d + 0.20*ramp(0.15, 0.8, d)*d
}

// lateralOrgans is the share of the ray's air that organs displace.
func (p *patient) lateralOrgans(x, y float64) float64 {
	heart := 0.85 * p.lateralHeart(x, y)
	trunk := 0.45 * ellipse(x+0.16+0.5*(y-0.42), y-0.42, 0.20, 0.13, 1)
	arch := 0.40 * ellipse(x-0.07, y-0.335, 0.20, 0.075, 1)
	aorta := 0.28 * bump(square((x-0.36-0.1*(y-0.5))/0.13)) * ramp(0.30, 0.42, y) * ramp(0.95, 0.7, y)
	hila := 0.45 * ellipse(x-0.03, y-0.46, 0.15, 0.075, 1)
	return 1 - (1-heart)*(1-trunk)*(1-arch)*(1-aorta)*(1-hila)
}

// lateralHeart is the share of the heart in a ray.
func (p *patient) lateralHeart(x, y float64) float64 {
	h := p.heart
	hx, hy := x+0.25, y-0.615
	return ellipse(hx+0.75*hy, 2*hy-0.35*hx, 0.36*h, 0.40*h, 0.7)
}

// lateralMidline is the heart's and the belly's depth and the shoulders, less
// the air of the trachea.
func (p *patient) lateralMidline(x, y float64) float64 {
	heart := 0.05 * ellipse(x+0.25, y-0.62, 0.36*p.heart, 0.2, 1)
	belly := 0.12 * ramp(0, 0.10, y-p.lateralDome(x, p.domes[0])) * ramp(0.75, 0.3, x) * ramp(-0.85, -0.5, x)
	shoulders := 0.16 * ellipse(x-0.16, y-0.03, 0.60, 0.22, 1)
	trachea := 0.13 * bump(square((x-0.03-0.22*(y-0.2))/0.06)) * ramp(0.45, 0.36, y) * ramp(0, 0.1, y)
	return heart + belly + shoulders - trachea
}

func (p *patient) lateralBones(x, y float64) float64 {
	front, back := lateralCage(y)
	// Vertebral bodies: bright end plates, with discs between.
	disc := (y - 0.10*(x-back)) / 0.062
	disc -= math.Floor(disc)
	t := (x - back - 0.02) / 0.095
	plate := bump(square((disc-0.14)/0.08)) + bump(square((disc-0.90)/0.08))
	bones := ramp(1.05, 0.85, math.Abs(t)) * (0.13*ramp(0.08, 0.16, disc)*ramp(0.96, 0.88, disc) + 0.07*plate)
	bones += 0.05 * bump(square((x-back-0.20)/0.07)) * (0.5 + ramp(0.2, 0.4, disc)*ramp(0.9, 0.7, disc))
	// The sternum.
	bones += 0.16 * cortex((x-front+0.045)/0.035) * ramp(0.16, 0.24, y) * ramp(0.66, 0.58, y)
	// Ribs of both sides fall to the front.
	reach := (back - x) / (back - front)
	inside := ramp(-0.1, 0.05, reach) * ramp(1.02, 0.9, reach) * ramp(0.06, 0.16, y) * ramp(0.93, 0.75, y)
	if inside == 0 {
		return bones
	}
	fall := y - 0.26*p.ribSlope*reach + 0.10*reach*reach
	for _, shift := range []float64{0, 0.42} {
		bones += 0.05 * rib(fall/p.ribSpacing+shift, 0.24) * inside * (1 - 0.4*reach)
	}
	return bones
}
