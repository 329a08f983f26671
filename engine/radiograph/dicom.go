package radiograph

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"math"
	"strconv"

	"github.com/suyashkumar/dicom/pkg/tag"
)

// decodeDICOM reads a file of one image: uncompressed little endian or JPEG
// Baseline, MONOCHROME1 or MONOCHROME2 of 8 or 16 bits, or RGB of 8 bits.
func decodeDICOM(ctx context.Context, data []byte) (*image.Gray, error) {
	c, err := scan(ctx, data)
	if err != nil {
		return nil, err
	}
	d := &dataset{attributes: c.attributes}
	f, err := newFrame(d)
	if err != nil {
		return nil, err
	}
	if c.encapsulated != (c.syntax == jpegBaseline) {
		return nil, fmt.Errorf("%w: the pixel data are not as the transfer syntax %q says", ErrDamaged, c.syntax)
	}
	if c.syntax == jpegBaseline {
		return f.decodeJPEG(ctx, d, c.pixels)
	}
	return f.decodeNative(d, c.pixels)
}

func (a attributes) has(t tag.Tag) bool { return len(a[t].bytes) > 0 }

// words are the values of a US, SS or OW attribute, all as if unsigned.
func (a attributes) words(t tag.Tag) []int {
	b := a[t].bytes
	words := make([]int, len(b)/2)
	for i := range words {
		words[i] = int(binary.LittleEndian.Uint16(b[2*i:]))
	}
	return words
}

// text is the first value of a CS, DS or IS attribute, empty if there is none.
func (a attributes) text(t tag.Tag) string {
	first, _, _ := bytes.Cut(a[t].bytes, []byte{'\\'})
	return string(bytes.Trim(first, " \x00"))
}

// dataset reads attributes that have to be right: it keeps the first error in
// err, so that a run of reads needs one check.
type dataset struct {
	attributes
	err error
}

func (d *dataset) fail(t tag.Tag, format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: %s %v %s", ErrDamaged, wanted[t], t, fmt.Sprintf(format, args...))
	}
}

// word is the first of the words.
func (d *dataset) word(t tag.Tag) int {
	words := d.words(t)
	if len(words) == 0 {
		d.fail(t, "is missing")
		return 0
	}
	return words[0]
}

func (d *dataset) wordOr(t tag.Tag, absent int) int {
	if !d.has(t) {
		return absent
	}
	return d.word(t)
}

// maxNumber keeps products of a stored value and a slope well within an int.
const maxNumber = 1e12

// number is the first value of a DS or IS attribute.
func (d *dataset) number(t tag.Tag, absent float64) float64 {
	text := d.text(t)
	if text == "" {
		return absent
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(math.Abs(v) <= maxNumber) { // which NaN is not either
		d.fail(t, "is no usable number: %.64q", text)
		return absent
	}
	return v
}

// frame describes the pixels of an image (PS3.3 §C.7.6.3).
type frame struct {
	width, height int
	samples       int // 1 or 3 a pixel
	allocated     int // bits a sample in the file: 8 or 16
	stored        int // bits that count
	shift         int // bits below them
	signed        bool
	inverted      bool // MONOCHROME1: the lowest value is white
}

func newFrame(d *dataset) (*frame, error) {
	if !d.has(tag.Rows) {
		return nil, fmt.Errorf("%w: the file holds no image", ErrUnsupported)
	}
	photometric := d.text(tag.PhotometricInterpretation)
	frames := d.number(tag.NumberOfFrames, 1)
	planar := d.wordOr(tag.PlanarConfiguration, 0)
	f := &frame{
		width:     d.word(tag.Columns),
		height:    d.word(tag.Rows),
		samples:   d.wordOr(tag.SamplesPerPixel, 1),
		allocated: d.word(tag.BitsAllocated),
		signed:    d.wordOr(tag.PixelRepresentation, 0) == 1,
		inverted:  photometric == "MONOCHROME1",
	}
	f.stored = d.wordOr(tag.BitsStored, f.allocated)
	f.shift = d.wordOr(tag.HighBit, f.stored-1) + 1 - f.stored
	if d.err != nil {
		return nil, d.err
	}
	if err := checkSize(f.width, f.height); err != nil {
		return nil, err
	}
	if frames != 1 {
		return nil, fmt.Errorf("%w: it holds %v frames, not one", ErrUnsupported, frames)
	}
	if f.allocated != 8 && f.allocated != 16 {
		return nil, fmt.Errorf("%w: %d bits allocated a sample, not 8 or 16", ErrUnsupported, f.allocated)
	}
	samples := 1
	switch photometric {
	case "MONOCHROME1", "MONOCHROME2":
	case "RGB", "YBR_FULL", "YBR_FULL_422":
		samples = 3
		if f.allocated != 8 || planar != 0 {
			return nil, fmt.Errorf("%w: colour that is not interleaved bytes", ErrUnsupported)
		}
	default:
		return nil, fmt.Errorf("%w: photometric interpretation %.64q", ErrUnsupported, photometric)
	}
	if f.samples != samples {
		return nil, fmt.Errorf("%w: %d samples a pixel of %s", ErrDamaged, f.samples, photometric)
	}
	if f.stored < 1 || f.shift < 0 || f.shift+f.stored > f.allocated {
		return nil, fmt.Errorf("%w: %d bits stored from bit %d on, %d allocated", ErrDamaged, f.stored, f.shift, f.allocated)
	}
	return f, nil
}

// decodeNative reads uncompressed pixel data.
func (f *frame) decodeNative(d *dataset, pixels []byte) (*image.Gray, error) {
	// newFrame has bounded the factors: this is at most 3·MaxPixels bytes.
	size := f.width * f.height * f.samples * (f.allocated / 8)
	if len(pixels) != size && len(pixels) != size+size%2 {
		return nil, fmt.Errorf("%w: %d bytes of pixel data, but %d×%d pixels need %d", ErrDamaged, len(pixels), f.width, f.height, size)
	}
	if f.samples == 1 {
		return f.render(d, pixels)
	}
	if photometric := d.text(tag.PhotometricInterpretation); photometric != "RGB" {
		return nil, fmt.Errorf("%w: photometric interpretation %q without JPEG", ErrUnsupported, photometric)
	}
	out := image.NewGray(image.Rect(0, 0, f.width, f.height))
	for i := range out.Pix {
		p := pixels[3*i : 3*i+3 : 3*i+3]
		out.Pix[i] = luma(p[0], p[1], p[2])
	}
	return out, nil
}

// decodeJPEG reads encapsulated JPEG Baseline.
func (f *frame) decodeJPEG(ctx context.Context, d *dataset, pixels []byte) (*image.Gray, error) {
	gray, err := decodeJPEG(ctx, pixels)
	if err != nil {
		return nil, err
	}
	if gray.Rect.Dx() != f.width || gray.Rect.Dy() != f.height || f.allocated != 8 {
		return nil, fmt.Errorf("%w: a JPEG of %d×%d pixels in an image of %d×%d with %d bits", ErrDamaged,
			gray.Rect.Dx(), gray.Rect.Dy(), f.width, f.height, f.allocated)
	}
	if f.samples == 3 {
		return gray, nil
	}
	return f.render(d, gray.Pix)
}

// render brings stored samples through the greyscale pipeline (PS3.4 §N.2) to
// 8 bits. It works on a table of all values a sample can have, so a pixel
// costs one look-up.
func (f *frame) render(d *dataset, samples []byte) (*image.Gray, error) {
	out := image.NewGray(image.Rect(0, 0, f.width, f.height))
	used := make([]bool, 1<<f.stored)
	for i := range out.Pix {
		used[f.code(samples, i)] = true
	}
	table, err := f.table(d, used)
	if err != nil {
		return nil, err
	}
	for i := range out.Pix {
		out.Pix[i] = table[f.code(samples, i)]
	}
	return out, nil
}

// code is the i-th sample's stored bits.
func (f *frame) code(samples []byte, i int) uint16 {
	if f.allocated == 8 {
		return uint16(samples[i]) >> f.shift & (1<<f.stored - 1)
	}
	return binary.LittleEndian.Uint16(samples[2*i:]) >> f.shift & (1<<f.stored - 1)
}

// value is the number that stored bits stand for.
func (f *frame) value(code int) int {
	if f.signed && code>>(f.stored-1) != 0 {
		return code - 1<<f.stored
	}
	return code
}
