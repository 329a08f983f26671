package learn

import (
	"fmt"
	"strconv"

	"uarweb/engine/lesson"
	"uarweb/ui/desk"
)

// Greys are the grey values of the patch that is shown: at the first step those of the
// film, then what the model sees of them.
type Greys struct{ Desk *desk.Desk }

func (c *Greys) numbers() *lesson.Numbers { return c.Desk.Learn().Numbers() }

// Grey is a grey value as it is written, on a ground of that grey.
type Grey struct{ Value, Style string }

func (c *Greys) rows() [][]Grey {
	var rows [][]Grey
	for _, values := range c.numbers().Greys(c.Desk.Learn().Step()) {
		var cells []Grey
		for _, v := range values {
			ink := "#fff"
			if v > lesson.Lightest {
				ink = "#000"
			}
			cells = append(cells, Grey{strconv.Itoa(int(v)), fmt.Sprintf("background:rgb(%d,%d,%d);color:%s", v, v, v, ink)})
		}
		rows = append(rows, cells)
	}
	return rows
}

// caption says what the numbers are.
func (c *Greys) caption() string { return c.numbers().AboutGreys(c.Desk.Learn().Step()) }
