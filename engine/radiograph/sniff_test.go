package radiograph

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/bmp"
)

// Each refusal says what the file is and what to do.
func TestWords(t *testing.T) {
	behind := func(n int, magic string) string { return string(bytes.Repeat([]byte{1}, n)) + magic }
	for _, c := range []struct {
		magic string
		want  error
		says  string
	}{
		{"%PDF-1.7", ErrUnsupported, "a PDF document; export the image in it"},
		{"PK\x03\x04", ErrUnsupported, "a ZIP archive; unpack it"},
		{"Rar!\x1a\x07\x00", ErrUnsupported, "a RAR archive; unpack it"},
		{"7z\xbc\xaf\x27\x1c", ErrUnsupported, "a 7z archive; unpack it"},
		{"\x1f\x8b\x08", ErrUnsupported, "a gzip archive; unpack it"},
		{behind(257, "ustar"), ErrUnsupported, "a tar archive; unpack it"},
		{"\xff\x0a\x00", ErrUnsupported, "JPEG XL; export it as PNG or JPEG"},
		{"\x00\x00\x00\x0cJXL \r\n\x87\n", ErrUnsupported, "JPEG XL; export it as PNG or JPEG"},
		{"\x00\x00\x00\x18ftypheic\x00\x00", ErrUnsupported, "HEIC"},
		{"\x00\x00\x00\x18ftypavif\x00\x00", ErrUnsupported, "AVIF"},
		{"\x00\x00\x00\x18ftypmp42\x00\x00", ErrUnsupported, "a video; export one picture"},
		{"RIFF\x00\x00\x00\x00AVI LIST", ErrUnsupported, "a video"},
		{"\x1a\x45\xdf\xa3", ErrUnsupported, "a video"},
		{behind(344, "n+1\x00"), ErrUnsupported, "a NIfTI volume; export it as"},
		{"NRRD0004\n", ErrUnsupported, "an NRRD volume; export it as"},
		{"ObjectType = Image\nNDims = 3\n", ErrUnsupported, "a MetaImage volume (MHA); export it as"},
		{"<!DOCTYPE html><html>", ErrUnknownFormat, "a web page; save the image itself"},
		{"\n <html lang=en>", ErrUnknownFormat, "a web page"},
		{"<?xml version='1.0'?><a/>", ErrUnknownFormat, "an XML document"},
		{"<?xml version='1.0'?><svg/>", ErrUnsupported, "a drawing (SVG); export it as"},
		{"Heart size normal. Größe", ErrUnknownFormat, "a text; choose the image itself"},
		{"II+\x00\x08\x00", ErrUnsupported, "BigTIFF"},
		{"\x00\x05\x16\x07\x00", ErrUnsupported, "what macOS keeps beside a file"},
		{"\x7fELF\x02", ErrUnsupported, "a program"},
		{"\x00\x01\x02\x03\xfe\xff", ErrUnknownFormat, "not a PNG, JPEG, DICOM, TIFF, BMP, GIF or WebP image"},
		{"RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00", ErrUnsupported, "an animation"},
	} {
		_, err := Decode(t.Context(), "file", []byte(c.magic), Limits{})
		require.ErrorIs(t, err, c.want, "%q", c.magic)
		require.ErrorContains(t, err, c.says)
		require.NotErrorIs(t, err, ErrDamaged)
	}
	for class, says := range map[string]string{
		"1.2.840.10008.5.1.4.1.1.88.33": "a structured report", "1.2.840.10008.5.1.4.1.1.88.59": "a list of chosen images",
		"1.2.840.10008.5.1.4.1.1.104.1": "a document in DICOM", "1.2.840.10008.5.1.4.1.1.11.1": "a presentation state",
		"1.2.840.10008.5.1.4.1.1.9.1.1": "a waveform", "1.2.840.10008.5.1.4.1.1.481.3": "a radiotherapy object", "1.2.3": "holds no image",
	} {
		data := file(explicitLittleEndian, write(false, text(sopClassUID, "UI", class)))
		_, err := Decode(t.Context(), "object.dcm", data, Limits{})
		require.ErrorIs(t, err, ErrUnsupported)
		require.ErrorContains(t, err, says)
	}
}

func TestBlank(t *testing.T) {
	for _, c := range []struct {
		values []uint8
		says   string
	}{
		{[]uint8{7}, "1×1 pixels, and every pixel has the same grey"},
		{[]uint8{7, 7}, "every pixel has the same grey"},
		{[]uint8{0, 0, 0}, "every pixel is black"},
		{[]uint8{0, 1, 0}, "every pixel is black"},
		{[]uint8{255, 254}, "every pixel has the same grey"},
		{[]uint8{0, 2}, ""},
	} {
		m := image.NewGray(image.Rect(0, 0, len(c.values), 1))
		copy(m.Pix, c.values)
		r, err := Decode(t.Context(), "blank.png", encodePNG(t, m), Limits{})
		if c.says == "" {
			require.NoError(t, err)
			continue
		}
		require.Nil(t, r)
		require.ErrorIs(t, err, ErrBlank)
		require.ErrorContains(t, err, c.says)
	}
}

func TestLimits(t *testing.T) {
	data := encodePNG(t, Phantom(1, 20, 10))
	for _, c := range []struct {
		limits Limits
		fits   bool
	}{
		{Limits{}, true}, {Limits{FileSize: len(data)}, true}, {Limits{FileSize: len(data) - 1}, false}, {Limits{Pixels: 200}, true}, {Limits{Pixels: 199}, false},
	} {
		_, err := Decode(t.Context(), "limits.png", data, c.limits)
		if c.fits {
			require.NoError(t, err)
		} else {
			require.ErrorIs(t, err, ErrTooLarge)
		}
	}
}

func TestCheckSize(t *testing.T) {
	const most = 1<<31 - 1
	for _, c := range []struct {
		width, height int
		want          error
	}{
		{3, 4, nil}, {12, 1, nil}, {1, 12, nil}, {13, 1, ErrTooLarge}, {1, 13, ErrTooLarge}, {4, 4, ErrTooLarge}, {0, 4, ErrDamaged}, {4, -1, ErrDamaged},
		{most, most, ErrTooLarge},
	} {
		d := &decoder{limits: Limits{Pixels: 12}}
		require.ErrorIs(t, d.checkSize(c.width, c.height), c.want, "%d×%d", c.width, c.height)
	}
}

// The size that a picture's header says is refused before anything decodes it: the
// pictures of these headers are not there.
func TestPictureHeader(t *testing.T) {
	gif := func(width, height byte, image string) []byte {
		return append([]byte{'G', 'I', 'F', '8', '9', 'a', width, 1, height, 1, 0, 0, 0}, image...)
	}
	bmp := func(header string) []byte { return append(append([]byte("BM"), make([]byte, 12)...), header...) }
	webp := func(chunks string) []byte { return []byte("RIFF\x00\x00\x00\x00WEBP" + chunks) }
	heif := func(brand string, extents ...[]byte) []byte {
		return slices.Concat(box("ftyp", []byte(brand+"\x00\x00\x00\x00")...),
			box("meta", append(make([]byte, 4), box("iprp", box("ipco", slices.Concat(extents...)...)...)...)...))
	}
	extent := func(width, height byte) []byte {
		return box("ispe", 0, 0, 0, 0, 0, 0, width, 0, 0, 0, height, 0)
	}
	for _, c := range []struct {
		name          string
		format        string
		data          []byte
		width, height int
	}{
		{"GIF", "GIF", gif(0, 2, ";"), 256, 258},
		{"a GIF whose frame is larger", "GIF", gif(0, 0, ",\x01\x00\x00\x00\x00\x02\x01\x01\x00\x08\x00;"), 513, 257},
		{"a GIF behind a palette and a remark", "GIF", slices.Concat([]byte("GIF89a\x01\x00\x01\x00\x80\x00\x00abcdef!\xfe\x02ab\x00,\x00\x00\x00\x00\x00\x02\x00\x02\x00")), 512, 512},
		{"BMP", "BMP", bmp("\x28\x00\x00\x00\x00\x01\x00\x00\x00\x02\x00\x00"), 256, 512},
		{"BMP from the top", "BMP", bmp("\x28\x00\x00\x00\x00\x01\x00\x00\x00\xfe\xff\xff"), 256, 512},
		{"BMP of OS/2", "BMP", bmp("\x0c\x00\x00\x00\x00\x01\x00\x02\x01\x00\x08\x00"), 256, 512},
		{"WebP", "WebP", webp("VP8 \x0a\x00\x00\x00\x00\x00\x00\x9d\x01\x2a\x00\xc1\x00\x02"), 256, 512},
		{"lossless WebP", "WebP", webp("VP8L\x05\x00\x00\x00\x2f\xff\xc0\x7f\x00\x00"), 256, 512},
		{"a WebP whose frame is larger than its canvas", "WebP", webp("VP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00EXIF\x01\x00\x00\x00a\x00VP8L\x05\x00\x00\x00\x2f\xff\xc0\x7f\x00\x00"), 256, 512},
		{"HEIC of tiles", "HEIC", heif("heic", extent(1, 1), extent(1, 2)), 256, 512},
		{"AVIF", "AVIF", heif("avif", extent(1, 2)), 256, 512},
	} {
		for _, limits := range []Limits{{Pixels: c.width*c.height - 1}, {Memory: c.width * c.height}} {
			d := &decoder{ctx: t.Context(), limits: limits.orDefault()}
			require.Equal(t, c.format, pictureName(c.data), c.name)
			h, err := d.pictureHeader(c.format, c.data, 2)
			require.Equal(t, [2]int{c.width, c.height}, [2]int{h.width, h.height}, c.name)
			require.ErrorIs(t, err, ErrTooLarge, c.name)
		}
		for n := range c.data {
			d := newDecoder(t)
			h, _ := d.pictureHeader(c.format, c.data[:n], 2)
			require.LessOrEqual(t, h.width*h.height, c.width*c.height, "%s, cut to %d bytes", c.name, n)
		}
	}
	for _, c := range []struct {
		data   []byte
		reason error
		says   string
	}{
		{gif(0, 2, ";"), ErrTooLarge, "256×258 pixels, the limit is 9 in all"},
		{bmp("\x28\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00"), ErrDamaged, "0×512 pixels"},
	} {
		_, err := Decode(t.Context(), "picture", c.data, Limits{Pixels: 9})
		require.ErrorIs(t, err, c.reason)
		require.ErrorContains(t, err, c.says)
	}
}

func TestWebPOfSeveralFrames(t *testing.T) {
	const canvas, frame = "VP8X\x0a\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00", "ANMF\x02\x00\x00\x00ab"
	for frames, notes := range [][]string{nil, nil, {"it holds several frames: the first is read"}} {
		d := newDecoder(t)
		h, err := d.pictureHeader("WebP", []byte("RIFF\x00\x00\x00\x00WEBP"+canvas+strings.Repeat(frame, frames)), 1)
		require.NoError(t, err)
		require.Equal(t, [2]int{1, 1}, [2]int{h.width, h.height})
		require.Equal(t, notes, d.notes)
	}
}

func TestGIFOfSeveralFrames(t *testing.T) {
	frame := func(v uint8) *image.Paletted {
		m := image.NewPaletted(image.Rect(0, 0, 2, 1), color.Palette{color.Black, color.Gray{Y: 100}, color.White})
		m.Pix[0] = v
		return m
	}
	for _, frames := range [][]*image.Paletted{{frame(1)}, {frame(1), frame(2)}} {
		var b bytes.Buffer
		require.NoError(t, gif.EncodeAll(&b, &gif.GIF{Image: frames, Delay: make([]int, len(frames))}))
		r, err := Decode(t.Context(), "a", b.Bytes(), Limits{})
		require.NoError(t, err)
		require.Equal(t, []uint8{100, 0}, r.Pixels.Pix)
		if len(frames) == 1 {
			require.Empty(t, r.Notes)
		} else {
			require.Equal(t, []string{"it holds several frames: the first is read"}, r.Notes)
		}
	}
}

func TestGIFAndBMP(t *testing.T) {
	m := image.NewPaletted(image.Rect(0, 0, 4, 3), color.Palette{color.Black, color.Gray{Y: 100}, color.White})
	for i := range m.Pix {
		m.Pix[i] = uint8(i % 3)
	}
	var b bytes.Buffer
	require.NoError(t, bmp.Encode(&b, m))
	r, err := Decode(t.Context(), "a", b.Bytes(), Limits{})
	require.NoError(t, err)
	require.Equal(t, "BMP", r.Format)
	requireGrayOf(t, m, r.Pixels)

	// The first frame of a GIF may be a part of the picture.
	part := m.SubImage(image.Rect(1, 1, 3, 3)).(*image.Paletted)
	b.Reset()
	require.NoError(t, gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{part}, Delay: []int{0}, Config: image.Config{ColorModel: m.Palette, Width: 4, Height: 3}}))
	r, err = Decode(t.Context(), "a", b.Bytes(), Limits{})
	require.NoError(t, err)
	require.Equal(t, "GIF", r.Format)
	require.Equal(t, []uint8{0, 0, 0, 0, 0, 255, 0, 0, 0, 0, 100, 0}, []uint8(r.Pixels.Pix))
}
