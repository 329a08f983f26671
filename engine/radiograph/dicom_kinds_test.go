package radiograph

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"image/color"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// encapsulated is pixel data of an offset table and fragments.
func encapsulated(offsets []uint32, fragments ...[]byte) *element {
	table := element{tag: item}
	for _, o := range offsets {
		table.value = binary.LittleEndian.AppendUint32(table.value, o)
	}
	elements := []element{table}
	for _, f := range fragments {
		elements = append(elements, element{tag: item, value: append(f, make([]byte, len(f)%2)...)})
	}
	elements = append(elements, element{tag: sequenceDelimitation})
	return &element{tag: pixelData, vr: "OB", value: write(true, elements...), length: undefined}
}

// packRLE writes planes of bytes as RLE, each by runs and literals at random.
func packRLE(rng *rand.Rand, planes ...[]byte) []byte {
	header := binary.LittleEndian.AppendUint32(nil, uint32(len(planes)))
	var body []byte
	for _, plane := range planes {
		header = binary.LittleEndian.AppendUint32(header, uint32(64+len(body)))
		for len(plane) > 0 {
			run := 1
			for run < len(plane) && run < 128 && plane[run] == plane[0] {
				run++
			}
			switch {
			case run > 1:
				body = append(body, byte(1-run), plane[0])
			case rng.IntN(4) == 0:
				body = append(body, 0x80) // which says nothing
				continue
			default:
				run = min(len(plane), 1+rng.IntN(128))
				body = append(append(body, byte(run-1)), plane[:run]...)
			}
			plane = plane[run:]
		}
		body = append(body, make([]byte, len(body)%2)...)
	}
	return append(append(header, make([]byte, 64-len(header))...), body...)
}

func TestRLE(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 20 {
		width, height := 1+rng.IntN(40), 2+rng.IntN(40)
		low, high := make([]byte, width*height), make([]byte, width*height)
		native := make([]byte, 0, 2*len(low))
		for i := range low {
			low[i], high[i] = byte(rng.IntN(3)*100), byte(i/300)
			native = append(native, low[i], high[i])
		}
		p := picture{width: width, height: height, stored: 16, pixels: native}
		want, err := Decode(t.Context(), "native", p.file(), Limits{})
		require.NoError(t, err)
		p.syntax, p.pixelData = rleLossless, encapsulated(nil, packRLE(rng, high, low))
		got, err := Decode(t.Context(), "RLE", p.file(), Limits{})
		require.NoError(t, err)
		require.Equal(t, want.Pixels, got.Pixels)
	}
	colour := func(planes ...[]byte) []byte {
		return picture{syntax: rleLossless, photometric: "RGB", allocated: 8, samples: 3, width: 2, height: 1, pixelData: encapsulated(nil, packRLE(rng, planes...))}.file()
	}
	r, err := Decode(t.Context(), "colour", colour([]byte{255, 0}, []byte{0, 0}, []byte{0, 255}), Limits{})
	require.NoError(t, err)
	require.Equal(t, []uint8{76, 29}, r.Pixels.Pix)

	whole := packRLE(rng, make([]byte, 12), make([]byte, 12))
	at := func(pos int, v byte) []byte {
		b := bytes.Clone(whole)
		b[pos] = v
		return b
	}
	for name, stream := range map[string][]byte{
		"nothing": nil, "three segments": at(0, 3), "a segment in the header": at(4, 8), "a segment behind the end": at(11, 255),
		"segments in the wrong order": at(8, 1), "a run that is too short": at(64, 0xff), "a claim of too much": whole[:65],
	} {
		p := picture{syntax: rleLossless, pixelData: encapsulated(nil, stream)}
		_, err := Decode(t.Context(), name, p.file(), Limits{})
		require.ErrorIs(t, err, ErrDamaged, name)
	}
}

func TestDeflated(t *testing.T) {
	pack := func(b []byte) []byte {
		var out bytes.Buffer
		w, err := flate.NewWriter(&out, flate.BestCompression)
		require.NoError(t, err)
		w.Write(b)
		w.Close()
		return out.Bytes()
	}
	want, err := Decode(t.Context(), "plain", picture{}.file(), Limits{})
	require.NoError(t, err)
	got, err := Decode(t.Context(), "deflated", file(deflated, pack(picture{}.dataset())), Limits{})
	require.NoError(t, err)
	require.Equal(t, want.Pixels, got.Pixels)

	bomb := file(deflated, pack(append(picture{}.dataset(), make([]byte, 1<<20)...)))
	_, err = Decode(t.Context(), "bomb", bomb, Limits{FileSize: 1 << 19})
	require.ErrorIs(t, err, ErrTooLarge)
}

func TestFrames(t *testing.T) {
	note := []string{"it holds 2 frames: the first is read", "it has no window: shown by its own range"}
	frames := text(numberOfFrames, "IS", "2")
	p := picture{extra: []element{frames}, pixels: append(pixels16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), make([]byte, 24)...)}
	r, err := Decode(t.Context(), "native", p.file(), Limits{})
	require.NoError(t, err)
	require.Equal(t, uint8(255), r.Pixels.Pix[11])
	require.Equal(t, note, r.Notes)

	first, second := encodeJPEG(t, Phantom(1, 16, 24)), encodeJPEG(t, Phantom(2, 16, 24))
	want, err := Decode(t.Context(), "alone", picture{syntax: jpegBaseline, allocated: 8, width: 16, height: 24, pixelData: encapsulated(nil, first)}.file(), Limits{})
	require.NoError(t, err)
	half := len(first) / 4 * 2
	even := (len(first) + 1) &^ 1
	for name, data := range map[string]*element{
		"two fragments":            encapsulated(nil, first, second),
		"three, and a table":       encapsulated([]uint32{0, uint32(even + 16)}, first[:half], first[half:], second),
		"three, told by the bytes": encapsulated(nil, first[:half], first[half:], second),
		"a table that lies":        encapsulated([]uint32{0, 0xffffffff}, first, second),
	} {
		p := picture{syntax: jpegBaseline, allocated: 8, width: 16, height: 24, extra: []element{frames}, pixelData: data}
		r, err := Decode(t.Context(), name, p.file(), Limits{})
		require.NoError(t, err, name)
		require.Equal(t, want.Pixels, r.Pixels, name)
		require.Equal(t, note, r.Notes)
	}
}

// What every reader forgives.
func TestDICOMForgives(t *testing.T) {
	full := windowed("2048", "4096", "")
	want, err := Decode(t.Context(), "plain", picture{extra: full}.file(), Limits{})
	require.NoError(t, err)
	const own = "shown by its own range"
	unknown := func(header string) []byte {
		// An element of 2 bytes of another form, behind the pixel's attributes.
		data := picture{extra: append([]element{words(pixelPaddingValue, "US", 4095)}, full...)}.file()
		at := bytes.Index(data, []byte("\x28\x00\x20\x01US\x02\x00"))
		return bytes.Join([][]byte{data[:at+4], []byte(header), data[at+8:]}, nil)
	}
	for _, c := range []struct {
		name string
		data []byte
		note string
	}{
		{"decimal comma", picture{extra: windowed("2048,0", "4096,0", "")}.file(), ""},
		{"brackets", picture{extra: windowed("[2048]", "(4096)", "")}.file(), ""},
		{"a list of Python", picture{extra: windowed("['2048', '10']", "[4096.0, 20.0]", "")}.file(), ""},
		{"lower case", picture{photometric: "monochrome2", extra: windowed("2048", "4096", "linear")}.file(), ""},
		{"unknown function", picture{extra: windowed("2048", "4096", "GAMMA")}.file(), `its VOI LUT function "GAMMA" is unknown: read as LINEAR`},
		{"VOI LUT of nothing", picture{extra: join(full, []element{sequence(false, voiLUTSequence)})}.file(), "its VOI LUT is left out: it has no LUT descriptor"},
		{"VOI LUT of 0 bits", picture{extra: join(full, []element{lookup(voiLUTSequence, 0, 0, 1, 2)})}.file(), "its VOI LUT is left out: it has entries of 0 bits"},
		{"VOI LUT of one value", picture{extra: join(full, []element{lookup(voiLUTSequence, 0, 8, 9, 9)})}.file(), "its VOI LUT is left out: it leaves the picture blank"},
		{"high bit too low", picture{high: 3, extra: full}.file(), "High Bit is 3, which cannot be: the lowest 12 bits are read"},
		{"frames in words", picture{extra: append(full, text(numberOfFrames, "IS", "many"))}.file(), `Number of Frames is "many", which is no number: one is read`},
		{"frames below 0", picture{extra: append(full, text(numberOfFrames, "IS", "-1"))}.file(), ""},
		{"padding behind the pixels", picture{extra: full, pixels: append(picturePixels(), make([]byte, 77)...)}.file(), ""},
		{"VR of two blanks", unknown("  \x02\x00"), ""},
		{"VR of zeros, 32 bits of length", unknown("\x00\x00\x00\x00\x02\x00\x00\x00"), ""},
		{"unknown VR, 32 bits of length", unknown("ZZ\x00\x00\x02\x00\x00\x00"), ""},
		{"implicit VR within explicit", unknown("\x02\x00\x00\x00"), ""},
		{"said to be implicit", file(implicitLittleEndian, picture{extra: full}.dataset()), ""},
		{"said to be explicit", file(explicitLittleEndian, picture{syntax: implicitLittleEndian, extra: full}.dataset()), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Decode(t.Context(), c.name, c.data, Limits{})
			require.NoError(t, err)
			require.Equal(t, want.Pixels, r.Pixels)
			if c.note == "" {
				require.Empty(t, r.Notes)
			} else {
				require.Equal(t, []string{c.note}, r.Notes)
			}
		})
	}
	for name, extra := range map[string][]element{
		"infinite":      windowed("Inf", "4096", ""),
		"words":         windowed("wide", "4096", ""),
		"no width":      windowed("2048", "", ""),
		"width below 1": windowed("2048", "0.5", ""),
		"beside":        windowed("100000", "10", ""),
		"far too wide":  windowed("2048", "1e9", ""),
	} {
		r, err := Decode(t.Context(), name, picture{extra: extra}.file(), Limits{})
		require.NoError(t, err, name)
		require.Equal(t, uint8(0), r.Pixels.Pix[0], name)
		require.Equal(t, uint8(255), r.Pixels.Pix[11], name)
		require.Len(t, r.Notes, 1)
		require.Contains(t, r.Notes[0], own, name)
	}
}

// A border and letters do not hide that a window leaves the picture between them
// blank, with a sign as without.
func TestBlankBetweenBorderAndLetters(t *testing.T) {
	for _, c := range []struct {
		name           string
		signed, offset int
		center         string
	}{
		{"unsigned", 0, 2000, "100"},
		{"signed", 1, 0, "-1900"},
	} {
		values := []int{c.offset - 2000, c.offset + 2000}
		for i := range 30 {
			values = append(values, c.offset-400+10*i)
		}
		p := picture{width: len(values), height: 1, signed: c.signed, stored: 16, pixels: pixels16(values...), extra: windowed(c.center, "100", "")}
		r, err := Decode(t.Context(), c.name, p.file(), Limits{})
		require.NoError(t, err)
		require.Equal(t, []string{"its window leaves the picture blank: shown by its own range"}, r.Notes, c.name)
		require.Equal(t, []uint8{0, 255, 102}, r.Pixels.Pix[:3], c.name)
	}
}

func picturePixels() (b []byte) {
	for i := range 12 {
		b = binary.LittleEndian.AppendUint16(b, uint16(i*100))
	}
	return b
}

func TestVOIOfFewerBits(t *testing.T) {
	for _, c := range []struct {
		bits, highest int
		want          uint8
		noted         bool
	}{
		{16, 4095, 255, true}, {16, 4000, 249, true}, {16, 65535, 255, false}, {12, 4095, 255, false}, {10, 4095, 255, true}, {12, 200, 200, true}, {8, 30, 30, false},
	} {
		p := picture{width: 3, height: 1, pixels: pixels16(0, 1, 2), extra: []element{lookup(voiLUTSequence, 0, c.bits, 0, c.highest/2, c.highest)}}
		r, err := Decode(t.Context(), "LUT", p.file(), Limits{})
		require.NoError(t, err)
		require.Equal(t, c.want, r.Pixels.Pix[2], "%+v", c)
		require.Equal(t, c.noted, len(r.Notes) > 0, "%+v", c)
	}
}

// MONOCHROME1 says itself what is white, whatever the presentation LUT.
func TestPresentationLUTShape(t *testing.T) {
	for _, c := range []struct {
		photometric, shape string
		inverted           bool
	}{
		{"MONOCHROME2", "", false}, {"MONOCHROME2", "IDENTITY", false}, {"MONOCHROME2", "INVERSE", true}, {"MONOCHROME2", "inverse", true},
		{"MONOCHROME1", "", true}, {"MONOCHROME1", "IDENTITY", true}, {"MONOCHROME1", "INVERSE", true},
	} {
		p := picture{photometric: c.photometric, extra: append(windowed("2048", "4096", ""), text(presentationLUTShape, "CS", c.shape))}
		r, err := Decode(t.Context(), "shape", p.file(), Limits{})
		require.NoError(t, err)
		require.Equal(t, c.inverted, r.Pixels.Pix[0] == 255, "%+v", c)
	}
}

func TestColour(t *testing.T) {
	var ybr [2][3]byte
	ybr[0][0], ybr[0][1], ybr[0][2] = color.RGBToYCbCr(255, 0, 0)
	ybr[1][0], ybr[1][1], ybr[1][2] = color.RGBToYCbCr(0, 0, 255)
	for _, c := range []struct {
		name   string
		in     picture
		want   []uint8
		within float64
	}{
		{"YBR", picture{photometric: "YBR_FULL", pixels: append(ybr[0][:], ybr[1][:]...)}, []uint8{76, 29}, 1},
		{"planar", picture{photometric: "RGB", pixels: []byte{255, 0, 0, 0, 0, 255}, extra: []element{words(planarConfiguration, "US", 1)}}, []uint8{76, 29}, 0},
		{"planar YBR", picture{photometric: "YBR_FULL", pixels: []byte{ybr[0][0], ybr[1][0], ybr[0][1], ybr[1][1], ybr[0][2], ybr[1][2]},
			extra: []element{words(planarConfiguration, "US", 1)}}, []uint8{76, 29}, 1},
		{"4:2:2", picture{photometric: "YBR_FULL_422", pixels: []byte{10, 200, 128, 128}}, []uint8{10, 200}, 0},
		{"4:2:2 of three bytes a pixel", picture{photometric: "YBR_FULL_422", pixels: []byte{10, 128, 128, 200, 128, 128}}, []uint8{10, 200}, 0},
		{"16 bits", picture{photometric: "RGB", allocated: 16, stored: 16, pixels: pixels16(0xff00, 0, 0, 0, 0, 0xff00)}, []uint8{76, 29}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := c.in
			p.width, p.height, p.samples = 2, 1, 3
			if p.allocated == 0 {
				p.allocated = 8
			}
			r, err := Decode(t.Context(), c.name, p.file(), Limits{})
			require.NoError(t, err)
			require.InDelta(t, c.want[0], r.Pixels.Pix[0], c.within)
			require.InDelta(t, c.want[1], r.Pixels.Pix[1], c.within)
		})
	}
}

// Words of two pixels in big endian, of which the last is cut off.
func TestBigEndianOfOddBytes(t *testing.T) {
	set := func(value ...byte) []byte {
		f := &frame{width: 3, height: 1, samples: 1, allocated: 8, stored: 8}
		m, err := f.native(newDecoder(t), &dataset{attributes: attributes{}, note: func(string, ...any) {}}, value, true)
		if err != nil {
			require.ErrorIs(t, err, ErrDamaged)
			return nil
		}
		return m.Pix
	}
	require.Nil(t, set(100, 0, 200))
	require.Equal(t, []byte{0, 128, 255}, set(100, 0, 9, 200)[:3])
}

// directoryFile is a DICOMDIR.
func directoryFile() []byte {
	record := func(kind, path string) element {
		return element{tag: item, value: write(false, text(directoryRecordType, "CS", kind), text(referencedFileID, "CS", path))}
	}
	return file(explicitLittleEndian, write(false, element{tag: directoryRecordSequence, vr: "SQ",
		value: write(false, record("PATIENT", ""), record("IMAGE", `A\B `), record("PRIVATE", `X`), record("IMAGE", "C"))}))
}

func TestDirectory(t *testing.T) {
	paths, err := Directory(t.Context(), "DICOMDIR", directoryFile(), Limits{})
	require.NoError(t, err)
	require.Equal(t, []string{"A/B", "C"}, paths)
	_, err = Directory(t.Context(), "image", picture{}.file(), Limits{})
	require.ErrorIs(t, err, ErrUnsupported)
}

// Items of nothing take 8 bytes in the file and more in memory.
func TestManyFragments(t *testing.T) {
	of := func(n int) []byte {
		empty := write(true, element{tag: item})
		value := append(bytes.Repeat(empty, 1+n), write(true, element{tag: sequenceDelimitation})...)
		return picture{syntax: jpegBaseline, pixelData: &element{tag: pixelData, vr: "OB", value: value, length: undefined}}.file()
	}
	_, err := scan(t.Context(), of(maxFragments), MaxFileSize)
	require.NoError(t, err)
	_, err = scan(t.Context(), of(maxFragments+1), MaxFileSize)
	require.ErrorIs(t, err, ErrDamaged)
	require.ErrorContains(t, err, "more than 1048576 fragments")
}
