package radiograph

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/bmp"

	"uarweb/engine/radiograph/internal/mutate"
)

func encodePNG(t testing.TB, m image.Image) []byte {
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, m))
	return b.Bytes()
}

func encodeJPEG(t testing.TB, m image.Image) []byte {
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, m, &jpeg.Options{Quality: 90}))
	return b.Bytes()
}

func newDecoder(t testing.TB) *decoder {
	return &decoder{ctx: t.Context(), limits: Limits{}.orDefault()}
}

// pngHeader is a PNG that ends behind its header.
func pngHeader(width, height uint32) []byte {
	header := binary.BigEndian.AppendUint32([]byte("IHDR"), width)
	header = binary.BigEndian.AppendUint32(header, height)
	header = append(header, 8, 0, 0, 0, 0)
	b := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	b = append(b, header...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(header))
}

// fill writes random bytes into every plane of an image.
func fill(rng *rand.Rand, planes ...[]uint8) {
	for _, plane := range planes {
		for i := range plane {
			plane[i] = uint8(rng.Uint32())
		}
	}
}

// images has one image of each type that decoders return or PNGs are encoded
// from, with an origin that is not (0, 0).
func images(rng *rand.Rand) map[string]image.Image {
	r := image.Rect(-3, 5, 14, 18)
	gray, gray16, rgba64, nrgba, nrgba64 := image.NewGray(r), image.NewGray16(r), image.NewRGBA64(r), image.NewNRGBA(r), image.NewNRGBA64(r)
	cmyk, rgba := image.NewCMYK(r), image.NewRGBA(r)
	fill(rng, gray.Pix, gray16.Pix, rgba64.Pix, nrgba.Pix, nrgba64.Pix, cmyk.Pix)
	draw.Draw(rgba, r, nrgba, r.Min, draw.Src) // premultiplied
	for i := 6; i < len(rgba64.Pix); i += 8 {
		rgba64.Pix[i], rgba64.Pix[i+1] = 0xff, 0xff // as the PNG decoder has it
	}
	palette := color.Palette{color.Black, color.NRGBA{R: 200, G: 100, B: 50, A: 128}, color.RGBA{R: 9, G: 80, B: 250, A: 255}}
	paletted := image.NewPaletted(r, palette)
	for i := range paletted.Pix {
		paletted.Pix[i] = uint8(rng.IntN(len(palette)))
	}
	all := map[string]image.Image{
		"Gray": gray, "Gray16": gray16, "RGBA": rgba, "RGBA64": rgba64, "NRGBA": nrgba, "NRGBA64": nrgba64,
		"CMYK": cmyk, "Paletted": paletted, "Gray.SubImage": gray.SubImage(image.Rect(0, 7, 9, 12)),
	}
	for ratio := image.YCbCrSubsampleRatio444; ratio <= image.YCbCrSubsampleRatio410; ratio++ {
		m := image.NewYCbCr(r, ratio)
		fill(rng, m.Y, m.Cb, m.Cr)
		all[ratio.String()] = m
	}
	withAlpha := image.NewNYCbCrA(r, image.YCbCrSubsampleRatio420)
	fill(rng, withAlpha.Y, withAlpha.Cb, withAlpha.Cr, withAlpha.A)
	all["NYCbCrA"] = withAlpha
	return all
}

// slowGray is §1 of engine/MODEL.md by the letter, one color at a time.
func slowGray(c color.Color) uint8 {
	var r, g, b uint8
	switch c := c.(type) {
	case color.Gray:
		return c.Y
	case color.Gray16:
		return uint8(c.Y >> 8)
	case color.RGBA:
		r, g, b = c.R, c.G, c.B
	case color.RGBA64:
		r, g, b = uint8(c.R>>8), uint8(c.G>>8), uint8(c.B>>8)
	case color.NRGBA64:
		return slowGray(color.NRGBA{R: uint8(c.R >> 8), G: uint8(c.G >> 8), B: uint8(c.B >> 8), A: uint8(c.A >> 8)})
	case color.NRGBA:
		over := func(v uint8) uint8 { return uint8(float64(v)*float64(c.A)/255 + 0.5) }
		r, g, b = over(c.R), over(c.G), over(c.B)
	case color.NYCbCrA:
		r, g, b = color.YCbCrToRGB(c.Y, c.Cb, c.Cr)
		return slowGray(color.NRGBA{R: r, G: g, B: b, A: c.A})
	case color.YCbCr:
		r, g, b = color.YCbCrToRGB(c.Y, c.Cb, c.Cr)
	case color.CMYK:
		r, g, b = color.CMYKToRGB(c.C, c.M, c.Y, c.K)
	}
	return uint8((19595*int(r) + 38470*int(g) + 7471*int(b) + 0x8000) >> 16)
}

func requireGrayOf(t *testing.T, m image.Image, got *image.Gray) {
	t.Helper()
	b := m.Bounds()
	require.Equal(t, image.Rect(0, 0, b.Dx(), b.Dy()), got.Rect)
	require.Equal(t, b.Dx(), got.Stride)
	for y := range b.Dy() {
		for x := range b.Dx() {
			require.Equal(t, slowGray(m.At(b.Min.X+x, b.Min.Y+y)), got.GrayAt(x, y).Y, "(%d, %d)", x, y)
		}
	}
}

func TestToGray(t *testing.T) {
	for name, m := range images(rand.New(rand.NewPCG(1, 2))) {
		switch m.(type) {
		case *image.Gray16, *image.RGBA64, *image.NRGBA64: // of our own decoders only
			continue
		}
		t.Run(name, func(t *testing.T) { requireGrayOf(t, m, toGray(m)) })
	}
}

func TestLuma(t *testing.T) {
	// Pillow's convert("L") of the primaries.
	for _, c := range []struct{ r, g, b, want uint8 }{
		{255, 0, 0, 76}, {0, 255, 0, 150}, {0, 0, 255, 29}, {255, 255, 255, 255}, {1, 1, 1, 1}, {0, 0, 0, 0},
	} {
		require.Equal(t, c.want, luma(c.r, c.g, c.b))
	}
}

func TestDecode(t *testing.T) {
	phantom := Phantom(1, 40, 30)
	for name, m := range images(rand.New(rand.NewPCG(3, 4))) {
		switch m.(type) {
		case *image.YCbCr, *image.NYCbCrA, *image.CMYK, *image.RGBA: // not what a PNG can hold as it is
			continue
		}
		r, err := Decode(t.Context(), name, encodePNG(t, m), Limits{})
		require.NoError(t, err)
		require.Equal(t, "PNG", r.Format)
		require.Equal(t, name, r.Name)
		requireGrayOf(t, m, r.Pixels)
	}

	// A grey JPEG is its Y plane.
	data := encodeJPEG(t, phantom)
	want, err := jpeg.Decode(bytes.NewReader(data))
	require.NoError(t, err)
	r, err := Decode(t.Context(), "chest.png", data, Limits{}) // the name does not matter
	require.NoError(t, err)
	require.Equal(t, "JPEG", r.Format)
	require.Equal(t, want.(*image.Gray).Pix[:40], r.Pixels.Pix[:40])
	require.Equal(t, 40, r.Pixels.Stride)
}

func TestDecodeRefuses(t *testing.T) {
	t.Attr("hostile", "images of every kind")
	phantom := Phantom(1, 40, 30)
	flipped := encodePNG(t, phantom)
	flipped[len(flipped)/2] ^= 0x10
	arithmetic := encodeJPEG(t, phantom)
	arithmetic[bytes.Index(arithmetic, []byte{0xff, 0xc0})+1] = 0xc9
	lying := encodeJPEG(t, phantom)
	binary.BigEndian.PutUint32(lying[bytes.Index(lying, []byte{0xff, 0xc0})+5:], 8191<<16|8192)
	for _, c := range []struct {
		name string
		data []byte
		want error
		says string
	}{
		{"empty.png", nil, ErrEmpty, "empty.png"},
		{"notes.png", []byte("The heart is normal in size. No effusion."), ErrUnknownFormat, "a text; choose the image itself"},
		{"zeros.dcm", make([]byte, 4096), ErrUnknownFormat, "zeros.dcm"},
		{"huge.png", pngHeader(20000, 20000), ErrTooLarge, "20000×20000"},
		{"widest.png", pngHeader(1<<31-1, 1<<31-1), ErrTooLarge, "2147483647×2147483647"},
		{"lying.png", pngHeader(8000, 8000), ErrDamaged, "cannot hold 8000×8000"},
		{"flat.png", pngHeader(0, 5), ErrDamaged, "flat.png"},
		{"lying.jpg", lying, ErrDamaged, "cannot hold 8192×8191"},
		{"flipped.png", flipped, ErrDamaged, "checksum"},
		{"arithmetic.jpg", arithmetic, ErrUnsupported, "of arithmetic codes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Decode(t.Context(), c.name, c.data, Limits{})
			require.ErrorIs(t, err, c.want)
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, "radiograph: "+c.name+": ")
			require.NotContains(t, err.Error(), "\n")
		})
	}
}

// The most pixels a byte can stand for, in a file that is no lie: a DC scan
// alone, of codes of one bit.
func TestDecodeSmallestJPEG(t *testing.T) {
	const width, height = 4096, 4096
	b := []byte{0xff, 0xd8, 0xff, 0xdb, 0, 67, 0}
	b = append(b, bytes.Repeat([]byte{1}, 64)...)
	b = append(b, 0xff, 0xc2, 0, 11, 8, height>>8, 0, width>>8, 0, 1, 1, 0x11, 0)
	b = append(b, 0xff, 0xc4, 0, 20, 0, 1)
	b = append(b, make([]byte, 15+1)...) // one code, 0, for a difference of nothing
	b = append(b, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 0, 0)
	b = append(b, make([]byte, width*height/jpegPixels)...)
	m, err := newDecoder(t).jpeg(append(b, 0xff, 0xd9))
	require.NoError(t, err)
	require.Equal(t, bytes.Repeat([]byte{128}, width*height), m.Pix)
}

func TestDecodeTruncated(t *testing.T) {
	phantom := Phantom(1, 24, 24)
	for format, data := range map[string][]byte{
		"PNG": encodePNG(t, phantom), "JPEG": encodeJPEG(t, phantom), "DICOM": picture{}.file(),
	} {
		_, err := Decode(t.Context(), format, data, Limits{})
		require.NoError(t, err)
		for n := range data {
			_, err := Decode(t.Context(), format, data[:n], Limits{})
			require.Error(t, err, "%s cut to %d of %d bytes", format, n, len(data))
		}
	}
}

// endsAfter is a context that is cancelled once it was asked some times.
type endsAfter struct {
	context.Context
	checks int
}

func (c *endsAfter) Err() error {
	if c.checks--; c.checks < 0 {
		return context.Canceled
	}
	return nil
}

func TestDecodeCancelled(t *testing.T) {
	phantom := Phantom(1, 64, 64)
	for format, data := range map[string][]byte{
		"PNG": encodePNG(t, phantom), "JPEG": encodeJPEG(t, phantom), "DICOM": picture{}.file(),
		"DICOM of JPEG": picture{syntax: jpegBaseline, allocated: 8, width: 64, height: 64, pixelData: fragments(encodeJPEG(t, phantom))}.file(),
	} {
		checks := 0
		for ; ; checks++ {
			r, err := Decode(&endsAfter{t.Context(), checks}, format, data, Limits{})
			if err == nil {
				break
			}
			require.Nil(t, r)
			require.ErrorIs(t, err, context.Canceled, "%s at check %d", format, checks)
			require.NotErrorIs(t, err, ErrDamaged)
			require.ErrorContains(t, err, "radiograph: "+format+": ")
		}
		require.Greater(t, checks, len(data)/256, format)
	}
}

// fuzz has a target decode files of one kind, and whatever they turn into.
func fuzz(f *testing.F, seeds ...[]byte) {
	for _, data := range seeds {
		f.Add(data)
	}
	f.Fuzz(mutate.Seeds(func(t *testing.T, data []byte) { checkDecode(t, data) }))
}

// checkDecode checks that there is a whole picture within the limits, or an error.
func checkDecode(t *testing.T, data []byte) {
	r, err := Decode(t.Context(), "fuzz", data, Limits{Pixels: 1 << 20, Memory: 1 << 26})
	if err != nil {
		require.Nil(t, r)
		return
	}
	b := r.Pixels.Rect
	require.Equal(t, image.Point{}, b.Min)
	require.Equal(t, b.Dx(), r.Pixels.Stride)
	require.Len(t, r.Pixels.Pix, b.Dx()*b.Dy())
}

// seeds are the files of testdata/intake with that ending.
func seeds(f *testing.F, ending string) (all [][]byte) {
	files, err := filepath.Glob("testdata/intake/*" + ending)
	require.NoError(f, err)
	require.NotEmpty(f, files)
	for _, path := range files {
		data, err := os.ReadFile(path)
		require.NoError(f, err)
		all = append(all, data)
	}
	return all
}

// FuzzDecode is for JPEG, and holds what was once found in files of every kind.
func FuzzDecode(f *testing.F) {
	all := seeds(f, ".jpg")
	for _, data := range jpegs(f) {
		all = append(all, data)
	}
	fuzz(f, all...)
}

func FuzzDICOM(f *testing.F) {
	all := seeds(f, ".dcm")
	for _, data := range dicomSeeds(f) {
		all = append(all, data)
	}
	fuzz(f, all...)
}

func FuzzTIFF(f *testing.F) {
	all := seeds(f, ".tif")
	for _, data := range tiffs() {
		all = append(all, data)
	}
	fuzz(f, all...)
}

// Checksums are made right, or nothing behind them would be reached.
func FuzzPNG(f *testing.F) {
	for _, data := range seeds(f, ".png") {
		f.Add(data)
	}
	rng := rand.New(rand.NewPCG(5, 6))
	for colour, depths := range map[int][]int{pngGray: {1, 16}, pngRGB: {8}, pngGrayAlpha: {16}, pngRGBAlpha: {8}} {
		for _, depth := range depths {
			profile := pngChunk("tEXt", []byte("Raw profile type exif\x00\nexif\n 3\n4d4d00\n")...)
			xmp := pngChunk("iTXt", append([]byte("XML:com.adobe.xmp\x00\x01\x00\x00\x00"), deflatedBytes([]byte(`tiff:Orientation="6"`))...)...)
			f.Add(pngPicture{width: 9, height: 7, depth: depth, colour: colour, interlaced: depth == 8}.file(rng, profile, xmp))
		}
	}
	palette := image.NewPaletted(image.Rect(0, 0, 9, 7), color.Palette{color.Black, color.NRGBA{R: 200, A: 128}, color.White})
	palette.Pix[0] = 2
	f.Add(encodePNG(f, palette))
	f.Fuzz(mutate.Seeds(func(t *testing.T, data []byte) {
		for at := len(pngSignature); len(data)-at >= 12; {
			n := int64(binary.BigEndian.Uint32(data[at:]))
			if n > int64(len(data)-at-12) {
				break
			}
			end := at + 8 + int(n)
			binary.BigEndian.PutUint32(data[end:], crc32.ChecksumIEEE(data[at+4:end]))
			at = end + 4
		}
		checkDecode(t, data)
	}))
}

// FuzzPicture is for GIF, BMP, WebP and AVIF.
func FuzzPicture(f *testing.F) {
	m := image.NewPaletted(image.Rect(0, 0, 9, 7), color.Palette{color.Black, color.Gray{Y: 100}, color.White})
	m.Pix[0] = 2
	var b bytes.Buffer
	require.NoError(f, gif.EncodeAll(&b, &gif.GIF{Image: []*image.Paletted{m, m}, Delay: []int{0, 0}}))
	all := append(seeds(f, ".webp"), seeds(f, ".avif")...)
	all = append(all, bytes.Clone(b.Bytes()))
	for _, m := range []image.Image{m, Phantom(1, 9, 7), image.NewNRGBA(m.Rect)} {
		b.Reset()
		require.NoError(f, bmp.Encode(&b, m))
		all = append(all, bytes.Clone(b.Bytes()))
	}
	fuzz(f, all...)
}

func FuzzDirectory(f *testing.F) {
	f.Add(directoryFile())
	f.Fuzz(mutate.Seeds(func(t *testing.T, data []byte) {
		paths, err := Directory(t.Context(), "fuzz", data, Limits{})
		if err != nil {
			require.Nil(t, paths)
		}
	}))
}

func BenchmarkDecode(b *testing.B) {
	phantom := Phantom(1, 3000, 2500)
	dicom := picture{width: 3000, height: 2500, pixels: make([]byte, 3000*2500*2)}.file()
	for _, c := range []struct {
		format string
		data   []byte
	}{{"PNG", encodePNG(b, phantom)}, {"JPEG", encodeJPEG(b, phantom)}, {"DICOM", dicom}} {
		b.Run(c.format, func(b *testing.B) {
			b.SetBytes(3000 * 2500)
			for b.Loop() {
				_, err := Decode(b.Context(), c.format, c.data, Limits{})
				require.NoError(b, err)
			}
		})
	}
}

func ExampleDecode() {
	var file bytes.Buffer
	if err := png.Encode(&file, Phantom(1, 200, 160)); err != nil {
		panic(err)
	}
	r, err := Decode(context.Background(), "phantom.png", file.Bytes(), Limits{})
	fmt.Println(r.Format, r.Pixels.Rect.Size(), err)
	fmt.Println(Resize(r.Pixels, 112, 112).Rect.Size())
	_, err = Decode(context.Background(), "notes.png", []byte("No acute disease."), Limits{})
	fmt.Println(err)
	// Output:
	// PNG (200,160) <nil>
	// (112,112)
	// radiograph: notes.png: not a PNG, JPEG, DICOM, TIFF, BMP, GIF or WebP image: a text; choose the image itself
}
