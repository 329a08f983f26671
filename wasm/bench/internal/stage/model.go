// Package stage runs parts of the model one at a time, on any backend and in
// any program, so that they can be timed and their results compared.
package stage

import (
	"fmt"
	"image"
	"math/rand/v2"

	"uarweb/engine"
	"uarweb/engine/dvae"
	"uarweb/engine/radiograph"
	"uarweb/engine/transformer"
	"uarweb/weights/tensor"
)

// Paper is the shape of the paper's model, with a vocabulary as large as that of
// MIMIC-CXR.
func Paper() *engine.Config {
	return &engine.Config{
		Format: engine.Format,
		Image:  engine.ImageConfig{Size: 112, Channels: 3, Views: 2},
		DVAE:   dvae.Config{Hidden: 256, Groups: 4, BlocksPerGroup: 2, Vocab: 8192, PixelEpsilon: 0.1},
		Dim:    512, Heads: 8, FeedForward: 2048, EncoderLayers: 3, DecoderLayers: 3, Basis: 2048, MaxTokens: 60,
		TIR: transformer.Refiner{Scale: 1000, Rank: 64}, BOS: 0, EOS: 1, UNK: 2,
		Vocab: vocabulary(4352),
	}
}

// Small is the shape of a model that takes no time, to try the benchmark itself.
func Small() *engine.Config {
	c := Paper()
	c.Image.Size = 32
	c.DVAE.Hidden, c.DVAE.BlocksPerGroup, c.DVAE.Vocab = 32, 1, 500
	c.Dim, c.Heads, c.FeedForward, c.EncoderLayers, c.DecoderLayers, c.Basis = 64, 4, 128, 2, 2, 96
	c.MaxTokens, c.TIR.Rank = 12, 16
	c.Vocab = vocabulary(300)
	return c
}

// vocabulary makes n words.
func vocabulary(n int) []string {
	words := []string{"<bos>", "<eos>", "<unk>"}
	for i := len(words); i < n; i++ {
		words = append(words, fmt.Sprintf("w%04d", i))
	}
	return words
}

// Weights makes a model's tensors: random, but so that tokens depend on the
// image. The kernels of the first convolution are made to sum to 0, without
// which brightness is nearly all that they see, and an image has one token
// everywhere.
func Weights(c *engine.Config) ([]tensor.Tensor, error) {
	const (
		seed     = 1
		contrast = 4 // brings the features back to about 1
	)
	tensors := c.RandomTensors(seed)
	for i, t := range tensors {
		if t.Name != "dvae.input.weight" {
			continue
		}
		values, err := t.Floats()
		if err != nil {
			return nil, err
		}
		columns := t.Columns()
		for row := range t.Rows() {
			kernel := values[row*columns : (row+1)*columns]
			mean := float32(0)
			for _, v := range kernel {
				mean += v / float32(columns)
			}
			for j := range kernel {
				kernel[j] = contrast * (kernel[j] - mean)
			}
		}
		tensors[i] = tensor.FromFloats(t.Name, t.Shape, values)
	}
	return tensors, nil
}

// Seeds of the inputs.
const (
	seedView = iota + 1
	seedAligned
	seedMemory
)

// Study is a study of so many views of noise, of the model's size.
func Study(c *engine.Config, views int) engine.Study {
	var s engine.Study
	for i := range views {
		r := rand.New(rand.NewPCG(seedView, uint64(i)))
		grey := image.NewGray(image.Rect(0, 0, c.Image.Size, c.Image.Size))
		for i := range grey.Pix {
			grey.Pix[i] = uint8(r.IntN(256))
		}
		s.Views = append(s.Views, &radiograph.Radiograph{Name: "noise", Pixels: grey})
	}
	return s
}

// View is the first view of Study as the dVAE takes it, [size·size, channels].
func View(c *engine.Config) []float32 {
	var x []float32
	for _, grey := range Study(c, 1).Views[0].Pixels.Pix {
		for range c.Image.Channels {
			x = append(x, float32(grey)/255)
		}
	}
	return x
}

// Aligned is an input of the encoder, [N, d].
func Aligned(c *engine.Config) []float32 { return normal(c, seedAligned) }

// Memory is an input of the decoder, [N, d].
func Memory(c *engine.Config) []float32 { return normal(c, seedMemory) }

func normal(c *engine.Config, seed uint64) []float32 {
	r := rand.New(rand.NewPCG(seed, 0))
	x := make([]float32, c.ImageTokens()*c.Dim)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// Words are the words that the decoder is made to write in a step, one a beam.
func Words(c *engine.Config, step, beams int) []int {
	words := make([]int, beams)
	for i := range words {
		words[i] = (step*beams + i + 1) * 7919 % len(c.Vocab)
	}
	return words
}
