package learn

import (
	"fmt"

	"uarweb/engine/lesson"
	"uarweb/ui/desk"
	"uarweb/ui/say"
)

// Heads are the maps of every head of every layer, of a patch that asks or of a word,
// one of which the films show.
type Heads struct{ Desk *desk.Desk }

func (c *Heads) learn() *desk.Learn { return c.Desk.Learn() }

// Head is a head to choose.
type Head struct {
	ID, Name string
	Chosen   bool
	at       int // lesson.Mean for the mean
}

// mean is the choice of all heads of the last layer together.
func (c *Heads) mean() Head {
	return Head{"learn-head-mean", say.Text("Mean of the last layer"), c.learn().Head() == lesson.Mean, lesson.Mean}
}

// layers are the heads of each layer.
func (c *Heads) layers() [][]Head {
	layers, heads := c.learn().Numbers().Heads(c.learn().Step())
	all := make([][]Head, layers)
	for at := range layers * heads {
		layer, head := at/heads, at%heads
		all[layer] = append(all[layer], Head{
			fmt.Sprintf("learn-head-%d", at), say.F("layer %d, head %d", layer+1, head+1), at == c.learn().Head(), at,
		})
	}
	return all
}

// levels are a head's map, of the views of the model one below the other.
func (c *Heads) levels(h Head) []lesson.Level {
	return c.learn().Numbers().HeadMap(c.learn().Step(), h.at).Levels
}

func (c *Heads) viewBox() string {
	s := c.learn().Study()
	if s == nil {
		return "0 0 1 2"
	}
	return fmt.Sprintf("0 0 %d %d", s.Grid, s.Grid*len(s.Pixels))
}

// text says in words where the chosen head looks.
func (c *Heads) text() string { return c.learn().Numbers().Looks(c.learn().Step()) }

// sum says how many heads tell anything apart.
func (c *Heads) sum() string { return c.learn().Numbers().Flat(c.learn().Step()) }
