package radiograph

import (
	"encoding/binary"
	"image"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"uarweb/engine/radiograph/voi"
)

// requireGreys decodes a file for a viewer: what the model is given stays as it was,
// and so the picture looks in the first window.
func requireGreys(t *testing.T, want *Radiograph, data []byte) *Greys {
	t.Helper()
	r, g, err := DecodeGreys(t.Context(), "viewed", data, Limits{}, 1<<12)
	require.NoError(t, err)
	require.Equal(t, want.Pixels, r.Pixels)
	require.Equal(t, want.Facts, r.Facts)
	require.Equal(t, want.Notes, r.Notes)
	require.NoError(t, g.Check())
	require.Equal(t, r.Pixels.Rect.Size(), image.Pt(g.Width, g.Height))
	greys := g.Greys(g.Own(), false)
	for i, level := range g.Samples {
		require.InDelta(t, r.Pixels.Pix[i], greys[level], 1, "pixel %d, level %d", i, level)
	}
	return g
}

// The stage has the values of a file and its windows: what the first of them leaves
// out is still there.
func TestGreysOfDICOM(t *testing.T) {
	row := func(p picture, values ...int) []byte {
		p.width, p.height, p.pixels = len(values), 1, pixels16(values...)
		return p.file()
	}
	windows := append(windowed(`40\-600\0\-600`, `400\1500\0\1500`, ""), text(windowExplanation, "LO", `SOFT\AN EXPLANATION THAT DOES NOT END`))
	for _, c := range []struct {
		name    string
		data    []byte
		values  []float64
		samples []uint16
		scale   voi.Scale // but for what follows from its first fields
	}{
		{"12 bits, rescaled, of two windows that differ", row(picture{extra: join(rescale("-1024", "1"), windows)}, 0, 824, 1064, 3000, 4095),
			[]float64{-1024, -200, 40, 1976, 3071}, []uint16{0, 824, 1064, 3000, 4095},
			voi.Scale{Levels: 4096, Slope: 1, Intercept: -1024, Low: -1024, High: 3071, Windows: []voi.Named{
				{Name: "SOFT", Window: voi.Window{Function: voi.Linear, Center: 40, Width: 400}},
				{Name: "AN EXPLANATION THAT DOES", Window: voi.Window{Function: voi.Linear, Center: -600, Width: 1500}},
			}}},
		{"16 bits, signed, MONOCHROME1", row(picture{photometric: "MONOCHROME1", stored: 16, signed: 1, extra: rescale("0", "0.5")}, -30000, 7, 0, 20000),
			[]float64{-15000, 3.5, 0, 10000}, []uint16{2768, 32775, 32768, 52768},
			voi.Scale{Levels: 65536, First: -32768, Slope: 0.5, Low: -15000, High: 10000, Inverted: true, Windows: []voi.Named{{Window: voi.Between(-15000, 10000)}}}},
		{"a table of values", row(picture{extra: []element{lookup(modalityLUTSequence, 10, 16, 1000, 1100, 2000)}}, 10, 11, 12, 4000),
			[]float64{1000, 1100, 2000, 2000}, []uint16{1000, 1100, 2000, 2000},
			voi.Scale{Levels: 2001, Slope: 1, Low: 1000, High: 2000, Windows: []voi.Named{{Window: voi.Between(1000, 2000)}}}},
		{"padding is not of its range", row(picture{extra: []element{words(pixelPaddingValue, "US", 0)}}, 0, 1000, 1100, 2000),
			[]float64{0, 1000, 1100, 2000}, []uint16{0, 1000, 1100, 2000},
			voi.Scale{Levels: 4096, Slope: 1, Low: 1000, High: 2000, Windows: []voi.Named{{Window: voi.Between(1000, 2000)}}}},
		{"a table of interest and a window", row(picture{extra: join(windowed("12", "3", "SIGMOID"), []element{lookup(voiLUTSequence, 10, 10, 0, 341, 1023)})}, 0, 10, 11, 13),
			[]float64{0, 10, 11, 13}, []uint16{0, 10, 11, 13},
			voi.Scale{Levels: 4096, Slope: 1, High: 13, Curve: &voi.Curve{First: 10, Entries: []uint16{0, 341, 1023}, Top: 1023}, Windows: []voi.Named{
				{Window: voi.Window{Function: voi.Table, Center: 11, Width: 2}},
				{Window: voi.Window{Function: voi.Sigmoid, Center: 12, Width: 3}},
			}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Decode(t.Context(), c.name, c.data, Limits{})
			require.NoError(t, err)
			g := requireGreys(t, r, c.data)
			require.Equal(t, c.samples, g.Samples)
			require.Equal(t, c.scale, g.Scale)
			for i, level := range g.Samples {
				require.Equal(t, c.values[i], g.Value(int(level)))
			}
		})
	}
}

// Windows beyond the first few are left out, however many a file has.
func TestManyWindows(t *testing.T) {
	many := func(value string) string {
		for range 8 {
			value += `\` + value + "1"
		}
		return value
	}
	p := picture{extra: windowed(many("500"), many("900"), "")}
	_, g, err := DecodeGreys(t.Context(), "many", p.file(), Limits{}, 64)
	require.NoError(t, err)
	require.LessOrEqual(t, len(g.Windows), voi.MaxWindows)
	require.NoError(t, g.Check())
}

// Of pictures that are no DICOM the values are those of their samples, upright.
func TestGreysOfPictures(t *testing.T) {
	deep := image.NewGray16(image.Rect(0, 0, 3, 2))
	for i, v := range []uint16{0, 7, 256, 1000, 40_000, 65_535} {
		binary.BigEndian.PutUint16(deep.Pix[2*i:], v)
	}
	png := encodePNG(t, deep)
	turned := slices.Insert(slices.Clone(png), 33, pngChunk("eXIf", exifData(binary.BigEndian, 6)...)...)
	tiff := tiffs()["12 in 16, white is 0"]
	for _, c := range []struct {
		name          string
		data          []byte
		width, height int
		want          []uint16
		scale         voi.Scale
	}{
		{"PNG", png, 3, 2, []uint16{0, 7, 256, 1000, 40_000, 65_535}, voi.Plain(16)},
		{"PNG on its side", turned, 2, 3, []uint16{1000, 0, 40_000, 7, 65_535, 256}, voi.Plain(16)},
		{"TIFF", tiff, 3, 1, []uint16{4095, 0x9bf, 0}, func() voi.Scale { s := voi.Plain(12); s.Inverted = true; return s }()},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := Decode(t.Context(), c.name, c.data, Limits{})
			require.NoError(t, err)
			g := requireGreys(t, r, c.data)
			require.Equal(t, []int{c.width, c.height}, []int{g.Width, g.Height})
			require.Equal(t, c.want, g.Samples)
			require.Equal(t, c.scale, g.Scale)
		})
	}
	rng := rand.New(rand.NewPCG(3, 4))
	for _, interlaced := range []bool{false, true} {
		data := pngPicture{width: 19, height: 13, depth: 16, colour: pngGray, interlaced: interlaced}.file(rng)
		r, err := Decode(t.Context(), "noise", data, Limits{})
		require.NoError(t, err)
		require.Equal(t, 1<<16, requireGreys(t, r, data).Levels)
	}
}

// A picture that is larger than wanted becomes the means of areas, to the half of a
// level, and what is even stays even.
func TestGreysOfLargePictures(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 40 {
		width, height, side := 1+rng.IntN(40), 1+rng.IntN(40), 1+rng.IntN(40)
		samples := make([]uint16, width*height)
		for i := range samples {
			samples[i] = uint16(rng.Uint32())
		}
		g := newGreys(width, height, side, voi.Plain(16), func(i int) uint16 { return samples[i] })
		require.LessOrEqual(t, max(g.Width, g.Height), side)
		if max(width, height) <= side {
			require.Equal(t, samples, g.Samples)
		}
		for i, got := range g.Samples {
			require.InDelta(t, areaMean(samples, width, height, g, i%g.Width, i/g.Width), got, 0.5+1e-6)
		}
		even := newGreys(width, height, side, voi.Plain(16), func(int) uint16 { return 65_535 })
		require.Equal(t, uint16(65_535), slices.Min(even.Samples))
	}
}

// areaMean is the mean of what a pixel covers, by the letter.
func areaMean(samples []uint16, width, height int, g *Greys, x, y int) float64 {
	covered := func(from, to float64, at int) float64 {
		return max(min(to, float64(at+1))-max(from, float64(at)), 0)
	}
	across, down := float64(width)/float64(g.Width), float64(height)/float64(g.Height)
	sum := 0.0
	for v := range height {
		for u := range width {
			share := covered(float64(x)*across, float64(x+1)*across, u) * covered(float64(y)*down, float64(y+1)*down, v)
			sum += share * float64(samples[v*width+u])
		}
	}
	return sum / (across * down)
}

// So are those of code streams that are a file.
func TestGreysOfCodeStreams(t *testing.T) {
	for name, levels := range map[string]int{"lossless-12.jp2": 1 << 12, "sequential-12.jpg": 1 << 12, "lossless-8.j2k": 1 << 8} {
		data, err := os.ReadFile(filepath.Join("codec/testdata", name))
		require.NoError(t, err)
		r, err := Decode(t.Context(), name, data, Limits{})
		require.NoError(t, err)
		require.Equal(t, levels, requireGreys(t, r, data).Levels, name)
	}
}
