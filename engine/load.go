package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"uarweb/engine/cra"
	"uarweb/engine/device"
	"uarweb/engine/dvae"
	"uarweb/engine/report"
	"uarweb/engine/status"
	"uarweb/engine/transformer"
	"uarweb/weights"
	"uarweb/weights/tensor"
	"uarweb/weights/version"
)

// LoadOptions of Load. The zero value is the default.
type LoadOptions struct {
	Progress func(status.Progress) // may be nil
	Drain    bool                  // leave c without the tensors' bytes, for less memory (weights.Draining)
	Limits   Limits
	SHA256   string // of the running program, for Report.Engine; may be empty
}

// Load puts a checkpoint's weights on a backend and folds CRA. Its error is a
// status.BadConfiguration if "uar.config" is missing, breaks a rule or asks for
// more than the limits, or a status.BadTensor, which names a tensor that is
// missing, of a wrong shape, or holds NaN or infinity; a status.InvalidArgument if
// the limits themselves are out of their ranges; or that of ctx or the backend. The
// backend is the model's: Close closes it, and so does an error.
func Load(ctx context.Context, c *weights.Checkpoint, b device.Backend, o LoadOptions) (*Model, error) {
	m, err := load(ctx, c, b, o)
	if err != nil {
		b.Close()
		return nil, fmt.Errorf("engine: %w", err)
	}
	return m, nil
}

func load(ctx context.Context, c *weights.Checkpoint, b device.Backend, o LoadOptions) (*Model, error) {
	limits, err := o.Limits.complete()
	if err != nil {
		return nil, err
	}
	config, vocabulary, err := parseConfig(c.Metadata, limits)
	if err != nil {
		return nil, status.Mark(status.BadConfiguration, err)
	}
	folds := cra.FoldSteps(config.DVAE.Vocab) + cra.FoldSteps(len(config.Vocab))
	step := steps(o.Progress, status.StageLoad, len(config.Parameters())+folds)
	source := device.Source(c)
	if o.Drain {
		source = weights.Draining{Checkpoint: c}
	}
	kept := kept{}
	l := device.NewLoader(ctx, keeping{source, kept}, b, step)
	loaded := config.load(l)
	if err := l.Err(); err != nil {
		return nil, err
	}
	m := &Model{
		config: config, limits: limits, vocabulary: vocabulary,
		identity:  report.Model{SHA256: c.SHA256, Format: config.Format},
		engine:    report.Engine{Version: version.Version, Commit: version.Commit, SHA256: o.SHA256},
		precision: precision(c),
		backend:   b, dvae: loaded.dvae, encoder: loaded.encoder, decoder: loaded.decoder,
		table: loaded.table, kept: kept, tiles: loaded.tiles,
	}
	if m.codes, err = loaded.aligner.Fold(ctx, loaded.codes, step); err != nil {
		return nil, err
	}
	if m.words, err = loaded.aligner.Fold(ctx, loaded.words, step); err != nil {
		return nil, err
	}
	loaded.aligner.Close()
	return m, nil
}

// modules are a model's, with CRA not folded yet.
type modules struct {
	dvae         *dvae.Encoder
	encoder      *transformer.Encoder
	decoder      *transformer.Decoder
	aligner      *cra.Aligner
	codes, words []float32 // embeddings E of every code [K, d] and every word [V, d]
	table        []float32 // of Surprisal; nil without
	tiles        [][]byte  // as grey [K], nil where there is none; nil without Tiles
}

// load loads the modules. The Loader carries the error.
func (c *Config) load(l *device.Loader) modules {
	shape := func(layers int) transformer.Config {
		return transformer.Config{Width: c.Dim, Heads: c.Heads, FeedForward: c.FeedForward, Layers: layers}
	}
	var table []float32
	if s := c.Surprisal; s != nil {
		table = l.Values(tableName, c.Image.Views*s.Cells*s.Cells, c.DVAE.Vocab)
	}
	var tiles [][]byte
	if c.Tiles != nil {
		side := c.Image.Size / c.Grid()
		if values := l.Values(TilesName, c.DVAE.Vocab, side*side); values != nil {
			tiles = greys(values, c.DVAE.Vocab)
		}
	}
	return modules{
		table:   table,
		tiles:   tiles,
		dvae:    dvae.Load(l, c.DVAE, c.Image.Size, c.Image.Channels),
		codes:   c.loadCodes(l),
		encoder: transformer.LoadEncoder(l, shape(c.EncoderLayers), c.ImageTokens()),
		words:   c.loadWords(l),
		decoder: transformer.LoadDecoder(l, shape(c.DecoderLayers), c.TIR, len(c.Vocab), c.MaxTokens),
		aligner: c.loadAligner(l),
	}
}

// The tensors of E.
const (
	codesName = "lsu.image_tokens.weight"
	wordsName = "lsu.text_tokens.weight"
)

func (c *Config) loadCodes(l *device.Loader) []float32 {
	return l.Values(codesName, c.DVAE.Vocab, c.Dim)
}

func (c *Config) loadWords(l *device.Loader) []float32 {
	return l.Values(wordsName, len(c.Vocab), c.Dim)
}

func (c *Config) loadAligner(l *device.Loader) *cra.Aligner {
	return cra.Load(l, c.Dim, c.Heads, c.Basis)
}

// kept are the tensors that CRA is folded from, as the file stores them, by name. A Trace
// loads CRA anew from them: loaded it takes several times the memory, and no report has a
// use for it once it is folded.
type kept map[string]tensor.Tensor

// Tensor is that of a device.Source.
func (k kept) Tensor(name string) (tensor.Tensor, error) { return k[name], nil }

// keeping is a source of all tensors, which keeps those of CRA.
type keeping struct {
	device.Source
	kept kept
}

func (k keeping) Tensor(name string) (tensor.Tensor, error) {
	t, err := k.Source.Tensor(name)
	if err == nil && (name == codesName || name == wordsName || strings.HasPrefix(name, "cra.")) {
		copied := t
		copied.Data = slices.Clone(t.Data) // these may be a part of the file's, which would stay
		k.kept[name] = copied
	}
	return t, err
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
