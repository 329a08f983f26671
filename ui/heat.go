package ui

import (
	"cmp"
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"
	"strconv"
)

// Map is which of a word's maps lies over the image.
type Map int

// The maps.
const (
	Attention Map = iota // cross-attention: where the word came from
	Mask                 // σ(M): where TIR let it look
	Off
)

// Grid is a map of one view: side×side tokens, row-major.
type Grid struct {
	side   int
	values []float32
}

// split cuts the values of all the model's views, [views·side²], into one grid
// for each view shown. A model of two views that was given one used it for
// both: what belongs to the copies is brought together, the attention by its
// sum and the mask by its mean. It returns nil if the numbers do not fit.
func split(values []float32, views, shown int, m Map) []Grid {
	if views < 1 || shown < 1 || views%shown != 0 || len(values) == 0 || len(values)%views != 0 {
		return nil
	}
	tokens := len(values) / views
	side := int(math.Round(math.Sqrt(float64(tokens))))
	if side*side != tokens {
		return nil
	}
	copies := views / shown
	grids := make([]Grid, shown)
	for i := range grids {
		sum := make([]float32, tokens)
		for c := range copies {
			for j, v := range values[(i*copies+c)*tokens:][:tokens] {
				sum[j] += v
			}
		}
		if m == Mask {
			for j := range sum {
				sum[j] /= float32(copies)
			}
		}
		grids[i] = Grid{side, sum}
	}
	return grids
}

// limits are the values at the ends of the legend. The attention's begin at an
// even share, so that only what drew more is coloured, and end at the largest
// share of one token, but not below four even ones: where no part stands out,
// none shall seem to. The mask's are its own extremes: k is so large in Eq. 11
// that a hundredth of σ(M) decides where a word looks.
func (m Map) limits(grids []Grid) (low, high float32) {
	low, high = grids[0].values[0], grids[0].values[0]
	sum, tokens := float32(0), float32(0)
	for _, g := range grids {
		low, high = min(low, slices.Min(g.values)), max(high, slices.Max(g.values))
		for _, v := range g.values {
			sum += v
		}
		tokens += float32(len(g.values))
	}
	if m == Attention {
		even := sum / tokens
		return even, max(high, 4*even)
	}
	return low, high
}

// visible says whether a map between these limits has anything to show.
func (m Map) visible(low, high float32) bool {
	if m == Mask {
		return high-low >= flatMask
	}
	return high > low
}

// flatMask is the range of σ(M) below which it guides nothing.
const flatMask = 1e-3

// heatSize is the side of a heat map in pixels; the browser stretches it over
// the image.
const heatSize = 224

// heat paints a grid: colour and opacity both grow with the value, from low to
// high. Between the tokens' centres it runs smoothly (Catmull-Rom), through
// the very values at the centres.
func heat(g Grid, low, high float32) *image.NRGBA {
	taps := make([][4]float32, heatSize) // weights of the tokens around each pixel
	first := make([]int, heatSize)       // the first of them
	for x := range taps {
		at := (float64(x)+0.5)*float64(g.side)/heatSize - 0.5
		below := math.Floor(at)
		taps[x], first[x] = catmullRom(float32(at-below)), int(below)-1
	}
	clamp := func(i int) int { return min(max(i, 0), g.side-1) }
	rows := make([]float32, g.side*heatSize)
	for y := range g.side {
		for x := range heatSize {
			for k, w := range taps[x] {
				rows[y*heatSize+x] += w * g.values[y*g.side+clamp(first[x]+k)]
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

// describe says where maps lie, in words: by the thirds of each view, named as
// they are seen on the screen (the image's right is the patient's left). names
// are those of the views; of a single one it goes without saying.
func describe(grids []Grid, names []string, m Map) string {
	regions := regionsOf(grids, names)
	if m == Mask {
		low, high := m.limits(grids)
		if !m.visible(low, high) {
			return fmt.Sprintf("The mask is the same everywhere (σ(M) = %s): it guides this word nowhere.", decimals(high, flatMask))
		}
		best := slices.MaxFunc(regions, func(a, b region) int { return cmp.Compare(a.mean(), b.mean()) })
		return fmt.Sprintf("The mask runs from %s to %s and is most open in: %s.", decimals(low, high-low), decimals(high, high-low), best.name)
	}
	total := 0.0
	for _, r := range regions {
		total += r.sum
	}
	if total == 0 {
		return "No attention on the image."
	}
	slices.SortStableFunc(regions, func(a, b region) int { return cmp.Compare(b.sum, a.sum) })
	share := func(r region) string { return fmt.Sprintf("%s, %.0f %%", r.name, 100*r.sum/total) }
	where := share(regions[0]) + "; " + share(regions[1]) + "."
	if even := 1 / float64(len(regions)); regions[0].sum/total < 2*even {
		return "Spread widely; most in: " + where
	}
	return "Most attention: " + where
}

// region is a ninth of a view and what of a map lies there.
type region struct {
	name        string
	sum, tokens float64
}

func (r region) mean() float64 { return r.sum / max(r.tokens, 1) }

func regionsOf(grids []Grid, names []string) []region {
	var regions []region
	for i, g := range grids {
		view := make([]region, len(regionNames))
		for j, name := range regionNames {
			view[j].name = name
			if len(grids) > 1 {
				view[j].name = names[i] + ", " + name
			}
		}
		third := func(k int) int { return 3 * (2*k + 1) / (2 * g.side) } // of the token's centre
		for j, v := range g.values {
			r := &view[3*third(j/g.side)+third(j%g.side)]
			r.sum += float64(v)
			r.tokens++
		}
		regions = append(regions, view...)
	}
	return regions
}

// decimals writes v so that values of that range can be told apart.
func decimals(v, span float32) string {
	digits := 2
	for s := span; s < 0.1 && digits < 5; s *= 10 {
		digits++
	}
	return strconv.FormatFloat(float64(v), 'f', digits, 32)
}

var regionNames = [9]string{
	"upper image left", "upper centre", "upper image right",
	"middle image left", "centre", "middle image right",
	"lower image left", "lower centre", "lower image right",
}
