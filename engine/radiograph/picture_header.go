package radiograph

import (
	"encoding/binary"
	"fmt"
	"iter"
)

// pictureHeader is what a picture of the web or of a phone says of itself, wherever
// a decoder may find a size.
type pictureHeader struct {
	width, height int  // that a decoder takes memory for; 0 if the file says none
	several       bool // frames
}

// pictureHeader reads the header of a picture, checks it against the limits if a
// decoder takes so many bytes a pixel, and says what is left out.
func (d *decoder) pictureHeader(name string, data []byte, pixelBytes int64) (h pictureHeader, err error) {
	switch name {
	case "GIF":
		h.gif(data)
	case "BMP":
		h.bmp(data)
	case "WebP":
		h.webp(data)
	case "HEIC", "AVIF":
		h.heif(data)
	}
	if h.width == 0 && (name == "HEIC" || name == "AVIF") {
		return h, fmt.Errorf("%w: %s without a picture that stands still; %s", ErrUnsupported, name, exportPicture)
	}
	if err := d.checkSize(h.width, h.height); err != nil {
		return h, err
	}
	if h.several {
		d.note("it holds several frames: the first is read")
	}
	return h, d.checkMemory(int64(h.width) * int64(h.height) * pixelBytes)
}

// extend makes the size hold a part of the picture.
func (h *pictureHeader) extend(width, height int) {
	h.width, h.height = max(h.width, width), max(h.height, height)
}

// gif reads the logical screen, beyond which the first frame may reach, and
// looks for a second frame (GIF89a §18 to §20).
func (h *pictureHeader) gif(data []byte) {
	const header, descriptor, extension, image = 13, 10, 0x21, 0x2c
	u16 := func(at int) int { return int(binary.LittleEndian.Uint16(data[at:])) }
	colours := func(flags byte) int { // bytes of a table
		if flags&0x80 == 0 {
			return 0
		}
		return 3 << (flags&7 + 1)
	}
	if len(data) < header {
		return
	}
	h.extend(u16(6), u16(8))
	frames := 0
	for at := header + colours(data[10]); at < len(data); {
		switch data[at] {
		case extension:
			at += 2
		case image:
			if frames++; frames > 1 {
				h.several = true
				return
			}
			if len(data)-at < descriptor {
				return
			}
			h.extend(u16(at+1)+u16(at+5), u16(at+3)+u16(at+7))
			at += descriptor + colours(data[at+9]) + 1
		default: // the end, or nothing that is known
			return
		}
		for at < len(data) && data[at] != 0 { // blocks, each behind its length
			at += 1 + int(data[at])
		}
		at++
	}
}

// bmp reads the header of OS/2 or that of Windows, of whose height the sign says
// which row is the first.
func (h *pictureHeader) bmp(data []byte) {
	const os2, least = 12, 26
	if len(data) < least {
		return
	}
	if binary.LittleEndian.Uint32(data[14:]) == os2 {
		h.extend(int(binary.LittleEndian.Uint16(data[18:])), int(binary.LittleEndian.Uint16(data[20:])))
		return
	}
	width, height := int32(binary.LittleEndian.Uint32(data[18:])), int32(binary.LittleEndian.Uint32(data[22:]))
	h.extend(int(width), int(max(height, -height)))
}

// webp reads the canvas and the frames in it (RFC 9649 §2.5 to §2.7); an animation
// has them in chunks of their own.
func (h *pictureHeader) webp(data []byte) {
	frames := 0
	for kind, body := range chunksOfWebP(data) {
		switch {
		case kind == "VP8X" && len(body) >= 10:
			u24 := func(at int) int { return int(body[at]) | int(body[at+1])<<8 | int(body[at+2])<<16 }
			h.extend(u24(4)+1, u24(7)+1)
		case kind == "VP8 " && len(body) >= 10:
			h.extend(int(binary.LittleEndian.Uint16(body[6:]))&0x3fff, int(binary.LittleEndian.Uint16(body[8:]))&0x3fff)
		case kind == "VP8L" && len(body) >= 5:
			bits := binary.LittleEndian.Uint32(body[1:])
			h.extend(int(bits&0x3fff)+1, int(bits>>14&0x3fff)+1)
		case kind == "ANMF":
			frames++
			h.several = frames > 1
		}
	}
}

// chunksOfWebP walks the chunks. One that is cut off ends the walk.
func chunksOfWebP(data []byte) iter.Seq2[string, []byte] {
	const header = 12
	return func(yield func(kind string, body []byte) bool) {
		for rest := data[min(header, len(data)):]; len(rest) >= 8; {
			n := int64(binary.LittleEndian.Uint32(rest[4:]))
			if n > int64(len(rest)-8) || !yield(string(rest[:4]), rest[8:8+n]) {
				return
			}
			rest = rest[min(8+n+n&1, int64(len(rest))):]
		}
	}
}

// heif reads the sizes of the images and of their tiles (ISO 23008-12 §6.5.3).
func (h *pictureHeader) heif(data []byte) {
	const fullBox = 4 // its version and flags
	for kind, meta := range boxes(data) {
		if kind != "meta" || len(meta) < fullBox {
			continue
		}
		for kind, properties := range boxes(meta[fullBox:]) {
			if kind != "iprp" {
				continue
			}
			for kind, container := range boxes(properties) {
				if kind != "ipco" {
					continue
				}
				for kind, extents := range boxes(container) {
					if kind == "ispe" && len(extents) >= fullBox+8 {
						width, height := binary.BigEndian.Uint32(extents[fullBox:]), binary.BigEndian.Uint32(extents[fullBox+4:])
						h.extend(int(width&0x7fffffff), int(height&0x7fffffff))
					}
				}
			}
		}
	}
}
