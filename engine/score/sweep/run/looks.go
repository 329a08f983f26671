package run

import (
	"slices"

	"uarweb/engine/radiograph/phantom"
	"uarweb/engine/report"
	"uarweb/engine/score/findings"
)

// differing is the share of tokens that are not the same.
func differing(a, b [][]int) float64 {
	n, all := 0, 0
	for view := range a {
		for i := range a[view] {
			all++
			if a[view][i] != b[view][i] {
				n++
			}
		}
	}
	return float64(n) / float64(all)
}

// looks adds up where words look.
type looks struct {
	inside, area float64
	reports      int
}

// add counts the words of the sentences that state a label, of which is known on which
// of the N patches it is drawn.
func (l *looks) add(words []report.Word, there []bool, label findings.Label) {
	drawnPatches := 0
	for _, t := range there {
		if t {
			drawnPatches++
		}
	}
	if drawnPatches == 0 {
		return
	}
	inside, saying := 0.0, 0
	for first := 0; first < len(words); {
		last := first
		for last < len(words)-1 && words[last].Text != "." {
			last++
		}
		sentence := words[first : last+1]
		if slices.Contains(findings.Of(join(sentence)), label) {
			for _, w := range sentence {
				saying++
				for i, share := range w.Attention {
					if there[i] {
						inside += float64(share)
					}
				}
			}
		}
		first = last + 1
	}
	if saying == 0 { // it takes two sentences to state it
		return
	}
	l.inside += inside / float64(saying)
	l.area += float64(drawnPatches) / float64(len(there))
	l.reports++
}

// where says on which of the N patches of a chest's views what states a label is drawn.
func where(c phantom.Chest, views, grid int, label findings.Label) []bool {
	const size = 512 // pixels, to count a patch's
	var there []bool
	for i := range views {
		there = append(there, patchesOf(c.Truth(i == 1, size, size), label, grid)...)
	}
	return there
}

// patchesOf says which patches of a grid hold a tenth or more of what states a label.
func patchesOf(all []phantom.Drawn, label findings.Label, grid int) []bool {
	there := make([]bool, grid*grid)
	for _, d := range all {
		if findings.Label(d.Label) != label {
			continue
		}
		size := d.Mask.Rect.Size()
		counts := make([]int, grid*grid)
		for y := range size.Y {
			for x := range size.X {
				if d.Mask.Pix[d.Mask.PixOffset(x, y)] != 0 {
					counts[y*grid/size.Y*grid+x*grid/size.X]++
				}
			}
		}
		for i, n := range counts {
			there[i] = there[i] || 10*n*grid*grid >= size.X*size.Y
		}
	}
	return there
}

// means are those over the reports, nil if there is none.
func (l *looks) means() (inside, area *float64) {
	if l.reports == 0 {
		return nil, nil
	}
	return new(l.inside / float64(l.reports)), new(l.area / float64(l.reports))
}
