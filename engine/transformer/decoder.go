package transformer

import (
	"uarweb/engine/device"
)

// Refiner is the shape of the TIR, the Text-to-Image Refiner.
type Refiner struct {
	Scale float32 `json:"scale"` // k of Eq. 11
	Rank  int     `json:"rank"`  // r
}

// Decoder predicts the next word of a report.
type Decoder struct {
	Config
	Refiner
	backend   device.Backend
	vocab     int
	maxTokens int
	positions device.Buffer // [max tokens, d]
	layers    []decoderLayer
	norm      norm
	head      device.Layer
}

type decoderLayer struct {
	norm1, norm2, norm3 norm
	selfAttention       attention
	crossAttention      attention
	maskQuery, maskKey  device.Matrix // [r, d]
	maskBias            device.Buffer // [1]
	feedForward         feedForward
}

// LoadDecoder loads the decoder. The Loader carries the error.
func LoadDecoder(l *device.Loader, c Config, r Refiner, vocab, maxTokens int) *Decoder {
	d := &Decoder{Config: c, Refiner: r, backend: l.Backend, vocab: vocab, maxTokens: maxTokens}
	d.positions = l.Table("lsu.text_positions.weight", maxTokens, c.Width)
	for i := range c.Layers {
		name := layerName("decoder", i)
		d.layers = append(d.layers, decoderLayer{
			norm1:          loadNorm(l, name+"norm_1", c.Width),
			selfAttention:  loadAttention(l, name+"self_attention", c.Width),
			norm2:          loadNorm(l, name+"norm_2", c.Width),
			crossAttention: loadAttention(l, name+"cross_attention", c.Width),
			maskQuery:      l.FloatMatrix(name+"tir.query.weight", r.Rank, c.Width),
			maskKey:        l.FloatMatrix(name+"tir.key.weight", r.Rank, c.Width),
			maskBias:       l.Vector(name+"tir.bias", 1),
			norm3:          loadNorm(l, name+"norm_3", c.Width),
			feedForward:    loadFeedForward(l, name+"feed_forward", c),
		})
	}
	d.norm = loadNorm(l, "decoder.norm", c.Width)
	d.head = l.Layer("head", vocab, c.Width)
	return d
}

// State is the decoding of one report: what depends on the image alone, computed
// once (cross-attention keys and values, TIR keys), and the keys and values
// of the words so far. Up to width sequences are decoded side by side, as
// the rows of one batch.
type State struct {
	decoder *Decoder
	scratch scratch
	tokens  int // N
	width   int // most sequences
	useMask bool

	layers []stateLayer
	time   int // words decoded, T
	// ancestors[i][t] is the cache row which holds the key of the t-th word of
	// live sequence i. A sequence shares its ancestors' rows, so a beam that
	// forks copies nothing but this list.
	ancestors [][]int32

	rows, words, places                          device.Buffer // ints
	x, normed, query, key, value, attended, wide device.Buffer
	maskQuery, logits                            device.Buffer
	attentionRows, maskRows                      device.Buffer // last layer, every step: [max tokens·width, N]
	attention                                    device.Buffer // this step's, [width, N]
}

type stateLayer struct {
	crossKey, crossValue device.Buffer // [N, d]
	maskKey              device.Buffer // [N, r]
	crossQuery, mask     device.Buffer // this step's, [width, d] and σ(M) [width, N]
	key, value           device.Buffer // cache [max tokens·width, d]
}

// Start begins a report over a memory [N, d], with up to width sequences.
// Without useMask the k·σ(M) term is left out (the paper's stage 1); the mask is
// computed all the same. The caller closes the State.
func (d *Decoder) Start(memory device.Buffer, tokens, width int, useMask bool) *State {
	b := d.backend
	s := &State{decoder: d, scratch: scratch{backend: b}, tokens: tokens, width: width, useMask: useMask}
	m := &s.scratch
	for _, layer := range d.layers {
		l := stateLayer{
			crossKey: m.floats(tokens * d.Width), crossValue: m.floats(tokens * d.Width),
			maskKey:    m.floats(tokens * d.Rank),
			crossQuery: m.floats(width * d.Width), mask: m.floats(width * tokens),
			key: m.floats(d.maxTokens * width * d.Width), value: m.floats(d.maxTokens * width * d.Width),
		}
		apply(b, layer.crossAttention.key, l.crossKey, memory, tokens, device.Epilogue{})
		apply(b, layer.crossAttention.value, l.crossValue, memory, tokens, device.Epilogue{})
		b.Linear(l.maskKey, memory, tokens, layer.maskKey, nil, device.Epilogue{})
		s.layers = append(s.layers, l)
	}
	s.rows, s.words, s.places = m.ints(d.maxTokens*width), m.ints(width), m.ints(width)
	n := width * d.Width
	s.x, s.normed, s.query, s.key, s.value, s.attended = m.floats(n), m.floats(n), m.floats(n), m.floats(n), m.floats(n), m.floats(n)
	s.wide, s.maskQuery, s.logits = m.floats(width*d.FeedForward), m.floats(width*d.Rank), m.floats(width*d.vocab)
	s.attentionRows, s.maskRows = m.floats(d.maxTokens*width*tokens), m.floats(d.maxTokens*width*tokens)
	s.attention = m.floats(width * tokens)
	return s
}

// Step extends sequences by a word each: sequence i of this step is sequence
// parents[i] of the previous one, followed by words[i] (the first step has one
// parent, 0, which is the empty sequence). table [V, d] holds the aligned words
// F_R. The result [len(words), V] is the logits of the word after; it is the
// State's, and valid until the next Step.
//
//	y = F_R + positions
//	n = norm_1(y);  y = y + self_attention(n)
//	n = norm_2(y);  M = (n·tir.queryᵀ)(memory·tir.keyᵀ)ᵀ/√r + tir.bias
//	y = y + output(softmax((QKᵀ + k·σ(M))/√(d/h))·V)                      (11)
//	n = norm_3(y);  y = y + down(ReLU(up(n)))
//	logits = head(norm(y))
func (s *State) Step(table device.Buffer, parents, words []int) device.Buffer {
	d, b, rows := s.decoder, s.decoder.backend, len(words)
	if rows > s.width || s.time == d.maxTokens {
		panic("transformer: more sequences or words than the State has room for")
	}
	s.extend(parents, words)
	b.Embed(s.x, table, s.words, 0, rows, d.Width, false)
	b.Embed(s.x, d.positions, s.places, 0, rows, d.Width, true)
	for i, layer := range d.layers {
		l := s.layers[i]
		layer.norm1.apply(b, s.normed, s.x, rows)
		a := layer.selfAttention
		apply(b, a.query, s.query, s.normed, rows, device.Epilogue{})
		apply(b, a.key, s.key, s.normed, rows, device.Epilogue{})
		apply(b, a.value, s.value, s.normed, rows, device.Epilogue{})
		at := s.time * s.width * d.Width
		b.Copy(l.key, at, s.key, 0, rows*d.Width)
		b.Copy(l.value, at, s.value, 0, rows*d.Width)
		b.Attention(s.attended, device.Attention{
			Query: s.query, Key: l.key, Value: l.value, KeyRows: s.rows,
			Queries: rows, Keys: s.time + 1, Heads: d.Heads, Width: d.Width,
		})
		apply(b, a.output, s.x, s.attended, rows, device.Epilogue{Residual: s.x})

		layer.norm2.apply(b, s.normed, s.x, rows)
		b.Linear(s.maskQuery, s.normed, rows, layer.maskQuery, nil, device.Epilogue{})
		b.Mask(l.mask, s.maskQuery, l.maskKey, layer.maskBias, rows, s.tokens, d.Rank)
		a = layer.crossAttention
		apply(b, a.query, l.crossQuery, s.normed, rows, device.Epilogue{})
		cross := device.Attention{
			Query: l.crossQuery, Key: l.crossKey, Value: l.crossValue,
			Queries: rows, Keys: s.tokens, Heads: d.Heads, Width: d.Width,
		}
		if s.useMask {
			cross.Mask, cross.MaskScale = l.mask, d.Scale
		}
		if i == len(d.layers)-1 {
			cross.Mean = s.attention
		}
		b.Attention(s.attended, cross)
		apply(b, a.output, s.x, s.attended, rows, device.Epilogue{Residual: s.x})

		layer.norm3.apply(b, s.normed, s.x, rows)
		layer.feedForward.apply(b, s.x, s.normed, s.wide, rows)
	}
	d.norm.apply(b, s.normed, s.x, rows)
	apply(b, d.head, s.logits, s.normed, rows, device.Epilogue{})
	at := s.time * s.width * s.tokens
	b.Copy(s.attentionRows, at, s.attention, 0, rows*s.tokens)
	b.Copy(s.maskRows, at, s.layers[len(s.layers)-1].mask, 0, rows*s.tokens)
	s.time++
	return s.logits
}

// extend makes the lists of ancestors of this step's sequences and uploads
// them, the words, and their place in the report.
func (s *State) extend(parents, words []int) {
	ancestors := make([][]int32, len(words))
	var flat []int32
	ids, places := make([]int32, len(words)), make([]int32, len(words))
	for i, word := range words {
		if s.time > 0 {
			ancestors[i] = append(ancestors[i], s.ancestors[parents[i]]...)
		}
		ancestors[i] = append(ancestors[i], int32(s.time*s.width+i))
		flat = append(flat, ancestors[i]...)
		ids[i], places[i] = int32(word), int32(s.time)
	}
	s.ancestors = ancestors
	b := s.decoder.backend
	b.UploadInts(s.rows, 0, flat)
	b.UploadInts(s.words, 0, ids)
	b.UploadInts(s.places, 0, places)
}

// Looked returns the copies that download where the model looked when it
// predicted the word after sequence row of a step: the cross-attention of the
// last layer averaged over heads, and σ(M) of that layer, both [N].
func (s *State) Looked(step, row int, attention, mask []float32) []device.Copy {
	at := (step*s.width + row) * s.tokens
	return []device.Copy{
		{From: s.attentionRows, Offset: at, Floats: attention},
		{From: s.maskRows, Offset: at, Floats: mask},
	}
}

// Attended returns room for what the cross-attention of rows steps of one sequence is
// computed from, and the copies that download the part of it that all steps share.
func (s *State) Attended(rows int) (*device.Attended, []device.Copy) {
	d := s.decoder
	a := &device.Attended{Width: d.Width, Heads: d.Heads}
	if s.useMask {
		a.Scale = d.Scale
	}
	var copies []device.Copy
	for _, l := range s.layers {
		layer := device.AttendedLayer{
			Query: make([]float32, rows*d.Width), Key: make([]float32, s.tokens*d.Width), Mask: make([]float32, rows*s.tokens),
		}
		a.Layers = append(a.Layers, layer)
		copies = append(copies, device.Copy{From: l.crossKey, Floats: layer.Key})
	}
	return a, copies
}

// Attend returns the copies that download into row of an Attended what the
// cross-attention of the first sequence of the last step was computed from. They are
// to be made before the next step.
func (s *State) Attend(a *device.Attended, row int) []device.Copy {
	var copies []device.Copy
	width := s.decoder.Width
	for i, l := range s.layers {
		copies = append(copies,
			device.Copy{From: l.crossQuery, Floats: a.Layers[i].Query[row*width : (row+1)*width]},
			device.Copy{From: l.mask, Floats: a.Layers[i].Mask[row*s.tokens : (row+1)*s.tokens]})
	}
	return copies
}

// Close releases the State's buffers.
func (s *State) Close() { s.scratch.release() }
