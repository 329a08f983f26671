package engine

import (
	"context"
	"fmt"
	"math"
	"slices"

	"uarweb/engine/device"
	"uarweb/engine/status"
)

// Trace is what the model computed on the way to a report, for looking inside
// and for comparing backends and precisions. Letters as in engine/MODEL.md: S views, L
// tokens a view, N = S·L, K codes, d width, V words, T ids.
type Trace struct {
	Pixels    []float32 // [S, channels, size, size], grey/255
	Logits    []float32 // [S·L, K], the dVAE's
	Tokens    []int32   // [N]
	Image     []float32 // F_I [N, d]
	Memory    []float32 // [N, d]
	IDs       []int32   // [T], bos first, eos left out
	Text      []float32 // F_R of IDs [T, d]
	Words     []float32 // the decoder's logits [T, V]; row t predicts the word after IDs[t]
	Attention []float32 // [T, N], last layer, mean over heads
	Mask      []float32 // [T, N], σ(M) of the last layer
}

// Trace runs the model over a study, teacher-forced over a report: ids without
// bos and eos. Nil ids means the report that Report writes.
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
	defer seen.release()
	// One view given to a two-view model served as both.
	times := m.config.Image.Views / len(s.Views)
	t.Pixels, t.Logits = slices.Repeat(t.Pixels, times), slices.Repeat(t.Logits, times)
	if ids == nil {
		r, err := m.write(ctx, seen, o)
		if err != nil {
			return nil, err
		}
		for _, w := range r.Words {
			ids = append(ids, w.Token)
		}
	}
	t.IDs = append([]int32{int32(m.config.BOS)}, toInt32s(ids)...)
	if err := m.force(ctx, seen, t, !o.WithoutTIR); err != nil {
		return nil, err
	}
	return t, nil
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

func (t tracer) image(ctx context.Context, tokens []int32, aligned, memory device.Buffer) error {
	t.Tokens = tokens
	t.Image, t.Memory = make([]float32, aligned.Len()), make([]float32, memory.Len())
	return t.model.backend.Download(ctx, device.Copy{From: aligned, Floats: t.Image}, device.Copy{From: memory, Floats: t.Memory})
}

func (m *Model) checkIDs(ids []int) error {
	if len(ids) > m.config.MaxTokens-1 {
		return status.Errorf(status.InvalidArgument, "a report of %d words, the model takes %d", len(ids), m.config.MaxTokens-1)
	}
	for _, id := range ids {
		if id < 0 || id >= len(m.config.Vocab) {
			return status.Errorf(status.InvalidArgument, "word %d is not in a vocabulary of %d", id, len(m.config.Vocab))
		}
	}
	return nil
}

// force decodes t.IDs one after the other and fills in the text side of t.
func (m *Model) force(ctx context.Context, seen *image, t *Trace, useMask bool) error {
	b, tokens, vocab := m.backend, m.config.ImageTokens(), len(m.config.Vocab)
	rows := len(t.IDs)
	t.Text = make([]float32, rows*m.config.Dim)
	t.Words = make([]float32, rows*vocab)
	t.Attention, t.Mask = make([]float32, rows*tokens), make([]float32, rows*tokens)

	ids, aligned := b.Ints(rows), b.Floats(rows*m.config.Dim)
	defer ids.Release()
	defer aligned.Release()
	b.UploadInts(ids, 0, t.IDs)
	b.Embed(aligned, m.words, ids, 0, rows, m.config.Dim, false)
	copies := []device.Copy{{From: aligned, Floats: t.Text}}

	state := m.decoder.Start(seen.memory, tokens, 1, useMask)
	defer state.Close()
	for i, id := range t.IDs {
		logits := state.Step(m.words, []int{0}, []int{int(id)})
		if err := b.Download(ctx, device.Copy{From: logits, Floats: t.Words[i*vocab : (i+1)*vocab]}); err != nil {
			return err
		}
		copies = append(copies, state.Looked(i, 0, t.Attention[i*tokens:(i+1)*tokens], t.Mask[i*tokens:(i+1)*tokens])...)
	}
	return b.Download(ctx, copies...)
}

// LogProbs returns the log-probability of each word of the trace given those
// before it, and last that of eos: T values.
func (t *Trace) LogProbs(eos int) []float64 {
	rows := len(t.IDs)
	vocab := len(t.Words) / rows
	r := make([]float64, rows)
	for i := range r {
		target := eos
		if i+1 < rows {
			target = int(t.IDs[i+1])
		}
		logits := t.Words[i*vocab : (i+1)*vocab]
		top := slices.Max(logits)
		sum := 0.0
		for _, v := range logits {
			sum += math.Exp(float64(v - top))
		}
		r[i] = float64(logits[target]-top) - math.Log(sum)
	}
	return r
}
