package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"uarweb/engine/device"
	"uarweb/engine/report"
	"uarweb/engine/status"
)

// Session is a study that the model has seen: its image tokens and the memory. Any
// number of reports can be written and sampled from it, each for the price of the
// decoder alone. It keeps N·d floats of the backend's memory until it is closed;
// what a report needs beyond that is given back when the report is done. Like its
// Model it may not be used concurrently, nor after the Model is closed.
type Session struct {
	model   *Model
	views   []report.View
	tokens  []int32       // of all views [N]
	covered []int         // places of tokens that were replaced, ascending
	mean    []float32     // f_I [d], the mean of F_I over all tokens
	memory  device.Buffer // [N, d]
	seconds report.Seconds
}

// Open looks at a study: the dVAE and the encoder run once. progress may be nil. The
// caller closes the Session. Its errors are those of Report.
func (m *Model) Open(ctx context.Context, s Study, progress func(status.Progress)) (*Session, error) {
	session, err := m.see(ctx, s, progress, nobody{})
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	return session, nil
}

// Close gives the Session's memory back.
func (s *Session) Close() { s.memory.Release() }

// ImageTokens are the codes of the patches, a view each, row-major over its grid.
func (s *Session) ImageTokens() [][]int {
	var views [][]int
	for view := range slices.Chunk(s.tokens, s.model.config.ViewTokens()) {
		views = append(views, toInts(view))
	}
	return views
}

// Cover returns a Session of the same study with patches covered: at these places
// among the N image tokens, those of the first view first, row-major over its grid,
// stands the code that their view has most of elsewhere (the lowest of equals;
// engine/MODEL.md §12). What a report then no longer says, it rested on. Only the
// encoder runs anew. A place outside the study, and a view of which nothing is left,
// is a status.InvalidArgument. The caller closes both Sessions.
func (s *Session) Cover(ctx context.Context, places []int, progress func(status.Progress)) (*Session, error) {
	covered, err := s.cover(ctx, places, progress)
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	return covered, nil
}

func (s *Session) cover(ctx context.Context, places []int, progress func(status.Progress)) (*Session, error) {
	start, m := time.Now(), s.model
	places = slices.Compact(slices.Sorted(slices.Values(slices.Concat(s.covered, places))))
	c := &Session{model: m, views: s.views, tokens: slices.Clone(s.tokens), covered: places, seconds: s.seconds}
	for _, place := range places {
		if place < 0 || place >= len(s.tokens) {
			return nil, status.Errorf(status.InvalidArgument, "patch %d to cover, the study has %d", place, len(s.tokens))
		}
		c.tokens[place] = -1
	}
	for view := range slices.Chunk(c.tokens, m.config.ViewTokens()) {
		code := commonest(view, m.config.DVAE.Vocab)
		if code < 0 {
			return nil, status.Errorf(status.InvalidArgument, "every patch of a view is to be covered")
		}
		for i, token := range view {
			if token < 0 {
				view[i] = code
			}
		}
	}
	var err error
	if c.memory, c.mean, err = m.encode(ctx, c.tokens, steps(progress, status.StageEncode, m.config.EncoderLayers), nobody{}); err != nil {
		return nil, err
	}
	c.seconds.Encode = time.Since(start).Seconds()
	return c, nil
}

// commonest is the code below vocab that occurs most among tokens, the lowest of
// equals, negative tokens left out; −1 if there is none.
func commonest(tokens []int32, vocab int) int32 {
	best, counts := int32(-1), make([]int, vocab)
	for _, token := range tokens {
		if token >= 0 {
			counts[token]++
		}
	}
	for code, n := range counts {
		if n > 0 && (best < 0 || n > counts[best]) {
			best = int32(code)
		}
	}
	return best
}
