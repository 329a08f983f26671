package radiograph

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
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
	_, err := Decode(t.Context(), "limits.jpg", encodeJPEG(t, Phantom(1, 20, 10)), Limits{Memory: 2*200 - 1})
	require.ErrorIs(t, err, ErrTooLarge)
	require.ErrorContains(t, err, "bytes of memory")
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
