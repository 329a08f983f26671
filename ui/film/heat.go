package film

import (
	"image"
	"image/color"
	"math"

	"uarweb/ui/desk"
)

// heatSize is the side of a heat map in pixels; the browser stretches it over
// the image.
const heatSize = 224

// heat paints a grid: colour and opacity both grow with the value, from low to
// high. Between the tokens' centres it runs smoothly (Catmull-Rom), through
// the very values at the centres.
func heat(g desk.Grid, low, high float32) *image.NRGBA {
	taps := make([][4]float32, heatSize) // weights of the tokens around each pixel
	first := make([]int, heatSize)       // the first of them
	for x := range taps {
		at := (float64(x)+0.5)*float64(g.Side)/heatSize - 0.5
		below := math.Floor(at)
		taps[x], first[x] = catmullRom(float32(at-below)), int(below)-1
	}
	clamp := func(i int) int { return min(max(i, 0), g.Side-1) }
	rows := make([]float32, g.Side*heatSize)
	for y := range g.Side {
		for x := range heatSize {
			for k, w := range taps[x] {
				rows[y*heatSize+x] += w * g.Values[y*g.Side+clamp(first[x]+k)]
			}
		}
	}
	scale := float32(len(ramp)-1) / (high - low)
	m := image.NewNRGBA(image.Rect(0, 0, heatSize, heatSize))
	for y := range heatSize {
		for x := range heatSize {
			v := float32(0)
			for k, w := range taps[y] {
				v += w * rows[clamp(first[y]+k)*heatSize+x]
			}
			c := ramp[int(min(max((v-low)*scale, 0), float32(len(ramp)-1)))]
			copy(m.Pix[m.PixOffset(x, y):], []byte{c.R, c.G, c.B, c.A})
		}
	}
	return m
}

func catmullRom(t float32) [4]float32 {
	return [4]float32{
		((-t+2)*t - 1) * t / 2,
		((3*t-5)*t*t + 2) / 2,
		((-3*t+4)*t + 1) * t / 2,
		(t - 1) * t * t / 2,
	}
}

// stops are every eighth of matplotlib's inferno, from a quarter on: lighter at
// each step, so that it reads without telling colours apart. The legend in
// app.css has the same.
var stops = []color.NRGBA{
	{0x56, 0x10, 0x6e, 0xff},
	{0x89, 0x22, 0x6a, 0xff},
	{0xbb, 0x37, 0x54, 0xff},
	{0xe3, 0x59, 0x32, 0xff},
	{0xf9, 0x8c, 0x0a, 0xff},
	{0xf9, 0xc9, 0x32, 0xff},
	{0xfc, 0xff, 0xa4, 0xff},
}

// ramp is the colour of each strength, transparent at 0.
var ramp = func() (r [256]color.NRGBA) {
	const opaque = 0.68
	for i := range r {
		at := float64(i) / float64(len(r)-1)
		k := min(int(at*float64(len(stops)-1)), len(stops)-2)
		t := at*float64(len(stops)-1) - float64(k)
		mix := func(a, b uint8) uint8 { return uint8(math.Round(float64(a)*(1-t) + float64(b)*t)) }
		a, b := stops[k], stops[k+1]
		r[i] = color.NRGBA{mix(a.R, b.R), mix(a.G, b.G), mix(a.B, b.B), uint8(255 * opaque * at)}
	}
	return r
}()
