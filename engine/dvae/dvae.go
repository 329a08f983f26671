// Package dvae is the encoder of the discrete variational autoencoder that
// turns an image into visual tokens: the LSU's image side (engine/MODEL.md §2), the
// architecture of DALL-E's encoder.
//
//	x = conv7x7(x)                                   channels → H
//	each group g of 1..G, of width w = H·2^(g−1):
//	  each block: x = id(x) + res(x)/(G·blocks)²      id 1×1 if the width changes
//	              res: ReLU 3×3 → w/4, ReLU 3×3, ReLU 3×3, ReLU 1×1 → w
//	  max-pool 2×2 after every group but the last
//	logits = conv1x1(ReLU(x))                        → K; the token is the argmax
package dvae

import (
	"context"
	"fmt"

	"uarweb/engine/device"
)

// Config is the shape of the encoder.
type Config struct {
	Hidden         int     `json:"hidden"`           // H
	Groups         int     `json:"groups"`           // G
	BlocksPerGroup int     `json:"blocks_per_group"` //
	Vocab          int     `json:"vocab"`            // K, the codebook's size
	PixelEpsilon   float32 `json:"pixel_epsilon"`    // ε: pixels are mapped to [ε, 1−ε]
}

// Grid is the side of the token grid of an image of the given side.
func (c Config) Grid(size int) int { return size >> (c.Groups - 1) }

// Encoder is the loaded encoder.
type Encoder struct {
	Config
	backend        device.Backend
	size, channels int
	input, output  device.Layer
	groups         [][]block
}

// block is a residual block; identity is nil where x passes as it is.
type block struct {
	width    int
	identity *device.Layer
	residual [4]device.Layer
}

// Load loads the encoder for images of size×size pixels. The Loader carries
// the error.
func Load(l *device.Loader, c Config, size, channels int) *Encoder {
	convolve := func(name string, out, in, kernel int) device.Layer { return l.Layer(name, out, in, kernel, kernel) }
	e := &Encoder{Config: c, backend: l.Backend, size: size, channels: channels}
	e.input = convolve("dvae.input", c.Hidden, channels, 7)
	in := c.Hidden
	for g := range c.Groups {
		width := c.Hidden << g
		var group []block
		for b := range c.BlocksPerGroup {
			name := fmt.Sprintf("dvae.group_%d.block_%d.", g+1, b+1)
			blk := block{width: width}
			if in != width {
				identity := convolve(name+"id_path", width, in, 1)
				blk.identity = &identity
			}
			blk.residual[0] = convolve(name+"res_path.conv_1", width/4, in, 3)
			blk.residual[1] = convolve(name+"res_path.conv_2", width/4, width/4, 3)
			blk.residual[2] = convolve(name+"res_path.conv_3", width/4, width/4, 3)
			blk.residual[3] = convolve(name+"res_path.conv_4", width, width/4, 1)
			group = append(group, blk)
			in = width
		}
		e.groups = append(e.groups, group)
	}
	e.output = convolve("dvae.output", c.Vocab, in, 1)
	return e
}

// Steps is how often Logits calls its step.
func (e *Encoder) Steps() int { return 1 + e.Groups*e.BlocksPerGroup + 1 }

// Logits returns the logits [L, K] of an image, row-major over the token grid.
// x is [size·size, channels], grey/255. step is called after each convolution
// block, in which cancelling ctx takes effect. The caller releases the result.
func (e *Encoder) Logits(ctx context.Context, x []float32, step func()) (device.Buffer, error) {
	b := e.backend
	side, area := e.size, e.size*e.size
	mapped := make([]float32, len(x))
	for i, v := range x {
		mapped[i] = (1-2*e.PixelEpsilon)*v + e.PixelEpsilon
	}
	pixels := b.Floats(area * e.channels)
	b.Upload(pixels, 0, mapped)
	features := b.Floats(area * e.Hidden)
	b.Convolve(features, pixels, side, side, e.input.Weight, e.input.Bias, false, device.Epilogue{})
	pixels.Release()
	done := func() error {
		if err := b.Flush(ctx); err != nil {
			features.Release()
			return err
		}
		step()
		return nil
	}
	if err := done(); err != nil {
		return nil, err
	}
	for g, group := range e.groups {
		for _, blk := range group {
			features = e.block(blk, features, side)
			if err := done(); err != nil {
				return nil, err
			}
		}
		if g < e.Groups-1 {
			width := e.Hidden << g
			pooled := b.Floats(side / 2 * side / 2 * width)
			b.MaxPool(pooled, features, side, side, width)
			features.Release()
			features, side = pooled, side/2
		}
	}
	logits := b.Floats(side * side * e.Vocab)
	b.Convolve(logits, features, side, side, e.output.Weight, e.output.Bias, true, device.Epilogue{})
	if err := done(); err != nil {
		logits.Release()
		return nil, err
	}
	features.Release()
	return logits, nil
}

// block returns id(x) + res(x)/(groups·blocks)² and releases x, which is
// [side·side, in].
func (e *Encoder) block(blk block, x device.Buffer, side int) device.Buffer {
	b, area := e.backend, side*side
	narrow := b.Floats(area * blk.width / 4)
	other := b.Floats(area * blk.width / 4)
	convolve := func(dst, src device.Buffer, l device.Layer, reluInput bool, p device.Epilogue) {
		b.Convolve(dst, src, side, side, l.Weight, l.Bias, reluInput, p)
	}
	relu := device.Epilogue{ReLU: true} // the ReLU before the next convolution
	convolve(narrow, x, blk.residual[0], true, relu)
	convolve(other, narrow, blk.residual[1], false, relu)
	convolve(narrow, other, blk.residual[2], false, relu)
	other.Release()
	sum := x
	if blk.identity != nil {
		sum = b.Floats(area * blk.width)
		convolve(sum, x, *blk.identity, false, device.Epilogue{})
		x.Release()
	}
	layers := float32(e.Groups * e.BlocksPerGroup)
	convolve(sum, narrow, blk.residual[3], false, device.Epilogue{Gain: 1 / (layers * layers), Residual: sum})
	narrow.Release()
	return sum
}
