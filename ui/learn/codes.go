package learn

import (
	"fmt"
	"math"
	"slices"

	"uarweb/engine/trace"
	"uarweb/ui/desk"
)

// Codes are the image words of a film, and what the dictionary offers for a patch.
type Codes struct{ Desk *desk.Desk }

func (c *Codes) learn() *desk.Learn { return c.Desk.Learn() }

// Bar is something with a share of one.
type Bar struct {
	Name, Percent, Width string
	Chosen, Kept         bool
}

func bar(name string, share float64) Bar {
	return Bar{Name: name, Percent: percent(share), Width: fmt.Sprintf("width:%.1f%%", 100*share)}
}

// likeliest are the entries that fit best.
func (c *Codes) likeliest() []Bar {
	p, _ := c.learn().Patch()
	if p == nil {
		return nil
	}
	var bars []Bar
	for i, code := range p.Likeliest {
		b := bar(fmt.Sprintf("entry %d", code.Code), code.Probability)
		b.Chosen = i == 0
		bars = append(bars, b)
	}
	return bars
}

// caption says how sure the choice is.
func (c *Codes) caption() string {
	p, place := c.learn().Patch()
	if p == nil {
		return ""
	}
	s := c.learn().Study()
	_, row, column := s.Place(place)
	return fmt.Sprintf("The patch at %s. Entropy %.2f bits: as if %.1f entries fitted equally well.", where(row, column), s.Entropy[place], math.Exp2(float64(s.Entropy[place])))
}

// Cell is a patch of the table of image words.
type Cell struct {
	Code  int32
	State string // chosen, same or other
}

// table is the view of the chosen patch, in image words.
func (c *Codes) table() [][]Cell {
	p, place := c.learn().Patch()
	if p == nil {
		return nil
	}
	s := c.learn().Study()
	view, _, _ := s.Place(place)
	var rows [][]Cell
	for row := range slices.Chunk(c.tokens(s, view), s.Grid) {
		var cells []Cell
		for _, code := range row {
			state := "other"
			if code == s.Tokens[place] {
				state = "same"
			}
			cells = append(cells, Cell{code, state})
		}
		rows = append(rows, cells)
	}
	_, row, column := s.Place(place)
	rows[row][column].State = "chosen"
	return rows
}

func (c *Codes) tokens(s *trace.Study, view int) []int32 {
	area := s.Grid * s.Grid
	return s.Tokens[view*area : (view+1)*area]
}

// uses says how much of the dictionary the film needs.
func (c *Codes) uses() string {
	p, place := c.learn().Patch()
	if p == nil {
		return ""
	}
	s := c.learn().Study()
	view, _, _ := s.Place(place)
	tokens := slices.Sorted(slices.Values(c.tokens(s, view)))
	same := 0
	for _, code := range tokens {
		if code == s.Tokens[place] {
			same++
		}
	}
	return fmt.Sprintf("This film in words: it uses %d of the %d entries, and entry %d %s.",
		len(slices.Compact(tokens)), s.Codes, s.Tokens[place], times(same))
}

func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return fmt.Sprintf("%d times", n)
}
