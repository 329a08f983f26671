//go:build !js

package radiograph

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"math/rand/v2"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/image/bmp"
)

// No format takes more memory than it reckons with, and one byte less than that
// is refused. All allocations are counted, freed ones too, so that a decoder cannot
// hide its peak; what does not grow with the picture is within the slack. To make
// the pictures would take a browser long.
func TestMemory(t *testing.T) {
	const side, slack = 512, 1 << 17
	rng := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 2*side*side)
	fill(rng, noise)
	grey := image.NewGray(image.Rect(0, 0, side, side))
	colour := image.NewNRGBA(grey.Rect)
	paletted := image.NewPaletted(grey.Rect, color.Palette{color.Black, color.White})
	for i := range grey.Pix {
		grey.Pix[i] = noise[i]
		paletted.Pix[i] = noise[i] & 1
		copy(colour.Pix[4*i:], []byte{noise[i], noise[i+1], noise[i+2], 255})
	}
	turned := segment(app1, append([]byte("Exif\x00\x00"), exifData(binary.BigEndian, 6)...)...)
	low, high := bytes.Clone(noise[:side*side]), bytes.Clone(noise[side*side:])
	var gifFile, bmpFile bytes.Buffer
	require.NoError(t, gif.Encode(&gifFile, paletted, nil))
	require.NoError(t, bmp.Encode(&bmpFile, colour))
	tiff := tiffPicture{width: side, height: side, bits: 16, photometric: tiffBlackIsZero, compression: tiffDeflate,
		pixels: deflatedBytes(noise), fields: map[uint16][]int{tiffOrientation: {6}}}
	packed := tiffPicture{width: side, height: side, bits: 8, photometric: tiffBlackIsZero, compression: tiffPackBits,
		pixels: bytes.Repeat([]byte{2, 0, 100, 255, 0xff, 7}, side*side/5+1)}
	native := picture{width: side, height: side, stored: 16, pixels: noise}
	rle := native
	rle.syntax, rle.pixelData = rleLossless, encapsulated(nil, packRLE(rng, high, low))
	ofJPEG := native
	ofJPEG.syntax, ofJPEG.allocated, ofJPEG.stored, ofJPEG.pixelData = jpegBaseline, 8, 8, fragments(encodeJPEG(t, grey))
	lossless := losslessJPEG(1) // which has no difference in a bit of 0
	start := bytes.Index(lossless, []byte{0xff, sos})
	copy(lossless[bytes.Index(lossless, []byte{0xff, 0xc3})+5:], []byte{side >> 8, 0, side >> 8, 0})
	lossless = slices.Concat(lossless[:start+10], make([]byte, side*side/8), []byte{0xff, eoi})
	for name, data := range map[string][]byte{
		"PNG":              encodePNG(t, colour),
		"PNG of 16 bits":   pngPicture{width: side, height: side, depth: 16, colour: pngRGBAlpha}.file(rng),
		"PNG of 16 grey":   pngPicture{width: side, height: side, depth: 16, colour: pngGray}.file(rng),
		"PNG on its side":  slices.Insert(encodePNG(t, grey), 33, pngChunk("eXIf", exifData(binary.BigEndian, 6)...)...),
		"PNG of one row":   pngPicture{width: side * side, height: 1, depth: 16, colour: pngRGBAlpha}.file(rng),
		"JPEG":             encodeJPEG(t, grey),
		"JPEG in colour":   encodeJPEG(t, colour),
		"JPEG on its side": slices.Insert(encodeJPEG(t, grey), 2, turned...),
		"JPEG of RGB":      slices.Insert(encodeJPEG(t, colour), 2, adobeRGB...),
		"progressive JPEG": progressive(side, side, 4),
		"TIFF":             tiff.file(),
		"TIFF of PackBits": packed.file(),
		"GIF":              gifFile.Bytes(),
		"BMP":              bmpFile.Bytes(),
		"DICOM":            native.file(),
		"RLE":              rle.file(),
		"DICOM of JPEG":    ofJPEG.file(),
		"lossless JPEG":    lossless,
	} {
		for _, wanted := range []int{0, side / 2} { // of greys for a viewer
			t.Run(fmt.Sprintf("%s, %d", name, wanted), func(t *testing.T) {
				decode := func(memory int) error {
					d := &decoder{ctx: t.Context(), limits: Limits{Memory: memory}.orDefault(), side: wanted}
					_, err := d.decode(name, data)
					return err
				}
				need := 1
				for {
					err := decode(need)
					if !errors.Is(err, ErrTooLarge) {
						if !errors.Is(err, ErrBlank) { // which comes behind all the work
							require.NoError(t, err)
						}
						break
					}
					asked := regexp.MustCompile(`takes (\d+) bytes of memory`).FindStringSubmatch(err.Error())
					require.NotNil(t, asked, err)
					more, err := strconv.Atoi(asked[1])
					require.NoError(t, err)
					require.Greater(t, more, need)
					need = more
				}
				require.ErrorIs(t, decode(need-1), ErrTooLarge)

				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				_ = decode(need)
				runtime.ReadMemStats(&after)
				require.LessOrEqual(t, int(after.TotalAlloc-before.TotalAlloc), need+slack)
			})
		}
	}
}

// A profile in the text of a PNG takes no memory that grows with it.
func TestMemoryOfText(t *testing.T) {
	text := append([]byte("Raw profile type exif\x00"), bytes.Repeat([]byte("0 "), 1<<22)...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	new(pngFile).text("tEXt", text)
	runtime.ReadMemStats(&after)
	require.Less(t, int(after.TotalAlloc-before.TotalAlloc), len(text))
}
