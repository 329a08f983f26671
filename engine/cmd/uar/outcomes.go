package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"uarweb/engine"
	"uarweb/engine/report"
	"uarweb/engine/score/metrics"
	"uarweb/weights/cmd/command"
)

// outcome is a line of eval's -out and -reports files: both reports as cleaned
// words.
type outcome struct {
	ID        string `json:"id"`
	Report    string `json:"report"`
	Reference string `json:"reference"`
}

// maxOutcomes is the most bytes of a file of outcomes, at 1 KB a study that of a
// million.
const maxOutcomes = 1 << 30

// readOutcomes reads a JSON-lines file of outcomes. Each must have all three
// fields and an id of its own; other fields are ignored.
func readOutcomes(path string) ([]outcome, error) {
	text, err := command.ReadText(path, maxOutcomes)
	if err != nil {
		return nil, err
	}
	var outcomes []outcome
	ids := map[string]bool{}
	decoder := json.NewDecoder(bytes.NewReader(text))
	for {
		var o struct{ ID, Report, Reference *string }
		err := decoder.Decode(&o)
		if err == io.EOF && len(outcomes) > 0 {
			return outcomes, nil
		}
		switch {
		case err == io.EOF:
			err = errors.New("no reports")
		case err == nil && (o.ID == nil || o.Report == nil || o.Reference == nil):
			err = errors.New("id, report and reference are needed")
		case err == nil && ids[*o.ID]:
			err = fmt.Errorf("id %q comes twice", *o.ID)
		}
		if err != nil {
			return nil, command.BadInput(fmt.Errorf("%s, object %d: %w", path, len(outcomes)+1, err))
		}
		ids[*o.ID] = true
		outcomes = append(outcomes, outcome{*o.ID, *o.Report, *o.Reference})
	}
}

// written is what a model made of a sample.
type written struct {
	outcome
	alignment   float64
	image, text []float32          // f_I, and f_R of the reference (engine/MODEL.md §8)
	samples     []string           // cleaned
	words       []metrics.Forecast // of the reference's words, if there are samples
	unlike      bool               // whether a view is unlike those that the model learned from
}

// writeReport has a model write and sample the reports of a sample of a data set.
func writeReport(ctx context.Context, model *engine.Model, s sample, o engine.Options, f samplingFlags) (w written, err error) {
	study, err := s.study(ctx)
	if err != nil {
		return w, err
	}
	session, err := model.Open(ctx, study, o.Progress)
	if err != nil {
		return w, err
	}
	defer session.Close()
	r, samples, err := f.write(ctx, model, session, o)
	if err != nil {
		return w, err
	}
	reference := s.reference(model)
	w.outcome = outcome{s.ID, model.Vocabulary().Decode(r.Tokens), model.Vocabulary().Decode(reference)}
	w.alignment = r.Alignment
	w.unlike = slices.ContainsFunc(r.Views, func(v report.View) bool { return v.Surprisal.Unlike() })
	if w.image, err = model.ImageFeature(ctx, r.ImageTokens); err != nil {
		return w, err
	}
	if w.text, err = model.TextFeature(ctx, reference); err != nil || samples == nil {
		return w, err
	}
	w.samples = cleaned(model, samples)
	forced, err := session.Force(ctx, reference, o.WithoutTIR)
	if err != nil {
		return w, err
	}
	w.words = forecasts(model.Config(), forced)
	return w, nil
}

// forecasts are the probabilities of the words that a model holds likeliest after
// each beginning of a reference, and whether they come next. Where a word comes that
// the model does not know, or the reference may have been cut, that is not to be told.
func forecasts(c *engine.Config, f *engine.Forced) []metrics.Forecast {
	var list []metrics.Forecast
	words, logProbs := f.Likeliest()
	for i, word := range words {
		next := c.EOS
		if i+1 < len(f.IDs) {
			next = int(f.IDs[i+1])
		}
		if next != c.UNK && i < c.MaxTokens-2 {
			list = append(list, metrics.Forecast{Probability: math.Exp(logProbs[i]), True: word == next})
		}
	}
	return list
}

// writeReports has models, one a goroutine, write the reports of samples and
// calls done with each, in the order of the samples. It stops at the first
// error.
func writeReports(ctx context.Context, models []*engine.Model, samples []sample, o engine.Options, f samplingFlags, done func(written) error) error {
	type result struct {
		written
		err error
	}
	results := make([]chan result, len(samples))
	for i := range results {
		results[i] = make(chan result, 1)
	}
	var next atomic.Int64
	var working sync.WaitGroup
	ctx, cancel := context.WithCancel(ctx)
	defer working.Wait()
	defer cancel()
	for _, model := range models {
		working.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(samples); i = int(next.Add(1)) - 1 {
				own := f
				own.seed += uint64(i) // so that studies are drawn independently
				w, err := writeReport(ctx, model, samples[i], o, own)
				results[i] <- result{w, err}
				if err != nil {
					return
				}
			}
		})
	}
	// Samples are taken in order, so that before an error all results are there.
	for i, s := range samples {
		r := <-results[i]
		if r.err != nil {
			return blame(fmt.Errorf("study %s: %w", s.ID, r.err))
		}
		if err := done(r.written); err != nil {
			return err
		}
	}
	return nil
}

// loadModels loads the checkpoint n times: a Model writes one report at a time.
func loadModels(ctx context.Context, m *modelFlags, n int, p progress) ([]*engine.Model, error) {
	checkpoint, err := m.checkpoint(ctx)
	if err != nil {
		return nil, err
	}
	var models []*engine.Model
	for range n {
		model, err := loadModel(ctx, checkpoint, m.backend, m.name(), p)
		if err != nil {
			closeModels(models)
			return nil, err
		}
		models = append(models, model)
	}
	return models, nil
}

func closeModels(models []*engine.Model) {
	for _, model := range models {
		model.Close()
	}
}
