package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"uarweb/engine"
	"uarweb/engine/metrics"
	"uarweb/engine/report"
)

// constant is one normal report for everybody. On IU X-Ray it scores as much as
// published systems do, so its row stands beside every model's: a model that
// does not beat it has not looked.
const constant = "the cardiomediastinal silhouette is within normal limits . the lungs are clear . there is no pleural effusion or pneumothorax . no focal consolidation . no acute bony abnormality ."

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
	Constant  struct {
		R2Gen metrics.Scores `json:"r2gen"`
		COCO  metrics.Scores `json:"coco"`
	} `json:"constant"` // of one constant report
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
		Split: d.split, Studies: len(samples), Beam: m.beam, TIR: m.tir,
	}
	if *to == "" {
		err = e.run(ctx, model, samples, m.options(nil), io.Discard, p)
	} else if file, failed := os.Create(*to); failed != nil {
		err = badInput(failed)
	} else { // what is done stays if the rest is interrupted
		err = errors.Join(e.run(ctx, model, samples, m.options(nil), file, p), file.Close())
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
	constants := make([]metrics.Pair, len(pairs))
	for i, p := range pairs {
		constants[i] = metrics.Pair{Hypothesis: constant, Reference: p.Reference}
	}
	for _, score := range []struct {
		to       *metrics.Scores
		pairs    []metrics.Pair
		protocol metrics.Protocol
	}{
		{&e.R2Gen, pairs, metrics.R2Gen}, {&e.COCO, pairs, metrics.COCO},
		{&e.Constant.R2Gen, constants, metrics.R2Gen}, {&e.Constant.COCO, constants, metrics.COCO},
	} {
		var err error
		if *score.to, err = metrics.Score(score.pairs, score.protocol); err != nil {
			return err
		}
	}
	return nil
}

func (e *evaluation) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%d studies of %s, beam %d, TIR %s, %s on %s, model %.12s\n\n", e.Studies, e.Split, e.Beam, e.TIR, e.Precision, e.Backend, e.Model.SHA256)
	fmt.Fprintln(w, "metric\tr2gen\tconstant\tcoco\tconstant")
	for _, row := range []struct {
		name  string
		value func(metrics.Scores) float64
	}{
		{"BLEU-1", func(s metrics.Scores) float64 { return s.BLEU1 }},
		{"BLEU-2", func(s metrics.Scores) float64 { return s.BLEU2 }},
		{"BLEU-3", func(s metrics.Scores) float64 { return s.BLEU3 }},
		{"BLEU-4", func(s metrics.Scores) float64 { return s.BLEU4 }},
		{"ROUGE-L", func(s metrics.Scores) float64 { return s.ROUGEL }},
		{"CIDEr", func(s metrics.Scores) float64 { return s.CIDEr }},
		{"METEOR (exact+stem)", func(s metrics.Scores) float64 { return s.METEOR }},
		{"distinct reports", func(s metrics.Scores) float64 { return s.DistinctReports }},
		{"most frequent report", func(s metrics.Scores) float64 { return s.MostFrequentReport }},
	} {
		fmt.Fprintf(w, "%s\t%.3f\t%.3f\t%.3f\t%.3f\n", row.name,
			row.value(e.R2Gen), row.value(e.Constant.R2Gen), row.value(e.COCO), row.value(e.Constant.COCO))
	}
	fmt.Fprintf(w, "\nalignment (mean cosine)\t%.3f\n", e.Alignment)
	return w.Flush()
}
