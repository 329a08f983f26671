package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"uarweb/engine/score/metrics"
	"uarweb/weights/cmd/command"
	"uarweb/weights/version"
)

// print writes the evaluation as tables for people.
func (e *evaluation) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "%d studies", e.Studies)
	if e.Writer != nil {
		fmt.Fprintf(w, " of %s, beam %d, TIR %s, draft %s, %s on %s, model %.12s", command.Line(e.Split), e.Beam, e.TIR, e.Draft, e.Precision, e.Backend, e.Model.SHA256)
	}
	fmt.Fprintf(w, ", uarweb %s", version.String())
	fmt.Fprintln(w, "\n\nscore\treports\t95 % interval\tconstant\t95 % interval")
	for _, row := range []struct {
		name     string
		score    func(*metrics.Evaluation) float64
		interval func(*metrics.Intervals) metrics.Interval // nil: none
	}{
		{"BLEU-1", func(e *metrics.Evaluation) float64 { return e.R2Gen.BLEU1 }, nil},
		{"BLEU-2", func(e *metrics.Evaluation) float64 { return e.R2Gen.BLEU2 }, nil},
		{"BLEU-3", func(e *metrics.Evaluation) float64 { return e.R2Gen.BLEU3 }, nil},
		{"BLEU-4", func(e *metrics.Evaluation) float64 { return e.R2Gen.BLEU4 }, func(i *metrics.Intervals) metrics.Interval { return i.BLEU4 }},
		{"ROUGE-L", func(e *metrics.Evaluation) float64 { return e.R2Gen.ROUGEL }, func(i *metrics.Intervals) metrics.Interval { return i.ROUGEL }},
		{"CIDEr", func(e *metrics.Evaluation) float64 { return e.R2Gen.CIDEr }, func(i *metrics.Intervals) metrics.Interval { return i.CIDEr }},
		{"METEOR (exact+stem)", func(e *metrics.Evaluation) float64 { return e.R2Gen.METEOR }, nil},
		{"BLEU-1, coco", func(e *metrics.Evaluation) float64 { return e.COCO.BLEU1 }, nil},
		{"BLEU-2, coco", func(e *metrics.Evaluation) float64 { return e.COCO.BLEU2 }, nil},
		{"BLEU-3, coco", func(e *metrics.Evaluation) float64 { return e.COCO.BLEU3 }, nil},
		{"BLEU-4, coco", func(e *metrics.Evaluation) float64 { return e.COCO.BLEU4 }, nil},
		{"ROUGE-L, coco", func(e *metrics.Evaluation) float64 { return e.COCO.ROUGEL }, nil},
		{"CIDEr, coco", func(e *metrics.Evaluation) float64 { return e.COCO.CIDEr }, nil},
		{"METEOR (exact+stem), coco", func(e *metrics.Evaluation) float64 { return e.COCO.METEOR }, nil},
		{"distinct reports", func(e *metrics.Evaluation) float64 { return e.R2Gen.DistinctReports }, func(i *metrics.Intervals) metrics.Interval { return i.DistinctReports }},
		{"most frequent report", func(e *metrics.Evaluation) float64 { return e.R2Gen.MostFrequentReport }, nil},
		{"findings, macro-F1", func(e *metrics.Evaluation) float64 { return e.Findings.Macro.F1 }, func(i *metrics.Intervals) metrics.Interval { return i.MacroF1 }},
		{"findings, micro-F1", func(e *metrics.Evaluation) float64 { return e.Findings.Micro.F1 }, nil},
		{"normal or not, balanced accuracy", func(e *metrics.Evaluation) float64 { return e.Findings.BalancedAccuracy }, func(i *metrics.Intervals) metrics.Interval { return i.BalancedAccuracy }},
	} {
		fmt.Fprint(w, row.name)
		for _, scored := range []*metrics.Evaluation{&e.Evaluation, &e.Constant} {
			fmt.Fprintf(w, "\t%.3f\t", row.score(scored))
			if row.interval != nil {
				interval := row.interval(&scored.Intervals)
				fmt.Fprintf(w, "%.3f–%.3f", interval.Low, interval.High)
			}
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintln(w, "\nfinding\treferences\treports\tprecision\trecall\tF1")
	for _, l := range e.Findings.Labels {
		mark := ""
		if slices.Contains(e.Findings.Averaged, l.Label) {
			mark = " *"
		}
		fmt.Fprintf(w, "%s%s\t%d\t%d\t%.3f\t%.3f\t%.3f\n", l.Label, mark, l.Positives, l.Predicted, l.Precision, l.Recall, l.F1)
	}
	fmt.Fprintf(w, "* in macro- and micro-F1: at least %d references state it\n", metrics.MinPositives)
	if e.Writer != nil {
		r := e.Retrieval
		fmt.Fprintln(w, "\nfeatures\t")
		fmt.Fprintf(w, "image finds its report among %d, recall@1, 5, 10\t%.3f, %.3f, %.3f\n", r.Candidates, r.Recall1, r.Recall5, r.Recall10)
		fmt.Fprintf(w, "median rank, mean reciprocal rank\t%g, %.3f\n", r.MedianRank, r.MeanReciprocalRank)
		fmt.Fprintf(w, "alignment score (pairs over 0.5 after min-max)\t%.3f\n", r.AlignmentScore)
		fmt.Fprintf(w, "alignment of written reports (mean cosine)\t%.3f\n", e.Alignment)
		if e.Unlike != nil {
			fmt.Fprintf(w, "studies with a view unlike those learned from\t%d\n", *e.Unlike)
		}
	}
	if e.Writer != nil && e.Calibration != nil {
		e.Calibration.print(w)
	}
	return w.Flush()
}

// print writes calibration as tables for people.
func (r *reliability) print(w io.Writer) {
	fmt.Fprintf(w, "\ncalibration, %d samples a study, seed %d, temperature %g, top-p %g\n", r.Samples, r.Seed, r.Temperature, r.TopP)
	fmt.Fprintln(w, "of\tforecasts\tbase rate\tBrier score\tskill\tcalibration error")
	row := func(name string, r metrics.Reliability) {
		fmt.Fprintf(w, "%s\t%d\t%.3f\t%.4f\t%+.3f\t%.4f\n", name, r.Forecasts, r.BaseRate, r.Brier, r.Skill, r.ECE)
	}
	for _, l := range r.Findings.Labels {
		row(string(l.Label), l.Reliability)
	}
	row("all findings", r.Findings.All)
	row("words", r.Words)
	for _, of := range []struct {
		name string
		metrics.Reliability
	}{{"findings", r.Findings.All}, {"words", r.Words}} {
		fmt.Fprintf(w, "\n%s: probability\tforecasts\ttheir mean\twere so\n", of.name)
		for _, b := range of.Table {
			fmt.Fprintf(w, "%.1f–%.1f\t%d\t%.3f\t%.3f\n", b.Low, b.High, b.Forecasts, b.Probability, b.True)
		}
	}
}
