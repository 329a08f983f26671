package engine

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"uarweb/engine/device"
	"uarweb/engine/report"
	"uarweb/engine/status"
)

// MaxTemperature is the highest temperature that samples can be drawn at. There, a
// word a hundred times as likely as another is drawn 1.6 times as often.
const MaxTemperature = 10

// SampleOptions say how reports are drawn. But for Reports, the zero value is the
// default: from the very distribution that the model has learned.
type SampleOptions struct {
	Reports     int     // how many, 1..Limits.Samples, and no more than Limits.Activation has room for
	Temperature float64 // divides the logits, over 0 and up to MaxTemperature; 0 means 1
	TopP        float64 // only words of the nucleus of this mass are drawn, over 0 and up to 1; 0 means 1
	Seed        uint64
	WithoutTIR  bool  // leave out the text-to-image mask (the paper's stage 1)
	Prefix      []int // the ids that every report begins with, without bos
	// Progress is called on the caller's goroutine after each word; may be nil.
	Progress func(status.Progress)
	// Drawn is called on the caller's goroutine with each report as soon as it is
	// done, and its index among all; may be nil.
	Drawn func(i int, s report.Sample)
}

// complete fills in the defaults and checks the rest.
func (o SampleOptions) complete(m *Model) (SampleOptions, error) {
	o.Temperature, o.TopP = cmp.Or(o.Temperature, 1), cmp.Or(o.TopP, 1)
	most := m.config.mostSamples(m.limits)
	switch {
	case o.Reports < 1 || o.Reports > most:
		return o, status.Errorf(status.InvalidArgument, "samples are %d, they must be 1 to %d", o.Reports, most)
	case !(o.Temperature > 0 && o.Temperature <= MaxTemperature):
		return o, status.Errorf(status.InvalidArgument, "temperature is %v, it must be over 0 and at most %d", o.Temperature, MaxTemperature)
	case !(o.TopP > 0 && o.TopP <= 1):
		return o, status.Errorf(status.InvalidArgument, "top-p is %v, it must be over 0 and at most 1", o.TopP)
	}
	return o, m.checkPrefix(o.Prefix)
}

// Sample draws reports from the model's distribution (engine/MODEL.md §13), all as
// rows of one batch. The same seed draws the same reports, each of them however many
// others there are. Samples that say the same so far are one row, and one that has
// ended is none. Options out of their bounds are a status.InvalidArgument. It returns
// ctx's error, wrapped, within one word of ctx being cancelled, and ErrNotFinite,
// wrapped, in place of reports that rest on NaN or infinity; what Drawn was called
// with until then stands.
func (s *Session) Sample(ctx context.Context, o SampleOptions) ([]report.Sample, error) {
	samples, err := s.sample(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	return samples, nil
}

func (s *Session) sample(ctx context.Context, o SampleOptions) ([]report.Sample, error) {
	m := s.model
	o, err := o.complete(m)
	if err != nil {
		return nil, err
	}
	state := m.decoder.Start(s.memory, m.config.ImageTokens(), o.Reports, !o.WithoutTIR)
	defer state.Close()
	samples, live := make([]report.Sample, o.Reports), make([]draw, o.Reports)
	for i := range live {
		live[i] = draw{index: i, random: rand.New(rand.NewPCG(o.Seed, uint64(i)))}
	}
	progress := steps(o.Progress, status.StageGenerate, m.config.MaxTokens-1)
	var now batch
	now.row(0, m.config.BOS)
	for step := 0; len(live) > 0; step++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		logits := state.Step(m.words, now.parents, now.words)
		rows, err := m.logSoftmax(ctx, logits, len(now.words))
		if err != nil {
			return nil, err
		}
		nuclei := make([][]float64, len(rows))
		for i, row := range rows {
			nuclei[i] = m.nucleus(row, o.Temperature, o.TopP)
		}
		var next batch
		going := live[:0]
		for _, d := range live {
			word, sample := pick(nuclei[d.row], d.random.Float64()), &samples[d.index]
			if step < len(o.Prefix) {
				word = o.Prefix[step]
			}
			sample.Tokens = append(sample.Tokens, word)
			sample.LogProb += rows[d.row][word]
			if word != m.config.EOS && len(sample.Tokens) < m.config.MaxTokens-1 {
				d.row = next.row(d.row, word)
				going = append(going, d)
				continue
			}
			sample.Text = report.Text(m.vocabulary.Words(sample.Tokens))
			if o.Drawn != nil {
				o.Drawn(d.index, *sample)
			}
		}
		now, live = next, going
		progress()
	}
	return samples, nil
}

// draw is a sample that has not ended.
type draw struct {
	index  int        // among all samples
	random *rand.Rand // a number a word, given ones too
	row    int        // of the batch, whose words are its own
}

// batch is the sequences of one step of the decoder, all different.
type batch struct {
	parents, words []int
}

// row returns the row of a parent, of the step before, and a word behind it.
func (b *batch) row(parent, word int) int {
	for i, p := range b.parents {
		if p == parent && b.words[i] == word {
			return i
		}
	}
	b.parents, b.words = append(b.parents, parent), append(b.words, word)
	return len(b.words) - 1
}

// logSoftmax downloads logits [rows, V] as log-probabilities.
func (m *Model) logSoftmax(ctx context.Context, logits device.Buffer, rows int) ([][]float64, error) {
	vocab := len(m.config.Vocab)
	values := make([]float32, rows*vocab)
	if err := m.backend.Download(ctx, device.Copy{From: logits, Floats: values}); err != nil {
		return nil, err
	}
	if !finite(values) {
		return nil, ErrNotFinite
	}
	all := make([][]float64, rows)
	for i := range all {
		all[i] = logSoftmax(values[i*vocab : (i+1)*vocab])
	}
	return all, nil
}

// logSoftmax returns the log-probabilities of the logits of a step, in float64, in
// which the difference of two finite logits is finite.
func logSoftmax(logits []float32) []float64 {
	top, sum := float64(slices.Max(logits)), 0.0
	probs := make([]float64, len(logits))
	for i, v := range logits {
		probs[i] = float64(v) - top
		sum += math.Exp(probs[i])
	}
	log := math.Log(sum)
	for i := range probs {
		probs[i] -= log
	}
	return probs
}

// nucleus returns the weights that words are drawn by: e^(log-probability/temperature)
// up to a factor, 0 for bos and unk, which are never drawn, and for what is behind the
// nucleus (Holtzman et al., 2020): the fewest words, the likeliest first and the lower
// id first among equals, whose weights are topP of all.
func (m *Model) nucleus(logProbs []float64, temperature, topP float64) []float64 {
	weights := slices.Clone(logProbs)
	weights[m.config.BOS], weights[m.config.UNK] = math.Inf(-1), math.Inf(-1)
	top, all := slices.Max(weights), 0.0
	for i, w := range weights {
		weights[i] = math.Exp((w - top) / temperature)
		all += weights[i]
	}
	if topP == 1 {
		return weights
	}
	order := make([]int, len(weights))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(weights[b], weights[a]) })
	kept := 0.0
	for _, id := range order {
		if kept >= topP*all {
			weights[id] = 0
		}
		kept += weights[id]
	}
	return weights
}

// pick returns the first id at which the sum of the weights so far exceeds the share
// u, in [0, 1), of their sum.
func pick(weights []float64, u float64) (id int) {
	all := 0.0
	for _, w := range weights {
		all += w
	}
	sum := 0.0
	for i, w := range weights {
		if w == 0 {
			continue
		}
		id = i // the last one, should rounding leave nothing over
		if sum += w; sum > u*all {
			break
		}
	}
	return id
}
