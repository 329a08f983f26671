package engine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"uarweb/weights/tensor"
)

// Parameter is a tensor of a model: its name and shape (engine/MODEL.md §10).
type Parameter struct {
	Name  string
	Shape []int
}

// Parameters lists the tensors that a model of this configuration consists of.
func (c *Config) Parameters() []Parameter {
	var list []Parameter
	add := func(name string, shape ...int) { list = append(list, Parameter{name, shape}) }
	linear := func(name string, out, in int) {
		add(name+".weight", out, in)
		add(name+".bias", out)
	}
	convolution := func(name string, out, in, kernel int) {
		add(name+".weight", out, in, kernel, kernel)
		add(name+".bias", out)
	}
	attention := func(name string) {
		for _, part := range []string{"query", "key", "value", "output"} {
			linear(name+"."+part, c.Dim, c.Dim)
		}
	}
	norm := func(name string) {
		add(name+".weight", c.Dim)
		add(name+".bias", c.Dim)
	}
	feedForward := func(name string) {
		linear(name+".up", c.FeedForward, c.Dim)
		linear(name+".down", c.Dim, c.FeedForward)
	}

	convolution("dvae.input", c.DVAE.Hidden, c.Image.Channels, 7)
	in := c.DVAE.Hidden
	for g := range c.DVAE.Groups {
		width := c.DVAE.Hidden << g
		for b := range c.DVAE.BlocksPerGroup {
			block := fmt.Sprintf("dvae.group_%d.block_%d.", g+1, b+1)
			if in != width {
				convolution(block+"id_path", width, in, 1)
			}
			convolution(block+"res_path.conv_1", width/4, in, 3)
			convolution(block+"res_path.conv_2", width/4, width/4, 3)
			convolution(block+"res_path.conv_3", width/4, width/4, 3)
			convolution(block+"res_path.conv_4", width, width/4, 1)
			in = width
		}
	}
	convolution("dvae.output", c.DVAE.Vocab, in, 1)

	add("lsu.image_tokens.weight", c.DVAE.Vocab, c.Dim)
	add("lsu.image_positions.weight", c.ImageTokens(), c.Dim)
	add("lsu.text_tokens.weight", len(c.Vocab), c.Dim)
	add("lsu.text_positions.weight", c.MaxTokens, c.Dim)
	for _, part := range []string{"basis", "gain", "bias"} {
		add("cra."+part, c.Basis, c.Dim)
	}
	attention("cra.attention")
	for _, gate := range []string{"input", "forget"} {
		add("cra."+gate+"_gate.embedding.weight", c.Dim, c.Dim)
		add("cra."+gate+"_gate.feature.weight", c.Dim, c.Dim)
	}
	for i := range c.EncoderLayers {
		layer := fmt.Sprintf("encoder.layer_%d.", i+1)
		norm(layer + "norm_1")
		attention(layer + "self_attention")
		norm(layer + "norm_2")
		feedForward(layer + "feed_forward")
	}
	norm("encoder.norm")
	for i := range c.DecoderLayers {
		layer := fmt.Sprintf("decoder.layer_%d.", i+1)
		norm(layer + "norm_1")
		attention(layer + "self_attention")
		norm(layer + "norm_2")
		attention(layer + "cross_attention")
		add(layer+"tir.query.weight", c.TIR.Rank, c.Dim)
		add(layer+"tir.key.weight", c.TIR.Rank, c.Dim)
		add(layer+"tir.bias", 1)
		norm(layer + "norm_3")
		feedForward(layer + "feed_forward")
	}
	norm("decoder.norm")
	linear("head", len(c.Vocab), c.Dim)
	return list
}

// RandomTensors makes weights for this configuration, the same for the same
// seed, for tests and benchmarks of speed. They are scaled to keep activations
// near 1, and write nonsense.
func (c *Config) RandomTensors(seed uint64) []tensor.Tensor {
	r := rand.New(rand.NewPCG(seed, 0))
	var tensors []tensor.Tensor
	for _, p := range c.Parameters() {
		t := tensor.Tensor{Shape: p.Shape}
		values := make([]float32, t.Elements())
		scale := 1 / math.Sqrt(float64(t.Columns()))
		offset := 0.0
		switch {
		case strings.HasSuffix(p.Name, ".bias"):
			scale = 0.1
		case strings.Contains(p.Name, "norm") || p.Name == "cra.gain":
			scale, offset = 0.1, 1
		case strings.HasPrefix(p.Name, "lsu.") || p.Name == "head.weight":
			scale = 1
		}
		for i := range values {
			values[i] = float32(offset + scale*r.NormFloat64())
		}
		tensors = append(tensors, tensor.FromFloats(p.Name, p.Shape, values))
	}
	return tensors
}
