package radiograph

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"image"
)

// orientation is what EXIF data say, else what XMP says: 1 to 8, 0 if neither
// says any.
func orientation(exif, xmp []byte) int { return cmp.Or(exifOrientation(exif), xmpOrientation(xmp)) }

// xmpOrientation reads tiff:Orientation, an attribute or an element (XMP part 2
// §3.1).
func xmpOrientation(xmp []byte) int {
	_, value, _ := bytes.Cut(xmp, []byte("tiff:Orientation"))
	value = bytes.TrimLeft(value, "=>\"' \t\r\n")
	if len(value) == 0 || value[0] < '1' || value[0] > '8' {
		return 0
	}
	return int(value[0] - '0')
}

// exifOrientation reads the Orientation of EXIF data, which are a TIFF without a
// picture (EXIF §4.6.4).
func exifOrientation(exif []byte) int {
	const tagOrientation, short = 0x0112, 3
	exif = bytes.TrimPrefix(exif, []byte("Exif\x00\x00"))
	if len(exif) < 8 {
		return 0
	}
	var order binary.ByteOrder = binary.LittleEndian
	if exif[0] == 'M' {
		order = binary.BigEndian
	}
	directory := order.Uint32(exif[4:])
	if int64(directory)+2 > int64(len(exif)) {
		return 0
	}
	entries := exif[directory+2:]
	for range order.Uint16(exif[directory:]) {
		if len(entries) < 12 {
			return 0
		}
		if order.Uint16(entries) == tagOrientation && order.Uint16(entries[2:]) == short {
			if v := int(order.Uint16(entries[8:])); 1 <= v && v <= 8 {
				return v
			}
			return 0
		}
		entries = entries[12:]
	}
	return 0
}

// reserveOriented counts the memory that oriented takes.
func (d *decoder) reserveOriented(width, height, orientation int) {
	if orientation > 1 {
		d.reserved += int64(width) * int64(height)
		d.reserveGreys(width, height) // once more
	}
}

// oriented turns a picture upright that is stored in an orientation of EXIF, and its
// greys.
func (d *decoder) oriented(m *image.Gray, orientation int) *image.Gray {
	done := map[int]string{2: "mirrored", 3: "turned by 180°", 4: "mirrored and turned by 180°",
		5: "mirrored and turned by 90°", 6: "turned by 90° to the right", 7: "mirrored and turned by 90°", 8: "turned by 90° to the left"}[orientation]
	if done == "" {
		return m
	}
	d.note("%s, as the file says", done)
	if g := d.greys; g != nil {
		g.Samples = turned(g.Samples, g.Width, g.Height, orientation)
		if orientation >= 5 {
			g.Width, g.Height = g.Height, g.Width
		}
	}
	width, height := m.Rect.Dx(), m.Rect.Dy()
	size := image.Pt(width, height)
	if orientation >= 5 {
		size = image.Pt(height, width)
	}
	return &image.Gray{Pix: turned(m.Pix, width, height, orientation), Stride: size.X, Rect: image.Rectangle{Max: size}}
}

// turned turns the pixels of a picture upright, whose rows lie behind each other.
func turned[P uint8 | uint16](pix []P, width, height, orientation int) []P {
	swap := orientation >= 5
	across := width
	if swap {
		across = height
	}
	out := make([]P, len(pix))
	for y := range len(pix) / across {
		row := out[y*across : (y+1)*across]
		for x := range row {
			// Where the pixel is stored.
			u, v := x, y
			if swap {
				u, v = y, x
			}
			switch orientation {
			case 2, 3, 7, 8:
				u = width - 1 - u
			}
			switch orientation {
			case 3, 4, 6, 7:
				v = height - 1 - v
			}
			row[x] = pix[v*width+u]
		}
	}
	return out
}
