package desk

import (
	"cmp"
	"fmt"
	"math"
	"slices"
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
	Side   int
	Values []float32
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

// Limits are the values at the ends of the legend. The attention's begin at an
// even share, so that only what drew more is coloured, and end at the largest
// share of one token, but not below four even ones: where no part stands out,
// none shall seem to. The mask's are its own extremes: k is so large in Eq. 11
// that a hundredth of σ(M) decides where a word looks.
func (m Map) Limits(grids []Grid) (low, high float32) {
	low, high = grids[0].Values[0], grids[0].Values[0]
	sum, tokens := float32(0), float32(0)
	for _, g := range grids {
		low, high = min(low, slices.Min(g.Values)), max(high, slices.Max(g.Values))
		for _, v := range g.Values {
			sum += v
		}
		tokens += float32(len(g.Values))
	}
	if m == Attention {
		even := sum / tokens
		return even, max(high, 4*even)
	}
	return low, high
}

// Visible says whether a map between these limits has anything to show.
func (m Map) Visible(low, high float32) bool {
	if m == Mask {
		return high-low >= flatMask
	}
	return high > low
}

// flatMask is the range of σ(M) below which it guides nothing.
const flatMask = 1e-3

// describe says where maps lie, in words: by the thirds of each view, named as
// they are seen on the screen (the image's right is the patient's left). names
// are those of the views; of a single one it goes without saying.
func describe(grids []Grid, names []string, m Map) string {
	regions := regionsOf(grids, names)
	if m == Mask {
		low, high := m.Limits(grids)
		if !m.Visible(low, high) {
			return fmt.Sprintf("The mask is the same everywhere (σ(M) = %s): it guides this word nowhere.", Decimals(high, flatMask))
		}
		best := slices.MaxFunc(regions, func(a, b region) int { return cmp.Compare(a.mean(), b.mean()) })
		return fmt.Sprintf("The mask runs from %s to %s and is most open in: %s.", Decimals(low, high-low), Decimals(high, high-low), best.name)
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
		third := func(k int) int { return 3 * (2*k + 1) / (2 * g.Side) } // of the token's centre
		for j, v := range g.Values {
			r := &view[3*third(j/g.Side)+third(j%g.Side)]
			r.sum += float64(v)
			r.tokens++
		}
		regions = append(regions, view...)
	}
	return regions
}

var regionNames = [9]string{
	"upper image left", "upper centre", "upper image right",
	"middle image left", "centre", "middle image right",
	"lower image left", "lower centre", "lower image right",
}
