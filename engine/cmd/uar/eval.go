package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"uarweb/engine"
	"uarweb/engine/metrics"
	"uarweb/engine/report"
	"uarweb/weights"
)

// evaluation is what eval prints.
type evaluation struct {
	Model     report.Model   `json:"model"`
	Precision string         `json:"precision"`
	Backend   string         `json:"backend"`
	Split     string         `json:"split"`
	Studies   int            `json:"studies"`
	Beam      int            `json:"beam"`
	TIR       string         `json:"tir"`
	Alignment float64        `json:"alignment"` // mean cosine of image and text features
	R2Gen     metrics.Scores `json:"r2gen"`     // full stops count as words
	COCO      metrics.Scores `json:"coco"`      // punctuation dropped
}

// outcome is a line of eval's -out file: both reports as cleaned words.
type outcome struct {
	ID        string `json:"id"`
	Report    string `json:"report"`
	Reference string `json:"reference"`
}

func runEval(ctx context.Context, args []string, out, errs io.Writer) error {
	f := newFlags("eval", "[flags] -data DIR",
		"Writes a report for every study of a split and prints the metrics against the radiologists' reports, as JSON:\nBLEU-1 to 4, ROUGE-L, CIDEr and METEOR (exact + stem), in the protocols \"r2gen\" and \"coco\".", out)
	m := f.model()
	d := f.data("val", 0)
	to := f.String("out", "", "JSON-lines `FILE`, one object a study: id, report, reference")
	table := f.Bool("table", false, "print a table in place of JSON")
	if _, err := f.parse(args, 0, 0); err != nil {
		return err
	}
	o, err := m.options()
	if err != nil {
		return err
	}
	samples, err := d.open()
	if err != nil {
		return err
	}
	p := newProgress(errs)
	defer p.clear()
	model, err := m.load(ctx, p)
	if err != nil {
		return err
	}
	defer model.Close()
	e := evaluation{
		Model: model.Identity(), Precision: model.Precision(), Backend: model.Backend(),
		Split: d.split, Studies: len(samples), Beam: o.Beam, TIR: m.tir,
	}
	if *to == "" {
		err = e.run(ctx, model, samples, o, io.Discard, p)
	} else {
		err = weights.WriteFile(*to, func(lines io.Writer) error { return e.run(ctx, model, samples, o, lines, p) })
	}
	if err != nil {
		return err
	}
	p.clear()
	if *table {
		return e.print(out)
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(e)
}

// run reports every sample, writes each outcome to lines, and scores them all.
func (e *evaluation) run(ctx context.Context, model *engine.Model, samples []sample, o engine.Options, lines io.Writer, p *progress) error {
	encoder := json.NewEncoder(lines)
	var pairs []metrics.Pair
	for i, s := range samples {
		p.line("study %d/%d", i, len(samples))
		study, err := s.study(ctx, model.Config().Image.Views)
		if err != nil {
			return badInput(fmt.Errorf("study %s: %w", s.ID, err))
		}
		r, err := model.Report(ctx, study, o)
		if err != nil {
			return badInput(fmt.Errorf("study %s: %w", s.ID, err))
		}
		e.Alignment += r.Alignment / float64(len(samples))
		pair := metrics.Pair{Hypothesis: model.Vocabulary().Decode(r.Tokens), Reference: s.reference(model)}
		pairs = append(pairs, pair)
		if err := encoder.Encode(outcome{s.ID, pair.Hypothesis, pair.Reference}); err != nil {
			return fmt.Errorf("writing outcomes: %w", err)
		}
	}
	var err error
	if e.R2Gen, err = metrics.Score(pairs, metrics.R2Gen); err != nil {
		return err
	}
	e.COCO, err = metrics.Score(pairs, metrics.COCO)
	return err
}

func (e *evaluation) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%d studies of %s, beam %d, TIR %s, %s on %s, model %.12s\n\n", e.Studies, e.Split, e.Beam, e.TIR, e.Precision, e.Backend, e.Model.SHA256)
	fmt.Fprintln(w, "metric\tr2gen\tcoco")
	for _, row := range []struct {
		name        string
		r2gen, coco float64
	}{
		{"BLEU-1", e.R2Gen.BLEU1, e.COCO.BLEU1},
		{"BLEU-2", e.R2Gen.BLEU2, e.COCO.BLEU2},
		{"BLEU-3", e.R2Gen.BLEU3, e.COCO.BLEU3},
		{"BLEU-4", e.R2Gen.BLEU4, e.COCO.BLEU4},
		{"ROUGE-L", e.R2Gen.ROUGEL, e.COCO.ROUGEL},
		{"CIDEr", e.R2Gen.CIDEr, e.COCO.CIDEr},
		{"METEOR (exact+stem)", e.R2Gen.METEOR, e.COCO.METEOR},
	} {
		fmt.Fprintf(w, "%s\t%.3f\t%.3f\n", row.name, row.r2gen, row.coco)
	}
	fmt.Fprintf(w, "\nalignment (mean cosine)\t%.3f\n", e.Alignment)
	return w.Flush()
}
