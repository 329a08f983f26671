package radiograph

import (
	"bytes"
	"encoding/binary"
	"image"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"uarweb/engine/radiograph/internal/mutate"
)

// Attributes that only tests name.
const (
	metaLength           attribute = 0x0002_0000
	specificCharacterSet attribute = 0x0008_0005
	patientName          attribute = 0x0010_0010
	iconImageSequence    attribute = 0x0088_0200
)

const jpegBaseline = "1.2.840.10008.1.2.4.50"

// element is one element to be written; implicit VR leaves vr out.
type element struct {
	tag    attribute
	vr     string
	value  []byte
	length uint32 // the length to declare; 0 for the true one
}

func text(t attribute, vr, value string) element {
	return element{tag: t, vr: vr, value: []byte(value + strings.Repeat(" ", len(value)%2))}
}

func words(t attribute, vr string, values ...int) element {
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
		b = binary.LittleEndian.AppendUint16(b, e.tag.group())
		b = binary.LittleEndian.AppendUint16(b, uint16(e.tag))
		switch {
		case implicit || e.tag.group() == itemGroup:
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
func sequence(implicit bool, t attribute, elements ...element) element {
	return element{tag: t, vr: "SQ", value: write(implicit, element{tag: item, value: write(implicit, elements...)})}
}

// openSequence is the same of undefined length.
func openSequence(implicit bool, t attribute, elements ...element) element {
	closed := append(elements, element{tag: itemDelimitation})
	value := write(implicit, element{tag: item, length: undefined})
	value = append(value, write(implicit, closed...)...)
	value = append(value, write(implicit, element{tag: sequenceDelimitation})...)
	return element{tag: t, vr: "SQ", value: value, length: undefined}
}

// file puts the preamble and the group 0002 before a data set.
func file(syntax string, dataset []byte) []byte {
	if len(syntax)%2 != 0 {
		syntax += "\x00"
	}
	meta := write(false, element{tag: transferSyntaxUID, vr: "UI", value: []byte(syntax)})
	b := append([]byte("#!/bin/sh\n"), make([]byte, 118)...)
	b = append(b, "DICM"...)
	b = append(b, write(false, element{tag: metaLength, vr: "UL", value: binary.LittleEndian.AppendUint32(nil, uint32(len(meta)))})...)
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
		p.pixelData = &element{tag: pixelData, vr: "OW", value: p.pixels}
	}
	elements := []element{
		text(modality, "CS", "DX"),
		words(samplesPerPixel, "US", p.samples),
		text(photometricInterpretation, "CS", p.photometric),
		words(rows, "US", p.height),
		words(columns, "US", p.width),
		words(bitsAllocated, "US", p.allocated),
		words(bitsStored, "US", p.stored),
		words(highBit, "US", p.high),
		words(pixelRepresentation, "US", p.signed),
	}
	elements = append(append(elements, p.extra...), *p.pixelData)
	return write(p.syntax == implicitLittleEndian, elements...)
}

func (p picture) file() []byte {
	syntax := p.syntax
	if syntax == "" {
		syntax = explicitLittleEndian
	}
	return file(syntax, p.dataset())
}

func pixels16(values ...int) []byte { return words(pixelData, "OW", values...).value }

func windowed(center, width, function string) []element {
	e := []element{text(windowCenter, "DS", center), text(windowWidth, "DS", width)}
	if function != "" {
		e = append(e, text(voiLUTFunction, "CS", function))
	}
	return e
}

func rescale(intercept, slope string) []element {
	return []element{text(rescaleIntercept, "DS", intercept), text(rescaleSlope, "DS", slope)}
}

func lookup(sequenceTag attribute, first, bits int, entries ...int) element {
	return sequence(false, sequenceTag, words(lutDescriptor, "US", len(entries), first, bits), words(lutData, "US", entries...))
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
		element{tag: item},
		element{tag: item, value: data[:half]},
		element{tag: item, value: append(data[half:len(data):len(data)], make([]byte, len(data)%2)...)},
		element{tag: sequenceDelimitation})
	return &element{tag: pixelData, vr: "OB", value: value, length: undefined}
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
		{"implicit VR", row(picture{syntax: implicitLittleEndian}, 1000, 1100, 2000), []uint8{0, round(0.1), 255}},
		{"MONOCHROME1", row(picture{photometric: "MONOCHROME1"}, 1000, 1100, 2000), []uint8{255, round(0.9), 0}},
		{"MONOCHROME1 inverts behind the window",
			row(picture{photometric: "MONOCHROME1", extra: windowed("2048", "4096", "")}, 0, 819, 4095), []uint8{255, 204, 0}},
		{"signed", row(picture{signed: 1, stored: 16}, -1000, 0, 1000), []uint8{0, 128, 255}},
		{"signed 12 bits", row(picture{signed: 1}, 0xf000|0x0c18, 0, 1000), []uint8{0, 128, 255}}, // -1000, and overlay bits above
		{"high bit", row(picture{high: 15}, 1000<<4|3, 1100<<4|7, 2000<<4), []uint8{0, round(0.1), 255}},
		{"8 bits", picture{allocated: 8, width: 3, height: 1, pixels: []byte{10, 20, 110, 0}}, []uint8{0, round(0.1), 255}},
		{"rescale", row(picture{extra: join(rescale("-1000", "2"), windowed("0", "2001", ""))}, 0, 500, 1000), []uint8{0, round(0.49975 + 0.0005), 255}},
		{"negative slope", row(picture{extra: join(rescale("4095", "-1"), windowed("2048", "4096", ""))}, 0, 819, 4095), []uint8{255, 204, 0}},
		{"linear", row(picture{extra: windowed("2048", "4096", "LINEAR")}, 0, 819, 1638, 4095), []uint8{0, 51, 102, 255}},
		{"first of many windows", row(picture{extra: windowed(`2048\10`, `4096 \20`, "")}, 0, 819, 4095), []uint8{0, 51, 255}},
		{"linear of width 1", row(picture{extra: windowed("100.5", "1", "")}, 99, 100, 101), []uint8{0, 0, 255}},
		{"linear exact", row(picture{extra: windowed("500", "1000", "LINEAR_EXACT")}, 0, 200, 1000, 1200), []uint8{0, 51, 255, 255}},
		{"linear exact of width ½", row(picture{extra: windowed("500", "0.5", "LINEAR_EXACT")}, 499, 500, 501), []uint8{0, 128, 255}},
		{"sigmoid", row(picture{extra: windowed("500", "400", "SIGMOID")}, 0, 500, 600, 1000),
			[]uint8{round(1 / (1 + math.Exp(5))), 128, round(1 / (1 + math.Exp(-1))), round(1 / (1 + math.Exp(-5)))}},
		{"impossible window", row(picture{extra: windowed("500", "0", "")}, 1000, 1100, 2000), []uint8{0, round(0.1), 255}},
		{"padding", row(picture{extra: []element{words(pixelPaddingValue, "US", 0)}}, 0, 1000, 1100, 2000), []uint8{0, 0, round(0.1), 255}},
		{"padding range", row(picture{extra: []element{words(pixelPaddingValue, "US", 0), words(pixelPaddingRangeLimit, "US", 9)}}, 0, 9, 1000, 1100, 2000),
			[]uint8{0, 0, 0, round(0.1), 255}},
		{"signed padding", row(picture{signed: 1, stored: 16, extra: []element{words(pixelPaddingValue, "SS", -2000)}}, -2000, -1000, 0, 1000), []uint8{0, 0, 128, 255}},
		{"modality table", row(picture{extra: []element{lookup(modalityLUTSequence, 10, 16, 1000, 1100, 2000)}}, 0, 10, 11, 12, 4000),
			[]uint8{0, 0, round(0.1), 255, 255}},
		{"modality table of undefined length", row(picture{extra: []element{openSequence(false, modalityLUTSequence,
			words(lutDescriptor, "SS", 3, 10, 16), words(lutData, "OW", 1000, 1100, 2000))}}, 10, 11, 12), []uint8{0, round(0.1), 255}},
		{"implicit modality table", row(picture{syntax: implicitLittleEndian, extra: []element{sequence(true, modalityLUTSequence,
			words(lutDescriptor, "US", 3, 10, 16), words(lutData, "OW", 1000, 1100, 2000))}}, 10, 11, 12), []uint8{0, round(0.1), 255}},
		{"values of interest table", row(picture{extra: join(windowed("1", "2", ""), []element{lookup(voiLUTSequence, 10, 10, 0, 341, 1023)})}, 0, 10, 11, 12, 13),
			[]uint8{0, 0, 85, 255, 255}},
		{"table from a negative value", row(picture{signed: 1, extra: []element{lookup(voiLUTSequence, -1, 8, 10, 20, 30)}}, -2, -1, 0, 1, 2), []uint8{10, 10, 20, 30, 30}},
		{"packed table of bytes", row(picture{extra: []element{sequence(false, voiLUTSequence,
			words(lutDescriptor, "US", 3, 10, 8), words(lutData, "OW", 10|20<<8, 30))}}, 10, 11, 12), []uint8{10, 20, 30}},
		{"RGB", picture{photometric: "RGB", allocated: 8, samples: 3, width: 2, height: 1, pixels: []byte{255, 0, 0, 0, 0, 255}}, []uint8{76, 29}},
	} {
		t.Run(c.name, func(t *testing.T) {
			data := c.in.file()
			r, err := Decode(t.Context(), c.name, data, Limits{})
			require.NoError(t, err)
			require.Equal(t, "DICOM", r.Format)
			require.Equal(t, c.want, r.Pixels.Pix)
			requireGreys(t, r, data)
			requireAsLibrary(t, data)
		})
	}
}

func TestDICOMWithoutPreamble(t *testing.T) {
	want, err := Decode(t.Context(), "with", picture{}.file(), Limits{})
	require.NoError(t, err)
	for name, data := range map[string][]byte{
		"group 2":  picture{}.file()[132:],
		"explicit": picture{}.dataset(),
		"implicit": picture{syntax: implicitLittleEndian}.dataset(),
	} {
		got, err := Decode(t.Context(), name, data, Limits{})
		require.NoError(t, err)
		require.Equal(t, want.Pixels, got.Pixels)
	}
}

func TestDICOMOfJPEG(t *testing.T) {
	phantom := Phantom(1, 16, 24)
	jpeg := encodeJPEG(t, phantom)
	plain, err := Decode(t.Context(), "plain", jpeg, Limits{})
	require.NoError(t, err)

	full := windowed("127.5", "255", "LINEAR_EXACT") // leaves 8 bits as they are
	p := picture{syntax: jpegBaseline, allocated: 8, width: 16, height: 24, extra: full, pixelData: fragments(jpeg)}
	r, err := Decode(t.Context(), "mono", p.file(), Limits{})
	require.NoError(t, err)
	requireAsLibrary(t, p.file())
	require.Equal(t, plain.Pixels, r.Pixels)

	colour := image.NewRGBA(phantom.Rect)
	for i := range colour.Pix {
		colour.Pix[i] = uint8(i) | 0xff*uint8(i/3%2)
	}
	jpeg = encodeJPEG(t, colour)
	plain, err = Decode(t.Context(), "plain", jpeg, Limits{})
	require.NoError(t, err)
	p = picture{syntax: jpegBaseline, allocated: 8, width: 16, height: 24, samples: 3, photometric: "YBR_FULL_422", pixelData: fragments(jpeg)}
	r, err = Decode(t.Context(), "colour", p.file(), Limits{})
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
	e := openSequence(implicit, attribute(0x0040_a730))
	for range depth - 1 {
		e = openSequence(implicit, e.tag, e)
	}
	return e
}

func TestDICOMRefuses(t *testing.T) {
	t.Attr("hostile", "DICOM")
	pixelData := func(vr string, length uint32) *element {
		return &element{tag: pixelData, vr: vr, value: pixels16(1, 2, 3), length: length}
	}
	lying := func(t attribute, vr string, length uint32) []element {
		return []element{{tag: t, vr: vr, value: []byte("1 "), length: length}}
	}
	jpeg := encodeJPEG(t, Phantom(1, 16, 24))
	for _, c := range []struct {
		name string
		data []byte
		want error
		says string
	}{
		{"H.264", picture{syntax: "1.2.840.10008.1.2.4.102"}.file(), ErrUnsupported, `its pixels are an H.264 video (transfer syntax "1.2.840.10008.1.2.4.102")`},
		{"JPIP", picture{syntax: "1.2.840.10008.1.2.4.94"}.file(), ErrUnsupported, "a reference to a server"},
		{"JPEG XL", picture{syntax: "1.2.840.10008.1.2.4.110"}.file(), ErrUnsupported, "JPEG XL"},
		{"native pixels said to be JPEG 2000", picture{syntax: "1.2.840.10008.1.2.4.91"}.file(), ErrDamaged, "not as the transfer syntax"},
		{"native pixels said to be RLE", picture{syntax: rleLossless}.file(), ErrDamaged, "not as the transfer syntax"},
		{"pixels that are not deflated", picture{syntax: deflated}.file(), ErrDamaged, "deflated data set"},
		{"unknown syntax", picture{syntax: "1.2.3"}.file(), ErrUnsupported, "1.2.3"},
		{"report", file(explicitLittleEndian, write(false, text(modality, "CS", "SR"))), ErrUnsupported, "a structured report, which holds no image"},
		{"no image", file(explicitLittleEndian, write(false, text(modality, "CS", "DX"))), ErrUnsupported, "the file holds no image"},
		{"directory", file(explicitLittleEndian, write(false, sequence(false, directoryRecordSequence))), ErrUnsupported, "open the folder"},
		{"no pixel data", picture{pixelData: &element{tag: modality, vr: "CS"}}.file(), ErrDamaged, "0 bytes of pixel data"},
		{"pixel data of 4 GiB", picture{pixelData: pixelData("OW", 0xfffffffe)}.file(), ErrDamaged, "4294967294 bytes, but only 6 are left"},
		{"pixel data without end", picture{pixelData: pixelData("OW", undefined)}.file(), ErrDamaged, "cut off at byte"},
		{"short pixel data", picture{pixelData: pixelData("OW", 0)}.file(), ErrDamaged, "4×3 pixels need 24"},
		{"no rows", picture{width: 65536, height: 3}.file(), ErrDamaged, "0×3"},
		{"too large", picture{width: 65535, height: 65535, pixels: []byte{0, 0}}.file(), ErrTooLarge, "65535×65535"},
		{"32 bits", picture{allocated: 32}.file(), ErrUnsupported, "32 bits"},
		{"1 bit", picture{allocated: 1}.file(), ErrUnsupported, "1 bits"},
		{"17 bits stored", picture{stored: 17}.file(), ErrDamaged, "17 bits stored"},
		{"high bit too high", picture{high: 16}.file(), ErrDamaged, "12 bits stored from bit 5"},
		{"palette", picture{photometric: "PALETTE COLOR"}.file(), ErrUnsupported, `"PALETTE COLOR"`},
		{"a Modality LUT that is too short", picture{extra: []element{sequence(false, modalityLUTSequence,
			words(lutDescriptor, "US", 0, 0, 16), words(lutData, "OW", 1, 2))}}.file(), ErrDamaged, "2 entries, not 65536"},
		{"one grey", picture{pixels: bytes.Repeat([]byte{7, 0}, 12)}.file(), ErrBlank, "4×3 pixels, and every pixel is black"},
		{"grey of 3 samples", picture{samples: 3}.file(), ErrDamaged, "3 samples a pixel of MONOCHROME2"},
		{"YBR without JPEG", picture{photometric: "YBR_FULL", samples: 3, allocated: 8, width: 1, height: 2}.file(), ErrDamaged, "1×2 pixels need 6"},
		{"attribute of 4 GiB", picture{extra: lying(patientName, "UT", 0xfffffff0)}.file(), ErrDamaged, "4294967280 bytes"},
		{"short attribute of 64 KiB", picture{extra: lying(windowCenter, "DS", 0xffff)}.file(), ErrDamaged, "65535 bytes"},
		{"text without length", picture{extra: lying(patientName, "UT", undefined)}.file(), ErrDamaged, "is no sequence"},
		{"sequence of text", picture{extra: []element{{tag: voiLUTSequence, vr: "SQ", value: write(true, text(modality, "CS", "DX"))}}}.file(), ErrDamaged, "where an item"},
		{"item outside a sequence", picture{extra: []element{{tag: item}}}.file(), ErrDamaged, "outside a sequence"},
		{"sequence without end", picture{extra: []element{{tag: voiLUTSequence, vr: "SQ", length: undefined}}}.file(), ErrDamaged, "bytes, but only"},
		{"deep", picture{extra: []element{nested(false, maxDepth+1)}}.file(), ErrDamaged, "nested more than 32 deep"},
		{"very deep", picture{syntax: implicitLittleEndian, extra: []element{nested(true, 2000)}}.file(), ErrDamaged, "nested more than 32 deep"},
		{"slope 0", picture{extra: rescale("0", "0")}.file(), ErrDamaged, "RescaleSlope"},
		{"slope NaN", picture{extra: rescale("0", "NaN")}.file(), ErrDamaged, "RescaleSlope"},
		{"huge attribute", picture{extra: []element{sequence(false, voiLUTSequence,
			element{tag: lutData, vr: "OW", value: make([]byte, maxAttribute+1000)})}}.file(), ErrDamaged, "far too many"},
		{"native pixels said to be JPEG", picture{syntax: jpegBaseline}.file(), ErrDamaged, "not as the transfer syntax"},
		{"JPEG of another size", picture{syntax: jpegBaseline, allocated: 8, pixelData: fragments(jpeg)}.file(), ErrDamaged, "a code stream of 16×24 pixels and 8 bits in an image of 4×3"},
		{"JPEG of nothing", picture{syntax: jpegBaseline, allocated: 8, pixelData: fragments(nil)}.file(), ErrDamaged, "no code stream"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Decode(t.Context(), c.name+".dcm", c.data, Limits{})
			require.ErrorIs(t, err, c.want)
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, c.name+".dcm: DICOM: ")
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

// Elements that the walk must pass over without a look.
func TestDICOMPassesOver(t *testing.T) {
	private := attribute(0x0009_1001)
	icon := sequence(false, iconImageSequence, words(rows, "US", 9), element{tag: pixelData, vr: "OW", value: []byte{1, 2}})
	icon.vr = "SQ"
	unknown := openSequence(true, private, text(patientName, "PN", "X"))
	unknown.vr = "UN"
	encapsulated := fragments([]byte{1, 2, 3, 4})
	encapsulated.tag = private
	want, err := Decode(t.Context(), "plain", picture{}.file(), Limits{})
	require.NoError(t, err)
	for name, extra := range map[string][]element{
		"icon":                     {icon},
		"implicit items in UN":     {unknown},
		"private fragments":        {*encapsulated},
		"nested to the limit":      {nested(false, maxDepth)},
		"the first of two counts":  {words(rows, "US", 77)},
		"character set of no name": {text(specificCharacterSet, "CS", "KLINGON")},
	} {
		got, err := Decode(t.Context(), name, picture{extra: extra}.file(), Limits{})
		require.NoError(t, err, name)
		require.Equal(t, want.Pixels, got.Pixels, name)
	}
	got, err := Decode(t.Context(), "trailing", append(picture{}.file(), "garbage"...), Limits{})
	require.NoError(t, err)
	require.Equal(t, want.Pixels, got.Pixels)
}

func dicomSeeds(t testing.TB) map[string][]byte {
	return map[string][]byte{
		"explicit":  picture{extra: windowed("600", "800", "SIGMOID")}.file(),
		"implicit":  picture{syntax: implicitLittleEndian, extra: rescale("-100", "-2")}.file(),
		"bare":      picture{photometric: "MONOCHROME1", signed: 1}.dataset(),
		"bytes":     picture{allocated: 8, pixels: bytes.Repeat([]byte{1, 9}, 6)}.file(),
		"tables":    picture{extra: []element{lookup(modalityLUTSequence, 0, 16, 1, 5, 9), lookup(voiLUTSequence, 1, 8, 3, 2, 1)}}.file(),
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
	f.Fuzz(mutate.Seeds(func(t *testing.T, data []byte) {
		c, err := scan(t.Context(), data, MaxFileSize)
		if err != nil {
			require.Nil(t, c)
			return
		}
		if c.syntax != deflated {
			require.LessOrEqual(t, len(c.pixels)+len(bytes.Join(c.fragments, nil))+size(t, c.attributes), len(data), "nothing is larger than the file")
		}
	}))
}

// size is the bytes of all values.
func size(t *testing.T, a attributes) (n int) {
	for attribute, v := range a {
		require.Contains(t, wanted, attribute)
		n += len(v.bytes)
		for _, item := range v.items {
			n += size(t, item)
		}
	}
	return n
}
