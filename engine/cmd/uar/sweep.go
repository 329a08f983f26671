package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"text/tabwriter"

	"uarweb/engine"
	"uarweb/engine/radiograph/phantom"
	"uarweb/engine/report"
	"uarweb/engine/score/sweep"
	"uarweb/engine/score/sweep/run"
	"uarweb/weights/cmd/command"
)

// sweepResult is what a model says of phantoms as one of their numbers grows.
type sweepResult struct {
	Engine report.Engine `json:"engine"`
	Model  report.Model  `json:"model"`
	sweep.Sweep
}

func runSweep(ctx context.Context, c *command.Call) error {
	m := newModelFlags(c)
	chest := newChestFlags(c)
	var names []string
	for _, p := range phantom.Parameters {
		names = append(names, p.Name)
	}
	of, samples, seeds := "left-effusion", 20, 3
	steps := 11
	var ends [2]*float64
	c.Flags.Var(command.OneOf(&of, names...), "of", "`what` grows: one of the numbers of a chest")
	for i, name := range []string{"from", "to"} {
		c.Flags.Func(name, "`value` it begins or ends with (default the bounds of what grows)", func(text string) error {
			v, err := strconv.ParseFloat(text, 64)
			ends[i] = &v
			return err
		})
	}
	c.Flags.Var(command.Within(&steps, 2, 1000), "steps", "how many `values`")
	c.Flags.Var(command.Within(&samples, 1, engine.MaxSamples), "samples", "`reports` to draw of each phantom")
	c.Flags.Var(command.Within(&seeds, 1, sweep.MaxSeeds), "seeds", "`phantoms` of each value, those from -seed on")
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
	parameter := phantom.Parameters[slices.Index(names, of)]
	s, err := sweep.New(*chest, of, samples)
	if err != nil {
		return command.BadInput(err)
	}
	s.Seeds = seeds
	from, to := *cmp.Or(ends[0], &parameter.From), *cmp.Or(ends[1], &parameter.To)
	for _, end := range []float64{from, to} {
		if err := s.Check(end); err != nil {
			return command.BadInput(err)
		}
	}

	checkpoint, err := m.checkpoint(ctx)
	if err != nil {
		return err
	}
	model, err := loadModel(ctx, checkpoint, m.backend, m.name(), c.Progress)
	if err != nil {
		return err
	}
	defer model.Close()
	runner := run.New(model, m.options(nil))
	for i, value := range sweep.Values(from, to, steps) {
		c.Progress("%s %.3g, %d of %d", s.Of, value, i+1, steps)
		p, err := runner.Point(ctx, s, value, nil)
		if err != nil {
			return blame(err)
		}
		s.Points = append(s.Points, p)
	}
	switch {
	case *asJSON:
		return json.NewEncoder(c.Out).Encode(sweepResult{thisEngine(), model.Identity(), s})
	case *asCSV:
		return s.WriteCSV(c.Out)
	}
	return printSweep(c.Out, s)
}

// printSweep prints the table for people.
func printSweep(out io.Writer, s sweep.Sweep) error {
	fmt.Fprintf(out, "%s: reports that say %q\n\n", s.Of, s.Label)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, row := range s.Rows() {
		for _, cell := range row {
			fmt.Fprintf(w, "%s\t", cell)
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}
