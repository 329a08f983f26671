package engine

import (
	"errors"
	"fmt"
	"slices"

	"uarweb/engine/report"
)

// Surprisal is how a model knows what is unlike the X-rays that it learned from
// (engine/MODEL.md §14). A Config without it cannot tell.
type Surprisal struct {
	Cells  int       `json:"cells"`  // a side, of the grid in which codes were counted
	Limits []float64 `json:"limits"` // of each view [S], in nats a token: what is over it is called unlike
}

// tableName is the tensor of −ln p(code | view, cell) [S·cells·cells, K], in nats.
const tableName = "lsu.surprisal.weight"

// check checks a Surprisal, which may be nil, against the rest of its Config.
func (s *Surprisal) check(c *Config) error {
	switch {
	case s == nil:
		return nil
	case s.Cells < 1 || s.Cells > c.Grid():
		return fmt.Errorf("surprisal.cells is %d, it must be 1 to %d, the tokens a side", s.Cells, c.Grid())
	case len(s.Limits) != c.Image.Views:
		return fmt.Errorf("surprisal.limits has %d numbers, image.views is %d", len(s.Limits), c.Image.Views)
	case slices.ContainsFunc(s.Limits, func(v float64) bool { return !(v > 0 && v <= 100) }):
		return errors.New("surprisal.limits must be over 0 and at most 100 nats")
	}
	return nil
}

// of is the surprisal of a view's tokens [L], the mean over them; view counts from
// 0.
func (s *Surprisal) of(table []float32, view int, tokens []int32, grid, codes int) report.Surprisal {
	sum := 0.0
	for i, token := range tokens {
		y, x := i/grid*s.Cells/grid, i%grid*s.Cells/grid
		cell := (view*s.Cells+y)*s.Cells + x
		sum += float64(table[cell*codes+int(token)])
	}
	return report.Surprisal{Nats: sum / float64(len(tokens)), Limit: s.Limits[view]}
}

// viewName is what a model learned to see in a place, which counts from 0.
func viewName(place, views int) string {
	if views == 1 {
		return "views"
	}
	return []string{"frontal views", "lateral views"}[place]
}

// judge says of the views given how unlike they are, if the model can tell. A note
// says so of what is over the limit.
func (m *Model) judge(views []report.View, tokens []int32) {
	s := m.config.Surprisal
	if s == nil {
		return
	}
	length := m.config.ViewTokens()
	for i := range views {
		found := s.of(m.table, i, tokens[i*length:(i+1)*length], m.config.Grid(), m.config.DVAE.Vocab)
		views[i].Surprisal = &found
		if found.Unlike() {
			views[i].Notes = append(views[i].Notes, "unlike the "+viewName(i, m.config.Image.Views)+" that the model learned from: the report may mean nothing")
		}
	}
}
