// Package engine runs UAR: Load a checkpoint onto a backend, then ask the Model
// for reports. An image walks once through the rooms below, in the order of the
// paper's Figure 2:
//
//	radiograph → dvae → cra → transformer (encoder) → transformer (decoder + TIR) ⇄ search → report
package engine

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"uarweb/engine/cra"
	"uarweb/engine/device"
	"uarweb/engine/dvae"
	"uarweb/engine/internal/search"
	"uarweb/engine/radiograph"
	"uarweb/engine/report"
	"uarweb/engine/status"
	"uarweb/engine/transformer"
	"uarweb/weights"
	"uarweb/weights/tensor"
	"uarweb/weights/version"
)

// DefaultBeam is the width of the beam search, and MaxBeam the largest.
const (
	DefaultBeam = 3
	MaxBeam     = 16
)

// Study is what one report is about: one or two views, the frontal first.
type Study struct {
	Views []*radiograph.Radiograph
}

// Options of a Report. The zero value is the default.
type Options struct {
	Beam       int                   // width of the beam search, 1..MaxBeam; 0 means DefaultBeam
	WithoutTIR bool                  // leave out the text-to-image mask (the paper's stage 1)
	Progress   func(status.Progress) // called on the caller's goroutine after each block and word; may be nil
}

func (o Options) withDefaults() (Options, error) {
	if o.Beam == 0 {
		o.Beam = DefaultBeam
	}
	if o.Beam < 1 || o.Beam > MaxBeam {
		return o, status.Errorf(status.InvalidArgument, "beam is %d, it must be 1 to %d", o.Beam, MaxBeam)
	}
	return o, nil
}

// LoadOptions of Load. The zero value is the default.
type LoadOptions struct {
	Progress func(status.Progress) // may be nil
	Drain    bool                  // leave c without the tensors' bytes, for less memory (weights.Draining)
	SHA256   string                // of the running program, for Report.Engine; may be empty
}

// Model is a loaded model. Its methods may not be called concurrently.
type Model struct {
	config     *Config
	vocabulary *report.Vocabulary
	identity   report.Model
	engine     report.Engine
	precision  string

	backend device.Backend
	dvae    *dvae.Encoder
	encoder *transformer.Encoder
	decoder *transformer.Decoder
	// CRA of every code [K, d] and every word [V, d].
	codes, words device.Buffer
}

// Load puts a checkpoint's weights on a backend and folds CRA. It returns an
// error naming the tensor if one is missing, of a wrong shape, or holds NaN or
// infinity. The backend is the model's: Close closes it, and so does an error.
func Load(ctx context.Context, c *weights.Checkpoint, b device.Backend, o LoadOptions) (*Model, error) {
	m, err := load(ctx, c, b, o)
	if err != nil {
		b.Close()
		return nil, fmt.Errorf("engine: %w", err)
	}
	return m, nil
}

func load(ctx context.Context, c *weights.Checkpoint, b device.Backend, o LoadOptions) (*Model, error) {
	config, vocabulary, err := parseConfig(c.Metadata["uar.config"])
	if err != nil {
		return nil, status.Mark(status.BadConfiguration, err)
	}
	m := &Model{
		config: config, vocabulary: vocabulary, backend: b,
		identity:  report.Model{SHA256: c.SHA256, Format: config.Format},
		engine:    report.Engine{Version: version.Version, Commit: version.Commit, SHA256: o.SHA256},
		precision: precision(c),
	}
	codes, words := config.DVAE.Vocab, len(config.Vocab)
	step := steps(o.Progress, status.StageLoad, len(config.Parameters())+cra.FoldSteps(codes)+cra.FoldSteps(words))
	source := device.Source(c)
	if o.Drain {
		source = weights.Draining{Checkpoint: c}
	}
	l := device.NewLoader(ctx, source, b, step)
	shape := transformer.Config{Width: config.Dim, Heads: config.Heads, FeedForward: config.FeedForward}
	m.dvae = dvae.Load(l, config.DVAE, config.Image.Size, config.Image.Channels)
	shape.Layers = config.EncoderLayers
	m.encoder = transformer.LoadEncoder(l, shape, config.ImageTokens())
	shape.Layers = config.DecoderLayers
	m.decoder = transformer.LoadDecoder(l, shape, config.TIR, words, config.MaxTokens)
	codeTable := l.Table("lsu.image_tokens.weight", codes, config.Dim)
	wordTable := l.Table("lsu.text_tokens.weight", words, config.Dim)
	aligner := cra.Load(l, config.Dim, config.Heads, config.Basis)
	if err := l.Err(); err != nil {
		return nil, err
	}
	if m.codes, err = aligner.Fold(ctx, codeTable, codes, step); err != nil {
		return nil, err
	}
	if m.words, err = aligner.Fold(ctx, wordTable, words, step); err != nil {
		return nil, err
	}
	codeTable.Release()
	wordTable.Release()
	aligner.Close()
	return m, nil
}

// steps returns a function that counts the steps of a stage into progress.
func steps(progress func(status.Progress), stage status.Stage, total int) func() {
	if progress == nil {
		return func() {}
	}
	p := status.Progress{Stage: stage, Total: int64(total)}
	return func() {
		p.Done++
		progress(p)
	}
}

// precision is the coarsest format among the weights.
func precision(c *weights.Checkpoint) string {
	formats := c.Formats()
	switch {
	case slices.Contains(formats, tensor.U8):
		return "int4"
	case slices.Contains(formats, tensor.I8):
		return "int8"
	}
	return "f32" // what floating point of any width is computed in
}

// Config is the model's shape.
func (m *Model) Config() *Config { return m.config }

// Vocabulary is the model's words.
func (m *Model) Vocabulary() *report.Vocabulary { return m.vocabulary }

// Identity names the weights.
func (m *Model) Identity() report.Model { return m.identity }

// Backend and Precision say what computes, and from which format of weights.
func (m *Model) Backend() string   { return m.backend.Name() }
func (m *Model) Precision() string { return m.precision }

// Close releases the model's and the backend's memory.
func (m *Model) Close() { m.backend.Close() }

// Report writes the report of a study. It returns ctx's error, wrapped, within
// one convolution block or one word of ctx being cancelled, and ErrNotFinite,
// wrapped, in place of a report that rests on NaN or infinity.
func (m *Model) Report(ctx context.Context, s Study, o Options) (*report.Report, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	seen, err := m.see(ctx, s, o.Progress, nil)
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	defer seen.release()
	r, err := m.write(ctx, seen, o)
	if err != nil {
		return nil, fmt.Errorf("engine: %w", err)
	}
	return r, nil
}

// image is what the model has seen of a study.
type image struct {
	tokens  [][]int       // [S][L]
	mean    []float32     // f_I, the mean of F_I over all tokens
	memory  device.Buffer // [N, d]
	seconds report.Seconds
}

func (i *image) release() { i.memory.Release() }

// see turns a study into tokens and memory. It fills in the image side of trace
// if that is not nil.
func (m *Model) see(ctx context.Context, s Study, progress func(status.Progress), trace *Trace) (*image, error) {
	start := time.Now()
	pixels, err := m.Pixels(s)
	if err != nil {
		return nil, err
	}
	var seen image
	seen.seconds.DecodeImage = time.Since(start).Seconds()
	for _, v := range s.Views {
		seen.seconds.DecodeImage += v.DecodeTime.Seconds()
	}
	b := m.backend
	start = time.Now()
	tokens := b.Ints(m.config.ImageTokens())
	defer tokens.Release()
	step := steps(progress, status.StageTokenize, len(pixels)*m.dvae.Steps())
	for i, x := range pixels {
		logits, err := m.dvae.Logits(ctx, x, step)
		if err != nil {
			return nil, err
		}
		b.ArgMax(tokens, i*m.config.ViewTokens(), logits, m.config.ViewTokens(), m.config.DVAE.Vocab)
		if trace != nil {
			err = trace.see(ctx, b, x, logits, m.config.Image)
		}
		logits.Release()
		if err != nil {
			return nil, err
		}
	}
	length := m.config.ViewTokens()
	ids := make([]int32, m.config.ImageTokens())
	if err := b.Download(ctx, device.Copy{From: tokens, Ints: ids[:len(pixels)*length]}); err != nil {
		return nil, err
	}
	if slices.Contains(ids, -1) {
		return nil, fmt.Errorf("the dVAE: %w", ErrNotFinite)
	}
	// One view given to a two-view model serves as both.
	for i := len(pixels); i < m.config.Image.Views; i++ {
		copy(ids[i*length:], ids[:length])
		b.UploadInts(tokens, i*length, ids[:length])
		if trace != nil {
			trace.repeat(i)
		}
	}
	for i := range m.config.Image.Views {
		seen.tokens = append(seen.tokens, toInts(ids[i*length:(i+1)*length]))
	}
	seen.seconds.Tokenize = time.Since(start).Seconds()

	start = time.Now()
	aligned := b.Floats(m.config.ImageTokens() * m.config.Dim)
	defer aligned.Release()
	b.Embed(aligned, m.codes, tokens, 0, m.config.ImageTokens(), m.config.Dim, false)
	if seen.memory, err = m.encoder.Encode(ctx, aligned, steps(progress, status.StageEncode, m.config.EncoderLayers)); err != nil {
		return nil, err
	}
	if seen.mean, err = m.mean(ctx, aligned, m.config.ImageTokens()); err != nil {
		seen.release()
		return nil, err
	}
	seen.seconds.Encode = time.Since(start).Seconds()
	if trace != nil {
		trace.Tokens = ids
		trace.Image, trace.Memory = make([]float32, aligned.Len()), make([]float32, seen.memory.Len())
		if err := b.Download(ctx, device.Copy{From: aligned, Floats: trace.Image}, device.Copy{From: seen.memory, Floats: trace.Memory}); err != nil {
			seen.release()
			return nil, err
		}
	}
	return &seen, nil
}

// Pixels resizes each view of a study to what the dVAE takes:
// [size·size, channels] in 0..1.
func (m *Model) Pixels(s Study) ([][]float32, error) {
	if n := len(s.Views); n < 1 || n > m.config.Image.Views {
		return nil, status.Errorf(status.WrongViews, "%d images given, the model takes %s", n, atMost(m.config.Image.Views))
	}
	size, channels := m.config.Image.Size, m.config.Image.Channels
	var views [][]float32
	for _, v := range s.Views {
		grey := radiograph.Resize(v.Pixels, size, size)
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

// mean downloads the mean row of x [rows, d].
func (m *Model) mean(ctx context.Context, x device.Buffer, rows int) ([]float32, error) {
	b := m.backend.Floats(m.config.Dim)
	defer b.Release()
	m.backend.Mean(b, x, rows, m.config.Dim)
	values := make([]float32, m.config.Dim)
	return values, m.backend.Download(ctx, device.Copy{From: b, Floats: values})
}

// ErrNotFinite ends a run of weights whose products leave the range of f32, or of
// a backend that computes nonsense: silence would be a wrong report.
var ErrNotFinite = status.Errorf(status.NotFinite, "a result is not a finite number; the weights or the backend are faulty")

// write searches the report and gathers what is to be said of its words.
func (m *Model) write(ctx context.Context, seen *image, o Options) (*report.Report, error) {
	start := time.Now()
	state := m.decoder.Start(seen.memory, m.config.ImageTokens(), o.Beam, !o.WithoutTIR)
	defer state.Close()
	n := newNext(m, state, o.Beam)
	defer n.close()
	found, err := search.Search(ctx, n.next, search.Options{
		Width: o.Beam, MaxTokens: m.config.MaxTokens, BOS: m.config.BOS, EOS: m.config.EOS,
		Progress: func(best []int) {
			if o.Progress != nil {
				o.Progress(status.Progress{
					Stage: status.StageGenerate, Done: int64(len(best)), Total: int64(m.config.MaxTokens - 1),
					Text: report.Text(m.vocabulary.Words(best)),
				})
			}
		},
	})
	if err != nil {
		return nil, err
	}
	r := &report.Report{
		LogProb: found.LogProb, Tokens: []int{}, Words: []report.Word{}, ImageTokens: seen.tokens,
		Model: m.identity, Engine: m.engine, Backend: m.Backend(), Precision: m.precision, Seconds: seen.seconds,
	}
	var copies []device.Copy
	for _, c := range found.Choices {
		r.Tokens = append(r.Tokens, c.Token)
		if c.Token == m.config.EOS {
			break
		}
		w := report.Word{
			Token: c.Token, Text: m.vocabulary.Word(c.Token), LogProb: c.LogProb,
			Attention: make([]float32, m.config.ImageTokens()), Mask: make([]float32, m.config.ImageTokens()),
		}
		for _, a := range n.offered[c.Step][c.Row] {
			w.Alternatives = append(w.Alternatives, report.Alternative{Token: a.Token, Text: m.vocabulary.Word(a.Token), LogProb: a.LogProb})
		}
		copies = append(copies, state.Looked(c.Step, c.Row, w.Attention, w.Mask)...)
		r.Words = append(r.Words, w)
	}
	if err := m.backend.Download(ctx, copies...); err != nil {
		return nil, err
	}
	for _, w := range r.Words {
		if !finite(w.Attention) || !finite(w.Mask) {
			return nil, fmt.Errorf("the attention of %q: %w", w.Text, ErrNotFinite)
		}
	}
	r.Text = report.Text(m.vocabulary.Words(r.Tokens))
	if r.Alignment, err = m.alignment(ctx, seen.mean, r.Tokens); err != nil {
		return nil, err
	}
	r.Seconds.Generate = time.Since(start).Seconds()
	return r, nil
}

func finite(x []float32) bool {
	for _, v := range x {
		if v-v != 0 {
			return false
		}
	}
	return true
}

// next offers the best next words to a search, and remembers what it offered.
type next struct {
	model       *Model
	state       *transformer.State
	words       int                    // offered a sequence
	values, ids device.Buffer          // [beam, words]
	offered     [][][]search.Candidate // [step][row], the best first
}

func newNext(m *Model, s *transformer.State, beam int) *next {
	words := min(beam, len(m.config.Vocab))
	return &next{
		model: m, state: s, words: words,
		values: m.backend.Floats(beam * words), ids: m.backend.Ints(beam * words),
	}
}

func (n *next) close() {
	n.values.Release()
	n.ids.Release()
}

func (n *next) next(ctx context.Context, parents, words []int) ([][]search.Candidate, error) {
	b, rows := n.model.backend, len(words)
	logits := n.state.Step(n.model.words, parents, words)
	b.TopK(n.values, n.ids, logits, rows, len(n.model.config.Vocab), n.words)
	values, ids := make([]float32, rows*n.words), make([]int32, rows*n.words)
	if err := b.Download(ctx, device.Copy{From: n.values, Floats: values}, device.Copy{From: n.ids, Ints: ids}); err != nil {
		return nil, err
	}
	if !finite(values) {
		return nil, ErrNotFinite
	}
	offered := make([][]search.Candidate, rows)
	for i := range values {
		offered[i/n.words] = append(offered[i/n.words], search.Candidate{Token: int(ids[i]), LogProb: float64(values[i])})
	}
	n.offered = append(n.offered, offered)
	return offered, nil
}

// alignment is the cosine of f_I and f_R, the mean of F_R over the report's
// words (engine/MODEL.md §8); 0 for an empty report. A bos that the model wrote is a
// word like any other; the one it began with is not among the tokens.
func (m *Model) alignment(ctx context.Context, imageMean []float32, tokens []int) (float64, error) {
	words := slices.DeleteFunc(slices.Clone(tokens), func(t int) bool { return t == m.config.EOS })
	textMean, err := m.TextFeature(ctx, words)
	if err != nil {
		return 0, err
	}
	return cosine(imageMean, textMean), nil
}

// ImageFeature returns f_I [d], the mean of F_I, of a study's image tokens as a
// Report has them; TextFeature returns f_R [d], the mean of F_R, of a report's
// words, bos and eos left out. Their cosine ranks reports for an image and
// images for a report (engine/MODEL.md §8). Both are zero for no tokens.
func (m *Model) ImageFeature(ctx context.Context, tokens [][]int) ([]float32, error) {
	return m.feature(ctx, m.codes, toInt32s(slices.Concat(tokens...)))
}

// TextFeature is described with ImageFeature.
func (m *Model) TextFeature(ctx context.Context, words []int) ([]float32, error) {
	return m.feature(ctx, m.words, toInt32s(words))
}

// feature is the mean row of a folded table over ids.
func (m *Model) feature(ctx context.Context, table device.Buffer, ids []int32) ([]float32, error) {
	if len(ids) == 0 {
		return make([]float32, m.config.Dim), nil
	}
	b := m.backend
	rows, aligned := b.Ints(len(ids)), b.Floats(len(ids)*m.config.Dim)
	defer rows.Release()
	defer aligned.Release()
	b.UploadInts(rows, 0, ids)
	b.Embed(aligned, table, rows, 0, len(ids), m.config.Dim, false)
	return m.mean(ctx, aligned, len(ids))
}

func cosine(x, y []float32) float64 {
	var xy, xx, yy float64
	for i, v := range x {
		xy += float64(v) * float64(y[i])
		xx += float64(v) * float64(v)
		yy += float64(y[i]) * float64(y[i])
	}
	if xx == 0 || yy == 0 {
		return 0
	}
	return xy / math.Sqrt(xx) / math.Sqrt(yy)
}

func toInt32s(ids []int) []int32 {
	r := make([]int32, len(ids))
	for i, id := range ids {
		r[i] = int32(id)
	}
	return r
}

func toInts(ids []int32) []int {
	r := make([]int, len(ids))
	for i, id := range ids {
		r[i] = int(id)
	}
	return r
}
