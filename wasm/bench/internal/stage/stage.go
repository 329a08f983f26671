package stage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"uarweb/engine"
	"uarweb/engine/device"
	"uarweb/engine/dvae"
	"uarweb/engine/status"
	"uarweb/engine/transformer"
	"uarweb/weights"
)

// The stages' names.
const (
	DVAE    = "dvae"         // one view to tokens
	Encoder = "encoder"      // all visual tokens to memory
	Decoder = "decoder_step" // the last step of the longest report
	Report  = "study"        // a whole study to its report
)

// Stage is a loaded part of the model with an input of its own.
type Stage interface {
	// Run does the work once and says how long it took, from the input in Go to
	// the result in Go.
	Run(ctx context.Context) (time.Duration, error)
	// Output is the result of a Run in full, for comparison: the dVAE's logits
	// [L, K], the memory [N, d], the logits of a step [beams, V]; of a Report the
	// tokens.
	Output(ctx context.Context) ([]float32, error)
	// Close releases the backend.
	Close()
}

// New loads the stage of this name onto a backend, which is the stage's, even if
// there is an error. c needs to have that stage's tensors alone; drain says that
// it will not be used again. beams matter to Decoder and Report.
func New(ctx context.Context, name string, c *weights.Checkpoint, b device.Backend, beams int, drain bool) (Stage, error) {
	s, err := open(ctx, name, c, b, beams, drain)
	if err != nil {
		b.Close()
		return nil, fmt.Errorf("stage: %s: %w", name, err)
	}
	return s, nil
}

func open(ctx context.Context, name string, c *weights.Checkpoint, b device.Backend, beams int, drain bool) (Stage, error) {
	if name == Report {
		m, err := engine.Load(ctx, c, b, engine.LoadOptions{Drain: drain})
		if err != nil {
			return nil, err
		}
		return &Model{m, Study(m.Config(), m.Config().Image.Views), beams}, nil
	}
	config := new(engine.Config)
	if err := json.Unmarshal([]byte(c.Metadata["uar.config"]), config); err != nil {
		return nil, fmt.Errorf("uar.config: %w", err)
	}
	var source device.Source = c
	if drain {
		source = weights.Draining{Checkpoint: c}
	}
	l := device.NewLoader(ctx, source, b, func() {})
	shape := transformer.Config{Width: config.Dim, Heads: config.Heads, FeedForward: config.FeedForward}
	part := part{config, b}
	var s Stage
	switch name {
	case DVAE:
		s = &tokenizer{part, dvae.Load(l, config.DVAE, config.Image.Size, config.Image.Channels)}
	case Encoder:
		shape.Layers = config.EncoderLayers
		s = &encoder{part, transformer.LoadEncoder(l, shape, config.ImageTokens()), part.upload(Aligned(config))}
	case Decoder:
		shape.Layers = config.DecoderLayers
		s = &decoder{
			part:    part,
			module:  transformer.LoadDecoder(l, shape, config.TIR, len(config.Vocab), config.MaxTokens),
			words:   l.Table("lsu.text_tokens.weight", len(config.Vocab), config.Dim),
			memory:  part.upload(Memory(config)),
			beams:   beams,
			parents: make([]int, beams),
		}
	default:
		return nil, fmt.Errorf("there is no such stage")
	}
	return s, l.Err()
}

// part is what all stages but Report have.
type part struct {
	config  *engine.Config
	backend device.Backend
}

func (p part) Close() { p.backend.Close() }

func (p part) upload(x []float32) device.Buffer {
	b := p.backend.Floats(len(x))
	p.backend.Upload(b, 0, x)
	return b
}

func (p part) download(ctx context.Context, b device.Buffer) ([]float32, error) {
	x := make([]float32, b.Len())
	return x, p.backend.Download(ctx, device.Copy{From: b, Floats: x})
}

type tokenizer struct {
	part
	module *dvae.Encoder
}

func (s *tokenizer) Run(ctx context.Context) (time.Duration, error) {
	view, ids := View(s.config), make([]int32, s.config.ViewTokens())
	start := time.Now()
	logits, err := s.module.Logits(ctx, view, func() {})
	if err != nil {
		return 0, err
	}
	defer logits.Release()
	tokens := s.backend.Ints(len(ids))
	defer tokens.Release()
	s.backend.ArgMax(tokens, 0, logits, len(ids), s.config.DVAE.Vocab)
	err = s.backend.Download(ctx, device.Copy{From: tokens, Ints: ids})
	return time.Since(start), err
}

func (s *tokenizer) Output(ctx context.Context) ([]float32, error) {
	logits, err := s.module.Logits(ctx, View(s.config), func() {})
	if err != nil {
		return nil, err
	}
	defer logits.Release()
	return s.download(ctx, logits)
}

type encoder struct {
	part
	module  *transformer.Encoder
	aligned device.Buffer
}

func (s *encoder) Run(ctx context.Context) (time.Duration, error) {
	start := time.Now()
	_, err := s.Output(ctx)
	return time.Since(start), err
}

func (s *encoder) Output(ctx context.Context) ([]float32, error) {
	memory, err := s.module.Encode(ctx, s.aligned, func() {}, nil)
	if err != nil {
		return nil, err
	}
	defer memory.Release()
	return s.download(ctx, memory)
}

type decoder struct {
	part
	module        *transformer.Decoder
	words, memory device.Buffer
	beams         int
	parents       []int
}

// decodings is how many reports one Run of a decoder takes the mean over.
const decodings = 4

func (s *decoder) Run(ctx context.Context) (time.Duration, error) {
	total := time.Duration(0)
	for range decodings {
		_, last, err := s.decode(ctx)
		if err != nil {
			return 0, err
		}
		total += last
	}
	return total / decodings, nil
}

func (s *decoder) Output(ctx context.Context) ([]float32, error) {
	logits, _, err := s.decode(ctx)
	return logits, err
}

// decode writes the longest report there can be, and returns the logits of its
// last step and the time that this took.
func (s *decoder) decode(ctx context.Context) (logits []float32, last time.Duration, err error) {
	state := s.module.Start(s.memory, s.config.ImageTokens(), s.beams, true)
	defer state.Close()
	for i := range s.beams {
		s.parents[i] = 0 // the empty sequence
	}
	for step := range s.config.MaxTokens {
		start := time.Now()
		logits, err = s.download(ctx, state.Step(s.words, s.parents, Words(s.config, step, s.beams)))
		if err != nil {
			return nil, 0, err
		}
		last = time.Since(start)
		for i := range s.beams {
			s.parents[i] = i
		}
	}
	return logits, last, nil
}

// Model is the whole model.
type Model struct {
	*engine.Model
	study engine.Study
	beams int
}

func (m *Model) Run(ctx context.Context) (time.Duration, error) {
	start := time.Now()
	_, err := m.Report(ctx, m.study, engine.Options{Beam: m.beams})
	return time.Since(start), err
}

func (m *Model) Output(ctx context.Context) ([]float32, error) {
	r, err := m.Report(ctx, m.study, engine.Options{Beam: m.beams})
	if err != nil {
		return nil, err
	}
	var tokens []float32
	for _, t := range r.Tokens {
		tokens = append(tokens, float32(t))
	}
	return tokens, nil
}

// Growth says what a report costs as its study and its search grow.
type Growth struct {
	Views []time.Duration `json:"views"` // of 1, 2 … views
	Beams []time.Duration `json:"beams"` // of a beam of 1, 2 … mostBeams
	Words []time.Duration `json:"words"` // until the word of that number was written
}

const mostBeams = 5

// Grow measures Growth, each the least of runs.
func (m *Model) Grow(ctx context.Context, runs int) (*Growth, error) {
	g := &Growth{}
	for views := range m.Config().Image.Views {
		least, _, err := m.least(ctx, runs, Study(m.Config(), views+1), m.beams)
		if err != nil {
			return nil, err
		}
		g.Views = append(g.Views, least)
	}
	for beams := range mostBeams {
		least, words, err := m.least(ctx, runs, m.study, beams+1)
		if err != nil {
			return nil, err
		}
		g.Beams = append(g.Beams, least)
		if beams+1 == m.beams {
			g.Words = words
		}
	}
	return g, nil
}

// least is the least time of a report, and when in it each word was written.
func (m *Model) least(ctx context.Context, runs int, study engine.Study, beams int) (least time.Duration, words []time.Duration, err error) {
	for range runs {
		var times []time.Duration
		start := time.Now()
		_, err := m.Report(ctx, study, engine.Options{Beam: beams, Progress: func(p status.Progress) {
			if p.Stage == status.StageGenerate {
				times = append(times, time.Since(start))
			}
		}})
		if err != nil {
			return 0, nil, err
		}
		if total := time.Since(start); least == 0 || total < least {
			least, words = total, times
		}
	}
	return least, words, nil
}
