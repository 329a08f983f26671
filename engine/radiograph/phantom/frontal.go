package phantom

import "math"

// frontal is the posteroanterior view.
func (p *patient) frontal(f *film) {
	air := func(x, y float64) float64 {
		lung := p.frontalLung(x, y)
		if lung == 0 {
			return 0
		}
		return lung * (1 - p.frontalOrgans(x, y)) * (1 - p.displaced(x, y))
	}
	f.add(func(x, y float64) float64 {
		x = p.lean(x, y)
		body := frontalBody(math.Abs(x), y)
		air := air(x, y)
		bare := p.bare(x, y) // without lung it is darker, and the lung beside it lighter
		border := pleura(x, y, -1, p.RightPneumothorax) + pleura(x, y, 1, p.LeftPneumothorax)
		return 0.72*body - 0.54*air + p.frontalBones(x, y, body) + p.frontalMidline(x, y) + air*(0.10*border-0.06*bare)
	})
	for _, side := range []float64{-1, 1} {
		for i := range 13 {
			dx, dy := unit(side, float64(i)/12*2.5-1.05)
			x, y := side*(0.16+0.06*p.rng.Float64()), 0.42+0.013*float64(i)
			p.vessels(f, x, y, dx, dy, 0.0085, func(x, y float64) float64 {
				x = p.lean(x, y)
				return air(x, y) * (1 - p.bare(x, y))
			})
		}
	}
	if p.Pacemaker {
		p.pacemaker(f)
	}
}

// lean is x from the patient's midline.
func (p *patient) lean(x, y float64) float64 { return x - p.tilt*(y-0.5) }

// frontalBody is 1 in the trunk and falls off to the air beside the neck and
// below the arms.
func frontalBody(side, y float64) float64 {
	shoulder := 0.30 + 1.15*ramp(0.02, 0.20, y) // half width of neck and shoulders
	flank := 1.12 - 0.14*ramp(0.35, 0.85, y)    // half width below the axilla
	d := smaller(shoulder, flank) - side
	return 0.55*ramp(0, 0.10, d) + 0.45*ramp(0, 0.5, d)
}

// chestWall is the half width of the rib cage's inside.
func chestWall(y float64) float64 {
	q := 1 - smaller(larger((y-0.045)/0.80, 0), 1)
	return 0.20 + 0.63*(1-q*q*q*q) + 0.03*y
}

// dome is the height of the diaphragm, whose halves meet below the heart.
func (p *patient) dome(x float64) float64 {
	half := func(height, center float64) float64 {
		d := square((x - center) / 0.46)
		return height + 0.085*d + 0.055*d*d
	}
	share := ramp(-0.08, 0.16, x)
	return (1-share)*smaller(half(p.domes[0], -0.42), 1) + share*smaller(half(p.domes[1], 0.45), 1)
}

// frontalLung is the share of air along the ray, 0 outside the two lungs.
func (p *patient) frontalLung(x, y float64) float64 {
	side := math.Abs(x)
	outer := chestWall(y) - side
	inner := side - (0.125 + 0.05*ramp(0.16, 0.05, y) + 0.025*ramp(0.5, 0.8, y))
	top := (y - 0.065 - 0.9*(side-0.31)*(side-0.31)) * 2
	bottom := (p.dome(x) - y) * 2
	sharp := ramp(-0.012, 0.05, outer) * ramp(-0.02, 0.07, inner) * ramp(-0.02, 0.10, top) * ramp(-0.008, 0.022, bottom)
	deep := ramp(-0.1, 0.42, outer) * ramp(-0.1, 0.30, inner) * ramp(-0.1, 0.35, top)
	behind := 0.10 * ramp(-0.02, 0.04, outer) * ramp(0.0, 0.08, inner) * ramp(-0.20, 0.0, bottom) // lung behind the dome
	return sharp*(0.62+0.38*deep)*0.92 + behind*(1-sharp)
}

// frontalOrgans is the share of the ray's air that the heart and the great
// vessels displace.
func (p *patient) frontalOrgans(x, y float64) float64 {
	vena := 0.8 * ellipse(x+0.05, y-0.32, 0.135, 0.24, 0.5)
	arch := 0.85 * ellipse(x-0.115, y-0.285, 0.105, 0.058, 0.8)
	aorta := 0.5 * ellipse(x-0.10, y-0.52, 0.13, 0.28, 0.5)
	trunk := 0.7 * ellipse(x-0.10, y-0.405, 0.135, 0.080, 0.8)
	left, right := p.frontalHeartHalves(x, y)
	hila := 0.32 * (ellipse(x-0.20, y-0.44, 0.12, 0.085, 1) + ellipse(x+0.20, y-0.465, 0.13, 0.095, 1))
	clear := (1 - vena) * (1 - arch) * (1 - aorta) * (1 - trunk) * (1 - left) * (1 - right) * (1 - hila)
	return 1 - clear
}

// frontalHeartHalves are the heart's left half, which leans to the image's right
// with its apex on the dome, and its right.
func (p *patient) frontalHeartHalves(x, y float64) (left, right float64) {
	h := p.heart
	hx, hy := x-0.15*h, y-0.665
	left = ellipse(hx-0.80*hy, 2*hy-0.20*hx, 0.33*h, 0.40*h, 0.45)
	right = 0.9 * ellipse(x+0.045, y-0.665, 0.185*h, 0.150, 0.6)
	return left, right
}

// frontalHeart is the share of the heart in a ray.
func (p *patient) frontalHeart(x, y float64) float64 {
	left, right := p.frontalHeartHalves(x, y)
	return larger(left, right)
}

// frontalMidline is what shines through from behind and below: the spine and
// the belly, less the air of the trachea and the stomach.
func (p *patient) frontalMidline(x, y float64) float64 {
	disc := (y + 0.012*bump(x*x/0.01)) / 0.052
	disc -= math.Floor(disc)
	column := 0.13 * bump(square(x/0.19)) * (1 + 0.25*ramp(0.08, 0.22, disc)*ramp(1, 0.86, disc))
	pedicles := 0.035 * (bump(square((x-0.068)/0.024)+square((disc-0.45)/0.30)) + bump(square((x+0.068)/0.024)+square((disc-0.45)/0.30)))
	heart := 0.09 * ellipse(x-0.06, y-0.65, 0.33*p.heart, 0.20, 1)
	belly := 0.14 * ramp(-0.01, 0.09, y-p.dome(x)) * ramp(1.15, 0.6, math.Abs(x))
	trachea := 0.12 * bump(square((x+0.012)/0.058)) * ramp(0.42, 0.32, y) * ramp(-0.05, 0.05, y)
	stomach := 0.20 * ellipse(x-0.37, y-p.domes[1]-0.065, 0.15, 0.030, 0.9)
	return column + pedicles + heart + belly - trachea - stomach
}

// frontalBones are ribs, clavicles, scapulae and the bright border of the cage.
func (p *patient) frontalBones(x, y, body float64) float64 {
	side := math.Abs(x)
	wall := chestWall(y) + 0.022
	reach := side / wall
	cage := ramp(1.03, 0.99, reach)

	bones := 0.0
	if cage > 0 {
		// Posterior ribs leave the spine upwards, then fall towards the flank.
		back := y - 0.02 + 0.16*p.ribSlope*reach*(1-reach) - 0.15*p.ribSlope*reach*reach*reach*reach
		bones = 0.085 * rib(back/p.ribSpacing, 0.30) * ramp(0.05, 0.14, side) * cage * ramp(0.92, 0.74, y) * ramp(0.07, 0.13, y)
		// Anterior ribs run down to the cartilage, where they fade.
		front := y + 0.17*p.ribSlope*reach*reach - 0.02 + 0.03*reach
		bones += 0.04 * rib(front/(p.ribSpacing*1.28)+0.35, 0.32) * ramp(0.32, 0.60, side) * cage * ramp(0.84, 0.66, y) * ramp(0.18, 0.30, y)
	}
	// Rays along the curve of the ribs meet most bone.
	bones += 0.13 * bump(square((side-wall+0.01)/0.045)) * ramp(0.12, 0.28, y) * ramp(0.98, 0.8, y)

	s := (side - 0.06) / 0.70
	if s > 0 && s < 1.15 {
		clavicle := 0.205 - 0.165*s + 0.07*s*(1-s)*(1-2*s)
		thick := 0.019 + 0.010*(1-s)*(1-s)
		bones += 0.15 * cortex((y-clavicle)/thick) * ramp(0, 0.10, s) * ramp(1.15, 1.0, s)
	}
	// The scapula's blade, its border, and the head of the humerus.
	bladeX, bladeY := side-0.92-0.1*(y-0.3), y-0.27
	bones += 0.06*ellipse(bladeX, bladeY, 0.20, 0.21, 0.4) + 0.03*rim(bladeX, bladeY, 0.20, 0.21)
	bones += 0.10*ellipse(side-1.04, y-0.17, 0.14, 0.085, 0.5) + 0.03*rim(side-1.04, y-0.17, 0.14, 0.085)
	return bones * smaller(body*1.5, 1)
}
