package radiograph

import (
	"image"
	"math"
)

// Resize returns src as width×height pixels, bit for bit as Pillow's
// Image.resize with BILINEAR does (ImagingResample of libImaging/Resample.c):
// a triangle filter whose support grows with the downscaling factor, first
// along the rows, then along the columns, with rounding to 8 bits after each.
// An axis that keeps its length is left alone. The result has its origin at
// (0, 0) and Stride = width; it is src itself if that is so already. Resize panics
// if src or the size asked for is empty.
func Resize(src *image.Gray, width, height int) *image.Gray {
	if src.Rect.Empty() || width < 1 || height < 1 {
		panic("radiograph: resize of or to an empty image")
	}
	m := src
	if width != src.Rect.Dx() {
		m = resizeRows(m, width)
	}
	if height != src.Rect.Dy() {
		m = resizeColumns(m, height)
	}
	if m.Rect != image.Rect(0, 0, width, height) || m.Stride != width {
		m = toGray(m) // a part of a larger image, whole
	}
	return m
}

// precisionBits is Pillow's PRECISION_BITS: the fraction of a fixed-point
// weight, which leaves 8 bits for the pixel and 2 for overshoot and sign.
const precisionBits = 32 - 8 - 2

// tap is what one output pixel is made of: weights[i] times input first+i.
type tap struct {
	first   int
	weights []int32 // fixed point, precisionBits
}

// triangle computes the taps that bring an axis from in to out pixels
// (precompute_coeffs and normalize_coeffs_8bpc). The conversions of products
// to float64 forbid fused multiply-add, which would round differently.
func triangle(in, out int) []tap {
	scale := float64(in) / float64(out)
	support := max(scale, 1)
	inverse := 1 / support
	taps := make([]tap, out)
	weights := make([]float64, 2*int(math.Ceil(support))+1)
	for i := range taps {
		center := float64((float64(i) + 0.5) * scale)
		first := max(int(center-support+0.5), 0)
		last := min(int(center+support+0.5), in)
		sum := 0.0
		for x := first; x < last; x++ {
			w := max(1-math.Abs(float64((float64(x)-center+0.5)*inverse)), 0)
			weights[x-first] = w
			sum += w
		}
		fixed := make([]int32, last-first)
		for j := range fixed {
			fixed[j] = int32(math.Round(float64(weights[j] / sum * (1 << precisionBits))))
		}
		taps[i] = tap{first: first, weights: fixed}
	}
	return taps
}

// resizeRows brings every row of m to width pixels.
func resizeRows(m *image.Gray, width int) *image.Gray {
	length, height := m.Rect.Dx(), m.Rect.Dy()
	taps := triangle(length, width)
	out := image.NewGray(image.Rect(0, 0, width, height))
	for y := range height {
		in, row := m.Pix[y*m.Stride:][:length], out.Pix[y*width:(y+1)*width]
		for x, t := range taps {
			sum := int32(1 << (precisionBits - 1))
			for i, p := range in[t.first:][:len(t.weights)] {
				sum += int32(p) * t.weights[i]
			}
			row[x] = clip8(sum)
		}
	}
	return out
}

// resizeColumns brings every column of m to height pixels. It adds whole rows
// so that memory is walked in order.
func resizeColumns(m *image.Gray, height int) *image.Gray {
	width := m.Rect.Dx()
	out := image.NewGray(image.Rect(0, 0, width, height))
	sums := make([]int32, width)
	for y, t := range triangle(m.Rect.Dy(), height) {
		for x := range sums {
			sums[x] = 1 << (precisionBits - 1)
		}
		for i, w := range t.weights {
			for x, p := range m.Pix[(t.first+i)*m.Stride:][:width] {
				sums[x] += int32(p) * w
			}
		}
		row := out.Pix[y*width : (y+1)*width]
		for x, sum := range sums {
			row[x] = clip8(sum)
		}
	}
	return out
}

// clip8 rounds a fixed-point sum, which already holds its half, to a pixel.
func clip8(sum int32) uint8 {
	return uint8(min(max(sum>>precisionBits, 0), 255))
}
