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

// observer is shown what see computes on the way, while it is there: buffers are
// released afterwards.
type observer interface {
	// view is called with each view given: its pixels [size·size, channels] and
	// the dVAE's logits [L, K].
	view(ctx context.Context, pixels []float32, logits device.Buffer) error
	// attended receives what the encoder's self-attention is computed from, unless
	// it is nil.
	attended() *device.Attended
	// image is called with the tokens of all views [N], F_I [N, d] and the memory
	// [N, d].
	image(ctx context.Context, tokens []int32, aligned, memory device.Buffer) error
}

// nobody is an observer of nothing.
type nobody struct{}

func (nobody) view(context.Context, []float32, device.Buffer) error { return nil }

func (nobody) attended() *device.Attended { return nil }

func (nobody) image(context.Context, []int32, device.Buffer, device.Buffer) error { return nil }

// see turns a study into tokens and memory. The caller closes the result.
func (m *Model) see(ctx context.Context, s Study, progress func(status.Progress), o observer) (*Session, error) {
	seen := &Session{model: m}
	start := time.Now()
	pixels, err := m.Pixels(s)
	if err != nil {
		return nil, err
	}
	seen.seconds.DecodeImage = time.Since(start).Seconds()
	for _, v := range s.Views {
		seen.seconds.DecodeImage += v.DecodeTime.Seconds()
	}

	start = time.Now()
	step := steps(progress, status.StageTokenize, len(pixels)*m.dvae.Steps())
	if seen.tokens, err = m.tokenize(ctx, pixels, step, o); err != nil {
		return nil, err
	}
	seen.seconds.Tokenize = time.Since(start).Seconds()

	start = time.Now()
	step = steps(progress, status.StageEncode, m.config.EncoderLayers)
	if seen.memory, seen.mean, err = m.encode(ctx, seen.tokens, step, o); err != nil {
		return nil, err
	}
	seen.seconds.Encode = time.Since(start).Seconds()
	for _, v := range s.Views {
		seen.views = append(seen.views, report.View{
			Name: v.Name, Format: v.Format, View: string(v.Facts.View), SHA256: v.SHA256, Notes: append([]string{}, v.Notes...), // [] in JSON, not null
		})
	}
	m.judge(seen.views, seen.tokens)
	return seen, nil
}

// Pixels resizes each view of a study to what the dVAE takes:
// [size·size, channels] in 0..1.
func (m *Model) Pixels(s Study) ([][]float32, error) {
	if n := len(s.Views); n < 1 || n > m.config.Image.Views {
		return nil, status.Errorf(status.WrongViews, "%d images given, the model takes %s", n, atMost(m.config.Image.Views))
	}
	size, channels := m.config.Image.Size, m.config.Image.Channels
	var views [][]float32
	for i, v := range s.Views {
		if v == nil || v.Pixels == nil || v.Pixels.Rect.Empty() {
			return nil, status.Errorf(status.InvalidArgument, "view %d has no pixels", i+1)
		}
		grey := v.Square(size)
		x := make([]float32, 0, size*size*channels)
		for _, p := range grey.Pix {
			for range channels {
				x = append(x, float32(p)/255)
			}
		}
		views = append(views, x)
	}
	return views, nil
}

func atMost(views int) string {
	if views == 1 {
		return "one"
	}
	return fmt.Sprintf("one to %d", views)
}

// tokenize returns the visual tokens [N] of the views' pixels (engine/MODEL.md §2).
// One view given to a two-view model serves as both.
func (m *Model) tokenize(ctx context.Context, views [][]float32, step func(), o observer) ([]int32, error) {
	b, length := m.backend, m.config.ViewTokens()
	found := b.Ints(len(views) * length)
	defer found.Release()
	for i, x := range views {
		logits, err := m.dvae.Logits(ctx, x, step)
		if err != nil {
			return nil, err
		}
		b.ArgMax(found, i*length, logits, length, m.config.DVAE.Vocab)
		err = o.view(ctx, x, logits)
		logits.Release()
		if err != nil {
			return nil, err
		}
	}
	tokens := make([]int32, len(views)*length)
	if err := b.Download(ctx, device.Copy{From: found, Ints: tokens}); err != nil {
		return nil, err
	}
	if slices.Contains(tokens, -1) {
		return nil, fmt.Errorf("the dVAE: %w", ErrNotFinite)
	}
	return slices.Repeat(tokens, m.config.Image.Views/len(views)), nil
}

// encode returns the memory [N, d] of visual tokens, and f_I [d] (§4, §5, §8). The
// caller releases the memory.
func (m *Model) encode(ctx context.Context, tokens []int32, step func(), o observer) (device.Buffer, []float32, error) {
	b, n := m.backend, len(tokens)
	ids, aligned := b.Ints(n), b.Floats(n*m.config.Dim)
	defer ids.Release()
	defer aligned.Release()
	b.UploadInts(ids, 0, tokens)
	b.Embed(aligned, m.codes, ids, 0, n, m.config.Dim, false)
	memory, err := m.encoder.Encode(ctx, aligned, step, o.attended())
	if err != nil {
		return nil, nil, err
	}
	mean, err := m.mean(ctx, aligned, n)
	if err == nil {
		err = o.image(ctx, tokens, aligned, memory)
	}
	if err != nil {
		memory.Release()
		return nil, nil, err
	}
	return memory, mean, nil
}
