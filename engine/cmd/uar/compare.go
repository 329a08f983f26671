package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"text/tabwriter"

	"uarweb/engine"
	"uarweb/engine/report"
	"uarweb/weights/cmd/command"
)

// comparison is how far a quantized model is from its reference.
type comparison struct {
	Engine          report.Engine `json:"engine"`
	Studies         int           `json:"studies"`
	LeftOut         leftOut       `json:"left_out,omitzero"`
	Split           string        `json:"split"`
	Beam            int           `json:"beam"`
	Precision       string        `json:"precision"`
	ImageTokens     float64       `json:"image_tokens_equal"`  // share of all image tokens
	Reports         float64       `json:"reports_equal"`       // share of studies with the same words
	LogProbPerWord  float64       `json:"log_prob_difference"` // mean |Δ| over the words of the reference's reports, eos included
	Bytes           int64         `json:"bytes"`               // of the weights
	ReferenceBytes  int64         `json:"reference_f16_bytes"` // 2 bytes a parameter
	Size            float64       `json:"size"`                // Bytes / ReferenceBytes
	WeightsSHA256   string        `json:"weights_sha256"`      //
	ReferenceSHA256 string        `json:"reference_sha256"`    //
	tokens, equal   int           // image tokens
	same            int           // reports
	words           int
	difference      float64
}

func runCompare(ctx context.Context, call *command.Call) error {
	m := newModelFlags(call)
	reference := call.Flags.String("reference", "", "weights `FILE` to compare with, in 32-bit floats")
	d := newDataFlags(call, "val", 100)
	asJSON := call.Flags.Bool("json", false, "print JSON in place of a table")
	if _, err := call.Parse("[flags] -reference FILE -data DIR",
		"Measures what quantization changes: the share of image tokens and of reports that stay the same, the mean\nchange of a word's log-probability in the reference's own reports, and the size against 16-bit floats.", 0, 0); err != nil {
		return err
	}
	if err := call.Require("reference"); err != nil {
		return err
	}
	set, err := d.open()
	if err != nil {
		return err
	}
	c := comparison{Engine: thisEngine(), Studies: len(set.samples), Split: d.split, Beam: m.beam}
	ours, theirs, err := c.load(ctx, m, *reference, call.Progress)
	if err != nil {
		return err
	}
	defer ours.Close()
	defer theirs.Close()
	set.cut(ours.Config().Image.Views, call.Note)
	c.LeftOut = set.leftOut
	for i, s := range set.samples {
		call.Progress("study %d/%d", i+1, len(set.samples))
		study, err := s.study(ctx)
		if err == nil {
			err = c.add(ctx, ours, theirs, study, m.options(nil))
		}
		if err != nil {
			return blame(fmt.Errorf("study %s: %w", s.ID, err))
		}
	}
	c.ImageTokens = float64(c.equal) / float64(c.tokens)
	c.Reports = float64(c.same) / float64(c.Studies)
	c.LogProbPerWord = c.difference / float64(c.words)
	if *asJSON {
		return json.NewEncoder(call.Out).Encode(c)
	}
	return c.print(call.Out)
}

// load opens both models and measures their sizes.
func (c *comparison) load(ctx context.Context, m *modelFlags, reference string, p progress) (ours, theirs *engine.Model, err error) {
	checkpoint, err := m.checkpoint(ctx)
	if err != nil {
		return nil, nil, err
	}
	other, err := command.OpenWeights(ctx, reference)
	if err != nil {
		return nil, nil, err
	}
	c.Bytes, c.ReferenceBytes = checkpoint.Size(), 2*other.Parameters()
	c.Size = float64(c.Bytes) / float64(c.ReferenceBytes)
	c.WeightsSHA256, c.ReferenceSHA256 = checkpoint.SHA256, other.SHA256
	if ours, err = loadModel(ctx, checkpoint, m.backend, m.name(), p); err != nil {
		return nil, nil, err
	}
	c.Precision = ours.Precision()
	if theirs, err = loadModel(ctx, other, "portable", reference, p); err != nil {
		ours.Close()
		return nil, nil, err
	}
	if !reflect.DeepEqual(ours.Config(), theirs.Config()) {
		ours.Close()
		theirs.Close()
		return nil, nil, command.BadInput(fmt.Errorf("%s and %s differ in their uar.config", m.name(), reference))
	}
	return ours, theirs, nil
}

// add compares the models on one study.
func (c *comparison) add(ctx context.Context, ours, theirs *engine.Model, s engine.Study, o engine.Options) error {
	a, err := ours.Report(ctx, s, o)
	if err != nil {
		return err
	}
	b, err := theirs.Report(ctx, s, o)
	if err != nil {
		return err
	}
	for v := range b.ImageTokens {
		for i, token := range b.ImageTokens[v] {
			c.tokens++
			if a.ImageTokens[v][i] == token {
				c.equal++
			}
		}
	}
	if slices.Equal(a.Tokens, b.Tokens) {
		c.same++
	}
	ids := []int{}
	for _, w := range b.Words {
		ids = append(ids, w.Token)
	}
	var probs [2][]float64
	for i, m := range []*engine.Model{ours, theirs} {
		t, err := m.Trace(ctx, s, ids, o)
		if err != nil {
			return err
		}
		probs[i] = t.LogProbs(m.Config().EOS)
	}
	for i := range b.Tokens { // all words, and eos if it was reached
		c.words++
		c.difference += math.Abs(probs[0][i] - probs[1][i])
	}
	return nil
}

func (c *comparison) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "studies\t%d of %s, beam %d\n", c.Studies, command.Line(c.Split), c.Beam)
	fmt.Fprintf(w, "precision\t%s\n", c.Precision)
	fmt.Fprintf(w, "image tokens equal\t%.2f %%\n", 100*c.ImageTokens)
	fmt.Fprintf(w, "reports equal\t%.1f %%\n", 100*c.Reports)
	fmt.Fprintf(w, "mean |Δ log-probability| a word\t%.4f\n", c.LogProbPerWord)
	fmt.Fprintf(w, "size\t%d bytes, %.1f %% of 16-bit floats\n", c.Bytes, 100*c.Size)
	return w.Flush()
}
