package engine

import (
	"encoding/json"
	"errors"
	"fmt"

	"uarweb/engine/dvae"
	"uarweb/engine/report"
	"uarweb/engine/transformer"
)

// Format is the model format this engine runs.
const Format = "uar/1"

// Config is the model's shape, the metadata "uar.config" of a weights file
// (engine/MODEL.md §10).
type Config struct {
	Format        string              `json:"format"`
	Image         ImageConfig         `json:"image"`
	DVAE          dvae.Config         `json:"dvae"`
	Dim           int                 `json:"dim"`            // d
	Heads         int                 `json:"heads"`          // h
	FeedForward   int                 `json:"feed_forward"`   //
	EncoderLayers int                 `json:"encoder_layers"` //
	DecoderLayers int                 `json:"decoder_layers"` //
	Basis         int                 `json:"basis"`          // B
	MaxTokens     int                 `json:"max_tokens"`     // bos counted
	TIR           transformer.Refiner `json:"tir"`
	Surprisal     *Surprisal          `json:"surprisal"`       // nil if the model cannot tell what is unlike
	Tiles         *Tiles              `json:"tiles,omitempty"` // nil if the model has no pictures of its dictionary
	BOS           int                 `json:"bos"`
	EOS           int                 `json:"eos"`
	UNK           int                 `json:"unk"`
	Vocab         []string            `json:"vocab"`
}

// ImageConfig is what the model sees.
type ImageConfig struct {
	Size     int `json:"size"`     // pixels a side
	Channels int `json:"channels"` // 1 or 3
	Views    int `json:"views"`    // S, 1 or 2
}

// Grid is the side of a view's token grid.
func (c *Config) Grid() int { return c.DVAE.Grid(c.Image.Size) }

// ViewTokens is L, the number of visual tokens of a view.
func (c *Config) ViewTokens() int { return c.Grid() * c.Grid() }

// ImageTokens is N, the number of visual tokens of all views.
func (c *Config) ImageTokens() int { return c.Image.Views * c.ViewTokens() }

// parseConfig reads and checks a checkpoint's configuration. The bounds of the
// fields are generous for any model a browser could hold, and what they ask for
// together is left to limits.
func parseConfig(metadata map[string]string, limits Limits) (*Config, *report.Vocabulary, error) {
	text := metadata["uar.config"]
	if text == "" {
		return nil, nil, errors.New(`the weights have no "uar.config", so they are not a UAR model`)
	}
	var c Config
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return nil, nil, fmt.Errorf("reading uar.config: %w", err)
	}
	if c.Format != Format {
		return nil, nil, fmt.Errorf("the weights' format is %.40q, this engine runs %q", c.Format, Format)
	}
	for _, field := range []struct {
		name            string
		value, low, top int
	}{
		{"image.size", c.Image.Size, 8, 1024},
		{"image.channels", c.Image.Channels, 1, 3},
		{"image.views", c.Image.Views, 1, 2},
		{"dvae.hidden", c.DVAE.Hidden, 4, 1024},
		{"dvae.groups", c.DVAE.Groups, 1, 6},
		{"dvae.blocks_per_group", c.DVAE.BlocksPerGroup, 1, 8},
		{"dvae.vocab", c.DVAE.Vocab, 2, 1 << 16},
		{"dim", c.Dim, 1, 4096},
		{"heads", c.Heads, 1, 64},
		{"feed_forward", c.FeedForward, 1, 1 << 14},
		{"encoder_layers", c.EncoderLayers, 1, 24},
		{"decoder_layers", c.DecoderLayers, 1, 24},
		{"basis", c.Basis, 1, 1 << 14},
		{"max_tokens", c.MaxTokens, 2, 1024},
		{"tir.rank", c.TIR.Rank, 1, 4096},
	} {
		if field.value < field.low || field.value > field.top {
			return nil, nil, fmt.Errorf("uar.config: %s is %d, it must be %d to %d", field.name, field.value, field.low, field.top)
		}
	}
	switch {
	case c.Image.Channels == 2:
		return nil, nil, errors.New("uar.config: image.channels is 2, it must be 1 or 3")
	case c.DVAE.Hidden%4 != 0:
		return nil, nil, fmt.Errorf("uar.config: dvae.hidden is %d, it must be a multiple of 4", c.DVAE.Hidden)
	case c.Image.Size%(1<<(c.DVAE.Groups-1)) != 0:
		return nil, nil, fmt.Errorf("uar.config: image.size is %d, it must be a multiple of %d for %d groups", c.Image.Size, 1<<(c.DVAE.Groups-1), c.DVAE.Groups)
	case c.Dim%c.Heads != 0:
		return nil, nil, fmt.Errorf("uar.config: dim %d is no multiple of heads %d", c.Dim, c.Heads)
	case !(c.DVAE.PixelEpsilon >= 0 && c.DVAE.PixelEpsilon < 0.5):
		return nil, nil, fmt.Errorf("uar.config: dvae.pixel_epsilon is %v, it must be 0 to 0.5", c.DVAE.PixelEpsilon)
	case !(c.TIR.Scale >= 0 && c.TIR.Scale <= 1e6):
		return nil, nil, fmt.Errorf("uar.config: tir.scale is %v, it must be 0 to 1e6", c.TIR.Scale)
	}
	if err := c.Surprisal.check(&c); err != nil {
		return nil, nil, fmt.Errorf("uar.config: %w", err)
	}
	if err := c.Tiles.check(); err != nil {
		return nil, nil, fmt.Errorf("uar.config: %w", err)
	}
	if err := c.checkActivations(limits); err != nil {
		return nil, nil, err
	}
	v, err := report.NewVocabulary(c.Vocab, c.BOS, c.EOS, c.UNK)
	if err != nil {
		return nil, nil, fmt.Errorf("uar.config: %w", err)
	}
	if size := c.reportSize(limits); size > int64(limits.Report) {
		return nil, nil, fmt.Errorf("uar.config: max_tokens, visual tokens and words ask for reports of up to %d bytes, %d are allowed", size, limits.Report)
	}
	if size := len(metadata["uar.card"]); size > limits.Card {
		return nil, nil, fmt.Errorf("uar.card has %d bytes, %d are allowed", size, limits.Card)
	}
	return &c, v, nil
}

// checkActivations checks what the largest activations and caches ask for. Each
// factor has passed its own bounds, so that no product leaves 64 bits.
func (c *Config) checkActivations(limits Limits) error {
	size, tokens := int64(c.Image.Size), int64(c.ImageTokens())
	words := int64(c.MaxTokens) * int64(limits.Beam) // of all sequences
	cells := int64(0)                                // of all views
	if c.Surprisal != nil {
		cells = int64(c.Image.Views) * int64(c.Surprisal.Cells) * int64(c.Surprisal.Cells)
	}
	for _, activation := range []struct {
		name     string
		elements int64
	}{
		{"image.size² · dvae.hidden", size * size * int64(c.DVAE.Hidden)},
		{"visual tokens · dvae.vocab", int64(c.ViewTokens()) * int64(c.DVAE.Vocab)},
		{"visual tokens · feed_forward", tokens * int64(max(c.FeedForward, c.Dim))},
		{"image.views · surprisal.cells² · dvae.vocab", cells * int64(c.DVAE.Vocab)},
		{"visual tokens²", tokens * tokens},
		{"decoder_layers · max_tokens · beam · dim", int64(c.DecoderLayers) * words * int64(c.Dim)},
		{"max_tokens · beam · visual tokens", words * tokens},
	} {
		if activation.elements > int64(limits.Activation) {
			return fmt.Errorf("uar.config: %s asks for %d floats at once, %d are allowed", activation.name, activation.elements, limits.Activation)
		}
	}
	return nil
}

// mostSamples is how many reports may be drawn at once: as limits say, and as their
// caches have room for. It is at least 1 where checkActivations found no fault.
func (c *Config) mostSamples(limits Limits) int {
	one := c.MaxTokens * max(c.DecoderLayers*c.Dim, c.ImageTokens())
	return min(limits.Samples, limits.Activation/one)
}

// reportSize is the most bytes that the JSON of a report may have.
func (c *Config) reportSize(limits Limits) int64 {
	longest := 0
	for _, word := range c.Vocab {
		longest = max(longest, len(word))
	}
	return report.MaxSize(c.MaxTokens, longest, limits.Beam, c.ImageTokens())
}
