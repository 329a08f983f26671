package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"text/tabwriter"

	"uarweb/engine"
	"uarweb/engine/radiograph"
	"uarweb/engine/report"
	"uarweb/engine/score/findings"
	"uarweb/weights/cmd/command"
)

// sweep is what the model says of phantoms as one of their numbers grows.
type sweep struct {
	Engine  report.Engine    `json:"engine"`
	Model   report.Model     `json:"model"`
	Chest   radiograph.Chest `json:"chest"` // what all phantoms have
	Of      string           `json:"of"`    // the number that grows
	Label   findings.Label   `json:"label"` // what a report that notices it states; findings.NoFinding if there is nothing to notice
	Samples int              `json:"samples"`
	Seeds   int              `json:"seeds"` // from the chest's on
	Points  []sweepPoint     `json:"points"`
}

// sweepPoint is one value of the number, over all seeds.
type sweepPoint struct {
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

func runSweep(ctx context.Context, c *command.Call) error {
	m := newModelFlags(c)
	chest := newChestFlags(c)
	var names []string
	for _, p := range radiograph.Parameters {
		names = append(names, p.Name)
	}
	s := sweep{Of: "left-effusion", Samples: 20, Seeds: 3}
	steps := 11
	var ends [2]*float64
	c.Flags.Var(command.OneOf(&s.Of, names...), "of", "`what` grows: one of the numbers of a chest")
	for i, name := range []string{"from", "to"} {
		c.Flags.Func(name, "`value` it begins or ends with (default the bounds of what grows)", func(text string) error {
			v, err := strconv.ParseFloat(text, 64)
			ends[i] = &v
			return err
		})
	}
	c.Flags.Var(command.Within(&steps, 2, 1000), "steps", "how many `values`")
	c.Flags.Var(command.Within(&s.Samples, 1, engine.MaxSamples), "samples", "`reports` to draw of each phantom")
	c.Flags.Var(command.Within(&s.Seeds, 1, 1000), "seeds", "`phantoms` of each value, those from -seed on")
	asJSON := c.Flags.Bool("json", false, "print JSON, with all findings, in place of a table")
	asCSV := c.Flags.Bool("csv", false, "print comma-separated values in place of a table")
	if _, err := c.Parse("[flags] -of NUMBER",
		"Draws phantoms in which one thing grows, and says how many of the reports drawn for each name it, and\n"+
			"whether the words that do look where it is. What is there is known, because it is drawn. A drawn chest is\n"+
			"simpler than a real one: what the model notices here it may miss in a patient.", 0, 0); err != nil {
		return err
	}
	if *asJSON && *asCSV {
		return command.BadInput(errors.New("-json does not go with -csv"))
	}
	parameter := radiograph.Parameters[slices.Index(names, s.Of)]
	from, to := *cmp.Or(ends[0], &parameter.From), *cmp.Or(ends[1], &parameter.To)
	for _, end := range []float64{from, to} {
		*parameter.Of(chest) = end
		if err := chest.Check(); err != nil {
			return command.BadInput(err)
		}
	}
	*parameter.Of(chest) = 0
	s.Chest, s.Label = *chest, labelOf(parameter)

	checkpoint, err := m.checkpoint(ctx)
	if err != nil {
		return err
	}
	model, err := loadModel(ctx, checkpoint, m.backend, m.name(), c.Progress)
	if err != nil {
		return err
	}
	defer model.Close()
	s.Engine, s.Model = thisEngine(), model.Identity()
	plain := make([][][]int, s.Seeds) // tokens of the phantoms without it
	for k := range plain {
		eos := []int{model.Config().EOS} // nothing is to be written
		r, _, err := readChest(ctx, model, seeded(*chest, k), engine.Options{Prefix: eos}, 0)
		if err != nil {
			return blame(err)
		}
		plain[k] = r.ImageTokens
	}
	for i := range steps {
		value := from + (to-from)*float64(i)/float64(steps-1)
		*parameter.Of(chest) = value
		p := sweepPoint{Value: value}
		var looked looks
		var texts []string
		for k := range s.Seeds {
			c.Progress("%s %.3g, phantom %d of %d", s.Of, value, k+1, s.Seeds)
			r, drawn, err := readChest(ctx, model, seeded(*chest, k), m.options(nil), s.Samples)
			if err != nil {
				return blame(err)
			}
			texts = append(texts, drawn...)
			p.Changed += differing(r.ImageTokens, plain[k]) / float64(s.Seeds)
			if slices.Contains(findings.Of(model.Vocabulary().Decode(r.Tokens)), s.Label) {
				p.Drafts++
				looked.add(model, seeded(*chest, k), r, s.Label)
			}
		}
		p.Reports, p.Findings = len(texts), findings.Table("", texts)
		p.Inside, p.Area = looked.means()
		s.Points = append(s.Points, p)
	}
	switch {
	case *asJSON:
		return json.NewEncoder(c.Out).Encode(s)
	case *asCSV:
		return s.csv(c.Out)
	}
	return s.print(c.Out)
}

// labelOf is what a report that notices a parameter states.
func labelOf(p radiograph.Parameter) findings.Label {
	var c radiograph.Chest
	*p.Of(&c) = p.To
	for _, d := range c.Truth(false, 64, 64) {
		return findings.Label(d.Label)
	}
	return findings.NoFinding
}

// seeded is the k-th of the phantoms that have the same.
func seeded(c radiograph.Chest, k int) radiograph.Chest {
	c.Seed += uint64(k)
	return c
}

// readChest writes the draft of a phantom and draws reports of it, cleaned.
func readChest(ctx context.Context, model *engine.Model, chest radiograph.Chest, o engine.Options, samples int) (*report.Report, []string, error) {
	const size = 768 // pixels a side
	var study engine.Study
	for i := range model.Config().Image.Views {
		study.Views = append(study.Views, &radiograph.Radiograph{Name: "phantom", Pixels: drawn(chest, i == 1, size)})
	}
	session, err := model.Open(ctx, study, nil)
	if err != nil {
		return nil, nil, err
	}
	defer session.Close()
	r, err := session.Write(ctx, o)
	if err != nil || samples == 0 {
		return r, nil, err
	}
	reports, err := session.Sample(ctx, engine.SampleOptions{Reports: samples, Seed: chest.Seed, WithoutTIR: o.WithoutTIR})
	if err != nil {
		return nil, nil, err
	}
	return r, cleaned(model, reports), nil
}

// differing is the share of tokens that are not the same.
func differing(a, b [][]int) float64 {
	n, all := 0, 0
	for view := range a {
		for i := range a[view] {
			all++
			if a[view][i] != b[view][i] {
				n++
			}
		}
	}
	return float64(n) / float64(all)
}

// looks adds up where words look.
type looks struct {
	inside, area float64
	reports      int
}

// add counts the words of the sentences of r that state a label.
func (l *looks) add(model *engine.Model, chest radiograph.Chest, r *report.Report, label findings.Label) {
	var there []bool // of the N patches
	for i := range model.Config().Image.Views {
		there = append(there, patchesOf(chest.Truth(i == 1, 512, 512), label, model.Config().Grid())...)
	}
	drawnPatches := 0
	for _, t := range there {
		if t {
			drawnPatches++
		}
	}
	if drawnPatches == 0 {
		return
	}
	inside, words := 0.0, 0
	for first := 0; first < len(r.Words); {
		last := first
		for last < len(r.Words)-1 && model.Vocabulary().Word(r.Words[last].Token) != "." {
			last++
		}
		sentence := r.Words[first : last+1]
		if slices.Contains(findings.Of(model.Vocabulary().Decode(r.Tokens[first:last+1])), label) {
			for _, w := range sentence {
				words++
				for i, share := range w.Attention {
					if there[i] {
						inside += float64(share)
					}
				}
			}
		}
		first = last + 1
	}
	if words == 0 { // it takes two sentences to state it
		return
	}
	l.inside += inside / float64(words)
	l.area += float64(drawnPatches) / float64(len(there))
	l.reports++
}

// patchesOf says which patches of a grid hold a tenth or more of what states a label.
func patchesOf(all []radiograph.Drawn, label findings.Label, grid int) []bool {
	there := make([]bool, grid*grid)
	for _, d := range all {
		if findings.Label(d.Label) != label {
			continue
		}
		size := d.Mask.Rect.Size()
		counts := make([]int, grid*grid)
		for y := range size.Y {
			for x := range size.X {
				if d.Mask.Pix[d.Mask.PixOffset(x, y)] != 0 {
					counts[y*grid/size.Y*grid+x*grid/size.X]++
				}
			}
		}
		for i, n := range counts {
			there[i] = there[i] || 10*n*grid*grid >= size.X*size.Y
		}
	}
	return there
}

// means are those over the reports, nil if there is none.
func (l *looks) means() (inside, area *float64) {
	if l.reports == 0 {
		return nil, nil
	}
	return new(l.inside / float64(l.reports)), new(l.area / float64(l.reports))
}

// rows are the table's, its heading first.
func (s *sweep) rows() [][]string {
	rows := [][]string{{s.Of, "reports", "named", "denied", "drafts", "of", "tokens changed", "attention inside", "area"}}
	share := func(v *float64) string {
		if v == nil {
			return ""
		}
		return strconv.FormatFloat(*v, 'f', 3, 64)
	}
	for _, p := range s.Points {
		at := slices.IndexFunc(p.Findings, func(c findings.Count) bool { return c.Label == s.Label })
		count := p.Findings[at]
		rows = append(rows, []string{
			strconv.FormatFloat(p.Value, 'g', 4, 64), strconv.Itoa(p.Reports), strconv.Itoa(count.Stated), strconv.Itoa(count.Denied),
			strconv.Itoa(p.Drafts), strconv.Itoa(s.Seeds), share(&p.Changed), share(p.Inside), share(p.Area),
		})
	}
	return rows
}

func (s *sweep) csv(out io.Writer) error { return csv.NewWriter(out).WriteAll(s.rows()) }

func (s *sweep) print(out io.Writer) error {
	fmt.Fprintf(out, "%s: reports that say %q\n\n", s.Of, s.Label)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, row := range s.rows() {
		for _, cell := range row {
			fmt.Fprintf(w, "%s\t", cell)
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}
