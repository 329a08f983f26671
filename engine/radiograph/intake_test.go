package radiograph

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// The files of testdata/intake, with what they must give.
func TestIntake(t *testing.T) {
	ramp := []uint8{0, 64, 128, 192, 255}
	inverse := []uint8{255, 191, 127, 63, 0}
	const none, noWindow = "", "it has no window: shown by its own range"
	cases := []struct {
		name string
		note string // the first one
		want []uint8
	}{
		{"frames-0.dcm", none, ramp},
		{"high-bit-0.dcm", "High Bit is 0, which cannot be: the lowest 12 bits are read", ramp},
		{"iccp-bad-crc.png", none, ramp},
		{"missing-big-endian.dcm", noWindow, ramp},
		{"missing-deflated.dcm", none, ramp},
		{"missing-jpeg-lossless-70.dcm", none, ramp},
		{"missing-jpeg2000-lossless-90.dcm", none, ramp},
		{"missing-planar-rgb.dcm", none, ramp},
		{"missing-rle.dcm", none, ramp},
		{"missing-tiff.tif", none, ramp},
		{"mono2-lut-shape-inverse.dcm", "Presentation LUT Shape is INVERSE: shown inverted", inverse},
		{"picture.webp", none, ramp},
		{"pixel-data-padded.dcm", none, ramp},
		{"png-16-of-12-bits.png", "values end at 4,095: read as 12 bits", ramp},
		{"says-explicit-is-implicit.dcm", none, ramp},
		{"voi-lut-12-in-16.dcm", "its VOI LUT ends at 4,095: read as 12 bits", ramp},
		{"voi-lut-entries-one-short.dcm", "its VOI LUT is left out: it has 4095 entries, not 4096", ramp},
		{"voi-lut-no-descriptor.dcm", "its VOI LUT is left out: it has no LUT descriptor", ramp},
		{"vr-of-two-blanks.dcm", none, ramp},
		{"window-beside-the-values.dcm", "its window leaves the picture blank: shown by its own range", ramp},
		{"window-decimal-comma.dcm", none, ramp},
		{"window-nan.dcm", `its window of center "NaN" and width "NaN" cannot be used: shown by its own range`, ramp},
		{"ybr-full-422-uncompressed.dcm", none, ramp},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join("testdata", "intake", c.name))
			require.NoError(t, err)
			r, err := Decode(t.Context(), c.name, data, Limits{})
			require.NoError(t, err)
			requireGreys(t, r, data)
			require.Len(t, r.Pixels.Pix, 16*16)
			for i, at := range []int{0, 64, 128, 192, 255} {
				require.InDelta(t, c.want[i], r.Pixels.Pix[at], 1, "pixel %d", at)
			}
			if c.note == none {
				require.Empty(t, r.Notes)
			} else {
				require.Equal(t, []string{c.note}, r.Notes)
			}
		})
	}
	blocks := []struct {
		name      string
		width     int
		tolerance float64
		at        [][2]int
		want      []uint8
		notes     []string
	}{
		{"chroma-2x2-1x1-1x2.jpg", 64, 2, [][2]int{{2, 2}, {2, 18}, {2, 34}, {2, 50}, {62, 62}}, ramp, nil},
		{"jpeg-no-sequence-delimiter.dcm", 64, 2, [][2]int{{2, 2}, {2, 18}, {2, 34}, {2, 50}, {62, 62}}, ramp, []string{noWindow}},
		{"rgb-jpeg-no-markers.dcm", 64, 3, [][2]int{{32, 16}, {32, 48}}, []uint8{88, 58}, nil},
		{"exif-6.jpg", 32, 3, [][2]int{{2, 2}, {29, 2}, {2, 45}, {29, 45}}, []uint8{160, 32, 224, 96}, []string{"turned by 90° to the right, as the file says"}},
	}
	for _, c := range blocks {
		t.Run(c.name, func(t *testing.T) {
			r := decodeFile(t, filepath.Join("testdata", "intake", c.name))
			require.Equal(t, c.width, r.Pixels.Rect.Dx())
			for i, at := range c.at {
				require.InDelta(t, c.want[i], r.Pixels.GrayAt(at[0], at[1]).Y, c.tolerance, "(%d, %d)", at[0], at[1])
			}
			require.Equal(t, c.notes, r.Notes)
		})
	}
	t.Run("no-image.dcm", func(t *testing.T) {
		data, err := os.ReadFile("testdata/intake/no-image.dcm")
		require.NoError(t, err)
		_, err = Decode(t.Context(), "no-image.dcm", data, Limits{})
		require.ErrorIs(t, err, ErrUnsupported)
		require.ErrorContains(t, err, "holds no image")
	})
	t.Run("picture.avif", func(t *testing.T) {
		data, err := os.ReadFile("testdata/intake/picture.avif")
		require.NoError(t, err)
		r, err := Decode(t.Context(), "picture.avif", data, Limits{})
		if runtime.GOOS != "js" {
			require.ErrorIs(t, err, ErrUnsupported)
			require.ErrorContains(t, err, "a photo in AVIF; export it as PNG or JPEG")
			return
		}
		require.NoError(t, err)
		for i, at := range []int{0, 64, 128, 192, 255} {
			require.InDelta(t, ramp[i], r.Pixels.Pix[at], 1, "pixel %d", at)
		}
	})
	t.Run("picture.heic", func(t *testing.T) { // which no browser that runs the tests reads
		data, err := os.ReadFile("testdata/intake/picture.heic")
		require.NoError(t, err)
		_, err = Decode(t.Context(), "picture.heic", data, Limits{})
		require.ErrorIs(t, err, ErrUnsupported)
		require.ErrorContains(t, err, "HEIC")
		require.ErrorContains(t, err, "export it as PNG or JPEG")
	})
	files, err := filepath.Glob("testdata/intake/*.*")
	require.NoError(t, err)
	const readme, noImage, avif, heic = 1, 1, 1, 1
	require.Len(t, files, len(cases)+len(blocks)+readme+noImage+avif+heic, "each file has its case")
}
