// Package heatmap is how the maps of a report's words, one value a token, lie on its films:
// what their colours span, and where they lie in words.
package heatmap

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"uarweb/engine/report"
)

// Kind is what a map shows.
type Kind int

// The kinds.
const (
	Attention Kind = iota // cross-attention: where the word came from
	Mask                  // σ(M): where TIR let it look
	Changed               // the attention of what is written otherwise, less the draft's
)

// The views that a film may be, and that there are words for.
const (
	Frontal = iota
	Lateral
)

// Grid is a map of one view: side×side tokens, row-major.
type Grid struct {
	Side   int
	Values []float32
}

// Split cuts the values of all the model's views, [views·side²], into one grid
// for each view shown. A model of two views that was given one used it for
// both: what belongs to the copies is brought together, the attention by its
// sum and the mask by its mean. It returns nil if the numbers do not fit.
func Split(values []float32, views, shown int, k Kind) []Grid {
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
		if k == Mask {
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
func (k Kind) Limits(grids []Grid) (low, high float32) {
	low, high = grids[0].Values[0], grids[0].Values[0]
	sum, tokens := float32(0), float32(0)
	for _, g := range grids {
		low, high = min(low, slices.Min(g.Values)), max(high, slices.Max(g.Values))
		for _, v := range g.Values {
			sum += v
		}
		tokens += float32(len(g.Values))
	}
	const stands = 4 // even shares that a part must have to stand out
	switch k {
	case Attention:
		even := sum / tokens
		return even, max(high, stands*even)
	case Changed:
		high = max(high, -low, stands/tokens)
		return -high, high
	}
	return low, high
}

// Visible says whether a map between these limits has anything to show.
func (k Kind) Visible(low, high float32) bool {
	if k == Mask {
		return high-low >= flatMask
	}
	return high > low
}

// flatMask is the range of σ(M) below which it guides nothing.
const flatMask = 1e-3

// Describe says where maps lie that are of these views, in words (atlases).
func Describe(grids []Grid, views []int, k Kind) string {
	return DescribeIn(fmt.Sprintf, grids, views, k)
}

// Outside is the share of maps of these views that lies where they show nothing of the
// chest, or only what is around it.
func Outside(grids []Grid, views []int) float64 {
	total, out := 0.0, 0.0
	for _, z := range zonesOf(grids, views) {
		total += z.sum
		if strings.HasPrefix(z.name, outside) {
			out += z.sum
		}
	}
	if total == 0 {
		return 0
	}
	return out / total
}

// DescribeIn does as Describe, in a language: say writes in it what is given in English,
// as fmt.Sprintf does.
func DescribeIn(say func(format string, values ...any) string, grids []Grid, views []int, k Kind) string {
	zones := zonesOf(grids, views)
	if k == Changed {
		return describeChange(say, zones)
	}
	if k == Mask {
		low, high := k.Limits(grids)
		decimal := func(v, span float32) string { return strings.ReplaceAll(report.Decimals(v, span), ".", say(".")) }
		if !k.Visible(low, high) {
			return say("The mask is the same everywhere (σ(M) = %s): it guides this word nowhere.", decimal(high, flatMask))
		}
		best := slices.MaxFunc(zones, func(a, b zone) int { return cmp.Compare(a.mean(), b.mean()) })
		return say("The mask runs from %s to %s and is most open at: %s.", decimal(low, high-low), decimal(high, high-low), say(best.name))
	}
	total, tokens := 0.0, 0.0
	for _, z := range zones {
		total += z.sum
		tokens += z.tokens
	}
	if total == 0 {
		return say("No attention on the image.")
	}
	slices.SortStableFunc(zones, func(a, b zone) int { return cmp.Compare(b.sum, a.sum) })
	const most = 3
	var shares []string
	for _, z := range zones[:min(most, len(zones))] {
		if z.sum > 0 {
			shares = append(shares, say("%s, %.0f %%", say(z.name), 100*z.sum/total))
		}
	}
	where := strings.Join(shares, "; ")
	stands := func(z zone) bool { // out: of a zone of a few tokens chance gives twice its even share
		const tenth = 0.1
		return z.sum/total >= max(tenth, 2*z.tokens/tokens)
	}
	if !slices.ContainsFunc(zones, stands) {
		return say("Spread widely; most at: %s.", where)
	}
	return say("Looked mostly at: %s.", where)
}

// describeChange says in which zones more attention came to lie, and in which less.
func describeChange(say func(string, ...any) string, zones []zone) string {
	const most, least = 2, 0.01
	slices.SortStableFunc(zones, func(a, b zone) int { return cmp.Compare(b.sum, a.sum) })
	list := func(sign float64, zones []zone) string {
		var shares []string
		for _, z := range zones[:min(most, len(zones))] {
			if sign*z.sum >= least {
				shares = append(shares, say("%s, %.0f %%", say(z.name), 100*sign*z.sum))
			}
		}
		return strings.Join(shares, "; ")
	}
	more := list(1, zones)
	slices.Reverse(zones)
	less := list(-1, zones)
	switch {
	case more == "" && less == "":
		return say("It looked at the same places.")
	case more == "":
		return say("Less at: %s.", less)
	case less == "":
		return say("More at: %s.", more)
	}
	return say("More at: %s. Less at: %s.", more, less)
}
