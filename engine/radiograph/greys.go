package radiograph

import (
	"context"
	"image"
	"iter"

	"uarweb/engine/radiograph/voi"
)

// Greys are those of a picture in full depth, for people to look at.
type Greys struct {
	Width, Height int
	Samples       []uint16 // levels of the scale, row by row
	voi.Scale
}

// DecodeGreys is Decode for a picture that somebody looks at: beside what the model
// takes it returns the picture's greys, before their window where the file has more of
// them than 8 bits hold, with side pixels on the longer side at most. Those of larger
// pictures are means of areas. Of all windows, the model is shown the first.
func DecodeGreys(ctx context.Context, name string, data []byte, limits Limits, side int) (*Radiograph, *Greys, error) {
	d := &decoder{ctx: ctx, limits: limits.orDefault(), side: side}
	r, err := d.decode(name, data)
	if err != nil {
		return nil, nil, err
	}
	if d.greys == nil {
		d.greys = NewGreys(r.Pixels, side)
	}
	return r, d.greys, nil
}

// NewGreys are those of a picture of 8 bits, with side pixels on the longer side at
// most. Its origin is (0, 0).
func NewGreys(m *image.Gray, side int) *Greys {
	width := m.Rect.Dx()
	return newGreys(width, m.Rect.Dy(), side, voi.Plain(8), func(i int) uint16 {
		return uint16(m.Pix[i/width*m.Stride+i%width])
	})
}

// reserveGreys counts the memory that keepGreys takes, if somebody wants greys. It comes
// before the checks of a format.
func (d *decoder) reserveGreys(width, height int) {
	if d.side > 0 {
		w, h := shrunk(width, height, d.side)
		const sampleBytes, sumBytes = 2, 8
		d.reserved += sampleBytes*int64(w)*int64(h) + sumBytes*int64(width)
	}
}

// reservePlane counts the memory of all levels of a picture, which are kept in full if
// its pixels do not come row by row, or its bits are known behind the last of them.
func (d *decoder) reservePlane(width, height int) {
	const sampleBytes = 2
	d.reserved += sampleBytes * int64(width) * int64(height)
	d.reserveGreys(width, height)
}

// keepGreys keeps the greys of a picture of more than 8 bits, if somebody wants them.
func (d *decoder) keepGreys(width, height int, scale voi.Scale, level func(i int) uint16) {
	if d.side > 0 {
		d.greys = newGreys(width, height, d.side, scale, level)
	}
}

// shrunk is the size of a picture with side pixels on the longer side at most.
func shrunk(width, height, side int) (w, h int) {
	long := max(width, height)
	if long <= side {
		return width, height
	}
	return max(1, width*side/long), max(1, height*side/long)
}

// newGreys makes a picture smaller, if it is larger than wanted, whose pixels have
// these levels, row by row. Each pixel is the mean of the area that it covers, exact but
// for being rounded: sums are of whole numbers, and MaxPixels of 16 bits fit.
func newGreys(width, height, side int, scale voi.Scale, level func(i int) uint16) *Greys {
	w, h := shrunk(width, height, side)
	g := &Greys{Width: w, Height: h, Samples: make([]uint16, w*h), Scale: scale}
	if w == width && h == height {
		for i := range g.Samples {
			g.Samples[i] = level(i)
		}
		return g
	}
	sums := make([]uint64, width) // of the columns of a row of areas
	area := uint64(width) * uint64(height)
	for y := range h {
		clear(sums)
		for v, share := range overlaps(y, height, h) {
			for u := range sums {
				sums[u] += share * uint64(level(v*width+u))
			}
		}
		for x := range w {
			sum := area / 2
			for u, share := range overlaps(x, width, w) {
				sum += share * sums[u]
			}
			g.Samples[y*w+x] = uint16(sum / area)
		}
	}
	return g
}

// overlaps yields which of the pixels that an axis has pixel i of to covers, where
// there are as many as from or fewer, and how much of each: the shares add up to from.
func overlaps(i, from, to int) iter.Seq2[int, uint64] {
	begin, end := i*from, (i+1)*from // a pixel is to long, and i is from long
	return func(yield func(at int, share uint64) bool) {
		for at := begin / to; at*to < end; at++ {
			if !yield(at, uint64(min(end, (at+1)*to)-max(begin, at*to))) {
				return
			}
		}
	}
}
