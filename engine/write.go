package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"uarweb/engine/device"
	"uarweb/engine/internal/search"
	"uarweb/engine/report"
	"uarweb/engine/status"
	"uarweb/engine/transformer"
)

// Write searches the report of what was seen (engine/MODEL.md §7) and gathers what
// is to be said of its words (§8). Options out of their bounds are a
// status.InvalidArgument. It returns ctx's error, wrapped, within one word of ctx
// being cancelled, and ErrNotFinite, wrapped, in place of a report that rests on NaN
// or infinity.
func (s *Session) Write(ctx context.Context, o Options) (*report.Report, error) {
	r, err := s.write(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	return r, nil
}

func (s *Session) write(ctx context.Context, o Options) (*report.Report, error) {
	r, _, err := s.search(ctx, o)
	return r, err
}

// search is write, and returns how the report was found.
func (s *Session) search(ctx context.Context, o Options) (*report.Report, search.Sequence, error) {
	start, m := time.Now(), s.model
	o, err := m.complete(o)
	if err != nil {
		return nil, search.Sequence{}, err
	}
	state := m.decoder.Start(s.memory, m.config.ImageTokens(), o.Beam, !o.WithoutTIR)
	defer state.Close()
	n := newNext(m, state, o)
	defer n.close()
	found, err := search.Search(ctx, n.next, search.Options{
		Width: o.Beam, MaxTokens: m.config.MaxTokens, BOS: m.config.BOS, EOS: m.config.EOS,
		Progress: m.draft(o.Progress),
	})
	if err != nil {
		return nil, search.Sequence{}, err
	}
	r := &report.Report{
		LogProb: found.LogProb, Tokens: []int{}, ImageTokens: s.ImageTokens(), Forced: len(o.Prefix), Covered: slices.Clone(s.covered), Views: slices.Clone(s.views),
		Model: m.identity, Engine: m.engine, Backend: m.Backend(), Precision: m.precision, Beam: o.Beam, TIR: "on", Seconds: s.seconds,
	}
	if o.WithoutTIR {
		r.TIR = "off"
	}
	for _, c := range found.Choices {
		r.Tokens = append(r.Tokens, c.Token)
	}
	r.Text = report.Text(m.vocabulary.Words(r.Tokens))
	if r.Words, err = n.describe(ctx, found.Choices); err != nil {
		return nil, search.Sequence{}, err
	}
	if r.Alignment, err = m.alignment(ctx, s.mean, r.Tokens); err != nil {
		return nil, search.Sequence{}, err
	}
	r.Seconds.Generate = time.Since(start).Seconds()
	return r, found, nil
}

// draft returns a search's progress that shows the best report so far.
func (m *Model) draft(progress func(status.Progress)) func(best []int) {
	if progress == nil {
		return nil
	}
	return func(best []int) {
		progress(status.Progress{
			Stage: status.StageGenerate, Done: int64(len(best)), Total: int64(m.config.MaxTokens - 1),
			Text: report.Text(m.vocabulary.Words(best)),
		})
	}
}

// next offers the best next words to a search, or the one that the report must go
// on with, and remembers which the best were.
type next struct {
	model       *Model
	state       *transformer.State
	prefix      []int
	words       int                    // offered a sequence
	values, ids device.Buffer          // [beam, words]
	offered     [][][]search.Candidate // [step][row], the best first
}

func newNext(m *Model, s *transformer.State, o Options) *next {
	words := min(o.Beam, len(m.config.Vocab))
	return &next{
		model: m, state: s, prefix: o.Prefix, words: words,
		values: m.backend.Floats(o.Beam * words), ids: m.backend.Ints(o.Beam * words),
	}
}

func (n *next) close() {
	n.values.Release()
	n.ids.Release()
}

func (n *next) next(ctx context.Context, parents, words []int) ([][]search.Candidate, error) {
	b, rows, vocab := n.model.backend, len(words), len(n.model.config.Vocab)
	step := len(n.offered)
	logits := n.state.Step(n.model.words, parents, words)
	b.TopK(n.values, n.ids, logits, rows, vocab, n.words)
	values, ids := make([]float32, rows*n.words), make([]int32, rows*n.words)
	copies := []device.Copy{{From: n.values, Floats: values}, {From: n.ids, Ints: ids}}
	var all []float32 // logits of the one sequence that there is while words are given
	if step < len(n.prefix) {
		all = make([]float32, vocab)
		copies = append(copies, device.Copy{From: logits, Floats: all})
	}
	if err := b.Download(ctx, copies...); err != nil {
		return nil, err
	}
	if !finite(values) || !finite(all) {
		return nil, ErrNotFinite
	}
	offered := make([][]search.Candidate, rows)
	for i := range values {
		offered[i/n.words] = append(offered[i/n.words], search.Candidate{Token: int(ids[i]), LogProb: float64(values[i])})
	}
	n.offered = append(n.offered, offered)
	if all != nil {
		word := n.prefix[step]
		return [][]search.Candidate{{{Token: word, LogProb: logSoftmax(all)[word]}}}, nil
	}
	return offered, nil
}

// describe says of each chosen word but eos what else was offered in its place,
// and where the model looked when it chose it.
func (n *next) describe(ctx context.Context, choices []search.Choice) ([]report.Word, error) {
	m, tokens := n.model, n.model.config.ImageTokens()
	words := []report.Word{}
	var copies []device.Copy
	for _, c := range choices {
		if c.Token == m.config.EOS {
			break
		}
		w := report.Word{
			Token: c.Token, Text: m.vocabulary.Word(c.Token), LogProb: c.LogProb,
			Attention: make([]float32, tokens), Mask: make([]float32, tokens),
		}
		for _, a := range n.offered[c.Step][c.Row] {
			w.Alternatives = append(w.Alternatives, report.Alternative{Token: a.Token, Text: m.vocabulary.Word(a.Token), LogProb: a.LogProb})
		}
		copies = append(copies, n.state.Looked(c.Step, c.Row, w.Attention, w.Mask)...)
		words = append(words, w)
	}
	if err := m.backend.Download(ctx, copies...); err != nil {
		return nil, err
	}
	for _, w := range words {
		if !finite(w.Attention) || !finite(w.Mask) {
			return nil, fmt.Errorf("the attention of %q: %w", w.Text, ErrNotFinite)
		}
	}
	return words, nil
}

func toInts(ids []int32) []int {
	r := make([]int, len(ids))
	for i, id := range ids {
		r[i] = int(id)
	}
	return r
}
