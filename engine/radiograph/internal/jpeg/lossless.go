package jpeg

import "uarweb/engine/radiograph/codec"

// scanLossless decodes a lossless scan (T.81 §H) of the components, with their
// predictor and the bits that the point transform took off.
func (d *decoder) scanLossless(scanned []*component, predictor, shift int) error {
	if predictor < 1 || predictor > 7 || shift >= d.bits {
		return damaged("predictor %d, %d bits of %d taken off", predictor, shift, d.bits)
	}
	if d.restart%d.width != 0 {
		return damaged("restarts every %d pixels within rows of %d", d.restart, d.width)
	}
	d.shift = shift
	n := len(d.components)
	stride := d.width * n
	channels := make([]int, len(scanned)) // where their samples are in a pixel
	for i, c := range scanned {
		for k := range d.components {
			if &d.components[k] == c {
				channels[i] = k
			}
		}
	}
	for y := range d.height {
		if err := d.ctx.Err(); err != nil {
			return err
		}
		// Behind a restart, as at the start, nothing above is looked at.
		first, err := d.restarts(y * d.width)
		if err != nil {
			return err
		}
		row := d.samples[y*stride : (y+1)*stride]
		above := row
		if !first {
			above = d.samples[(y-1)*stride : y*stride]
		}
		for x := range d.width {
			for i, c := range scanned {
				size, err := d.code(c.dc)
				if err != nil {
					return err
				}
				difference := 1 << 15
				if size > 16 {
					return damaged("a difference of %d bits", size)
				} else if size < 16 {
					if difference, err = d.signed(size); err != nil {
						return err
					}
				}
				at := x*n + channels[i]
				var predicted int
				switch {
				case first && x == 0:
					predicted = 1 << (d.bits - shift - 1)
				case first:
					predicted = int(row[at-n])
				case x == 0:
					predicted = int(above[at])
				default:
					predicted = predict(predictor, int(row[at-n]), int(above[at]), int(above[at-n]))
				}
				row[at] = uint16(predicted + difference)
			}
		}
	}
	return nil
}

// predict is the predictor of a sample (T.81 table H.1) from those to the left,
// above, and above to the left.
func predict(predictor, left, above, corner int) int {
	switch predictor {
	case 1:
		return left
	case 2:
		return above
	case 3:
		return corner
	case 4:
		return left + above - corner
	case 5:
		return left + (above-corner)>>1
	case 6:
		return above + (left-corner)>>1
	}
	return (left + above) >> 1
}

// frame is what was decoded.
func (d *decoder) frame() codec.Frame {
	f := codec.Frame{Width: d.width, Height: d.height, Components: len(d.components), Bits: d.bits}
	if d.process != lossless {
		f.Samples = d.reconstruct()
		return f
	}
	for i, v := range d.samples {
		d.samples[i] = v << d.shift & (1<<d.bits - 1)
	}
	f.Samples = d.samples
	return f
}
