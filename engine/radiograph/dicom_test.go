package radiograph

import (
	"bytes"
	"encoding/binary"
	"image"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/suyashkumar/dicom/pkg/tag"
	"github.com/suyashkumar/dicom/pkg/uid"
)

// element is one element to be written; implicit VR leaves vr out.
type element struct {
	tag    tag.Tag
	vr     string
	value  []byte
	length uint32 // the length to declare; 0 for the true one
}

func text(t tag.Tag, vr, value string) element {
	return element{tag: t, vr: vr, value: []byte(value + strings.Repeat(" ", len(value)%2))}
}

func words(t tag.Tag, vr string, values ...int) element {
	e := element{tag: t, vr: vr}
	for _, v := range values {
		e.value = binary.LittleEndian.AppendUint16(e.value, uint16(v))
	}
	return e
}

func write(implicit bool, elements ...element) (b []byte) {
	for _, e := range elements {
		length := uint32(len(e.value))
		if e.length != 0 {
			length = e.length
		}
		b = binary.LittleEndian.AppendUint16(b, e.tag.Group)
		b = binary.LittleEndian.AppendUint16(b, e.tag.Element)
		switch {
		case implicit || e.tag.Group == tag.GroupSeqItem:
			b = binary.LittleEndian.AppendUint32(b, length)
		case strings.Contains("OB OW SQ UN UT", e.vr):
			b = append(append(b, e.vr...), 0, 0)
			b = binary.LittleEndian.AppendUint32(b, length)
		default:
			b = binary.LittleEndian.AppendUint16(append(b, e.vr...), uint16(length))
		}
		b = append(b, e.value...)
	}
	return b
}

// sequence is one of one item, all of defined length.
func sequence(implicit bool, t tag.Tag, elements ...element) element {
	return element{tag: t, vr: "SQ", value: write(implicit, element{tag: tag.Item, value: write(implicit, elements...)})}
}

// openSequence is the same of undefined length.
func openSequence(implicit bool, t tag.Tag, elements ...element) element {
	item := append(elements, element{tag: tag.ItemDelimitationItem})
	value := write(implicit, element{tag: tag.Item, length: undefined})
	value = append(value, write(implicit, item...)...)
	value = append(value, write(implicit, element{tag: tag.SequenceDelimitationItem})...)
	return element{tag: t, vr: "SQ", value: value, length: undefined}
}

// file puts the preamble and the group 0002 before a data set.
func file(syntax string, dataset []byte) []byte {
	if len(syntax)%2 != 0 {
		syntax += "\x00"
	}
	meta := write(false, element{tag: tag.TransferSyntaxUID, vr: "UI", value: []byte(syntax)})
	b := append([]byte("#!/bin/sh\n"), make([]byte, 118)...)
	b = append(b, "DICM"...)
	b = append(b, write(false, element{tag: tag.FileMetaInformationGroupLength, vr: "UL", value: binary.LittleEndian.AppendUint32(nil, uint32(len(meta)))})...)
	return append(append(b, meta...), dataset...)
}

// picture describes a DICOM file; the zero value is a MONOCHROME2 of 4×3
// pixels with 12 bits stored of 16.
type picture struct {
	syntax        string
	photometric   string
	width, height int
	allocated     int
	stored        int
	high          int
	signed        int
	samples       int
	pixels        []byte
	extra         []element // between the image's attributes and the pixel data
	pixelData     *element  // instead of pixels
}

func (p picture) dataset() []byte {
	or := func(v *int, absent int) {
		if *v == 0 {
			*v = absent
		}
	}
	or(&p.width, 4)
	or(&p.height, 3)
	or(&p.allocated, 16)
	or(&p.stored, min(12, p.allocated))
	or(&p.high, p.stored-1)
	or(&p.samples, 1)
	if p.photometric == "" {
		p.photometric = "MONOCHROME2"
	}
	if p.pixels == nil {
		for i := range p.width * p.height {
			p.pixels = binary.LittleEndian.AppendUint16(p.pixels, uint16(i*100))
		}
	}
	if p.pixelData == nil {
		p.pixelData = &element{tag: tag.PixelData, vr: "OW", value: p.pixels}
	}
	elements := []element{
		text(tag.Modality, "CS", "DX"),
		words(tag.SamplesPerPixel, "US", p.samples),
		text(tag.PhotometricInterpretation, "CS", p.photometric),
		words(tag.Rows, "US", p.height),
		words(tag.Columns, "US", p.width),
		words(tag.BitsAllocated, "US", p.allocated),
		words(tag.BitsStored, "US", p.stored),
		words(tag.HighBit, "US", p.high),
		words(tag.PixelRepresentation, "US", p.signed),
	}
	elements = append(append(elements, p.extra...), *p.pixelData)
	return write(p.syntax == uid.ImplicitVRLittleEndian, elements...)
}

func (p picture) file() []byte {
	syntax := p.syntax
	if syntax == "" {
		syntax = uid.ExplicitVRLittleEndian
	}
	return file(syntax, p.dataset())
}

func pixels16(values ...int) []byte { return words(tag.PixelData, "OW", values...).value }

func window(center, width, function string) []element {
	e := []element{text(tag.WindowCenter, "DS", center), text(tag.WindowWidth, "DS", width)}
	if function != "" {
		e = append(e, text(tag.VOILUTFunction, "CS", function))
	}
	return e
}

func rescale(intercept, slope string) []element {
	return []element{text(tag.RescaleIntercept, "DS", intercept), text(tag.RescaleSlope, "DS", slope)}
}

func table(sequenceTag tag.Tag, first, bits int, entries ...int) element {
	return sequence(false, sequenceTag, words(tag.LUTDescriptor, "US", len(entries), first, bits), words(tag.LUTData, "US", entries...))
}

func join(parts ...[]element) (all []element) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// fragments is encapsulated pixel data: an empty offset table, then the bytes
// in two pieces.
func fragments(data []byte) *element {
	half := len(data) / 4 * 2
	value := write(true,
		element{tag: tag.Item},
		element{tag: tag.Item, value: data[:half]},
		element{tag: tag.Item, value: append(data[half:len(data):len(data)], make([]byte, len(data)%2)...)},
		element{tag: tag.SequenceDelimitationItem})
	return &element{tag: tag.PixelData, vr: "OB", value: value, length: undefined}
}

func TestDICOMGrayscale(t *testing.T) {
	row := func(p picture, values ...int) picture {
		p.width, p.height, p.pixels = len(values), 1, pixels16(values...)
		return p
	}
	round := func(share float64) uint8 { return uint8(math.Round(255 * share)) }
	for _, c := range []struct {
		name string
		in   picture
		want []uint8
	}{
		{"range of the image", row(picture{}, 1000, 1100, 2000), []uint8{0, round(0.1), 255}},
		{"constant", row(picture{}, 7, 7), []uint8{0, 0}},
		{"implicit VR", row(picture{syntax: uid.ImplicitVRLittleEndian}, 1000, 1100, 2000), []uint8{0, round(0.1), 255}},
		{"MONOCHROME1", row(picture{photometric: "MONOCHROME1"}, 1000, 1100, 2000), []uint8{255, round(0.9), 0}},
		{"MONOCHROME1 inverts behind the window",
			row(picture{photometric: "MONOCHROME1", extra: window("2048", "4096", "")}, 0, 819, 4095), []uint8{255, 204, 0}},
		{"signed", row(picture{signed: 1, stored: 16}, -1000, 0, 1000), []uint8{0, 128, 255}},
		{"signed 12 bits", row(picture{signed: 1}, 0xf000|0x0c18, 0, 1000), []uint8{0, 128, 255}}, // -1000, and overlay bits above
		{"high bit", row(picture{high: 15}, 1000<<4|3, 1100<<4|7, 2000<<4), []uint8{0, round(0.1), 255}},
		{"8 bits", picture{allocated: 8, width: 3, height: 1, pixels: []byte{10, 20, 110, 0}}, []uint8{0, round(0.1), 255}},
		{"rescale", row(picture{extra: join(rescale("-1000", "2"), window("0", "2001", ""))}, 0, 500, 1000), []uint8{0, round(0.49975 + 0.0005), 255}},
		{"negative slope", row(picture{extra: join(rescale("4095", "-1"), window("2048", "4096", ""))}, 0, 819, 4095), []uint8{255, 204, 0}},
		{"linear", row(picture{extra: window("2048", "4096", "LINEAR")}, 0, 819, 1638, 4095), []uint8{0, 51, 102, 255}},
		{"first of many windows", row(picture{extra: window(`2048\10`, `4096 \20`, "")}, 0, 819, 4095), []uint8{0, 51, 255}},
		{"linear of width 1", row(picture{extra: window("100.5", "1", "")}, 99, 100, 101), []uint8{0, 0, 255}},
		{"linear exact", row(picture{extra: window("500", "1000", "LINEAR_EXACT")}, 0, 200, 1000, 1200), []uint8{0, 51, 255, 255}},
		{"linear exact of width ½", row(picture{extra: window("500", "0.5", "LINEAR_EXACT")}, 499, 500, 501), []uint8{0, 128, 255}},
		{"sigmoid", row(picture{extra: window("500", "400", "SIGMOID")}, 0, 500, 600, 1000),
			[]uint8{round(1 / (1 + math.Exp(5))), 128, round(1 / (1 + math.Exp(-1))), round(1 / (1 + math.Exp(-5)))}},
		{"impossible window", row(picture{extra: window("500", "0", "")}, 1000, 1100, 2000), []uint8{0, round(0.1), 255}},
		{"padding", row(picture{extra: []element{words(tag.PixelPaddingValue, "US", 0)}}, 0, 1000, 1100, 2000), []uint8{0, 0, round(0.1), 255}},
		{"padding range", row(picture{extra: []element{words(tag.PixelPaddingValue, "US", 0), words(tag.PixelPaddingRangeLimit, "US", 9)}}, 0, 9, 1000, 1100, 2000),
			[]uint8{0, 0, 0, round(0.1), 255}},
		{"signed padding", row(picture{signed: 1, stored: 16, extra: []element{words(tag.PixelPaddingValue, "SS", -2000)}}, -2000, -1000, 0, 1000), []uint8{0, 0, 128, 255}},
		{"modality table", row(picture{extra: []element{table(tag.ModalityLUTSequence, 10, 16, 1000, 1100, 2000)}}, 0, 10, 11, 12, 4000),
			[]uint8{0, 0, round(0.1), 255, 255}},
		{"modality table of undefined length", row(picture{extra: []element{openSequence(false, tag.ModalityLUTSequence,
			words(tag.LUTDescriptor, "SS", 3, 10, 16), words(tag.LUTData, "OW", 1000, 1100, 2000))}}, 10, 11, 12), []uint8{0, round(0.1), 255}},
		{"implicit modality table", row(picture{syntax: uid.ImplicitVRLittleEndian, extra: []element{sequence(true, tag.ModalityLUTSequence,
			words(tag.LUTDescriptor, "US", 3, 10, 16), words(tag.LUTData, "OW", 1000, 1100, 2000))}}, 10, 11, 12), []uint8{0, round(0.1), 255}},
		{"values of interest table", row(picture{extra: join(window("1", "2", ""), []element{table(tag.VOILUTSequence, 10, 10, 0, 341, 1023)})}, 0, 10, 11, 12, 13),
			[]uint8{0, 0, 85, 255, 255}},
		{"table from a negative value", row(picture{signed: 1, extra: []element{table(tag.VOILUTSequence, -1, 8, 10, 20, 30)}}, -2, -1, 0, 1, 2), []uint8{10, 10, 20, 30, 30}},
		{"packed table of bytes", row(picture{extra: []element{sequence(false, tag.VOILUTSequence,
			words(tag.LUTDescriptor, "US", 3, 10, 8), words(tag.LUTData, "OW", 10|20<<8, 30))}}, 10, 11, 12), []uint8{10, 20, 30}},
		{"RGB", picture{photometric: "RGB", allocated: 8, samples: 3, width: 2, height: 1, pixels: []byte{255, 0, 0, 0, 0, 255}}, []uint8{76, 29}},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := c.in.file()
			r, err := Decode(t.Context(), c.name, data)
			require.NoError(t, err)
			require.Equal(t, "DICOM", r.Format)
			require.Equal(t, c.want, r.Pixels.Pix)
			requireAsLibrary(t, data)
		})
	}
}

func TestDICOMWithoutPreamble(t *testing.T) {
	want, err := Decode(t.Context(), "with", picture{}.file())
	require.NoError(t, err)
	for name, data := range map[string][]byte{
		"group 2":  picture{}.file()[132:],
		"explicit": picture{}.dataset(),
		"implicit": picture{syntax: uid.ImplicitVRLittleEndian}.dataset(),
	} {
		got, err := Decode(t.Context(), name, data)
		require.NoError(t, err)
		require.Equal(t, want.Pixels, got.Pixels)
	}
}

func TestDICOMOfJPEG(t *testing.T) {
	phantom := Phantom(1, 16, 24)
	jpeg := encodeJPEG(t, phantom)
	plain, err := Decode(t.Context(), "plain", jpeg)
	require.NoError(t, err)

	full := window("127.5", "255", "LINEAR_EXACT") // leaves 8 bits as they are
	p := picture{syntax: jpegBaseline, allocated: 8, width: 16, height: 24, extra: full, pixelData: fragments(jpeg)}
	r, err := Decode(t.Context(), "mono", p.file())
	require.NoError(t, err)
	requireAsLibrary(t, p.file())
	require.Equal(t, plain.Pixels, r.Pixels)

	colour := image.NewRGBA(phantom.Rect)
	for i := range colour.Pix {
		colour.Pix[i] = uint8(i) | 0xff*uint8(i/3%2)
	}
	jpeg = encodeJPEG(t, colour)
	plain, err = Decode(t.Context(), "plain", jpeg)
	require.NoError(t, err)
	p = picture{syntax: jpegBaseline, allocated: 8, width: 16, height: 24, samples: 3, photometric: "YBR_FULL_422", pixelData: fragments(jpeg)}
	r, err = Decode(t.Context(), "colour", p.file())
	require.NoError(t, err)
	require.Equal(t, plain.Pixels, r.Pixels)
}

func TestExplicitAt(t *testing.T) {
	at := func(vr string) bool { return explicitAt([]byte("\x08\x00\x60\x00"+vr+"\x00\x00"), 0) }
	for _, vr := range []string{"AE", "US", "OB", "UV"} {
		require.True(t, at(vr), vr)
	}
	// Pieces of a list of them, and a length of implicit VR.
	for _, vr := range []string{"E ", " A", "S ", " O", "  ", "ae", "BO", "\x02\x00"} {
		require.False(t, at(vr), "%q", vr)
	}
	require.False(t, explicitAt([]byte("\x08\x00\x60\x00C"), 0))
}

func nested(implicit bool, depth int) element {
	e := openSequence(implicit, tag.Tag{Group: 0x0040, Element: 0xa730})
	for range depth - 1 {
		e = openSequence(implicit, e.tag, e)
	}
	return e
}

func TestDICOMRefuses(t *testing.T) {
	frames := func(n string) []element { return []element{text(tag.NumberOfFrames, "IS", n)} }
	pixelData := func(vr string, length uint32) *element {
		return &element{tag: tag.PixelData, vr: vr, value: pixels16(1, 2, 3), length: length}
	}
	lying := func(t tag.Tag, vr string, length uint32) []element {
		return []element{{tag: t, vr: vr, value: []byte("1 "), length: length}}
	}
	jpeg := encodeJPEG(t, Phantom(1, 16, 24))
	for _, c := range []struct {
		name string
		data []byte
		want error
		says string
	}{
		{"JPEG 2000", picture{syntax: "1.2.840.10008.1.2.4.91"}.file(), ErrUnsupported, `JPEG 2000 Image Compression (transfer syntax "1.2.840.10008.1.2.4.91")`},
		{"JPEG lossless", picture{syntax: "1.2.840.10008.1.2.4.70"}.file(), ErrUnsupported, "JPEG Lossless"},
		{"deflated", picture{syntax: "1.2.840.10008.1.2.1.99"}.file(), ErrUnsupported, "Deflated Explicit VR Little Endian"},
		{"big endian", picture{syntax: "1.2.840.10008.1.2.2"}.file(), ErrUnsupported, "Explicit VR Big Endian"},
		{"RLE", picture{syntax: "1.2.840.10008.1.2.5"}.file(), ErrUnsupported, "RLE Lossless"},
		{"unknown syntax", picture{syntax: "1.2.3"}.file(), ErrUnsupported, "1.2.3"},
		{"report", file(uid.ExplicitVRLittleEndian, write(false, text(tag.Modality, "CS", "SR"))), ErrUnsupported, "holds no image"},
		{"no pixel data", picture{pixelData: &element{tag: tag.Modality, vr: "CS"}}.file(), ErrDamaged, "0 bytes of pixel data"},
		{"pixel data of 4 GiB", picture{pixelData: pixelData("OW", 0xfffffffe)}.file(), ErrDamaged, "4294967294 bytes, but only 6 are left"},
		{"pixel data without end", picture{pixelData: pixelData("OW", undefined)}.file(), ErrDamaged, "cut off at byte"},
		{"short pixel data", picture{pixelData: pixelData("OW", 0)}.file(), ErrDamaged, "4×3 pixels need 24"},
		{"long pixel data", picture{width: 1, height: 1, pixelData: pixelData("OW", 0)}.file(), ErrDamaged, "1×1 pixels need 2"},
		{"a film", picture{extra: frames("120")}.file(), ErrUnsupported, "120 frames"},
		{"2 billion frames", picture{extra: frames("2147483647")}.file(), ErrUnsupported, "frames, not one"},
		{"frames in words", picture{extra: frames("many")}.file(), ErrDamaged, "NumberOfFrames"},
		{"no rows", picture{width: 65536, height: 3}.file(), ErrDamaged, "0×3"},
		{"too large", picture{width: 65535, height: 65535, pixels: []byte{0, 0}}.file(), ErrTooLarge, "65535×65535"},
		{"32 bits", picture{allocated: 32}.file(), ErrUnsupported, "32 bits"},
		{"1 bit", picture{allocated: 1}.file(), ErrUnsupported, "1 bits"},
		{"17 bits stored", picture{stored: 17}.file(), ErrDamaged, "17 bits stored"},
		{"high bit too high", picture{high: 16}.file(), ErrDamaged, "12 bits stored from bit 5"},
		{"high bit too low", picture{high: 3}.file(), ErrDamaged, "12 bits stored from bit -8"},
		{"palette", picture{photometric: "PALETTE COLOR"}.file(), ErrUnsupported, `"PALETTE COLOR"`},
		{"colour of 16 bits", picture{photometric: "RGB", samples: 3}.file(), ErrUnsupported, "interleaved bytes"},
		{"grey of 3 samples", picture{samples: 3}.file(), ErrDamaged, "3 samples a pixel of MONOCHROME2"},
		{"YBR without JPEG", picture{photometric: "YBR_FULL", samples: 3, allocated: 8, width: 1, height: 2}.file(), ErrDamaged, "1×2 pixels need 6"},
		{"attribute of 4 GiB", picture{extra: lying(tag.PatientName, "UT", 0xfffffff0)}.file(), ErrDamaged, "4294967280 bytes"},
		{"short attribute of 64 KiB", picture{extra: lying(tag.WindowCenter, "DS", 0xffff)}.file(), ErrDamaged, "65535 bytes"},
		{"text without length", picture{extra: lying(tag.PatientName, "UT", undefined)}.file(), ErrDamaged, "is no sequence"},
		{"unknown VR", picture{extra: lying(tag.PatientName, "zz", 0)}.file(), ErrDamaged, `value representation "zz"`},
		{"sequence of text", picture{extra: []element{{tag: tag.VOILUTSequence, vr: "SQ", value: write(true, text(tag.Modality, "CS", "DX"))}}}.file(), ErrDamaged, "where an item"},
		{"item outside a sequence", picture{extra: []element{{tag: tag.Item}}}.file(), ErrDamaged, "outside a sequence"},
		{"sequence without end", picture{extra: []element{{tag: tag.VOILUTSequence, vr: "SQ", length: undefined}}}.file(), ErrDamaged, "bytes, but only"},
		{"deep", picture{extra: []element{nested(false, maxDepth+1)}}.file(), ErrDamaged, "nested more than 32 deep"},
		{"very deep", picture{syntax: uid.ImplicitVRLittleEndian, extra: []element{nested(true, 2000)}}.file(), ErrDamaged, "nested more than 32 deep"},
		{"slope 0", picture{extra: rescale("0", "0")}.file(), ErrDamaged, "RescaleSlope"},
		{"slope NaN", picture{extra: rescale("0", "NaN")}.file(), ErrDamaged, "RescaleSlope"},
		{"window of words", picture{extra: window("wide", "1", "")}.file(), ErrDamaged, "WindowCenter"},
		{"window function", picture{extra: window("1", "1", "GAMMA")}.file(), ErrUnsupported, "GAMMA"},
		{"table too short", picture{extra: []element{sequence(false, tag.VOILUTSequence,
			words(tag.LUTDescriptor, "US", 0, 0, 16), words(tag.LUTData, "OW", 1, 2))}}.file(), ErrDamaged, "2 entries, not 65536"},
		{"table of 0 bits", picture{extra: []element{table(tag.VOILUTSequence, 0, 0, 1, 2)}}.file(), ErrDamaged, "entries of 0 bits"},
		{"table of nothing", picture{extra: []element{sequence(false, tag.VOILUTSequence)}}.file(), ErrDamaged, "no LUT descriptor"},
		{"huge attribute", picture{extra: []element{sequence(false, tag.VOILUTSequence,
			element{tag: tag.LUTData, vr: "OW", value: make([]byte, maxAttribute+1000)})}}.file(), ErrDamaged, "far too many"},
		{"native pixels said to be JPEG", picture{syntax: jpegBaseline}.file(), ErrDamaged, "not as the transfer syntax"},
		{"JPEG of another size", picture{syntax: jpegBaseline, allocated: 8, pixelData: fragments(jpeg)}.file(), ErrDamaged, "a JPEG of 16×24 pixels in an image of 4×3"},
		{"JPEG of nothing", picture{syntax: jpegBaseline, allocated: 8, pixelData: fragments(nil)}.file(), ErrDamaged, "EOF"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Decode(t.Context(), c.name+".dcm", c.data)
			require.ErrorIs(t, err, c.want)
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, c.name+".dcm: DICOM: ")
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

// Elements that the walk must pass over without a look.
func TestDICOMPassesOver(t *testing.T) {
	private := tag.Tag{Group: 0x0009, Element: 0x1001}
	icon := sequence(false, tag.IconImageSequence, words(tag.Rows, "US", 9), element{tag: tag.PixelData, vr: "OW", value: []byte{1, 2}})
	icon.vr = "SQ"
	unknown := openSequence(true, private, text(tag.PatientName, "PN", "X"))
	unknown.vr = "UN"
	encapsulated := fragments([]byte{1, 2, 3, 4})
	encapsulated.tag = private
	want, err := Decode(t.Context(), "plain", picture{}.file())
	require.NoError(t, err)
	for name, extra := range map[string][]element{
		"icon":                     {icon},
		"implicit items in UN":     {unknown},
		"private fragments":        {*encapsulated},
		"nested to the limit":      {nested(false, maxDepth)},
		"the first of two counts":  {words(tag.Rows, "US", 77)},
		"character set of no name": {text(tag.SpecificCharacterSet, "CS", "KLINGON")},
	} {
		got, err := Decode(t.Context(), name, picture{extra: extra}.file())
		require.NoError(t, err, name)
		require.Equal(t, want.Pixels, got.Pixels, name)
	}
	got, err := Decode(t.Context(), "trailing", append(picture{}.file(), "garbage"...))
	require.NoError(t, err)
	require.Equal(t, want.Pixels, got.Pixels)
}

func dicomSeeds(t testing.TB) map[string][]byte {
	return map[string][]byte{
		"explicit":  picture{extra: window("600", "800", "SIGMOID")}.file(),
		"implicit":  picture{syntax: uid.ImplicitVRLittleEndian, extra: rescale("-100", "-2")}.file(),
		"bare":      picture{photometric: "MONOCHROME1", signed: 1}.dataset(),
		"bytes":     picture{allocated: 8, pixels: bytes.Repeat([]byte{1, 9}, 6)}.file(),
		"tables":    picture{extra: []element{table(tag.ModalityLUTSequence, 0, 16, 1, 5, 9), table(tag.VOILUTSequence, 1, 8, 3, 2, 1)}}.file(),
		"nested":    picture{extra: []element{nested(false, 5)}}.file(),
		"JPEG":      picture{syntax: jpegBaseline, allocated: 8, width: 9, height: 7, pixelData: fragments(encodeJPEG(t, Phantom(1, 9, 7)))}.file(),
		"RGB":       picture{photometric: "RGB", allocated: 8, samples: 3, width: 2, height: 1, pixels: []byte{1, 2, 3, 4, 5, 6}}.file(),
		"JPEG 2000": picture{syntax: "1.2.840.10008.1.2.4.91"}.file(),
	}
}

func FuzzScan(f *testing.F) {
	for _, data := range dicomSeeds(f) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := scan(t.Context(), data)
		if err != nil {
			require.Nil(t, c)
			return
		}
		require.LessOrEqual(t, len(c.pixels)+size(t, c.attributes), len(data), "nothing is larger than the file")
	})
}

// size is the bytes of all values.
func size(t *testing.T, a attributes) (n int) {
	for attribute, v := range a {
		require.Contains(t, wanted, attribute)
		n += len(v.bytes) + size(t, v.item)
	}
	return n
}
