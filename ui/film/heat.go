package film

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"strings"

	"uarweb/ui/desk"
)

// The sides of a heat map in pixels, on a film and on the contact sheet; the browser
// stretches it over the image.
const (
	heatSize  = 224
	frameSize = 56
)

// sample calls row with each row of a grid at size×size points, which is good until
// the next. Between the tokens' centres it runs smoothly (Catmull-Rom), through the very
// values at the centres.
func sample(g desk.Grid, size int, row func(y int, values []float32)) {
	taps := make([][4]float32, size) // weights of the tokens around each point
	first := make([]int, size)       // the first of them
	for x := range taps {
		at := (float64(x)+0.5)*float64(g.Side)/float64(size) - 0.5
		below := math.Floor(at)
		taps[x], first[x] = catmullRom(float32(at-below)), int(below)-1
	}
	clamp := func(i int) int { return min(max(i, 0), g.Side-1) }
	wide := make([]float32, g.Side*size) // the grid at size×Side points
	for x := range size {
		for k, w := range taps[x] {
			column := clamp(first[x] + k)
			for y := range g.Side {
				wide[y*size+x] += w * g.Values[y*g.Side+column]
			}
		}
	}
	values := make([]float32, size)
	for y := range size {
		var from [4][]float32
		for k := range from {
			from[k] = wide[clamp(first[y]+k)*size:][:size]
		}
		w := taps[y]
		for x := range values {
			values[x] = w[0]*from[0][x] + w[1]*from[1][x] + w[2]*from[2][x] + w[3]*from[3][x]
		}
		row(y, values)
	}
}

func catmullRom(t float32) [4]float32 {
	return [4]float32{
		((-t+2)*t - 1) * t / 2,
		((3*t-5)*t*t + 2) / 2,
		((-3*t+4)*t + 1) * t / 2,
		(t - 1) * t * t / 2,
	}
}

// heat paints a grid on size×size pixels, in the colours of a ramp, from low to high.
func heat(g desk.Grid, low, high float32, size int, ramp *[256]color.NRGBA) *image.NRGBA {
	scale := float32(len(ramp)-1) / (high - low)
	m := image.NewNRGBA(image.Rect(0, 0, size, size))
	sample(g, size, func(y int, values []float32) {
		pixels := m.Pix[y*m.Stride:][:4*len(values)]
		for x, v := range values {
			c := ramp[min(max(int((v-low)*scale), 0), len(ramp)-1)]
			p := pixels[4*x:][:4]
			p[0], p[1], p[2], p[3] = c.R, c.G, c.B, c.A
		}
	})
	return m
}

// stops are every eighth of matplotlib's inferno, from a quarter on: lighter at
// each step, so that it reads without telling colours apart, and no lighter than
// reads on bone. The legend in app.css has the same.
var stops = []color.NRGBA{
	{0x56, 0x10, 0x6e, 0xff},
	{0x89, 0x22, 0x6a, 0xff},
	{0xbb, 0x37, 0x54, 0xff},
	{0xe3, 0x59, 0x32, 0xff},
	{0xf9, 0x8c, 0x0a, 0xff},
	{0xf9, 0xc9, 0x32, 0xff},
}

// less and more are the colours of a change, from little to much: equally light at
// each step, blue and amber, which colour-blind people tell apart. The legend in
// app.css has the same.
var (
	less = []color.NRGBA{
		{0x1f, 0x4f, 0x86, 0xff},
		{0x3f, 0x8f, 0xe0, 0xff},
		{0x8f, 0xd0, 0xff, 0xff},
	}
	more = []color.NRGBA{
		{0x7a, 0x3f, 0x12, 0xff},
		{0xd9, 0x7a, 0x25, 0xff},
		{0xff, 0xc2, 0x7a, 0xff},
	}
)

// ramp is the colour of each strength, transparent at 0, and diverging that of each
// change, transparent in its middle.
var (
	ramp = func() (r [256]color.NRGBA) {
		for i := range r {
			r[i] = shade(stops, float64(i)/float64(len(r)-1))
		}
		return r
	}()
	diverging = func() (r [256]color.NRGBA) {
		for i := range r {
			if at := 2*float64(i)/float64(len(r)-1) - 1; at < 0 {
				r[i] = shade(less, -at)
			} else {
				r[i] = shade(more, at)
			}
		}
		return r
	}()
)

// shade is the colour of a strength from 0 to 1 among stops. Opacity rises faster than
// colour, so that what is weak is seen at all.
func shade(stops []color.NRGBA, at float64) color.NRGBA {
	const opaque, rise = 0.8, 0.7
	k := min(int(at*float64(len(stops)-1)), len(stops)-2)
	t := at*float64(len(stops)-1) - float64(k)
	mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a)*(1-t) + float64(b)*t)) }
	a, b := stops[k], stops[k+1]
	return color.NRGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), uint8(255 * opaque * math.Pow(at, rise))}
}

// ContourSize is the side of the square that a contour is drawn in.
const ContourSize = 112

// contour is the line around what lies above level, as the data of an SVG path
// in a square of ContourSize: marching squares, a straight piece a square of four
// points. What reaches the edge is left open there.
func contour(g desk.Grid, level float32) string {
	values := make([]float32, ContourSize*ContourSize)
	sample(g, ContourSize, func(y int, row []float32) { copy(values[y*ContourSize:], row) })
	at := func(x, y int) float32 { return values[y*ContourSize+x] }
	var path strings.Builder
	for y := range ContourSize - 1 {
		for x := range ContourSize - 1 {
			if above := at(x, y) > level; above == (at(x+1, y) > level) && above == (at(x+1, y+1) > level) && above == (at(x, y+1) > level) {
				continue
			}
			corners := [4][2]int{{x, y}, {x + 1, y}, {x + 1, y + 1}, {x, y + 1}}
			var cuts [4][2]float32 // of the sides, in their order around the square
			n := 0
			for i, a := range corners {
				b := corners[(i+1)%4]
				u, v := at(a[0], a[1]), at(b[0], b[1])
				if (u > level) == (v > level) {
					continue
				}
				t := (level - u) / (v - u)
				cuts[n] = [2]float32{float32(a[0]) + t*float32(b[0]-a[0]) + 0.5, float32(a[1]) + t*float32(b[1]-a[1]) + 0.5}
				n++
			}
			for i := 0; i < n; i += 2 {
				fmt.Fprintf(&path, "M%.1f %.1fL%.1f %.1f", cuts[i][0], cuts[i][1], cuts[i+1][0], cuts[i+1][1])
			}
		}
	}
	return path.String()
}
