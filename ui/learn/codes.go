package learn

import (
	"fmt"

	"uarweb/engine/lesson"
	"uarweb/ui/desk"
)

// Codes are the image words of a film, and what the dictionary offers for a patch.
type Codes struct{ Desk *desk.Desk }

func (c *Codes) numbers() *lesson.Numbers { return c.Desk.Learn().Numbers() }

// width is the style of a bar.
func width(b lesson.Bar) string { return fmt.Sprintf("width:%.1f%%", 100*b.Share) }

// Cell is a patch of the table of image words.
type Cell struct {
	Code  int32
	State string // chosen, same or other
}

// table is the view of the chosen patch, in image words.
func (c *Codes) table() [][]Cell {
	n := c.numbers()
	var rows [][]Cell
	for _, codes := range n.Tokens() {
		var cells []Cell
		for _, code := range codes {
			state := "other"
			if code == n.Study.Tokens[n.PatchAt] {
				state = "same"
			}
			cells = append(cells, Cell{code, state})
		}
		rows = append(rows, cells)
	}
	if rows != nil {
		_, row, column := n.Study.Place(n.PatchAt)
		rows[row][column].State = "chosen"
	}
	return rows
}
