package phantom

import (
	"fmt"
	"math"
	"strings"
)

// OutlineSize is the side of the square that outlines are drawn in.
const OutlineSize = 1000

// Outline is the line around something that a Chest has.
type Outline struct {
	Finding
	Path string `json:"path"` // the data of an SVG path, in a square of OutlineSize
	X    int    `json:"x"`    // the middle between its left and right ends
	Y    int    `json:"y"`    // its top
}

// Outlines are the lines around what Truth says that a view shows.
func (c Chest) Outlines(lateral bool) []Outline {
	const size = 192 // pixels that the lines are found in
	var all []Outline
	c.shares(lateral, size, size, func(f finding, shares []float64) {
		o := Outline{Finding: f.Finding}
		var path strings.Builder
		left, right, top := math.Inf(1), math.Inf(-1), math.Inf(1)
		for _, loop := range contour(shares, size, noticeable) {
			for i, p := range simplified(loop, 0.3) {
				x, y := p.x*OutlineSize/size, p.y*OutlineSize/size
				left, right, top = min(left, x), max(right, x), min(top, y)
				fmt.Fprintf(&path, "%c%.0f %.0f", "ML"[min(i, 1)], x, y)
			}
			path.WriteByte('Z')
		}
		if path.Len() == 0 {
			return
		}
		o.Path, o.X, o.Y = path.String(), int((left+right)/2), int(top)
		all = append(all, o)
	})
	return all
}

// contour returns the closed lines around what lies above a level in size×size
// values, by marching squares; beyond the edge all is 0. Points are in pixels.
func contour(values []float64, size int, level float64) [][]point {
	at := func(x, y int) float64 {
		if x < 0 || y < 0 || x >= size || y >= size {
			return 0
		}
		return values[y*size+x]
	}
	// A line crosses the side between two corners, of which the first is above or
	// left of the other. It goes from the side where one walks out, clockwise around a
	// square of four corners, to that where one walks in again, which is the way out of
	// the next square.
	type side struct {
		x, y int
		down bool
	}
	next := map[side]side{}
	var begins []side
	for y := -1; y < size; y++ {
		for x := -1; x < size; x++ {
			corners := [5][2]int{{x, y}, {x + 1, y}, {x + 1, y + 1}, {x, y + 1}, {x, y}}
			sides := [4]side{{x, y, false}, {x + 1, y, true}, {x, y + 1, false}, {x, y, true}}
			inside := func(i int) bool { return at(corners[i%4][0], corners[i%4][1]) > level }
			for i := range 4 {
				if !inside(i) || inside(i+1) {
					continue
				}
				j := i + 1
				for ; inside(j) || !inside(j+1); j++ {
				}
				next[sides[i]] = sides[j%4]
				begins = append(begins, sides[i])
			}
		}
	}
	cut := func(s side) point {
		u, v := at(s.x, s.y), at(s.x+1, s.y)
		if s.down {
			v = at(s.x, s.y+1)
		}
		t := (level - u) / (v - u)
		if s.down {
			return point{float64(s.x) + 0.5, float64(s.y) + t + 0.5}
		}
		return point{float64(s.x) + t + 0.5, float64(s.y) + 0.5}
	}
	var loops [][]point
	for _, s := range begins {
		var loop []point
		for {
			to, there := next[s]
			if !there {
				break
			}
			delete(next, s)
			loop = append(loop, cut(s))
			s = to
		}
		if loop != nil {
			loops = append(loops, loop)
		}
	}
	return loops
}

// simplified leaves out points of a line that lie within so much of it without them.
func simplified(line []point, within float64) []point {
	kept := line[:1:1]
	from := 0
	for to := 2; to < len(line); to++ {
		a, b := line[from], line[to]
		dx, dy := b.x-a.x, b.y-a.y
		length := math.Hypot(dx, dy)
		for _, p := range line[from+1 : to] {
			if math.Abs((p.x-a.x)*dy-(p.y-a.y)*dx) > within*length {
				from = to - 1
				kept = append(kept, line[from])
				break
			}
		}
	}
	return append(kept, line[len(line)-1])
}
