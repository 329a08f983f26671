package lab

import (
	"fmt"
	"strconv"
	"strings"

	"uarweb/engine/score/sweep"
	"uarweb/ui/desk"
	"uarweb/ui/say"
)

// Sweep is the chart of one slider over all its values.
type Sweep struct{ Desk *desk.Desk }

func (c *Sweep) lab() *desk.Lab { return c.Desk.Lab() }

func (c *Sweep) running() bool { return c.lab().Sweep() != nil && c.lab().Sweep().Running() }

// partial says whether a sweep has ended before all of its points were there.
func (c *Sweep) partial() bool {
	s := c.lab().Sweep()
	return s != nil && !s.Running() && s.Missing() > 0
}

func (c *Sweep) empty() bool { return c.lab().Sweep() == nil || len(c.lab().Sweep().Points) == 0 }

// The chart's units, which are stretched: from left to right and from top to bottom.
const (
	chartWidth  = 1000
	chartHeight = 100
)

// pen writes the data of an SVG path over the values of a sweep. Where there is no
// point it is lifted.
type pen struct {
	strings.Builder
	down bool
}

func (p *pen) to(x, y float64) {
	letter := 'M'
	if p.down {
		letter = 'L'
	}
	fmt.Fprintf(p, "%c%.1f %.1f", letter, x, y)
	p.down = true
}

func x(s *desk.LabSweep, i int) float64 {
	return chartWidth * float64(i) / float64(len(s.Values())-1)
}

func y(share float64) float64 { return chartHeight * (1 - share) }

// share is what part of a point's reports name what grows.
func share(s *desk.LabSweep, p *sweep.Point) float64 {
	if p.Reports == 0 {
		return 0
	}
	return float64(s.Named(*p)) / float64(p.Reports)
}

// over is a line through what value gives of each point, lifted where that is not
// there.
func (c *Sweep) over(value func(p *sweep.Point) (float64, bool)) string {
	s := c.lab().Sweep()
	var path pen
	for i := range s.Values() {
		p := s.Point(i)
		if p == nil {
			path.down = false
			continue
		}
		if v, there := value(p); there {
			path.to(x(s, i), y(v))
		} else {
			path.down = false
		}
	}
	return path.String()
}

// dots are points of no length, which round ends make dots, where value is there.
func dots(line string) string {
	if line == "" {
		return ""
	}
	return strings.NewReplacer("M", "h0M", "L", "h0M").Replace(line)[len("h0"):] + "h0"
}

// bars are the intervals of the points.
func (c *Sweep) bars() string {
	s := c.lab().Sweep()
	var path pen
	for i := range s.Values() {
		if p := s.Point(i); p != nil {
			low, high := sweep.Interval(s.Named(*p), p.Reports)
			path.down = false
			path.to(x(s, i), y(low))
			path.to(x(s, i), y(high))
		}
	}
	return path.String()
}

// gaps are where a value could not be measured.
func (c *Sweep) gaps() string {
	s := c.lab().Sweep()
	if s.Running() {
		return ""
	}
	var path strings.Builder
	for i := range s.Values() {
		if s.Point(i) == nil {
			fmt.Fprintf(&path, "M%.1f 0V%d", x(s, i), chartHeight)
		}
	}
	return path.String()
}

// here is where the slider stands.
func (c *Sweep) here() string {
	s := c.lab().Sweep()
	from, to := s.Slider.Bounds()
	return fmt.Sprintf("M%.1f 0V%d", chartWidth*float64(s.Slider.Step(c.lab().Chest())-from)/float64(to-from), chartHeight)
}

// Chart is a picture of curves over the values of a sweep.
type Chart struct {
	ID, Title, Said string
	Up, Along       []string // its axes, from the top and from the left
	Curves          []Curve  // those behind first
}

// Curve is a line of a chart, as the data of an SVG path.
type Curve struct{ Class, Path string }

// charts are those of the last sweep: how many reports name what grows, and where the
// words that do look.
func (c *Sweep) charts() []Chart {
	s := c.lab().Sweep()
	if s == nil {
		return nil
	}
	named := c.over(func(p *sweep.Point) (float64, bool) { return share(s, p), true })
	charts := []Chart{{"sweep-chart", c.title(), c.describe(), []string{strconv.Itoa(s.Samples), strconv.Itoa(s.Samples / 2), "0"}, c.ticks(), []Curve{
		{"grid", "M0 0H1000M0 50H1000M0 100H1000"}, {"gap", c.gaps()}, {"here", c.here()}, {"bar", c.bars()}, {"line", named}, {"point", dots(named)},
	}}}
	if len(s.Points) == 0 {
		return charts
	}
	looks := Chart{ID: "sweep-looks", Title: c.looked(), Said: c.looked(), Up: []string{"100 %", "0"}}
	if inside := c.over(func(p *sweep.Point) (float64, bool) { return value(p.Inside) }); inside != "" {
		even := c.over(func(p *sweep.Point) (float64, bool) { return value(p.Area) })
		looks.Curves = []Curve{{"grid", "M0 0H1000M0 100H1000"}, {"even", even}, {"line", inside}, {"point", dots(inside)}}
	}
	return append(charts, looks)
}

func value(v *float64) (float64, bool) {
	if v == nil {
		return 0, false
	}
	return *v, true
}

// looked says where the words look that name what grows.
func (c *Sweep) looked() string {
	s := c.lab().Sweep()
	drafts, inside, area, n := 0, 0.0, 0.0, 0
	for _, p := range s.Points {
		drafts += p.Drafts
		if p.Inside != nil && p.Area != nil {
			inside, area, n = inside+*p.Inside, area+*p.Area, n+1
		}
	}
	switch {
	case drafts == 0:
		return say.F("None of the %s names it, so no word of theirs looks anywhere.", say.Count(len(s.Points), "draft"))
	case n == 0:
		return say.F("%d of the %s name it, where nothing is drawn to look at.", drafts, say.Count(len(s.Points), "draft"))
	}
	return say.F("%d of the %s name it. Of what their words look at, %.0f %% lies where it is drawn; by chance it would be %.0f %%.",
		drafts, say.Count(len(s.Points), "draft"), 100*inside/float64(n), 100*area/float64(n))
}

// state says how far the sweep is, and what it shows.
func (c *Sweep) state() string {
	s := c.lab().Sweep()
	switch {
	case s == nil:
		return say.F("Draws this phantom at %d values of the slider that was moved last, and %d reports of each.", desk.SweepSteps, desk.Redraws)
	case s.Running():
		return say.F("%d of %d values", len(s.Points), len(s.Values()))
	case s.Missing() > 0:
		return say.F("%d of %d values; the others were not measured.", len(s.Points), len(s.Values()))
	}
	return s.Finding()
}

// title says what the chart shows.
func (c *Sweep) title() string {
	s := c.lab().Sweep()
	return say.F("%s: reports that name %s, of %d. The bars are 95 per cent intervals.", say.Text(s.Slider.Label), say.Text(string(s.Label)), s.Samples)
}

// ticks are the values below the chart.
func (c *Sweep) ticks() []string {
	s := c.lab().Sweep()
	var all []string
	for i, v := range s.Values() {
		if i%5 == 0 {
			all = append(all, s.Slider.At(v))
		}
	}
	return all
}

// describe says all points to who does not see them.
func (c *Sweep) describe() string {
	s := c.lab().Sweep()
	said := c.title()
	for _, p := range s.Points {
		said += " " + say.F("At %s, %d.", s.Slider.At(p.Value), s.Named(p))
	}
	return said
}
