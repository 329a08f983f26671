package voi_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/radiograph/voi"
)

// table is a VOI LUT of a bend, from the value -100 on.
func table() *voi.Curve {
	c := &voi.Curve{First: -100, Top: 4095}
	for i := range 201 {
		c.Entries = append(c.Entries, uint16(math.Round(4095*math.Pow(float64(i)/200, 2))))
	}
	return c
}

func TestAt(t *testing.T) {
	s := voi.Plain(16)
	s.Curve = table()
	stretched := s.Curve.Window()
	stretched.Width, stretched.Center = 2*stretched.Width, 50
	for _, c := range []struct {
		window voi.Window
		x      float64
		want   float64
	}{
		{voi.Window{Function: voi.Linear, Center: 2048, Width: 4096}, 0, 0},
		{voi.Window{Function: voi.Linear, Center: 2048, Width: 4096}, 819, 0.2},
		{voi.Window{Function: voi.Linear, Center: 2048, Width: 4096}, 5000, 1},
		{voi.Window{Function: voi.Linear, Center: 100.5, Width: 1}, 100, 0},
		{voi.Window{Function: voi.Linear, Center: 100.5, Width: 1}, 101, 1},
		{voi.Window{Function: voi.LinearExact, Center: 500, Width: 1000}, 200, 0.2},
		{voi.Between(-10, 30), -20, 0},
		{voi.Between(-10, 30), 0, 0.25},
		{voi.Window{Function: voi.Sigmoid, Center: 500, Width: 400}, 600, 1 / (1 + math.Exp(-1))},
		{s.Curve.Window(), -200, 0},
		{s.Curve.Window(), 0, 1024.0 / 4095},
		{s.Curve.Window(), 300, 1},
		{stretched, 50, 1024.0 / 4095},
		{stretched, 250, 1},
		{stretched, 150, math.Round(4095*0.75*0.75) / 4095},
	} {
		assert.InDelta(t, c.want, s.At(c.window, c.x), 1e-12, "%+v of %v", c.window, c.x)
	}
}

// What is found for a grey has that grey, by each function.
func TestInverse(t *testing.T) {
	s := voi.Plain(12)
	s.Curve = table()
	shifted := s.Curve.Window()
	shifted.Center, shifted.Width = 300, 50
	for _, w := range []voi.Window{
		{Function: voi.Linear, Center: 600, Width: 800}, {Function: voi.Sigmoid, Center: 600, Width: 800}, voi.Between(-7, 5000), s.Curve.Window(), shifted,
	} {
		for _, y := range []float64{0.05, 0.3, 0.5, 0.99} {
			assert.InDelta(t, y, s.At(w, s.Inverse(w, y)), 0.02, "%+v", w)
		}
	}
	s.Curve.Entries = []uint16{0, 9}
	assert.Equal(t, -99.0, s.Inverse(s.Curve.Window(), 0.5), "a table that becomes no lighter")
	plain := voi.Plain(8)
	for grey := 1.0; grey < 255; grey++ {
		assert.InDelta(t, grey, plain.Inverse(plain.Own(), grey/255), 1e-9)
	}
}

// A narrow window has greys for values that 8 bits would not tell apart, and a picture
// of 8 bits looks as it is.
func TestGreys(t *testing.T) {
	s := voi.Plain(16)
	greys := s.Greys(voi.Between(30_000, 30_255), false)
	assert.Equal(t, []uint8{0, 0, 1, 2, 254, 255, 255}, []uint8{greys[0], greys[30_000], greys[30_001], greys[30_002], greys[30_254], greys[30_255], greys[65_535]})

	plain := voi.Plain(8)
	for level, grey := range plain.Greys(plain.Own(), false) {
		assert.Equal(t, uint8(level), grey)
	}
	for level, grey := range plain.Greys(plain.Own(), true) {
		assert.Equal(t, uint8(255-level), grey)
	}
	plain.Inverted = true
	assert.Equal(t, uint8(255), plain.Greys(plain.Own(), false)[0])
	assert.Equal(t, uint8(0), plain.Greys(plain.Own(), true)[0])

	signed := voi.Scale{Levels: 4, First: -2, Slope: -2, Intercept: 1}
	assert.Equal(t, []uint8{255, 170, 85, 0}, signed.Greys(voi.Between(-1, 5), false))
}

// The greys are those of At, to the nearest, whatever the window.
func TestGreysAreThoseOfAt(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		s := voi.Scale{Levels: 2 + random.IntN(500), First: random.IntN(100) - 50, Slope: random.Float64()*4 - 2, Intercept: 20 * random.NormFloat64(), Inverted: random.IntN(2) == 0, Curve: table()}
		for _, f := range []voi.Function{voi.Linear, voi.LinearExact, voi.Sigmoid, voi.Table} {
			w := voi.Window{Function: f, Center: 100 * random.NormFloat64(), Width: 1 + 300*random.Float64()}
			for level, grey := range s.Greys(w, false) {
				want := s.At(w, s.Value(level))
				if s.Inverted {
					want = 1 - want
				}
				require.InDelta(t, 255*want, grey, 0.5+1e-9, "%+v by %+v", w, s)
			}
		}
	}
}

func TestCheck(t *testing.T) {
	change := func(c func(s *voi.Scale)) *voi.Scale {
		s := voi.Plain(12)
		c(&s)
		return &s
	}
	window := func(w voi.Window) *voi.Scale {
		return change(func(s *voi.Scale) { s.Windows[0].Window = w })
	}
	require.NoError(t, change(func(s *voi.Scale) { s.Curve = table(); s.Windows[0].Window = s.Curve.Window() }).Check())
	for name, s := range map[string]*voi.Scale{
		"nothing":             {},
		"one level":           change(func(s *voi.Scale) { s.Levels = 1 }),
		"too many levels":     change(func(s *voi.Scale) { s.Levels = voi.MaxLevels + 1 }),
		"far below":           change(func(s *voi.Scale) { s.First = math.MinInt }),
		"no slope":            change(func(s *voi.Scale) { s.Slope = 0 }),
		"an endless slope":    change(func(s *voi.Scale) { s.Slope = math.Inf(1) }),
		"no number":           change(func(s *voi.Scale) { s.Intercept = math.NaN() }),
		"high below low":      change(func(s *voi.Scale) { s.Low = s.High + 1 }),
		"no window":           change(func(s *voi.Scale) { s.Windows = nil }),
		"too many windows":    change(func(s *voi.Scale) { s.Windows = make([]voi.Named, voi.MaxWindows+1) }),
		"no width":            window(voi.Window{Function: voi.LinearExact}),
		"a width below one":   window(voi.Window{Function: voi.Linear, Width: 0.5}),
		"a center of nothing": window(voi.Window{Function: voi.Sigmoid, Width: 1, Center: math.NaN()}),
		"no table":            window(voi.Window{Function: voi.Table, Width: 1}),
		"an empty table":      change(func(s *voi.Scale) { s.Curve = &voi.Curve{Top: 1} }),
		"a table without top": change(func(s *voi.Scale) { s.Curve = table(); s.Curve.Top = 0 }),
	} {
		assert.Error(t, s.Check(), name)
	}
}

// A scale comes back from JSON as it was.
func TestScaleAsJSON(t *testing.T) {
	s := voi.Scale{
		Levels: 4096, First: -2048, Slope: 0.1, Intercept: -1000, Low: -1204.8, High: -795.3, Inverted: true, Curve: table(),
		Windows: []voi.Named{{Window: table().Window()}, {Name: "HARD", Window: voi.Window{Function: voi.Linear, Center: -1000, Width: 100}}},
	}
	data, err := json.Marshal(s)
	require.NoError(t, err)
	var back voi.Scale
	require.NoError(t, json.Unmarshal(data, &back))
	assert.Equal(t, s, back)
	assert.NoError(t, back.Check())
}
