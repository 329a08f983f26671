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

// maxActivation is the most floats that any one activation or cache may have,
// 256 MiB. The paper's model needs 3.7 million.
const maxActivation = 1 << 26

// parseConfig reads and checks a configuration. The limits are generous for any
// model a browser could hold; a file of a few bytes must not ask for more memory
// than there is. Products of the single limits stay far below overflow.
func parseConfig(text string) (*Config, *report.Vocabulary, error) {
	if text == "" {
		return nil, nil, errors.New(`the weights have no "uar.config", so they are not a UAR model`)
	}
	var c Config
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return nil, nil, fmt.Errorf("reading uar.config: %w", err)
	}
	if c.Format != Format {
		return nil, nil, fmt.Errorf("the weights' format is %q, this engine runs %q", c.Format, Format)
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
	for _, size := range []struct {
		name  string
		value int
	}{
		{"image.size² · dvae.hidden", c.Image.Size * c.Image.Size * c.DVAE.Hidden},
		{"visual tokens · dvae.vocab", c.ViewTokens() * c.DVAE.Vocab},
		{"visual tokens · feed_forward", c.ImageTokens() * max(c.FeedForward, c.Dim)},
		{"visual tokens²", c.ImageTokens() * c.ImageTokens()},
		{"decoder_layers · max_tokens · dim", c.DecoderLayers * c.MaxTokens * MaxBeam * c.Dim},
		{"max_tokens · visual tokens", c.MaxTokens * MaxBeam * c.ImageTokens()},
	} {
		if size.value > maxActivation {
			return nil, nil, fmt.Errorf("uar.config: %s asks for %d floats at once, %d are allowed", size.name, size.value, maxActivation)
		}
	}
	v, err := report.NewVocabulary(c.Vocab, c.BOS, c.EOS, c.UNK)
	if err != nil {
		return nil, nil, fmt.Errorf("uar.config: %w", err)
	}
	return &c, v, nil
}
