// Package sweep is what a model says of phantoms as one of their numbers grows: how
// many reports name what grows, and whether their words look where it is. Package run,
// below it, has a model say so; here is what the command and the page both make of it.
package sweep

import (
	"encoding/csv"
	"io"
	"math"
	"slices"
	"strconv"

	"uarweb/engine/radiograph/phantom"
	"uarweb/engine/score/findings"
	"uarweb/engine/status"
)

// Size is the side of the phantoms' views in pixels.
const Size = 768

// Sweep is a number of phantoms that grows, and what was found.
type Sweep struct {
	Chest   phantom.Chest  `json:"chest"`   // what all phantoms have; the number that grows is 0
	Of      string         `json:"of"`      // the name of that number, a phantom.Parameter
	Label   findings.Label `json:"label"`   // what a report that notices it states; findings.NoFinding if there is nothing to notice
	Samples int            `json:"samples"` // reports to draw of each phantom
	Seeds   int            `json:"seeds"`   // phantoms of each value, those from the chest's seed on
	Points  []Point        `json:"points"`
}

// Point is one value of the number, over all seeds.
type Point struct {
	Value    float64          `json:"value"`
	Reports  int              `json:"reports"`  // that were drawn
	Findings []findings.Count `json:"findings"` // in them
	Drafts   int              `json:"drafts"`   // beam search's reports that state the label
	Changed  float64          `json:"changed"`  // the share of image tokens that differ from those of the same phantoms without it
	// Of the drafts that state the label, the share of the attention of the words that
	// do which lies on patches where it is drawn, and the share of these patches among
	// all. nil where no draft does, or nothing is drawn.
	Inside *float64 `json:"inside"`
	Area   *float64 `json:"area"`
}

// New returns a sweep without points of a parameter of that name, over one phantom.
// An unknown name, and a chest that Check finds fault with, is a
// status.InvalidArgument.
func New(c phantom.Chest, of string, samples int) (Sweep, error) {
	p, err := parameter(of)
	if err != nil {
		return Sweep{}, err
	}
	*p.Of(&c) = 0
	return Sweep{Chest: c, Of: of, Label: labelOf(p), Samples: samples, Seeds: 1}, c.Check()
}

func parameter(name string) (phantom.Parameter, error) {
	at := slices.IndexFunc(phantom.Parameters, func(p phantom.Parameter) bool { return p.Name == name })
	if at < 0 {
		return phantom.Parameter{}, status.Errorf(status.InvalidArgument, "sweep: a chest has no %q", name)
	}
	return phantom.Parameters[at], nil
}

// labelOf is what a report that notices a parameter states.
func labelOf(p phantom.Parameter) findings.Label {
	var c phantom.Chest
	*p.Of(&c) = p.To
	for _, d := range c.Findings() {
		return findings.Label(d.Label)
	}
	return findings.NoFinding
}

// Check returns a status.InvalidArgument if the phantoms of a value cannot be drawn, or
// there are none.
func (s *Sweep) Check(value float64) error {
	if _, err := parameter(s.Of); err != nil {
		return err
	}
	if s.Seeds < 1 || s.Seeds > MaxSeeds {
		return status.Errorf(status.InvalidArgument, "sweep: %d phantoms a value, they must be 1 to %d", s.Seeds, MaxSeeds)
	}
	return s.At(value, 0).Check()
}

// MaxSeeds is the most phantoms of a value.
const MaxSeeds = 1000

// Values are so many from one to another, in even steps; there are at least two.
func Values(from, to float64, steps int) []float64 {
	values := make([]float64, steps)
	for i := range values {
		values[i] = from + (to-from)*float64(i)/float64(steps-1)
	}
	return values
}

// At is the k-th of the phantoms whose number has a value.
func (s *Sweep) At(value float64, k int) phantom.Chest {
	c := s.Chest
	c.Seed += uint64(k)
	if p, err := parameter(s.Of); err == nil {
		*p.Of(&c) = value
	}
	return c
}

// Named counts the drawn reports of a point that state the label.
func (s *Sweep) Named(p Point) int { return s.count(p).Stated }

func (s *Sweep) count(p Point) findings.Count {
	at := slices.IndexFunc(p.Findings, func(c findings.Count) bool { return c.Label == s.Label })
	if at < 0 {
		return findings.Count{Label: s.Label}
	}
	return p.Findings[at]
}

// Rows are those of the table, its heading first. The seed is the first phantom's.
func (s *Sweep) Rows() [][]string {
	rows := [][]string{{s.Of, "reports", "named", "denied", "drafts", "of", "tokens changed", "attention inside", "area", "seed"}}
	share := func(v *float64) string {
		if v == nil {
			return ""
		}
		return strconv.FormatFloat(*v, 'f', 3, 64)
	}
	for _, p := range s.Points {
		count := s.count(p)
		rows = append(rows, []string{
			strconv.FormatFloat(p.Value, 'g', 4, 64), strconv.Itoa(p.Reports), strconv.Itoa(count.Stated), strconv.Itoa(count.Denied),
			strconv.Itoa(p.Drafts), strconv.Itoa(s.Seeds), share(&p.Changed), share(p.Inside), share(p.Area), strconv.FormatUint(s.Chest.Seed, 10),
		})
	}
	return rows
}

// WriteCSV writes the table as comma-separated values.
func (s *Sweep) WriteCSV(out io.Writer) error { return csv.NewWriter(out).WriteAll(s.Rows()) }

// Interval is between which shares the true one of n in so many lies, at 95 per cent
// (Wilson, 1927). Of none it may be any.
func Interval(n, of int) (low, high float64) {
	if of == 0 {
		return 0, 1
	}
	const z = 1.959964 // the normal distribution's quantile at 0.975
	share, all := float64(n)/float64(of), float64(of)
	middle := share + z*z/(2*all)
	half := z * math.Sqrt(share*(1-share)/all+z*z/(4*all*all))
	scale := 1 + z*z/all
	return max((middle-half)/scale, 0), min((middle+half)/scale, 1)
}
