package learn

import (
	"fmt"
	"slices"
	"strconv"

	"uarweb/engine/lesson"
	"uarweb/engine/trace"
	"uarweb/ui/desk"
)

// Greys are the grey values of the patch that is shown: at the first step those of the
// film, then what the model sees of them.
type Greys struct{ Desk *desk.Desk }

// Grey is a grey value as it is written, on a ground of that grey.
type Grey struct{ Value, Style string }

// lightest is the lightest grey on which white stands out by 4.5 to 1; on what is lighter
// black does.
const lightest = 117

func (c *Greys) rows() [][]Grey {
	p, place := c.Desk.Learn().Patch()
	if p == nil {
		return nil
	}
	values, width := p.Film.Sample, p.Film.Side.Width
	if c.Desk.Learn().Step() != lesson.StepPixels {
		values, width = seen(c.Desk.Learn().Study(), place)
	}
	var rows [][]Grey
	for row := range slices.Chunk(values, width) {
		var cells []Grey
		for _, v := range row {
			ink := "#fff"
			if v > lightest {
				ink = "#000"
			}
			cells = append(cells, Grey{strconv.Itoa(int(v)), fmt.Sprintf("background:rgb(%d,%d,%d);color:%s", v, v, v, ink)})
		}
		rows = append(rows, cells)
	}
	return rows
}

// seen are the grey values of a patch as the model sees it, and how many are in a row.
func seen(s *trace.Study, patch int) (values []byte, side int) {
	view, row, column := s.Place(patch)
	side = s.Size / s.Grid
	for y := range side {
		begin := (row*side+y)*s.Size + column*side
		values = append(values, s.Pixels[view][begin:begin+side]...)
	}
	return values, side
}

// caption says what the numbers are.
func (c *Greys) caption() string {
	p, place := c.Desk.Learn().Patch()
	if p == nil {
		return ""
	}
	s := c.Desk.Learn().Study()
	view, row, column := s.Place(place)
	film, side := s.Films[view], s.Size/s.Grid
	switch c.Desk.Learn().Step() {
	case lesson.StepPixels:
		return fmt.Sprintf("The patch at %s is %d × %d pixels of the film’s %d × %d, which are %s numbers in all. Here are %d × %d from its middle.",
			where(row, column), p.Film.Width, p.Film.Height, film.Width, film.Height, thousands(film.Width*film.Height), p.Film.Side.Width, p.Film.Side.Height)
	case lesson.StepShrink:
		return fmt.Sprintf("Of the %d × %d pixels of the patch at %s there are %d × %d left: %s of the film have become %s. If the film is 35 cm wide, a pixel of the model is %.1f mm wide: a nodule of 6 mm has %.1f of them in a row.",
			p.Film.Width, p.Film.Height, where(row, column), side, side, thousands(film.Width*film.Height), thousands(s.Size*s.Size), 350/float64(s.Size), 6*float64(s.Size)/350)
	}
	return "The patch as the model sees it."
}

// thousands writes a number with commas.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
