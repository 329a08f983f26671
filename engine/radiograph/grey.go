package radiograph

import (
	"image"
	"image/color"
)

// luma is ITU-R 601 in 16-bit fixed point, as Pillow's convert("L").
func luma(r, g, b uint8) uint8 {
	return uint8((19595*uint32(r) + 38470*uint32(g) + 7471*uint32(b) + 1<<15) >> 16)
}

// overBlack composites one channel of straight alpha over black: round(c·a/255).
func overBlack(c, a uint8) uint8 {
	return uint8((uint32(c)*uint32(a) + 127) / 255)
}

// toGray brings any image of the decoders that are not ours to 8-bit grey with its
// origin at (0, 0) and Stride = width.
func toGray(m image.Image) *image.Gray {
	b := m.Bounds()
	width, height := b.Dx(), b.Dy()
	out := image.NewGray(image.Rect(0, 0, width, height))
	convert := rowConverter(m)
	for y := range height {
		convert(out.Pix[y*width:(y+1)*width], b.Min.X, b.Min.Y+y)
	}
	return out
}

// rowConverter returns the function that writes to row the grey of the
// len(row) pixels of m that start at (x, y). There is one a concrete type,
// since At would allocate a color a pixel.
func rowConverter(m image.Image) func(row []uint8, x, y int) {
	switch m := m.(type) {
	case *image.Gray:
		return func(row []uint8, x, y int) { copy(row, m.Pix[m.PixOffset(x, y):]) }
	case *image.RGBA: // premultiplied, which is over black already
		return func(row []uint8, x, y int) {
			in := m.Pix[m.PixOffset(x, y):]
			for i := range row {
				p := in[4*i : 4*i+3 : 4*i+3]
				row[i] = luma(p[0], p[1], p[2])
			}
		}
	case *image.NRGBA:
		return func(row []uint8, x, y int) {
			in := m.Pix[m.PixOffset(x, y):]
			for i := range row {
				p := in[4*i : 4*i+4 : 4*i+4]
				row[i] = luma(overBlack(p[0], p[3]), overBlack(p[1], p[3]), overBlack(p[2], p[3]))
			}
		}
	case *image.Paletted:
		palette := grayPalette(m.Palette)
		return func(row []uint8, x, y int) {
			for i, c := range m.Pix[m.PixOffset(x, y):][:len(row)] {
				row[i] = palette[c]
			}
		}
	case *image.YCbCr:
		return func(row []uint8, x, y int) {
			for i := range row {
				yi, ci := m.YOffset(x+i, y), m.COffset(x+i, y)
				row[i] = luma(color.YCbCrToRGB(m.Y[yi], m.Cb[ci], m.Cr[ci]))
			}
		}
	case *image.NYCbCrA:
		return func(row []uint8, x, y int) {
			for i := range row {
				yi, ci, a := m.YOffset(x+i, y), m.COffset(x+i, y), m.A[m.AOffset(x+i, y)]
				r, g, b := color.YCbCrToRGB(m.Y[yi], m.Cb[ci], m.Cr[ci])
				row[i] = luma(overBlack(r, a), overBlack(g, a), overBlack(b, a))
			}
		}
	case *image.CMYK:
		return func(row []uint8, x, y int) {
			in := m.Pix[m.PixOffset(x, y):]
			for i := range row {
				p := in[4*i : 4*i+4 : 4*i+4]
				row[i] = luma(color.CMYKToRGB(p[0], p[1], p[2], p[3]))
			}
		}
	}
	panic("radiograph: image type of no decoder")
}

// grayPalette is the grey of every index a byte can hold; those beyond the
// palette, which the decoders refuse, are black.
func grayPalette(palette color.Palette) (gray [256]uint8) {
	for i, c := range palette {
		n := color.NRGBAModel.Convert(c).(color.NRGBA)
		gray[i] = luma(overBlack(n.R, n.A), overBlack(n.G, n.A), overBlack(n.B, n.A))
	}
	return gray
}
