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

// toGray brings any image of the standard decoders to 8-bit grey with its
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
	case *image.Gray16:
		return func(row []uint8, x, y int) {
			in := m.Pix[m.PixOffset(x, y):]
			for i := range row {
				row[i] = in[2*i]
			}
		}
	case *image.RGBA: // premultiplied, which is over black already
		return func(row []uint8, x, y int) {
			in := m.Pix[m.PixOffset(x, y):]
			for i := range row {
				p := in[4*i : 4*i+3 : 4*i+3]
				row[i] = luma(p[0], p[1], p[2])
			}
		}
	case *image.RGBA64:
		return func(row []uint8, x, y int) {
			in := m.Pix[m.PixOffset(x, y):]
			for i := range row {
				p := in[8*i : 8*i+5 : 8*i+5]
				row[i] = luma(p[0], p[2], p[4])
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
	case *image.NRGBA64:
		return func(row []uint8, x, y int) {
			in := m.Pix[m.PixOffset(x, y):]
			for i := range row {
				p := in[8*i : 8*i+7 : 8*i+7]
				row[i] = luma(overBlack(p[0], p[6]), overBlack(p[2], p[6]), overBlack(p[4], p[6]))
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
	case *image.CMYK:
		return func(row []uint8, x, y int) {
			in := m.Pix[m.PixOffset(x, y):]
			for i := range row {
				p := in[4*i : 4*i+4 : 4*i+4]
				row[i] = luma(color.CMYKToRGB(p[0], p[1], p[2], p[3]))
			}
		}
	}
	panic("radiograph: image type of no standard decoder")
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
