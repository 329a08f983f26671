package radiograph

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"io"

	"uarweb/engine/radiograph/voi"
)

// PNG is read here and not by image/png, which holds a picture of 16 bits in
// full before its highest value is known, and refuses what the readers that
// people have forgive: a wrong checksum of a chunk that does not matter, a
// palette in a grey picture, bytes behind the rows.

const pngSignature = "\x89PNG\r\n\x1a\n"

// pngPixels is the most pixels that a byte of a PNG can stand for: of 1 bit,
// deflated at the highest ratio.
const pngPixels = 8 * 1032

// The colour types of PNG (§11.2.2).
const (
	pngGray      = 0
	pngRGB       = 2
	pngPalette   = 3
	pngGrayAlpha = 4
	pngRGBAlpha  = 6
)

// pngFile is a PNG taken apart.
type pngFile struct {
	width, height int
	depth         int // bits a sample: 1, 2, 4, 8 or 16
	colour        int
	interlaced    bool
	palette       []byte // of 3 bytes an entry
	transparent   []byte // tRNS
	exif, xmp     []byte
	profileRead   bool
	xmpRead       bool
	rows          []byte   // the IDAT chunks, from the first to the last
	levels        []uint16 // where decode leaves those of 16 bits of grey, or nil
}

// png decodes a PNG row by row.
func (d *decoder) png(data []byte) (*image.Gray, error) {
	f, err := d.parsePNG(data)
	if err != nil {
		return nil, err
	}
	turned := orientation(f.exif, f.xmp)
	d.reserveOriented(f.width, f.height, turned)
	deep := f.depth == 16 && f.colour == pngGray && len(f.transparent) == 0 && d.side > 0
	if deep {
		d.reservePlane(f.width, f.height)
	}
	rowBytes := int64(f.width) * int64(f.channels()*f.depth) / 8
	if err := d.checkMemory(int64(f.width)*int64(f.height) + 2*rowBytes + int64(f.width)); err != nil {
		return nil, err
	}
	shift := 0
	if f.depth == 16 {
		shift = 8
	}
	if deep {
		f.levels = make([]uint16, f.width*f.height)
	}
	out := image.NewGray(image.Rect(0, 0, f.width, f.height))
	highest, err := f.decode(d.ctx, out, shift)
	if err != nil {
		return nil, err
	}
	if f.depth == 16 {
		// What the values take is known behind the last of them, so a picture of
		// fewer bits is decoded twice.
		used := d.sixteenBits(highest)
		if used < 16 {
			if _, err := f.decode(d.ctx, out, used-8); err != nil {
				return nil, err
			}
		}
		if deep {
			d.keepGreys(f.width, f.height, voi.Plain(used), func(i int) uint16 { return f.levels[i] })
		}
	}
	return d.oriented(out, turned), nil
}

// sixteenBits is how many of 16 bits a picture takes whose highest value is
// given. Detectors deliver 10 to 14; what ends higher is taken for 16, so that
// a picture that is merely dark stays as it is.
func (d *decoder) sixteenBits(highest int) int {
	const most = 14
	used := usedBits(highest, 16)
	if used > most {
		return 16
	}
	d.note("values end at %s: read as %d bits", thousands(highest), used)
	return used
}

// parsePNG checks all that is not pixels. Checksums count in critical chunks;
// an ancillary one whose checksum is wrong is passed over.
func (d *decoder) parsePNG(data []byte) (*pngFile, error) {
	damaged := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
	}
	var f *pngFile
	last, start := "", 0
	for at := len(pngSignature); ; {
		if err := d.ctx.Err(); err != nil {
			return nil, err
		}
		rest := data[at:]
		if len(rest) < 12 || int64(binary.BigEndian.Uint32(rest)) > int64(len(rest)-12) {
			return nil, damaged("a chunk at byte %d is cut off", at)
		}
		n := int(binary.BigEndian.Uint32(rest))
		kind, body := string(rest[4:8]), rest[8:8+n]
		at += 12 + n
		critical := kind[0]&0x20 == 0
		if crc32.ChecksumIEEE(rest[4:8+n]) != binary.BigEndian.Uint32(rest[8+n:]) {
			if !critical {
				continue
			}
			return nil, damaged("chunk %q has a wrong checksum", kind)
		}
		if f == nil && kind != "IHDR" {
			if kind == "CgBI" {
				return nil, fmt.Errorf("%w: a PNG of an iOS app; %s", ErrUnsupported, exportPicture)
			}
			return nil, damaged("chunk %q comes before the header", kind)
		}
		switch kind {
		case "IHDR":
			if f != nil {
				return nil, damaged("it has two headers")
			}
			var err error
			if f, err = d.pngHeader(body, len(data)); err != nil {
				return nil, err
			}
		case "PLTE":
			if f.colour == pngPalette && (n == 0 || n%3 != 0 || n > 3*256 || f.palette != nil || f.rows != nil) {
				return nil, damaged("a palette of %d bytes", n)
			}
			f.palette = body
		case "tRNS":
			f.transparent = body
		case "eXIf":
			f.exif = body
		case "tEXt", "zTXt", "iTXt":
			f.text(kind, body)
		case "IDAT":
			if f.rows != nil && last != "IDAT" {
				return nil, damaged("the pixels are interrupted")
			}
			if f.colour == pngPalette && f.palette == nil {
				return nil, damaged("it has no palette")
			}
			if f.rows == nil {
				start = at - 12 - n
			}
			f.rows = data[start:at]
		case "IEND":
			if f.rows == nil {
				return nil, damaged("it has no pixels")
			}
			return f, nil
		default:
			if critical {
				return nil, fmt.Errorf("%w: chunk %q, which is no part of PNG", ErrUnsupported, kind)
			}
		}
		last = kind
	}
}

// text reads the text chunks (§11.3.3) that programs have for metadata: EXIF data
// in hexadecimal behind their name and length, as before there was eXIf, and XMP.
// What cannot be read says nothing, nor does what lies far behind.
func (f *pngFile) text(kind string, body []byte) {
	keyword, body, _ := bytes.Cut(body, []byte{0})
	profile, xmp := string(keyword) == "Raw profile type exif", string(keyword) == "XML:com.adobe.xmp"
	read := &f.xmpRead
	if profile {
		read = &f.profileRead
	}
	if !profile && !xmp || *read {
		return
	}
	*read = true // whatever it is: each takes time
	deflated := kind == "zTXt"
	switch {
	case deflated && len(body) >= 1:
		body = body[1:]
	case kind == "iTXt" && len(body) >= 2:
		deflated = body[0] == 1
		_, body, _ = bytes.Cut(body[2:], []byte{0}) // the language
		_, body, _ = bytes.Cut(body, []byte{0})     // the keyword in it
	}
	const most = 1 << 18
	if deflated {
		r, err := zlib.NewReader(bytes.NewReader(body))
		if err != nil {
			return
		}
		if body, err = io.ReadAll(io.LimitReader(r, most)); err != nil {
			return
		}
	}
	body = body[:min(len(body), most)]
	if xmp {
		f.xmp = body
		return
	}
	const before = 2 // the profile's name and length
	if words := bytes.Fields(body); len(words) > before && f.exif == nil {
		if exif, err := hex.DecodeString(string(bytes.Join(words[before:], nil))); err == nil {
			f.exif = exif
		}
	}
}

func (d *decoder) pngHeader(b []byte, size int) (*pngFile, error) {
	if len(b) != 13 {
		return nil, fmt.Errorf("%w: a header of %d bytes", ErrDamaged, len(b))
	}
	width, height := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
	f := &pngFile{width: int(width & 0x7fffffff), height: int(height & 0x7fffffff), depth: int(b[8]), colour: int(b[9]), interlaced: b[12] == 1}
	depths := map[int]string{pngGray: "\x01\x02\x04\x08\x10", pngRGB: "\x08\x10", pngPalette: "\x01\x02\x04\x08", pngGrayAlpha: "\x08\x10", pngRGBAlpha: "\x08\x10"}[f.colour]
	if !bytes.Contains([]byte(depths), b[8:9]) || b[10] != 0 || b[11] != 0 || b[12] > 1 {
		return nil, fmt.Errorf("%w: colour type %d of %d bits, methods %d, %d and %d", ErrDamaged, f.colour, f.depth, b[10], b[11], b[12])
	}
	if err := d.checkSize(f.width, f.height); err != nil {
		return nil, err
	}
	return f, checkHeld(f.width, f.height, size, pngPixels)
}

// channels a pixel.
func (f *pngFile) channels() int {
	switch f.colour {
	case pngRGB:
		return 3
	case pngGrayAlpha:
		return 2
	case pngRGBAlpha:
		return 4
	}
	return 1
}

// adam7 are the passes of an interlaced PNG (§8.2): first column and row, and
// the steps from one to the next.
var adam7 = [...]struct{ x, y, dx, dy int }{
	{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2},
}

// decode inflates the rows and writes their grey to out, samples of 16 bits
// shifted right, and returns the highest sample of 16 bits.
func (f *pngFile) decode(ctx context.Context, out *image.Gray, shift int) (highest int, err error) {
	r, err := zlib.NewReader(&idat{ctx: ctx, chunks: f.rows})
	if err != nil {
		return 0, wrapPNG(ctx, err)
	}
	defer r.Close()
	passes := adam7[:]
	if !f.interlaced {
		passes = []struct{ x, y, dx, dy int }{{0, 0, 1, 1}}
	}
	gray := f.converter(shift)
	pixelBytes := max(1, f.channels()*f.depth/8)
	for _, p := range passes {
		width := (f.width - p.x + p.dx - 1) / p.dx
		if width <= 0 {
			continue
		}
		bytes := (width*f.channels()*f.depth + 7) / 8
		row, above := make([]byte, 1+bytes), make([]byte, 1+bytes)
		pixels := make([]uint8, width)
		for y := p.y; y < f.height; y += p.dy {
			if err := ctx.Err(); err != nil {
				return 0, err
			}
			if _, err := io.ReadFull(r, row); err != nil {
				return 0, wrapPNG(ctx, err)
			}
			if err := unfilter(row, above[1:], pixelBytes); err != nil {
				return 0, err
			}
			if f.depth == 16 {
				highest = max(highest, f.highest(row[1:]))
			}
			gray(pixels, row[1:])
			line := out.Pix[y*out.Stride:][:f.width]
			for i, v := range pixels {
				line[p.x+i*p.dx] = v
			}
			if f.levels != nil {
				line := f.levels[y*f.width:][:f.width]
				for i := range pixels {
					line[p.x+i*p.dx] = binary.BigEndian.Uint16(row[1+2*i:])
				}
			}
			row, above = above, row
		}
	}
	// To the end of the stream, for its checksum; a little more than the rows
	// need is passed over.
	const more = 1 << 16
	if _, err := io.CopyN(io.Discard, r, more); err != nil && err != io.EOF {
		return 0, wrapPNG(ctx, err)
	}
	return highest, nil
}

// idat reads the data of the IDAT chunks as one stream, until ctx is done. Chunks
// between them are those that parsePNG has passed over.
type idat struct {
	ctx     context.Context
	current []byte
	chunks  []byte // behind the current one
}

// Read gives little at a time, since a few bytes can be long to inflate.
func (r *idat) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	for len(r.current) == 0 {
		if len(r.chunks) == 0 {
			return 0, io.EOF
		}
		n := binary.BigEndian.Uint32(r.chunks)
		if string(r.chunks[4:8]) == "IDAT" {
			r.current = r.chunks[8 : 8+n]
		}
		r.chunks = r.chunks[12+n:]
	}
	n := copy(p[:min(len(p), 256)], r.current)
	r.current = r.current[n:]
	return n, nil
}

func wrapPNG(ctx context.Context, err error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%w: the pixels: %w", ErrDamaged, err)
}

// unfilter undoes the filter of a row (§9.2), whose first byte names it.
func unfilter(row, above []byte, pixelBytes int) error {
	filter, row := row[0], row[1:]
	switch filter {
	case 0:
	case 1:
		for i := pixelBytes; i < len(row); i++ {
			row[i] += row[i-pixelBytes]
		}
	case 2:
		for i, v := range above {
			row[i] += v
		}
	case 3:
		for i := range row {
			left := 0
			if i >= pixelBytes {
				left = int(row[i-pixelBytes])
			}
			row[i] += uint8((left + int(above[i])) / 2)
		}
	case 4:
		for i := range row {
			left, corner := 0, 0
			if i >= pixelBytes {
				left, corner = int(row[i-pixelBytes]), int(above[i-pixelBytes])
			}
			row[i] += paeth(left, int(above[i]), corner)
		}
	default:
		return fmt.Errorf("%w: a row of the unknown filter %d", ErrDamaged, filter)
	}
	return nil
}

// paeth is the neighbour next to left + above − corner (§9.4).
func paeth(left, above, corner int) uint8 {
	toLeft, toAbove, toCorner := above-corner, left-corner, left+above-2*corner
	toLeft, toAbove, toCorner = max(toLeft, -toLeft), max(toAbove, -toAbove), max(toCorner, -toCorner)
	switch {
	case toLeft <= toAbove && toLeft <= toCorner:
		return uint8(left)
	case toAbove <= toCorner:
		return uint8(above)
	}
	return uint8(corner)
}

// highest is the highest sample of 16 bits in a row, alpha left out.
func (f *pngFile) highest(row []byte) (highest int) {
	channels := f.channels()
	colours := channels
	if f.colour == pngGrayAlpha || f.colour == pngRGBAlpha {
		colours--
	}
	for i := 0; i < len(row); i += 2 * channels {
		for c := range colours {
			highest = max(highest, int(binary.BigEndian.Uint16(row[i+2*c:])))
		}
	}
	return highest
}

// converter returns the function that writes to out the grey of a row's
// pixels.
func (f *pngFile) converter(shift int) func(out []uint8, row []byte) {
	wide := f.depth == 16
	sample := func(row []byte, i int) uint8 {
		if wide {
			return uint8(binary.BigEndian.Uint16(row[2*i:]) >> shift)
		}
		return row[i]
	}
	alpha := func(row []byte, i int) uint8 {
		if wide {
			return row[2*i]
		}
		return row[i]
	}
	// The colour that stands for nothing, in the bytes of a pixel.
	var key []byte
	switch channels := f.channels(); {
	case f.colour == pngGray && len(f.transparent) == 2, f.colour == pngRGB && len(f.transparent) == 6:
		for c := range channels {
			if wide {
				key = append(key, f.transparent[2*c])
			}
			key = append(key, f.transparent[2*c+1])
		}
	}
	clear := func(row []byte, i int) bool {
		return key != nil && bytes.Equal(row[i*len(key):(i+1)*len(key)], key)
	}
	switch {
	case f.colour == pngPalette || f.depth < 8:
		table := f.table()
		perByte := 8 / f.depth
		return func(out []uint8, row []byte) {
			for i := range out {
				out[i] = table[int(row[i/perByte])>>(8-f.depth*(i%perByte+1))&(1<<f.depth-1)]
			}
		}
	case f.colour == pngGray:
		return func(out []uint8, row []byte) {
			for i := range out {
				if out[i] = sample(row, i); clear(row, i) {
					out[i] = 0
				}
			}
		}
	case f.colour == pngGrayAlpha:
		return func(out []uint8, row []byte) {
			for i := range out {
				v := overBlack(sample(row, 2*i), alpha(row, 2*i+1))
				out[i] = luma(v, v, v)
			}
		}
	case f.colour == pngRGB:
		return func(out []uint8, row []byte) {
			for i := range out {
				if out[i] = luma(sample(row, 3*i), sample(row, 3*i+1), sample(row, 3*i+2)); clear(row, i) {
					out[i] = 0
				}
			}
		}
	}
	return func(out []uint8, row []byte) {
		for i := range out {
			a := alpha(row, 4*i+3)
			out[i] = luma(overBlack(sample(row, 4*i), a), overBlack(sample(row, 4*i+1), a), overBlack(sample(row, 4*i+2), a))
		}
	}
}

// table is the grey of every value that up to 8 bits can have; of a palette,
// those beyond it are black.
func (f *pngFile) table() (table [256]uint8) {
	if f.colour != pngPalette {
		top := 1<<f.depth - 1
		for v := range top + 1 {
			table[v] = uint8(v * 255 / top)
		}
		if len(f.transparent) == 2 {
			table[f.transparent[1]] = 0
		}
		return table
	}
	for i := range len(f.palette) / 3 {
		a := uint8(255)
		if i < len(f.transparent) {
			a = f.transparent[i]
		}
		p := f.palette[3*i:]
		table[i] = luma(overBlack(p[0], a), overBlack(p[1], a), overBlack(p[2], a))
	}
	return table
}
