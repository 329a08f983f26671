package engine

import (
	"context"
	"fmt"
	"slices"

	"uarweb/engine/cra"
	"uarweb/engine/device"
	"uarweb/engine/trace"
)

// Trace is what the model computed on the way to a report, for looking inside
// and for comparing backends and precisions. Letters as in engine/MODEL.md: S views, L
// tokens a view, N = S·L, K codes, d width, V words, T ids.
type Trace struct {
	Pixels []float32 // [S, channels, size, size], grey/255
	Logits []float32 // [S·L, K], the dVAE's
	Tokens []int32   // [N]
	Image  []float32 // F_I [N, d]
	Memory []float32 // [N, d]
	// ImageCRA is what Image is computed from: N rows.
	ImageCRA *cra.Aligned
	// TextCRA is the same of the T words that stand behind each of IDs, behind the last
	// eos.
	TextCRA *cra.Aligned
	// Encoder is what the patches' attention to each other is computed from: N
	// queries and keys.
	Encoder device.Attended
	Search  [][]trace.Considered // how the report was found; nil if it was given
	Forced

	words []float32 // F_R of the whole vocabulary [V, d], once Show has needed it
}

// Forced is what the decoder computes when it is led over a given report.
type Forced struct {
	IDs       []int32   // [T], bos first, eos left out
	Text      []float32 // F_R of IDs [T, d]
	Words     []float32 // the logits [T, V]; row t predicts the word after IDs[t]
	Attention []float32 // [T, N], last layer, mean over heads
	Mask      []float32 // [T, N], σ(M) of the last layer
	// Decoder is what the attention of the words to the patches is computed from: T
	// queries, N keys.
	Decoder *device.Attended
}

// Trace runs the model over a study, teacher-forced over a report: ids without
// bos and eos. Nil ids means the report that Report writes. Its errors are those of
// Report.
func (m *Model) Trace(ctx context.Context, s Study, ids []int, o Options) (*Trace, error) {
	t, err := m.trace(ctx, s, ids, o)
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	return t, nil
}

func (m *Model) trace(ctx context.Context, s Study, ids []int, o Options) (*Trace, error) {
	o, err := m.complete(o)
	if err != nil {
		return nil, err
	}
	if err := m.checkIDs(ids); err != nil {
		return nil, err
	}
	t := &Trace{}
	seen, err := m.see(ctx, s, o.Progress, tracer{t, m})
	if err != nil {
		return nil, err
	}
	defer seen.Close()
	// One view given to a two-view model served as both.
	times := m.config.Image.Views / len(s.Views)
	t.Pixels, t.Logits = slices.Repeat(t.Pixels, times), slices.Repeat(t.Logits, times)
	if ids == nil {
		r, found, err := seen.search(ctx, o)
		if err != nil {
			return nil, err
		}
		t.Search = m.considered(found)
		for _, w := range r.Words {
			ids = append(ids, w.Token)
		}
	}
	forced, err := seen.force(ctx, ids, o.WithoutTIR)
	if err != nil {
		return nil, err
	}
	t.Forced = *forced
	return t, m.inspect(ctx, t)
}

// inspect fills in what CRA made of the tokens and words of a Trace.
func (m *Model) inspect(ctx context.Context, t *Trace) error {
	l, c := device.NewLoader(context.WithoutCancel(ctx), m.kept, m.backend, func() {}), m.config // all or nothing, in milliseconds
	codes, words, aligner := c.loadCodes(l), c.loadWords(l), c.loadAligner(l)
	if err := l.Err(); err != nil {
		return err
	}
	defer aligner.Close()
	rows := func(table []float32, ids []int32) []float32 {
		var e []float32
		for _, id := range ids {
			e = append(e, table[int(id)*c.Dim:][:c.Dim]...)
		}
		return e
	}
	var err error
	if t.ImageCRA, err = aligner.Inspect(ctx, rows(codes, t.Tokens)); err != nil {
		return err
	}
	t.TextCRA, err = aligner.Inspect(ctx, rows(words, append(slices.Clone(t.IDs[1:]), int32(c.EOS))))
	return err
}

// tracer is the observer that fills in the image side of a Trace.
type tracer struct {
	*Trace
	model *Model
}

func (t tracer) view(ctx context.Context, pixels []float32, logits device.Buffer) error {
	channels := t.model.config.Image.Channels
	for channel := range channels {
		for i := channel; i < len(pixels); i += channels {
			t.Pixels = append(t.Pixels, pixels[i])
		}
	}
	values := make([]float32, logits.Len())
	err := t.model.backend.Download(ctx, device.Copy{From: logits, Floats: values})
	t.Logits = append(t.Logits, values...)
	return err
}

func (t tracer) attended() *device.Attended { return &t.Encoder }

func (t tracer) image(ctx context.Context, tokens []int32, aligned, memory device.Buffer) error {
	t.Tokens = tokens
	t.Image, t.Memory = make([]float32, aligned.Len()), make([]float32, memory.Len())
	return t.model.backend.Download(ctx, device.Copy{From: aligned, Floats: t.Image}, device.Copy{From: memory, Floats: t.Memory})
}

// Force leads the decoder over a report: ids without bos and eos. It returns a
// status.InvalidArgument for ids that are none, ctx's error, wrapped, within one word
// of ctx being cancelled, and ErrNotFinite, wrapped, in place of logits that are not.
func (s *Session) Force(ctx context.Context, ids []int, withoutTIR bool) (*Forced, error) {
	f, err := s.force(ctx, ids, withoutTIR)
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	return f, nil
}

func (s *Session) force(ctx context.Context, ids []int, withoutTIR bool) (*Forced, error) {
	m, b := s.model, s.model.backend
	if err := m.checkIDs(ids); err != nil {
		return nil, err
	}
	tokens, vocab, rows := m.config.ImageTokens(), len(m.config.Vocab), len(ids)+1
	f := &Forced{
		IDs:  append([]int32{int32(m.config.BOS)}, toInt32s(ids)...),
		Text: make([]float32, rows*m.config.Dim), Words: make([]float32, rows*vocab),
		Attention: make([]float32, rows*tokens), Mask: make([]float32, rows*tokens),
	}
	words, aligned := b.Ints(rows), b.Floats(rows*m.config.Dim)
	defer words.Release()
	defer aligned.Release()
	b.UploadInts(words, 0, f.IDs)
	b.Embed(aligned, m.words, words, 0, rows, m.config.Dim, false)
	copies := []device.Copy{{From: aligned, Floats: f.Text}}

	state := m.decoder.Start(s.memory, tokens, 1, !withoutTIR)
	defer state.Close()
	attended, shared := state.Attended(rows)
	f.Decoder, copies = attended, append(copies, shared...)
	for i, id := range f.IDs {
		logits := state.Step(m.words, []int{0}, []int{int(id)})
		values := f.Words[i*vocab : (i+1)*vocab]
		if err := b.Download(ctx, append(state.Attend(attended, i), device.Copy{From: logits, Floats: values})...); err != nil {
			return nil, err
		}
		if !finite(values) {
			return nil, ErrNotFinite
		}
		copies = append(copies, state.Looked(i, 0, f.Attention[i*tokens:(i+1)*tokens], f.Mask[i*tokens:(i+1)*tokens])...)
	}
	return f, b.Download(ctx, copies...)
}

// Likeliest returns the likeliest word after each of IDs, the lower id first among
// equals, and its log-probability: T of both.
func (f *Forced) Likeliest() (words []int, logProbs []float64) {
	for row := range slices.Chunk(f.Words, len(f.Words)/len(f.IDs)) {
		probs := logSoftmax(row)
		best := slices.Index(probs, slices.Max(probs))
		words, logProbs = append(words, best), append(logProbs, probs[best])
	}
	return words, logProbs
}

// LogProbs returns the log-probability of each word given those before it, and
// last that of eos: T values.
func (f *Forced) LogProbs(eos int) []float64 {
	rows := len(f.IDs)
	vocab := len(f.Words) / rows
	r := make([]float64, rows)
	for i := range r {
		target := eos
		if i+1 < rows {
			target = int(f.IDs[i+1])
		}
		r[i] = logSoftmax(f.Words[i*vocab : (i+1)*vocab])[target]
	}
	return r
}
