package transformer

import (
	"context"

	"uarweb/engine/device"
)

// Encoder turns aligned visual tokens into the memory that the decoder attends.
type Encoder struct {
	Config
	backend   device.Backend
	tokens    int
	positions device.Buffer // [N, d]
	layers    []encoderLayer
	norm      norm
}

type encoderLayer struct {
	norm1, norm2  norm
	selfAttention attention
	feedForward   feedForward
}

// LoadEncoder loads the encoder for N tokens. The Loader carries the error.
func LoadEncoder(l *device.Loader, c Config, tokens int) *Encoder {
	e := &Encoder{Config: c, backend: l.Backend, tokens: tokens}
	e.positions = l.Table("lsu.image_positions.weight", tokens, c.Width)
	for i := range c.Layers {
		name := layerName("encoder", i)
		e.layers = append(e.layers, encoderLayer{
			norm1:         loadNorm(l, name+"norm_1", c.Width),
			selfAttention: loadAttention(l, name+"self_attention", c.Width),
			norm2:         loadNorm(l, name+"norm_2", c.Width),
			feedForward:   loadFeedForward(l, name+"feed_forward", c),
		})
	}
	e.norm = loadNorm(l, "encoder.norm", c.Width)
	return e
}

// Encode returns the memory [N, d] of the aligned tokens F_I [N, d]:
//
//	x = F_I + positions
//	x = x + self_attention(norm_1(x));  x = x + down(ReLU(up(norm_2(x))))   a layer
//	memory = norm(x)
//
// step is called after each layer, in which cancelling ctx takes effect. attended,
// unless it is nil, receives what the self-attention is computed from. The caller
// releases the result.
func (e *Encoder) Encode(ctx context.Context, aligned device.Buffer, step func(), attended *device.Attended) (device.Buffer, error) {
	b, rows, n := e.backend, e.tokens, e.tokens*e.Width
	s := scratch{backend: b}
	defer s.release()
	normed, query, key, value := s.floats(n), s.floats(n), s.floats(n), s.floats(n)
	mixed, wide := s.floats(n), s.floats(rows*e.FeedForward)
	x := s.floats(n)
	b.Copy(x, 0, aligned, 0, n)
	b.Embed(x, e.positions, e.everyRow(&s), 0, rows, e.Width, true)
	for _, layer := range e.layers {
		layer.norm1.apply(b, normed, x, rows)
		a := layer.selfAttention
		apply(b, a.query, query, normed, rows, device.Epilogue{})
		apply(b, a.key, key, normed, rows, device.Epilogue{})
		apply(b, a.value, value, normed, rows, device.Epilogue{})
		b.Attention(mixed, device.Attention{
			Query: query, Key: key, Value: value,
			Queries: rows, Keys: rows, Heads: e.Heads, Width: e.Width,
		})
		apply(b, a.output, x, mixed, rows, device.Epilogue{Residual: x})
		layer.norm2.apply(b, normed, x, rows)
		layer.feedForward.apply(b, x, normed, wide, rows)
		if attended != nil {
			l := device.AttendedLayer{Query: make([]float32, n), Key: make([]float32, n)}
			if err := b.Download(ctx, device.Copy{From: query, Floats: l.Query}, device.Copy{From: key, Floats: l.Key}); err != nil {
				return nil, err
			}
			attended.Width, attended.Heads, attended.Layers = e.Width, e.Heads, append(attended.Layers, l)
		}
		if err := b.Flush(ctx); err != nil {
			return nil, err
		}
		step()
	}
	memory := b.Floats(n)
	e.norm.apply(b, memory, x, rows)
	return memory, nil
}

// everyRow is the ids 0..N−1.
func (e *Encoder) everyRow(s *scratch) device.Buffer {
	rows := make([]int32, e.tokens)
	for i := range rows {
		rows[i] = int32(i)
	}
	ids := s.ints(e.tokens)
	e.backend.UploadInts(ids, 0, rows)
	return ids
}
