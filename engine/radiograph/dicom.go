package radiograph

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"strconv"
	"strings"

	"github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"
	"github.com/suyashkumar/dicom/pkg/uid"
)

// decodeDICOM reads a file of one image: uncompressed little endian or JPEG
// Baseline, MONOCHROME1 or MONOCHROME2 of 8 or 16 bits, or RGB of 8 bits.
func decodeDICOM(data []byte) (*image.Gray, error) {
	s, err := prescan(data)
	if err != nil {
		return nil, err
	}
	d, err := s.parse()
	if err != nil {
		return nil, err
	}
	f, err := newFrame(d)
	if err != nil {
		return nil, err
	}
	if s.encapsulated != (s.syntax == jpegBaseline) {
		return nil, fmt.Errorf("%w: the pixel data are not as the transfer syntax %q says", ErrDamaged, s.syntax)
	}
	if s.syntax == jpegBaseline {
		return f.decodeJPEG(d, s.pixels)
	}
	return f.decodeNative(d, s.pixels)
}

// parse gives the checked attributes, and nothing else of the file, to the
// DICOM library, which knows their types.
func (s *scan) parse() (*dataset, error) {
	syntax := append([]byte(uid.ImplicitVRLittleEndian), 0)
	file := append(make([]byte, 128), "DICM"...)
	file = append(file, "\x02\x00\x00\x00UL\x04\x00"...)
	file = binary.LittleEndian.AppendUint32(file, uint32(8+len(syntax)))
	file = append(file, "\x02\x00\x10\x00UI"...)
	file = binary.LittleEndian.AppendUint16(file, uint16(len(syntax)))
	file = append(file, syntax...)
	file = append(file, s.attributes.encode()...)
	parsed, err := dicom.Parse(bytes.NewReader(file), int64(len(file)), nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return &dataset{elements: parsed.Elements}, nil
}

// dataset reads typed values. Its methods return the first of many values, and
// keep the first error in err so that a run of them needs one check.
type dataset struct {
	elements []*dicom.Element
	err      error
}

func (d *dataset) fail(t tag.Tag, format string, args ...any) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: %s %v %s", ErrDamaged, tag.DebugString(t), t, fmt.Sprintf(format, args...))
	}
}

// value is nil if there is no such element, or an empty one.
func (d *dataset) value(t tag.Tag) any {
	e, err := (&dicom.Dataset{Elements: d.elements}).FindElementByTag(t)
	if err != nil || e.ValueLength == 0 {
		return nil
	}
	return e.Value.GetValue()
}

func (d *dataset) has(t tag.Tag) bool { return d.value(t) != nil }

// words are the values of a US element, or of an SS element as if it were US.
func (d *dataset) words(t tag.Tag) []int {
	words, _ := d.value(t).([]int)
	return words
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

// text is empty if the element is missing.
func (d *dataset) text(t tag.Tag) string {
	texts, _ := d.value(t).([]string)
	if len(texts) == 0 {
		return ""
	}
	return strings.Trim(texts[0], " \x00")
}

// maxNumber keeps products of a stored value and a slope well within an int.
const maxNumber = 1e12

// number is the first value of a DS or IS element.
func (d *dataset) number(t tag.Tag, absent float64) float64 {
	text := d.text(t)
	if text == "" {
		return absent
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || !(math.Abs(v) <= maxNumber) { // which NaN is not either
		d.fail(t, "is no usable number: %q", text)
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
		return nil, fmt.Errorf("%w: photometric interpretation %q", ErrUnsupported, photometric)
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
func (f *frame) decodeJPEG(d *dataset, pixels []byte) (*image.Gray, error) {
	config, err := jpeg.DecodeConfig(bytes.NewReader(pixels))
	if err != nil {
		return nil, wrapDecoder(err)
	}
	if config.Width != f.width || config.Height != f.height || f.allocated != 8 {
		return nil, fmt.Errorf("%w: a JPEG of %d×%d pixels in an image of %d×%d with %d bits", ErrDamaged,
			config.Width, config.Height, f.width, f.height, f.allocated)
	}
	m, err := jpeg.Decode(bytes.NewReader(pixels))
	if err != nil {
		return nil, wrapDecoder(err)
	}
	gray := toGray(m)
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
