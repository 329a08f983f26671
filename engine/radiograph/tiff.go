package radiograph

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"image"
	"io"
	"iter"
	"math"
	"slices"

	"golang.org/x/image/tiff/lzw"

	"uarweb/engine/radiograph/voi"
)

// TIFF is read here and not by golang.org/x/image/tiff, which turns 16 bits
// around before their highest value is known, knows no orientation and no 12
// bits, and would make the browser's worker 25 kB larger.

// The tags of TIFF 6.0 (§8) that are read.
const (
	tiffWidth           = 256
	tiffHeight          = 257
	tiffBits            = 258
	tiffCompression     = 259
	tiffPhotometric     = 262
	tiffFillOrder       = 266
	tiffStripOffsets    = 273
	tiffOrientation     = 274
	tiffSamples         = 277
	tiffRowsPerStrip    = 278
	tiffStripByteCounts = 279
	tiffPlanar          = 284
	tiffPredictor       = 317
	tiffColorMap        = 320
	tiffTileWidth       = 322
	tiffTileHeight      = 323
	tiffTileOffsets     = 324
	tiffTileByteCounts  = 325
	tiffExtraSamples    = 338
	tiffSampleFormat    = 339
)

// The compressions of TIFF that are read.
const (
	tiffNone       = 1
	tiffLZW        = 5
	tiffDeflate    = 8
	tiffOldDeflate = 32946
	tiffPackBits   = 32773
)

// The photometric interpretations of TIFF that are read.
const (
	tiffWhiteIsZero = 0
	tiffBlackIsZero = 1
	tiffRGB         = 2
	tiffPalette     = 3
)

// tiffPixels is the most pixels that a byte of a TIFF can stand for: of 1 bit,
// a code of LZW with the longest string.
const tiffPixels = 8 * 4096

// tiffFile is the first picture of a TIFF.
type tiffFile struct {
	data          []byte
	order         binary.ByteOrder
	width, height int
	bits          int // a sample, 1 to 16
	samples       int // a pixel
	photometric   int
	alpha         int // 0 for none, 1 multiplied in, 2 not
	compression   int
	predictor     int
	planar        bool
	palette       tiffField // red, then green, then blue, of 16 bits
	// Strips are tiles as wide as the picture.
	tileWidth, tileHeight int
	offsets, sizes        tiffField
	levels                []uint16 // where decode leaves the samples of grey, or nil
}

// tiffField are the values of a field where they stand in the file: many fields
// may say that they have as many as the file has bytes, and the same ones.
type tiffField struct {
	order binary.ByteOrder
	size  int // bytes a value: 1, 2 or 4
	bytes []byte
}

func (v tiffField) count() int { return len(v.bytes) / max(v.size, 1) }

// at is a value; one that no int of this machine holds is the largest that does.
func (v tiffField) at(i int) int {
	switch v.size {
	case 1:
		return int(v.bytes[i])
	case 2:
		return int(v.order.Uint16(v.bytes[2*i:]))
	}
	return int(min(uint(v.order.Uint32(v.bytes[4*i:])), math.MaxInt))
}

// all walks the values.
func (v tiffField) all() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range v.count() {
			if !yield(v.at(i)) {
				return
			}
		}
	}
}

// tiff decodes the first picture of a TIFF.
func (d *decoder) tiff(data []byte) (*image.Gray, error) {
	f, turned, err := d.parseTIFF(data)
	if err != nil {
		return nil, err
	}
	d.reserveOriented(f.width, f.height, turned)
	deep := f.bits > 8 && f.samples == 1 && d.side > 0 // palettes have fewer
	if deep {
		d.reservePlane(f.width, f.height)
	}
	if err := d.checkMemory(f.memory()); err != nil {
		return nil, err
	}
	if deep {
		f.levels = make([]uint16, f.width*f.height)
	}
	out := image.NewGray(image.Rect(0, 0, f.width, f.height))
	used := f.bits
	highest, err := f.decode(d, out, used)
	if err == nil && f.bits == 16 && f.photometric != tiffPalette {
		if used = d.sixteenBits(highest); used < 16 {
			_, err = f.decode(d, out, used)
		}
	}
	if err != nil {
		return nil, err
	}
	if deep {
		scale := voi.Plain(used)
		scale.Inverted = f.photometric == tiffWhiteIsZero
		d.keepGreys(f.width, f.height, scale, func(i int) uint16 { return f.levels[i] })
	}
	return d.oriented(out, turned), nil
}

// parseTIFF reads the first directory.
func (d *decoder) parseTIFF(data []byte) (f *tiffFile, orientation int, err error) {
	f = &tiffFile{data: data, order: binary.LittleEndian}
	if data[0] == 'M' {
		f.order = binary.BigEndian
	}
	fields, more, err := f.directory()
	if err != nil {
		return nil, 0, err
	}
	first := func(tag uint16, absent int) int {
		if v := fields[tag]; v.count() > 0 {
			return v.at(0)
		}
		return absent
	}
	f.width, f.height = first(tiffWidth, 0), first(tiffHeight, 0)
	f.bits, f.samples = first(tiffBits, 1), first(tiffSamples, 1)
	f.compression, f.photometric, f.predictor = first(tiffCompression, tiffNone), first(tiffPhotometric, -1), first(tiffPredictor, 1)
	f.planar = first(tiffPlanar, 1) == 2
	f.palette = fields[tiffColorMap]
	if err := d.checkSize(f.width, f.height); err != nil {
		return nil, 0, err
	}
	if err := checkHeld(f.width, f.height, len(data), tiffPixels); err != nil {
		return nil, 0, err
	}
	if err := f.check(fields); err != nil {
		return nil, 0, err
	}
	f.tileWidth, f.tileHeight = f.width, min(first(tiffRowsPerStrip, f.height), f.height)
	f.offsets, f.sizes = fields[tiffStripOffsets], fields[tiffStripByteCounts]
	if _, tiled := fields[tiffTileWidth]; tiled {
		f.tileWidth, f.tileHeight = first(tiffTileWidth, 0), first(tiffTileHeight, 0)
		f.offsets, f.sizes = fields[tiffTileOffsets], fields[tiffTileByteCounts]
	}
	if err := d.checkSize(f.tileWidth, f.tileHeight); err != nil {
		return nil, 0, err
	}
	planes := 1
	if f.planar {
		planes = f.samples
	}
	across, down := f.tiles()
	if have, need := min(f.offsets.count(), f.sizes.count()), across*down*planes; have < need {
		return nil, 0, fmt.Errorf("%w: it has %d strips or tiles, but the picture needs %d", ErrDamaged, have, need)
	}
	// They may lie over each other, so that their sum bounds the work, and not the
	// size of the file.
	sum := int64(0)
	for i := range across * down * planes {
		if sum += int64(min(f.sizes.at(i), len(data))); sum > int64(d.limits.FileSize) {
			return nil, 0, fmt.Errorf("%w: strips or tiles of more than %d bytes in all", ErrTooLarge, d.limits.FileSize)
		}
	}
	if more {
		d.note("it holds several pictures: the first is read")
	}
	return f, first(tiffOrientation, 1), nil
}

// check refuses what is not read, by its name.
func (f *tiffFile) check(fields map[uint16]tiffField) error {
	unsupported := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s; %s", ErrUnsupported, fmt.Sprintf(format, args...), exportPicture)
	}
	colours := 1
	switch f.photometric {
	case tiffWhiteIsZero, tiffBlackIsZero, tiffPalette:
	case tiffRGB:
		colours = 3
	default:
		return unsupported("photometric interpretation %d of TIFF", f.photometric)
	}
	if !slices.Contains([]int{tiffNone, tiffLZW, tiffDeflate, tiffOldDeflate, tiffPackBits}, f.compression) {
		return unsupported("compression %d of TIFF", f.compression)
	}
	for v := range fields[tiffSampleFormat].all() {
		if v != 1 {
			return unsupported("samples of TIFF that are signed or no integers")
		}
	}
	for v := range fields[tiffBits].all() {
		if v != f.bits {
			return unsupported("samples of %d and of %d bits", f.bits, v)
		}
	}
	if f.bits < 1 || f.bits > 16 {
		return unsupported("%d bits a sample", f.bits)
	}
	if fill := fields[tiffFillOrder]; fill.count() > 0 && fill.at(0) != 1 {
		return unsupported("bits from the lowest on")
	}
	if f.predictor != 1 && (f.predictor != 2 || f.bits != 8 && f.bits != 16) {
		return unsupported("predictor %d of %d bits", f.predictor, f.bits)
	}
	if f.samples < colours || f.samples > colours+1 {
		return unsupported("%d samples a pixel", f.samples)
	}
	if f.photometric == tiffPalette && (f.bits > 8 || f.palette.count() != 3<<f.bits) {
		return fmt.Errorf("%w: a palette of %d values for %d bits", ErrDamaged, f.palette.count(), f.bits)
	}
	if extra := fields[tiffExtraSamples]; f.samples > colours && extra.count() > 0 && extra.at(0) <= 2 {
		f.alpha = extra.at(0)
	}
	return nil
}

// directory finds the fields of the first directory, and whether there is
// another.
func (f *tiffFile) directory() (fields map[uint16]tiffField, more bool, err error) {
	damaged := func(at int) error { return fmt.Errorf("%w: a field at byte %d is cut off", ErrDamaged, at) }
	size := int64(len(f.data))
	if size < 8 {
		return nil, false, damaged(4)
	}
	start := int64(f.order.Uint32(f.data[4:]))
	if size-2 < start {
		return nil, false, damaged(4)
	}
	at := int(start) + 2
	entries := int(f.order.Uint16(f.data[start:]))
	if (len(f.data)-at)/12 < entries {
		return nil, false, damaged(at)
	}
	fields = map[uint16]tiffField{}
	for range entries {
		b := f.data[at : at+12]
		at += 12
		v := tiffField{order: f.order, size: map[uint16]int{1: 1, 3: 2, 4: 4}[f.order.Uint16(b[2:])]} // byte, short, long
		if v.size == 0 {
			continue
		}
		length, from := int64(f.order.Uint32(b[4:]))*int64(v.size), int64(at-4)
		if length > 4 {
			from = int64(f.order.Uint32(b[8:]))
		}
		if from+length > size {
			return nil, false, damaged(at - 12)
		}
		v.bytes = f.data[from : from+length]
		fields[f.order.Uint16(b)] = v
	}
	return fields, len(f.data)-at >= 4 && f.order.Uint32(f.data[at:]) != 0, nil
}

// tiles is how many there are along the axes of a plane.
func (f *tiffFile) tiles() (across, down int) {
	return (f.width + f.tileWidth - 1) / f.tileWidth, (f.height + f.tileHeight - 1) / f.tileHeight
}

// decode writes the grey of the picture to out, of whose samples so many bits
// are used, and returns the highest sample of colour.
func (f *tiffFile) decode(d *decoder, out *image.Gray, used int) (highest int, err error) {
	across, down := f.tiles()
	rowBytes, planes := f.rowBytes()
	together := f.samples / planes
	row := make([]byte, rowBytes)
	pixels := make([]uint16, f.tileWidth*f.samples)
	colours := 1
	if f.photometric == tiffRGB {
		colours = 3
	}
	for t := range across * down {
		x, y := t%across*f.tileWidth, t/across*f.tileHeight
		readers := make([]io.Reader, planes)
		for p := range readers {
			if readers[p], err = f.open(d, p*across*down+t, len(row)*f.tileHeight); err != nil {
				return 0, err
			}
		}
		for line := y; line < min(y+f.tileHeight, f.height); line++ {
			if err := d.ctx.Err(); err != nil {
				return 0, err
			}
			for p, r := range readers {
				if _, err := io.ReadFull(r, row); err != nil {
					if d.ctx.Err() != nil {
						return 0, d.ctx.Err()
					}
					return 0, fmt.Errorf("%w: row %d: %w", ErrDamaged, line, err)
				}
				f.unpack(pixels, row, p, planes, together)
			}
			for i := 0; i < len(pixels); i += f.samples {
				for _, v := range pixels[i : i+colours] {
					highest = max(highest, int(v))
				}
			}
			width := min(f.tileWidth, f.width-x)
			f.gray(out.Pix[line*out.Stride+x:][:width], pixels, used)
			if f.levels != nil {
				copy(f.levels[line*f.width+x:][:width], pixels)
			}
		}
	}
	return highest, nil
}

// rowBytes are those of a row of a strip or tile, of which planes are read beside
// each other.
func (f *tiffFile) rowBytes() (bytes, planes int) {
	if f.planar {
		return (f.tileWidth*f.bits + 7) / 8, f.samples
	}
	return (f.tileWidth*f.samples*f.bits + 7) / 8, 1
}

// memory is what decode takes and what it gives.
func (f *tiffFile) memory() int64 {
	const sampleBytes = 2
	bytes, planes := f.rowBytes()
	need := int64(f.width)*int64(f.height) + int64(bytes) + sampleBytes*int64(f.tileWidth)*int64(f.samples)
	if f.compression == tiffPackBits { // a strip or tile at once
		need += int64(planes) * int64(bytes) * int64(f.tileHeight)
	}
	return need
}

// open reads a strip or tile of that many bytes at most.
func (f *tiffFile) open(d *decoder, tile, size int) (io.Reader, error) {
	offset, n := f.offsets.at(tile), f.sizes.at(tile)
	if offset > len(f.data) || n > len(f.data)-offset {
		return nil, fmt.Errorf("%w: a strip or tile lies at bytes %d to %d of %d", ErrDamaged, offset, offset+n, len(f.data))
	}
	packed := f.data[offset : offset+n]
	switch f.compression {
	case tiffLZW:
		return lzw.NewReader(newReader(d.ctx, packed), lzw.MSB, 8), nil
	case tiffDeflate, tiffOldDeflate:
		r, err := zlib.NewReader(newReader(d.ctx, packed))
		if err != nil {
			return nil, fmt.Errorf("%w: a strip or tile: %w", ErrDamaged, err)
		}
		return r, nil
	case tiffPackBits:
		out := make([]byte, min(size, 64*len(packed)))
		return bytes.NewReader(out[:unpackBits(out, 1, len(out), packed)]), nil
	}
	return newReader(d.ctx, packed), nil
}

// unpack brings a row of a plane to samples and undoes the predictor.
func (f *tiffFile) unpack(pixels []uint16, row []byte, plane, planes, together int) {
	n := f.tileWidth * together
	place := func(i int) *uint16 { return &pixels[i*planes+plane] }
	switch f.bits {
	case 8:
		for i := range n {
			*place(i) = uint16(row[i])
		}
	case 16:
		for i := range n {
			*place(i) = f.order.Uint16(row[2*i:])
		}
	default:
		for i := range n {
			v := uint16(0)
			for b := i * f.bits; b < (i+1)*f.bits; b++ {
				v = v<<1 | uint16(row[b/8]>>(7-b%8)&1)
			}
			*place(i) = v
		}
	}
	if f.predictor == 2 {
		for i := together; i < n; i++ {
			*place(i) = (*place(i) + *place(i - together)) & (1<<f.bits - 1)
		}
	}
}

// gray writes the grey of pixels of so many bits to row.
func (f *tiffFile) gray(row []uint8, pixels []uint16, used int) {
	eight := func(v uint16) uint8 {
		if used < 8 {
			return uint8(int(v) * 255 / (1<<used - 1))
		}
		return uint8(v >> (used - 8))
	}
	for i := range row {
		p := pixels[i*f.samples : (i+1)*f.samples]
		var r, g, b uint8
		switch f.photometric {
		case tiffRGB:
			r, g, b = eight(p[0]), eight(p[1]), eight(p[2])
		case tiffPalette:
			n := 1 << f.bits
			i := int(p[0])
			r, g, b = uint8(f.palette.at(i)>>8), uint8(f.palette.at(n+i)>>8), uint8(f.palette.at(2*n+i)>>8)
		case tiffWhiteIsZero:
			r = eight(uint16(1<<used-1) - p[0])
			g, b = r, r
		default:
			r = eight(p[0])
			g, b = r, r
		}
		if f.alpha == 2 {
			a := uint8(p[len(p)-1] >> max(f.bits-8, 0))
			r, g, b = overBlack(r, a), overBlack(g, a), overBlack(b, a)
		}
		row[i] = luma(r, g, b)
	}
}
