package film

import (
	"fmt"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/ui/desk"
)

func TestHeat(t *testing.T) {
	g := desk.Grid{Side: 7, Values: make([]float32, 49)}
	for i := range g.Values {
		g.Values[i] = float32(i) / 48
	}
	m := heat(g, 0, 1, heatSize, &ramp)
	cell := heatSize / g.Side
	for i, v := range g.Values { // through the values at the centres: heatSize is an even multiple, so take both neighbours
		x, y := i%g.Side*cell+cell/2, i/g.Side*cell+cell/2
		want := ramp[int(v*float32(len(ramp)-1))]
		got := m.NRGBAAt(x, y)
		assert.InDelta(t, want.A, got.A, 5, "token %d", i)
		assert.InDelta(t, want.R, got.R, 6, "token %d", i)
	}
	assert.Zero(t, m.NRGBAAt(0, 0).A, "the lowest is transparent")

	peak := desk.Grid{Side: 14, Values: make([]float32, 196)}
	peak.Values[100] = 1
	for i, v := range heat(peak, 0, 1, heatSize, &ramp).Pix {
		if i%4 == 3 && v > ramp[255].A {
			t.Fatal("the interpolation overshoots")
		}
	}
}

func TestRampGrowsLighter(t *testing.T) {
	luma := func(c color.NRGBA) float64 { return 0.2126*float64(c.R) + 0.7152*float64(c.G) + 0.0722*float64(c.B) }
	for i := 1; i < len(ramp); i++ {
		assert.GreaterOrEqual(t, luma(ramp[i]), luma(ramp[i-1])-1, "colour %d", i)
		assert.GreaterOrEqual(t, ramp[i].A, ramp[i-1].A, "opacity %d", i)
	}
}

// A change is told from its opposite by its colour alone, and not by how light it is.
func TestDiverging(t *testing.T) {
	last := len(diverging) - 1
	luma := func(c color.NRGBA) float64 { return 0.2126*float64(c.R) + 0.7152*float64(c.G) + 0.0722*float64(c.B) }
	for i := range last / 2 {
		down, up := diverging[i], diverging[last-i]
		assert.Equal(t, down.A, up.A)
		assert.Greater(t, down.B, up.B)
		assert.InDelta(t, luma(down), luma(up), 16)
		assert.GreaterOrEqual(t, up.A, diverging[last-i-1].A)
	}
	assert.Less(t, diverging[last/2].A, uint8(6), "no change, no colour")
}

func TestLegendHasTheColoursOfTheMap(t *testing.T) {
	css, err := os.ReadFile(filepath.Join("..", "..", "wasm", "page", "app.css"))
	require.NoError(t, err)
	list := func(stops []color.NRGBA) string {
		var colours []string
		for _, c := range stops {
			colours = append(colours, fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B))
		}
		return strings.Join(colours, ", ")
	}
	darkening := slices.Clone(less)
	slices.Reverse(darkening)
	assert.Contains(t, string(css), list(stops))
	assert.Contains(t, string(css), list(darkening)+", transparent, "+list(more))
}

// The pieces of a contour meet, but at the edge, and run around what is above the
// level.
func TestContour(t *testing.T) {
	peak := desk.Grid{Side: 14, Values: make([]float32, 196)}
	peak.Values[7*14+3] = 1
	assert.Empty(t, contour(peak, 2))
	assert.Empty(t, contour(desk.Grid{Side: 2, Values: make([]float32, 4)}, 0.5))

	ends := map[string]int{}
	for piece := range strings.SplitSeq(strings.TrimPrefix(contour(peak, 0.5), "M"), "M") {
		a, b, found := strings.Cut(piece, "L")
		require.True(t, found)
		ends[a]++
		ends[b]++
		var x, y float64
		_, err := fmt.Sscan(a, &x, &y)
		require.NoError(t, err)
		const cell = ContourSize / 14.
		assert.InDelta(t, 0.5*cell, math.Hypot(x-3.5*cell, y-7.5*cell), 0.2*cell, "half a token from the peak's centre")
	}
	assert.Greater(t, len(ends), 12)
	for at, n := range ends {
		assert.Zero(t, n%2, "an open end at %s", at)
	}
}
