package jpeg

import "math"

// zigzag is the place in a block of the coefficients as they come (T.81 figure A.6).
var zigzag = [64]int{
	0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5,
	12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
	35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
	58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
}

// scanBlocks calls decode for the blocks of a scan in their order (T.81 §A.2).
func (d *decoder) scanBlocks(scanned []*component, decode func(*component, *[64]int16) error) error {
	c := scanned[0]
	across, down := c.width, c.height
	if len(scanned) > 1 {
		across, down = (d.width+8*d.maxH-1)/(8*d.maxH), (d.height+8*d.maxV-1)/(8*d.maxV)
	}
	for n := range across * down {
		if n%across == 0 {
			if err := d.ctx.Err(); err != nil {
				return err
			}
		}
		anew, err := d.restarts(n)
		if err != nil {
			return err
		}
		if anew {
			d.run = 0
			for _, c := range scanned {
				c.predicted = 0
			}
		}
		x, y := n%across, n/across
		if len(scanned) == 1 {
			if err := decode(c, &c.coefficients[y*c.stride+x]); err != nil {
				return err
			}
			continue
		}
		for _, c := range scanned {
			for block := range c.h * c.v {
				at := (y*c.v+block/c.h)*c.stride + x*c.h + block%c.h
				if err := decode(c, &c.coefficients[at]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// difference decodes the DC coefficient as the difference from the one before.
func (d *decoder) difference(c *component) error {
	size, err := d.code(c.dc)
	if err != nil {
		return err
	}
	if size > 15 {
		return damaged("a coefficient of %d bits", size)
	}
	difference, err := d.signed(size)
	c.predicted += difference
	return err
}

// sequential decodes a block in full (T.81 §F.2.2).
func (d *decoder) sequential(c *component, b *[64]int16) error {
	if err := d.difference(c); err != nil {
		return err
	}
	b[0] = int16(c.predicted)
	for k := 1; k < 64; k++ {
		code, err := d.code(c.ac)
		if err != nil {
			return err
		}
		run, size := code>>4, code&15
		if size == 0 {
			if run != 15 {
				return nil
			}
			k += 15
			continue
		}
		if k += run; k > 63 {
			return damaged("a block of more than 64 coefficients")
		}
		v, err := d.signed(size)
		if err != nil {
			return err
		}
		b[zigzag[k]] = int16(v)
	}
	return nil
}

// progressive decodes what a scan has of a block (T.81 §G.2): coefficients first
// to last, but for their low bits, or if high is not 0 one bit more of them.
func (d *decoder) progressive(c *component, b *[64]int16, first, last, high, low int) error {
	switch {
	case first == 0 && high == 0:
		err := d.difference(c)
		b[0] = int16(c.predicted << low)
		return err
	case first == 0:
		bit, err := d.take(1)
		b[0] |= int16(bit << low)
		return err
	case high == 0:
		return d.progressiveAC(c, b, first, last, low)
	}
	return d.refineAC(c, b, first, last, low)
}

func (d *decoder) progressiveAC(c *component, b *[64]int16, first, last, low int) error {
	if d.run > 0 {
		d.run--
		return nil
	}
	for k := first; k <= last; k++ {
		code, err := d.code(c.ac)
		if err != nil {
			return err
		}
		run, size := code>>4, code&15
		if size == 0 {
			if run != 15 {
				return d.startRun(run)
			}
			k += 15
			continue
		}
		if k += run; k > last {
			return damaged("a block of more than 64 coefficients")
		}
		v, err := d.signed(size)
		if err != nil {
			return err
		}
		b[zigzag[k]] = int16(v << low)
	}
	return nil
}

// startRun reads how many blocks have no coefficients from here on; the first
// of them is this one.
func (d *decoder) startRun(bits int) error {
	more, err := d.take(bits)
	d.run = 1<<bits + more - 1
	return err
}

// refineAC corrects the coefficients that are not 0 by a bit, and places new
// ones among those that are.
func (d *decoder) refineAC(c *component, b *[64]int16, first, last, low int) error {
	bit := int16(1) << low
	k := first
	if d.run == 0 {
		for k <= last {
			code, err := d.code(c.ac)
			if err != nil {
				return err
			}
			zeros, size := code>>4, code&15
			placed := int16(0)
			switch {
			case size == 0 && zeros != 15:
				if err := d.startRun(zeros); err != nil {
					return err
				}
				d.run++ // this block counts below
			case size == 1:
				sign, err := d.take(1)
				if err != nil {
					return err
				}
				if placed = bit; sign == 0 {
					placed = -bit
				}
			case size > 1:
				return damaged("a refinement of %d bits", size)
			}
			if d.run > 0 {
				break
			}
			if k, err = d.refine(b, k, last, zeros, bit); err != nil {
				return err
			}
			if placed != 0 {
				if k > last {
					return damaged("a block of more than 64 coefficients")
				}
				b[zigzag[k]] = placed
			}
			k++
		}
	}
	if d.run > 0 {
		d.run--
		_, err := d.refine(b, k, last, 64, bit)
		return err
	}
	return nil
}

// refine corrects coefficients from k on, up to the one behind so many that are
// 0, and returns its place.
func (d *decoder) refine(b *[64]int16, k, last, zeros int, bit int16) (int, error) {
	for ; k <= last; k++ {
		v := &b[zigzag[k]]
		if *v == 0 {
			if zeros == 0 {
				return k, nil
			}
			zeros--
			continue
		}
		more, err := d.take(1)
		if err != nil {
			return k, err
		}
		if more == 0 || *v&bit != 0 {
			continue
		}
		if *v > 0 {
			*v += bit
		} else {
			*v -= bit
		}
	}
	return k, nil
}

// basis is the one-dimensional inverse DCT (T.81 §A.3.3): sample, frequency.
var basis = func() (b [8][8]float32) {
	for x := range b {
		for u := range b[x] {
			scale := 0.5
			if u == 0 {
				scale = 0.5 / math.Sqrt2
			}
			b[x][u] = float32(scale * math.Cos(float64(2*x+1)*float64(u)*math.Pi/16))
		}
	}
	return b
}()

// inverse writes the samples of a block of coefficients.
func inverse(out *[64]uint8, b *[64]int16, quantisation *[64]uint16) {
	var s, t [64]float32
	for i, k := range zigzag {
		s[k] = float32(b[k]) * float32(quantisation[i])
	}
	for v := range 8 {
		for x := range 8 {
			var sum float32
			for u := range 8 {
				sum += basis[x][u] * s[8*v+u]
			}
			t[8*v+x] = sum
		}
	}
	for x := range 8 {
		for y := range 8 {
			var sum float32
			for v := range 8 {
				sum += basis[y][v] * t[8*v+x]
			}
			out[8*y+x] = uint8(min(max(sum+128.5, 0), 255))
		}
	}
}

// reconstruct brings the blocks to samples, those of a pixel together.
func (d *decoder) reconstruct() []uint16 {
	n := len(d.components)
	samples := make([]uint16, d.width*d.height*n)
	for i := range d.components {
		c := &d.components[i]
		width := 8 * c.width
		strip := make([]uint8, 8*width) // a row of blocks
		have := -1
		for y := range d.height {
			v := y * c.v / d.maxV
			if v/8 != have {
				have = v / 8
				for x := range c.width {
					var block [64]uint8
					inverse(&block, &c.coefficients[have*c.stride+x], &d.quantisation[c.quantisation])
					for r := range 8 {
						copy(strip[r*width+8*x:], block[8*r:8*r+8])
					}
				}
			}
			row := strip[v%8*width:]
			for x := range d.width {
				samples[(y*d.width+x)*n+i] = uint16(row[x*c.h/d.maxH])
			}
		}
		c.coefficients = nil
	}
	return samples
}
