package learn

import (
	"fmt"
	"slices"

	"uarweb/ui/desk"
)

// Heads are the maps of every head of every layer, of a patch that asks or of a word,
// one of which the films show.
type Heads struct{ Desk *desk.Desk }

func (c *Heads) learn() *desk.Learn { return c.Desk.Learn() }

// Head is a head to choose.
type Head struct {
	ID, Name string
	Chosen   bool
	at       int // desk.None for the mean
}

// mean is the choice of all heads of the last layer together.
func (c *Heads) mean() Head {
	return Head{"learn-head-mean", "Mean of the last layer", c.learn().Head() == desk.None, desk.None}
}

// layers are the heads of each layer.
func (c *Heads) layers() [][]Head {
	layers, heads := c.learn().Heads()
	all := make([][]Head, layers)
	for at := range layers * heads {
		layer, head := at/heads, at%heads
		all[layer] = append(all[layer], Head{
			fmt.Sprintf("learn-head-%d", at), fmt.Sprintf("layer %d, head %d", layer+1, head+1), at == c.learn().Head(), at,
		})
	}
	return all
}

// levels are a head's map, of the views of the model one below the other.
func (c *Heads) levels(h Head) []Level {
	grids := c.learn().Grids(c.learn().AttentionOf(h.at))
	if grids == nil {
		return nil
	}
	tall := desk.Grid{Side: grids[0].Side}
	for _, g := range grids {
		tall.Values = append(tall.Values, g.Values...)
	}
	low, high := desk.Attention.Limits(grids)
	return cells(tall, low, high)
}

func (c *Heads) viewBox() string {
	s := c.learn().Study()
	if s == nil {
		return "0 0 1 2"
	}
	return fmt.Sprintf("0 0 %d %d", s.Grid, s.Grid*len(s.Pixels))
}

// text says in words where the chosen head looks.
func (c *Heads) text() string {
	l := c.learn()
	values := l.AttentionOf(l.Head())
	if values == nil {
		return ""
	}
	what := "The mean of the last layer’s heads. "
	if h := l.Head(); h != desk.None {
		_, heads := l.Heads()
		what = fmt.Sprintf("Layer %d, head %d. ", h/heads+1, h%heads+1)
	}
	where, most := largest(c.Desk, values)
	even := 1 / float64(len(values))
	what += fmt.Sprintf("%s Its largest weight is %s, on %s; an even share is %s.", l.Zones(values, desk.Attention), percent(float64(most)), where, percent(even))
	if float64(most) < 4*even {
		what += " That is hardly more: this head looks everywhere and tells nothing apart here."
	}
	return what
}

// sum says how many heads tell anything apart.
func (c *Heads) sum() string {
	layers, heads := c.learn().Heads()
	flat := 0
	for at := range layers * heads {
		if values := c.learn().AttentionOf(at); slices.Max(values) < 4/float32(len(values)) {
			flat++
		}
	}
	look := "look"
	switch flat {
	case 0:
		return fmt.Sprintf("Each of the %d heads tells some patch apart here, by four even shares or more.", layers*heads)
	case 1:
		look = "looks"
	}
	return fmt.Sprintf("Of %d heads, %d %s everywhere alike here: no patch has four even shares.", layers*heads, flat, look)
}
