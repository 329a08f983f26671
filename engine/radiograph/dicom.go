package radiograph

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"math"
	"strconv"
	"strings"

	"uarweb/engine/radiograph/codec"
)

// dicom reads the image of a DICOM file, the first one of several.
func (d *decoder) dicom(data []byte) (*image.Gray, error) {
	c, err := scan(d.ctx, data, d.limits.FileSize)
	if err != nil {
		return nil, err
	}
	d.facts = c.attributes.facts()
	if err := c.holdsImage(); err != nil {
		return nil, err
	}
	set := &dataset{attributes: c.attributes, note: d.note}
	f, err := d.newFrame(set)
	if err != nil {
		return nil, err
	}
	if c.encapsulated != (c.syntax == rleLossless || compressed[c.syntax]) {
		return nil, fmt.Errorf("%w: the pixel data are not as the transfer syntax %q says", ErrDamaged, c.syntax)
	}
	d.reserved += f.memory()
	if f.samples == 1 {
		d.reserveGreys(f.width, f.height)
	}
	if !c.encapsulated {
		return f.native(d, set, c.pixels, c.swapped)
	}
	stream, err := d.join(c.firstFrame(f.frames))
	if err != nil {
		return nil, err
	}
	if c.syntax == rleLossless {
		pixels, err := f.unpackRLE(d, stream)
		if err != nil {
			return nil, err
		}
		f.planar = true
		return f.native(d, set, pixels, false)
	}
	return f.stream(d, set, stream)
}

// holdsImage refuses the objects that are no images, by their SOP class (PS3.4
// §B.5) or their modality.
func (c *contents) holdsImage() error {
	class := c.class
	if class == "" {
		class = c.attributes.text(sopClassUID)
	}
	what := ""
	kind, storage := strings.CutPrefix(class, "1.2.840.10008.5.1.4.1.1.")
	_, isDirectory := c.attributes[directoryRecordSequence]
	switch modality := c.attributes.text(modality); {
	case isDirectory || class == "1.2.840.10008.1.3.10":
		return fmt.Errorf("%w: an index of a CD (DICOMDIR), which names images but holds none; open the folder it lies in", ErrUnsupported)
	case c.attributes.has(rows):
		return nil
	case storage && strings.HasPrefix(kind, "88.59") || modality == "KO":
		what = "a list of chosen images"
	case storage && strings.HasPrefix(kind, "88.") || modality == "SR":
		what = "a structured report"
	case storage && strings.HasPrefix(kind, "11.") || modality == "PR":
		what = "a presentation state"
	case storage && strings.HasPrefix(kind, "104."):
		what = "a document in DICOM"
	case storage && strings.HasPrefix(kind, "9.") || modality == "ECG":
		what = "a waveform"
	case storage && strings.HasPrefix(kind, "481."):
		what = "a radiotherapy object"
	default:
		return fmt.Errorf("%w: the file holds no image", ErrUnsupported)
	}
	return fmt.Errorf("%w: %s, which holds no image; choose the image itself", ErrUnsupported, what)
}

// firstFrame are the fragments of the first of so many frames (PS3.5 §A.4).
// Of several, it ends where the offset table says, or before the next fragment
// that starts a code stream; a frame of RLE is one fragment.
func (c *contents) firstFrame(frames int) [][]byte {
	fragments := c.fragments
	if frames > 1 {
		second := len(fragments)
		if len(c.offsets) >= 8 {
			second = fragmentAt(fragments, binary.LittleEndian.Uint32(c.offsets[4:]))
		} else if len(fragments) == frames || c.syntax == rleLossless {
			second = min(1, len(fragments))
		} else {
			for i := 1; i < len(fragments); i++ {
				if startsStream(fragments[i]) {
					second = i
					break
				}
			}
		}
		fragments = fragments[:second]
	}
	return fragments
}

// join makes one stream of fragments.
func (d *decoder) join(fragments [][]byte) ([]byte, error) {
	if len(fragments) == 1 {
		return fragments[0], nil
	}
	size := 0
	for _, f := range fragments {
		size += len(f)
	}
	if err := d.reserve(int64(size)); err != nil {
		return nil, err
	}
	return bytes.Join(fragments, nil), nil
}

// fragmentAt is the index of the fragment whose item starts at an offset from
// the first one, or the number of fragments.
func fragmentAt(fragments [][]byte, offset uint32) int {
	const header = 8
	at := uint64(0)
	for i, f := range fragments {
		if i > 0 && at >= uint64(offset) {
			return i
		}
		at += header + uint64(len(f))
	}
	return len(fragments)
}

func (a attributes) has(t attribute) bool { return len(a[t].bytes) > 0 }

// words are the values of a US, SS or OW attribute, all as if unsigned.
func (a attributes) words(t attribute) []int {
	b := a[t].bytes
	words := make([]int, len(b)/2)
	for i := range words {
		words[i] = int(binary.LittleEndian.Uint16(b[2*i:]))
	}
	return words
}

// text is the first value of a CS, DS, IS or UI attribute, empty if there is
// none.
func (a attributes) text(t attribute) string { return a.textAt(t, 0) }

// textAt is one of the values of such an attribute, empty if there is none.
func (a attributes) textAt(t attribute, i int) string {
	rest, more := a[t].bytes, true
	for ; i > 0 && more; i-- {
		_, rest, more = bytes.Cut(rest, []byte{'\\'})
	}
	value, _, _ := bytes.Cut(rest, []byte{'\\'})
	return string(bytes.Trim(value, " \x00"))
}

// code is a CS attribute's first value, which some write in lower case.
func (a attributes) code(t attribute) string { return strings.ToUpper(a.text(t)) }

// item is the first item of a sequence, nil if it has none.
func (a attributes) item(t attribute) attributes {
	if items := a[t].items; len(items) > 0 {
		return items[0]
	}
	return nil
}

// dataset reads attributes that have to be right: it keeps the first error in
// err, so that a run of reads needs one check.
type dataset struct {
	attributes
	err  error
	note func(format string, args ...any)
}

func (d *dataset) fail(t attribute, format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: %s %v %s", ErrDamaged, wanted[t], t, fmt.Sprintf(format, args...))
	}
}

// word is the first of the words.
func (d *dataset) word(t attribute) int {
	words := d.words(t)
	if len(words) == 0 {
		d.fail(t, "is missing")
		return 0
	}
	return words[0]
}

func (d *dataset) wordOr(t attribute, absent int) int {
	if !d.has(t) {
		return absent
	}
	return d.word(t)
}

// maxNumber keeps products of a stored value and a slope well within an int.
const maxNumber = 1e12

// number is the first value of a DS or IS attribute, and whether it is a
// number that can be used.
func (a attributes) number(t attribute) (float64, bool) { return a.numberAt(t, 0) }

// numberAt is the same of one of the values.
func (a attributes) numberAt(t attribute, i int) (float64, bool) {
	v, err := strconv.ParseFloat(cleanNumber(a.textAt(t, i)), 64)
	return v, err == nil && math.Abs(v) <= maxNumber // which NaN is not
}

// cleanNumber takes off what some programs write around a decimal string:
// brackets, quotes, a second value behind a comma, and a comma for the point.
func cleanNumber(text string) string {
	text = strings.Trim(text, "[]()'\" ")
	text, _, _ = strings.Cut(text, ", ")
	return strings.Replace(strings.Trim(text, "'\" "), ",", ".", 1)
}

// numberOr is the first value of a DS or IS attribute that has to be a number
// if it is there.
func (d *dataset) numberOr(t attribute, absent float64) float64 {
	if d.text(t) == "" {
		return absent
	}
	v, ok := d.number(t)
	if !ok {
		d.fail(t, "is no usable number: %.64q", d.text(t))
		return absent
	}
	return v
}

// frame describes the pixels of an image (PS3.3 §C.7.6.3).
type frame struct {
	width, height int
	frames        int // in the file
	samples       int // 1 or 3 a pixel
	planar        bool
	photometric   string
	allocated     int // bits a sample in the file: 8 or 16
	stored        int // bits that count
	shift         int // bits below them
	signed        bool
	inverted      bool // the lowest value is white
}

func (d *decoder) newFrame(set *dataset) (*frame, error) {
	f := &frame{
		width:       set.word(columns),
		height:      set.word(rows),
		samples:     set.wordOr(samplesPerPixel, 1),
		planar:      set.wordOr(planarConfiguration, 0) == 1,
		photometric: set.code(photometricInterpretation),
		allocated:   set.word(bitsAllocated),
		signed:      set.wordOr(pixelRepresentation, 0) == 1,
	}
	f.stored = set.wordOr(bitsStored, f.allocated)
	high := set.wordOr(highBit, f.stored-1)
	frames, countable := set.number(numberOfFrames)
	if set.err != nil {
		return nil, set.err
	}
	if err := d.checkSize(f.width, f.height); err != nil {
		return nil, err
	}
	if f.allocated != 8 && f.allocated != 16 {
		return nil, fmt.Errorf("%w: %d bits allocated a sample, not 8 or 16", ErrUnsupported, f.allocated)
	}
	f.shift = high + 1 - f.stored
	if f.shift < 0 {
		d.note("High Bit is %d, which cannot be: the lowest %d bits are read", high, f.stored)
		f.shift = 0
	}
	if f.stored < 1 || f.shift+f.stored > f.allocated {
		return nil, fmt.Errorf("%w: %d bits stored from bit %d on, %d allocated", ErrDamaged, f.stored, f.shift, f.allocated)
	}
	f.frames = 1
	if countable {
		f.frames = int(min(max(frames, 1), math.MaxInt32))
	} else if given := set.text(numberOfFrames); given != "" {
		d.note("Number of Frames is %.64q, which is no number: one is read", given)
	}
	if f.frames > 1 {
		d.note("it holds %s frames: the first is read", thousands(f.frames))
	}
	return f, f.colours(d, set.code(presentationLUTShape))
}

// colours settles what the samples stand for (PS3.3 §C.7.6.3.1.2). MONOCHROME1
// says itself that the lowest value is white, whatever the shape of the
// presentation LUT (PS3.3 §C.11.6).
func (f *frame) colours(d *decoder, shape string) error {
	samples := 3
	switch f.photometric {
	case "MONOCHROME1":
		samples = 1
		f.inverted = true
	case "MONOCHROME2":
		samples = 1
		if shape == "INVERSE" {
			d.note("Presentation LUT Shape is INVERSE: shown inverted")
			f.inverted = true
		}
	case "RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT":
	default:
		return fmt.Errorf("%w: photometric interpretation %.64q; export it in grey", ErrUnsupported, f.photometric)
	}
	if f.samples != samples {
		return fmt.Errorf("%w: %d samples a pixel of %s", ErrDamaged, f.samples, f.photometric)
	}
	return nil
}

// samples are the codes of a frame as they are stored: bytes, words in little
// endian, or words that a codec decoded.
type samples struct {
	bytes []byte
	wide  bool // two bytes a sample
	words []uint16
}

func (s samples) at(i int) int {
	switch {
	case s.words != nil:
		return int(s.words[i])
	case s.wide:
		return int(binary.LittleEndian.Uint16(s.bytes[2*i:]))
	}
	return int(s.bytes[i])
}

// memory is what picture takes and what it gives.
func (f *frame) memory() int64 {
	pixels := int64(f.width) * int64(f.height)
	if f.samples > 1 {
		return pixels
	}
	return pixels + valueBytes<<f.stored
}

// native reads pixel data that are not compressed, whose words may have their
// bytes swapped; those behind the first frame are passed over.
func (f *frame) native(d *decoder, set *dataset, pixels []byte, swapped bool) (*image.Gray, error) {
	// newFrame has bounded the factors: this is at most 6·MaxPixels bytes.
	size := f.width * f.height * f.samples * (f.allocated / 8)
	halved := f.photometric == "YBR_FULL_422" && len(pixels) < size && f.allocated == 8
	if halved {
		size = 4 * ((f.width + 1) / 2) * f.height
	}
	if swapped {
		size += size % 2 // whole words
	}
	if len(pixels) < size {
		return nil, fmt.Errorf("%w: %d bytes of pixel data, but %d×%d pixels need %d", ErrDamaged, len(pixels), f.width, f.height, size)
	}
	copied := 0
	if swapped {
		copied = size
	}
	if err := d.reserve(int64(copied)); err != nil {
		return nil, err
	}
	if swapped {
		pixels = swapWords(pixels[:size])
	}
	if halved {
		return f.native422(pixels)
	}
	return f.picture(d, set, samples{bytes: pixels, wide: f.allocated == 16})
}

// native422 reads two bytes a pixel: Y of two pixels, then the Cb and Cr they
// share. A file that says so may hold three a pixel all the same.
func (f *frame) native422(pixels []byte) (*image.Gray, error) {
	pairs := (f.width + 1) / 2
	out := image.NewGray(image.Rect(0, 0, f.width, f.height))
	for i := range out.Pix {
		x, y := i%f.width, i/f.width
		p := pixels[4*(y*pairs+x/2):]
		out.Pix[i] = luma(color.YCbCrToRGB(p[x%2], p[2], p[3]))
	}
	return out, nil
}

// picture brings samples to grey.
func (f *frame) picture(d *decoder, set *dataset, s samples) (*image.Gray, error) {
	if f.samples == 1 {
		return f.render(d, set, s)
	}
	ybr := f.photometric == "YBR_FULL" || f.photometric == "YBR_FULL_422"
	next, step := 1, f.samples
	if f.planar {
		next, step = f.width*f.height, 1
	}
	out := image.NewGray(image.Rect(0, 0, f.width, f.height))
	for i := range out.Pix {
		r, g, b := f.eightBits(s.at(i*step)), f.eightBits(s.at(i*step+next)), f.eightBits(s.at(i*step+2*next))
		if ybr {
			r, g, b = color.YCbCrToRGB(r, g, b)
		}
		out.Pix[i] = luma(r, g, b)
	}
	return out, nil
}

// eightBits are the upper 8 of the bits of colour that are stored.
func (f *frame) eightBits(sample int) uint8 {
	code := f.code(sample)
	if f.stored < 8 {
		return uint8(code * 255 / (1<<f.stored - 1))
	}
	return uint8(code >> (f.stored - 8))
}

// stream reads an encapsulated code stream, which its first bytes name.
func (f *frame) stream(d *decoder, set *dataset, stream []byte) (*image.Gray, error) {
	if isBaseline(stream) {
		gray, err := d.jpegPixels(stream, f.photometric == "RGB")
		if err != nil {
			return nil, err
		}
		if err := f.checkStream(gray.Rect.Dx(), gray.Rect.Dy(), 8); err != nil {
			return nil, err
		}
		if f.samples == 3 {
			return gray, nil
		}
		return f.render(d, set, samples{bytes: gray.Pix})
	}
	decoded, err := d.codeStream(stream)
	if err != nil {
		return nil, err
	}
	if err := f.checkStream(decoded.Width, decoded.Height, decoded.Bits); err != nil {
		return nil, err
	}
	if decoded.Components != f.samples {
		return nil, fmt.Errorf("%w: %d samples a pixel in an image of %d", ErrDamaged, decoded.Components, f.samples)
	}
	f.planar = false
	if decoded.Bits <= f.stored {
		// A stream of fewer bits has its own sign bit, and nothing below the lowest.
		f.shift = 0
		if f.signed && !decoded.Signed || f.samples == 3 {
			f.stored = decoded.Bits
		}
	}
	return f.picture(d, set, samples{words: decoded.Samples})
}

// checkStream compares what a code stream holds with what the data set says.
func (f *frame) checkStream(width, height, bits int) error {
	if width != f.width || height != f.height || bits > f.allocated || bits == 8 && f.stored > 8 {
		return fmt.Errorf("%w: a code stream of %d×%d pixels and %d bits in an image of %d×%d with %d bits", ErrDamaged,
			width, height, bits, f.width, f.height, f.stored)
	}
	return nil
}

// render brings stored samples through the greyscale pipeline (PS3.4 §N.2) to
// 8 bits. It works on a table of all values a sample can have, so a pixel
// costs one look-up.
func (f *frame) render(d *decoder, set *dataset, s samples) (*image.Gray, error) {
	out := image.NewGray(image.Rect(0, 0, f.width, f.height))
	used := make([]bool, 1<<f.stored)
	for i := range out.Pix {
		used[f.code(s.at(i))] = true
	}
	m := f.modality(set)
	table, scale, err := f.table(set, m, used)
	if err != nil {
		return nil, err
	}
	level := func(i int) uint16 { return uint16(m.level(f.value(f.code(s.at(i))))) }
	d.keepGreys(f.width, f.height, scale, level)
	for i := range out.Pix {
		out.Pix[i] = table[f.code(s.at(i))]
	}
	return out, nil
}

// code is the stored bits of a sample.
func (f *frame) code(sample int) int { return sample >> f.shift & (1<<f.stored - 1) }

// value is the number that stored bits stand for.
func (f *frame) value(code int) int {
	if f.signed && code>>(f.stored-1) != 0 {
		return code - 1<<f.stored
	}
	return code
}

// codeStream decodes a code stream other than JPEG Baseline.
func (d *decoder) codeStream(stream []byte) (codec.Frame, error) {
	frame, err := d.decodeStream(stream)
	return frame, wrapCodec(err)
}
