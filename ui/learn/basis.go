package learn

import (
	"fmt"
	"math"

	"uarweb/ui/desk"
)

// Basis says which words a patch is nearest to, and which patch a word.
type Basis struct{ Desk *desk.Desk }

func (c *Basis) learn() *desk.Learn { return c.Desk.Learn() }

// nearest are the words that the patch is nearest to.
func (c *Basis) nearest() []Bar {
	p, _ := c.learn().Patch()
	if p == nil {
		return nil
	}
	var bars []Bar
	for i, n := range p.Nearest {
		b := bar(desk.Spoken(n.Text), math.Max(n.Cosine, 0))
		b.Percent, b.Chosen = fmt.Sprintf("%.3f", n.Cosine), i == 0
		bars = append(bars, b)
	}
	return bars
}

// low is the cosine below which nothing is near anything: at 72 degrees.
const low = 0.3

// patch says what the list is of, and what it is worth.
func (c *Basis) patch() string {
	p, place := c.learn().Patch()
	if p == nil {
		return ""
	}
	_, row, column := c.learn().Study().Place(place)
	text := fmt.Sprintf("The words nearest to the patch at %s, by the cosine:", where(row, column))
	if p.Nearest[0].Cosine < low {
		text = fmt.Sprintf("No word is near to the patch at %s: the nearest by name stand almost at right angles.", where(row, column))
	}
	return text
}

// word says where the word is nearest to.
func (c *Basis) word() string {
	w, place := c.learn().Word()
	if w == nil {
		return ""
	}
	name := "end of report"
	if s := c.learn().Study(); place < len(s.Words) {
		name = desk.Spoken(s.Words[place].Text)
	}
	at, most := largest(c.Desk, w.Alike)
	text := fmt.Sprintf("“%s” is nearest to the patch at %s: cos = %.3f.", name, at, most)
	if most < low {
		text += " That is not near: in this model words and patches hardly share directions."
	}
	return text
}
