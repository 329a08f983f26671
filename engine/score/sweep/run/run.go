// Package run has a model read the phantoms of a sweep.
package run

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"uarweb/engine"
	"uarweb/engine/radiograph"
	"uarweb/engine/radiograph/phantom"
	"uarweb/engine/report"
	"uarweb/engine/score/findings"
	"uarweb/engine/score/sweep"
	"uarweb/engine/status"
)

// Runner measures points of sweeps. Like its Model it may not be used concurrently.
type Runner struct {
	model   *engine.Model
	options engine.Options
	chest   phantom.Chest // of the last sweep
	plain   [][][]int     // the image tokens of its phantoms without what grows, [seed][view][L]
}

// New returns a Runner of a model, whose drafts are written with options, which the
// drawn reports follow as far as they have them.
func New(m *engine.Model, o engine.Options) *Runner { return &Runner{model: m, options: o} }

// Point has the model read the phantoms of a value: the draft of each, and Samples
// reports drawn by its seed. Points of s are neither read nor added. progress is called
// as engine.Options.Progress is, for each phantom anew, and before a view is drawn; it may be nil. A value out of the
// parameter's bounds, or of an unknown one, is a status.InvalidArgument; other errors are
// those of engine.Session.
func (r *Runner) Point(ctx context.Context, s sweep.Sweep, value float64, progress func(status.Progress)) (sweep.Point, error) {
	if err := s.Check(value); err != nil {
		return sweep.Point{}, err
	}
	if r.chest != s.Chest {
		r.chest, r.plain = s.Chest, nil
	}
	p := sweep.Point{Value: value}
	var looked looks
	var texts []string
	for k := range s.Seeds {
		if k == len(r.plain) {
			tokens, err := r.tokens(ctx, s.At(0, k), progress)
			if err != nil {
				return p, err
			}
			r.plain = append(r.plain, tokens)
		}
		written, drawn, err := r.read(ctx, s.At(value, k), s.Samples, progress)
		if err != nil {
			return p, err
		}
		texts = append(texts, drawn...)
		p.Changed += differing(written.ImageTokens, r.plain[k]) / float64(s.Seeds)
		if slices.Contains(findings.Of(join(written.Words)), s.Label) {
			p.Drafts++
			config := r.model.Config()
			looked.add(written.Words, where(s.At(value, k), config.Image.Views, config.Grid(), s.Label), s.Label)
		}
	}
	p.Reports, p.Findings = len(texts), findings.Table("", texts)
	p.Inside, p.Area = looked.means()
	return p, nil
}

// open has the model look at a chest.
func (r *Runner) open(ctx context.Context, c phantom.Chest, progress func(status.Progress)) (*engine.Session, error) {
	var study engine.Study
	for i := range r.model.Config().Image.Views {
		if progress != nil { // drawing takes as long as a layer
			progress(status.Progress{Stage: status.StageTokenize})
		}
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("sweep: %w", err)
		}
		study.Views = append(study.Views, &radiograph.Radiograph{Name: "phantom", Pixels: c.Draw(i == 1, sweep.Size)})
	}
	session, err := r.model.Open(ctx, study, progress)
	if err != nil {
		return nil, fmt.Errorf("sweep: %w", err)
	}
	return session, nil
}

func (r *Runner) tokens(ctx context.Context, c phantom.Chest, progress func(status.Progress)) ([][]int, error) {
	session, err := r.open(ctx, c, progress)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	return session.ImageTokens(), nil
}

// read writes the draft of a chest and draws reports of it, cleaned (report.Clean).
func (r *Runner) read(ctx context.Context, c phantom.Chest, samples int, progress func(status.Progress)) (*report.Report, []string, error) {
	session, err := r.open(ctx, c, progress)
	if err != nil {
		return nil, nil, err
	}
	defer session.Close()
	o := r.options
	o.Progress = progress
	written, err := session.Write(ctx, o)
	if err != nil {
		return nil, nil, fmt.Errorf("sweep: %w", err)
	}
	drawn, err := session.Sample(ctx, engine.SampleOptions{Reports: samples, Seed: c.Seed, WithoutTIR: o.WithoutTIR, Progress: progress})
	if err != nil {
		return nil, nil, fmt.Errorf("sweep: %w", err)
	}
	texts := make([]string, len(drawn))
	for i, d := range drawn {
		texts[i] = r.model.Vocabulary().Decode(d.Tokens)
	}
	return written, texts, nil
}

// join is the words of a cleaned report as one.
func join(words []report.Word) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = w.Text
	}
	return strings.Join(texts, " ")
}
