package engine

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"math"
	"slices"

	"uarweb/engine/cra"
	"uarweb/engine/device"
	"uarweb/engine/internal/search"
	"uarweb/engine/status"
	"uarweb/engine/trace"
)

// How many of each a part of a trace holds.
const (
	shownCodes   = 5
	shownWords   = 12
	shownNear    = 5
	shownVectors = 3
)

// Show cuts a part out of the Trace of a study: of the report that the model wrote on
// it. A part that the trace has not is a status.InvalidArgument; trace.OfSearch is
// Search's.
func (m *Model) Show(ctx context.Context, s Study, t *Trace, p trace.Part) (trace.Shown, error) {
	shown, err := m.show(ctx, s, t, p)
	if err != nil {
		return trace.Shown{}, fmt.Errorf("engine: %w", err)
	}
	return shown, nil
}

func (m *Model) show(ctx context.Context, s Study, t *Trace, p trace.Part) (trace.Shown, error) {
	parts := map[trace.Kind]int{trace.OfStudy: 1, trace.OfPatch: m.config.ImageTokens(), trace.OfWord: len(t.IDs), trace.OfReports: 1}
	if p.Index < 0 || p.Index >= parts[p.Kind] {
		return trace.Shown{}, status.Errorf(status.InvalidArgument, "part %d of the kind %.40q, the trace has %d", p.Index, string(p.Kind), parts[p.Kind])
	}
	switch p.Kind {
	case trace.OfReports:
		found, err := m.showReports(ctx, t, p.Reports)
		return trace.Shown{Reports: found}, err
	case trace.OfPatch:
		patch, err := m.showPatch(ctx, s, t, p.Index)
		return trace.Shown{Patch: patch}, err
	case trace.OfWord:
		word, err := m.showWord(ctx, t, p.Index)
		return trace.Shown{Word: word}, err
	}
	return trace.Shown{Study: m.showStudy(s, t)}, nil
}

func (m *Model) showStudy(s Study, t *Trace) *trace.Study {
	c := m.config
	shown := &trace.Study{
		Size: c.Image.Size, Grid: c.Grid(), Codes: c.DVAE.Vocab, Vocab: len(c.Vocab),
		Scale: c.TIR.Scale, Columns: c.Dim / c.Heads, Vectors: c.Basis,
		Tiles: m.tiles, Tokens: t.Tokens, Words: m.choices(t.IDs[1:]), Search: t.Search,
	}
	if c.Tiles != nil {
		shown.Studies = c.Tiles.Studies
	}
	area := c.Image.Size * c.Image.Size
	for view := range slices.Chunk(t.Pixels, c.Image.Channels*area) {
		grey := make([]byte, area)
		for i, v := range view[:area] {
			grey[i] = byte(math.Round(255 * float64(v)))
		}
		shown.Pixels = append(shown.Pixels, grey)
		size := m.film(s, len(shown.Films)).Rect.Size()
		shown.Films = append(shown.Films, trace.Size{Width: size.X, Height: size.Y})
	}
	for logits := range slices.Chunk(t.Logits, c.DVAE.Vocab) {
		bits := 0.0
		for _, p := range logSoftmax(logits) {
			bits -= math.Exp(p) * p / math.Ln2
		}
		shown.Entropy = append(shown.Entropy, float32(bits))
	}
	return shown
}

// film is what a view of the model shows: where one was given for two, both show it.
func (m *Model) film(s Study, view int) *image.Gray {
	return s.Views[view*len(s.Views)/m.config.Image.Views].Pixels
}

func (m *Model) showPatch(ctx context.Context, s Study, t *Trace, patch int) (*trace.Patch, error) {
	c := m.config
	shown := &trace.Patch{Attention: t.Encoder.Weights(patch)}
	probs := logSoftmax(t.Logits[patch*c.DVAE.Vocab:][:c.DVAE.Vocab])
	for _, code := range largest(probs, shownCodes) {
		shown.Likeliest = append(shown.Likeliest, trace.Code{Code: code, Probability: math.Exp(probs[code])})
	}
	view, place, grid := patch/c.ViewTokens(), patch%c.ViewTokens(), c.Grid()
	shown.Film = region(m.film(s, view), place%grid, place/grid, grid)
	shown.Basis = basis(t.ImageCRA, patch)
	if t.words == nil {
		words := make([]float32, m.words.Len())
		if err := m.backend.Download(ctx, device.Copy{From: m.words, Floats: words}); err != nil {
			return nil, err
		}
		t.words = words
	}
	var cosines []float64
	for f := range slices.Chunk(t.words, c.Dim) {
		cosines = append(cosines, cosine(f, t.Image[patch*c.Dim:(patch+1)*c.Dim]))
	}
	for _, word := range largest(cosines, shownNear) {
		shown.Nearest = append(shown.Nearest, trace.Near{Text: m.vocabulary.Word(word), Cosine: cosines[word]})
	}
	return shown, nil
}

// basis is what CRA made a row from.
func basis(a *cra.Aligned, row int) trace.Basis {
	width := a.Basis.Width
	b := trace.Basis{Input: a.Input[row*width : (row+1)*width], Forget: a.Forget[row*width : (row+1)*width]}
	for _, weights := range a.Basis.Weights(row)[0] {
		var head trace.Picked
		for _, vector := range largest(weights, shownVectors) {
			head.Largest = append(head.Largest, trace.Weight{Vector: vector, Weight: weights[vector]})
		}
		nats := 0.0
		for _, w := range weights {
			if w > 0 {
				nats -= float64(w) * math.Log(float64(w))
			}
		}
		head.Equal = math.Exp(nats)
		b.Heads = append(b.Heads, head)
	}
	return b
}

// region is the part of a film that lies under a patch of a grid.
func region(film *image.Gray, x, y, grid int) trace.Region {
	size := film.Rect.Size()
	r := trace.Region{X: x * size.X / grid, Y: y * size.Y / grid}
	r.Width, r.Height = max(1, (x+1)*size.X/grid-r.X), max(1, (y+1)*size.Y/grid-r.Y) // of a film of fewer pixels than patches, too
	r.Side = trace.Size{Width: min(r.Width, trace.SampleSide), Height: min(r.Height, trace.SampleSide)}
	for row := range r.Side.Height {
		begin := (r.Y+(r.Height-r.Side.Height)/2+row)*film.Stride + r.X + (r.Width-r.Side.Width)/2
		r.Sample = append(r.Sample, film.Pix[begin:begin+r.Side.Width]...)
	}
	return r
}

func (m *Model) showWord(ctx context.Context, t *Trace, word int) (*trace.Word, error) {
	vocab := len(m.config.Vocab)
	shown := &trace.Word{
		Logits:    t.Words[word*vocab : (word+1)*vocab],
		Attention: t.Decoder.Weights(word), Mask: t.Decoder.Masks(word), Basis: basis(t.TextCRA, word),
	}
	shown.Likeliest = m.choices(toInt32s(largest(shown.Logits, shownWords)))
	token := m.config.EOS
	if word+1 < len(t.IDs) {
		token = int(t.IDs[word+1])
	}
	f := make([]float32, m.config.Dim)
	if err := m.backend.Download(ctx, device.Copy{From: m.words, Offset: token * m.config.Dim, Floats: f}); err != nil {
		return nil, err
	}
	for patch := range slices.Chunk(t.Image, m.config.Dim) {
		shown.Alike = append(shown.Alike, float32(cosine(f, patch)))
	}
	return shown, nil
}

func (m *Model) showReports(ctx context.Context, t *Trace, reports [][]int) (*trace.Reports, error) {
	f, err := m.feature(ctx, m.codes, t.Tokens)
	if err != nil {
		return nil, err
	}
	shown := &trace.Reports{Cosines: []float64{}}
	for _, ids := range reports {
		if err := m.checkIDs(ids); err != nil {
			return nil, err
		}
		alignment, err := m.alignment(ctx, f, ids)
		if err != nil {
			return nil, err
		}
		shown.Cosines = append(shown.Cosines, alignment)
	}
	return shown, nil
}

func (m *Model) choices(ids []int32) []trace.Choice {
	choices := []trace.Choice{}
	for _, id := range ids {
		choices = append(choices, trace.Choice{Token: int(id), Text: m.vocabulary.Word(int(id))})
	}
	return choices
}

// Search searches the report of what a Trace saw anew, with the width of the options; the
// tokens and the memory are the trace's. Its errors are those of Report.
func (m *Model) Search(ctx context.Context, t *Trace, o Options) (*trace.Search, error) {
	mean, err := m.feature(ctx, m.codes, t.Tokens)
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	memory := m.backend.Floats(len(t.Memory))
	m.backend.Upload(memory, 0, t.Memory)
	seen := &Session{model: m, tokens: t.Tokens, memory: memory, mean: mean}
	defer seen.Close()
	r, found, err := seen.search(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	s := &trace.Search{Width: r.Beam, Text: r.Text, LogProb: r.LogProb, Steps: m.considered(found)}
	for i, step := range s.Steps {
		shown := min(trace.MostConsidered, len(step))
		s.Steps[i], s.Further = step[:shown], append(s.Further, len(step)-shown)
	}
	return s, nil
}

// considered is what a search made, step by step, with the words' texts.
func (m *Model) considered(found search.Sequence) [][]trace.Considered {
	all := make([][]trace.Considered, len(found.Steps))
	for i, step := range found.Steps {
		for _, c := range step {
			won := i < len(found.Choices) && found.Choices[i].Row == c.Row && found.Choices[i].Token == c.Token
			all[i] = append(all[i], trace.Considered{
				Row: c.Row, Token: c.Token, Text: m.vocabulary.Word(c.Token), LogProb: c.LogProb, Sum: c.Sum, Kept: c.Kept,
				Ends: c.Token == m.config.EOS, Won: won,
			})
		}
	}
	return all
}

// largest returns the places of the n largest values, the largest first and the lower
// place first among equals; all of them if there are fewer.
func largest[T cmp.Ordered](values []T, n int) []int {
	places := make([]int, len(values))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(a, b int) int { return cmp.Compare(values[b], values[a]) })
	return places[:min(n, len(places))]
}
