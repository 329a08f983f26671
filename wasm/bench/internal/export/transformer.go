package export

import (
	"fmt"
	"math"

	"uarweb/engine"
	"uarweb/engine/device"
	"uarweb/wasm/bench/internal/onnx"
)

// Encoder writes the encoder: "x" [N, d], the aligned visual tokens, to
// "memory" [N, d].
func Encoder(c *engine.Config, source device.Source) ([]byte, error) {
	e := newExporter("encoder", c, source)
	rows := c.ImageTokens()
	x := e.Node("Add", nil, e.Input("x", onnx.Float32, rows, c.Dim), e.floats("lsu.image_positions.weight"))
	for i := range c.EncoderLayers {
		name := fmt.Sprintf("encoder.layer_%d.", i+1)
		n := e.norm(name+"norm_1", x)
		query := e.permute(e.heads(e.linear(name+"self_attention.query", n)), 1, 0, 2)
		key := e.permute(e.heads(e.linear(name+"self_attention.key", n)), 1, 2, 0)
		value := e.permute(e.heads(e.linear(name+"self_attention.value", n)), 1, 0, 2)
		scores := e.Node("Mul", nil, e.Node("MatMul", nil, query, key), e.scale())
		attended := e.Node("MatMul", nil, e.softmax(scores), value)
		x = e.Node("Add", nil, x, e.linear(name+"self_attention.output", e.join(e.permute(attended, 1, 0, 2))))
		x = e.Node("Add", nil, x, e.feedForward(name+"feed_forward", e.norm(name+"norm_2", x)))
	}
	e.Output("memory", e.norm("encoder.norm", x), onnx.Float32, rows, c.Dim)
	return e.bytes()
}

// scale is 1/√(d/h).
func (e *exporter) scale() onnx.Value {
	return e.Float(float32(1 / math.Sqrt(float64(e.config.Dim/e.config.Heads))))
}

// Names of the decoder's inputs and outputs, of a layer.
func CrossKey(layer int) string     { return fmt.Sprintf("cross_key_%d", layer) }     // [h, d/h, N]
func CrossValue(layer int) string   { return fmt.Sprintf("cross_value_%d", layer) }   // [h, N, d/h]
func MaskKey(layer int) string      { return fmt.Sprintf("mask_key_%d", layer) }      // [r, N]
func PastKey(layer int) string      { return fmt.Sprintf("past_key_%d", layer) }      // [beams, h, T−1, d/h]
func PastValue(layer int) string    { return fmt.Sprintf("past_value_%d", layer) }    // [beams, h, T−1, d/h]
func PresentKey(layer int) string   { return fmt.Sprintf("present_key_%d", layer) }   // [beams, h, T, d/h]
func PresentValue(layer int) string { return fmt.Sprintf("present_value_%d", layer) } // [beams, h, T, d/h]

// Cross writes what the decoder needs of an image, once a report: "memory"
// [N, d] to each layer's CrossKey, CrossValue and MaskKey.
func Cross(c *engine.Config, source device.Source) ([]byte, error) {
	e := newExporter("cross", c, source)
	tokens, width := c.ImageTokens(), c.Dim/c.Heads
	memory := e.Input("memory", onnx.Float32, tokens, c.Dim)
	for i := range c.DecoderLayers {
		name := fmt.Sprintf("decoder.layer_%d.", i+1)
		key := e.permute(e.heads(e.linear(name+"cross_attention.key", memory)), 1, 2, 0)
		value := e.permute(e.heads(e.linear(name+"cross_attention.value", memory)), 1, 0, 2)
		mask := e.permute(e.multiply(name+"tir.key", memory), 1, 0)
		e.Output(CrossKey(i), key, onnx.Float32, c.Heads, width, tokens)
		e.Output(CrossValue(i), value, onnx.Float32, c.Heads, tokens, width)
		e.Output(MaskKey(i), mask, onnx.Float32, c.TIR.Rank, tokens)
	}
	return e.bytes()
}

// Decoder writes a step of the decoder for any number of beams: "x" [beams, d],
// the words' embeddings with their positions, and the keys and values of the
// words before, to "logits" [beams, V] and the keys and values with the new word.
// The beams are one batch everywhere and share the memory.
func Decoder(c *engine.Config, source device.Source) ([]byte, error) {
	e := newExporter("decoder", c, source)
	tokens, width := c.ImageTokens(), c.Dim/c.Heads
	x := e.Input("x", onnx.Float32, onnx.Free, c.Dim)
	for i := range c.DecoderLayers {
		name := fmt.Sprintf("decoder.layer_%d.", i+1)
		// cached appends this step's key or value to those of the past.
		cached := func(past, present string, x onnx.Value) onnx.Value {
			row := e.Node("Reshape", nil, x, e.Int64s(-1, c.Heads, 1, width))
			all := e.Node("Concat", []onnx.Attribute{onnx.Int("axis", 2)},
				e.Input(past, onnx.Float32, onnx.Free, c.Heads, onnx.Free, width), row)
			e.Output(present, all, onnx.Float32, onnx.Free, c.Heads, onnx.Free, width)
			return all
		}
		n := e.norm(name+"norm_1", x)
		query := e.Node("Reshape", nil, e.linear(name+"self_attention.query", n), e.Int64s(-1, c.Heads, 1, width))
		key := cached(PastKey(i), PresentKey(i), e.linear(name+"self_attention.key", n))
		value := cached(PastValue(i), PresentValue(i), e.linear(name+"self_attention.value", n))
		scores := e.Node("Mul", nil, e.Node("MatMul", nil, query, e.permute(key, 0, 1, 3, 2)), e.scale())
		attended := e.join(e.Node("MatMul", nil, e.softmax(scores), value))
		x = e.Node("Add", nil, x, e.linear(name+"self_attention.output", attended))

		n = e.norm(name+"norm_2", x)
		query = e.permute(e.heads(e.linear(name+"cross_attention.query", n)), 1, 0, 2) // [h, beams, d/h]
		scores = e.Node("MatMul", nil, query, e.Input(CrossKey(i), onnx.Float32, c.Heads, width, tokens))
		scores = e.Node("Mul", nil, e.Node("Add", nil, scores, e.mask(name, i, n)), e.scale())
		attended = e.Node("MatMul", nil, e.softmax(scores), e.Input(CrossValue(i), onnx.Float32, c.Heads, tokens, width))
		x = e.Node("Add", nil, x, e.linear(name+"cross_attention.output", e.join(e.permute(attended, 1, 0, 2))))
		x = e.Node("Add", nil, x, e.feedForward(name+"feed_forward", e.norm(name+"norm_3", x)))
	}
	e.Output("logits", e.linear("head", e.norm("decoder.norm", x)), onnx.Float32, onnx.Free, len(c.Vocab))
	return e.bytes()
}

// mask is the term k·σ(M) of Eq. 11 [beams, N].
func (e *exporter) mask(name string, layer int, n onnx.Value) onnx.Value {
	r := e.config.TIR
	query := e.multiply(name+"tir.query", n)
	m := e.Node("MatMul", nil, query, e.Input(MaskKey(layer), onnx.Float32, r.Rank, e.config.ImageTokens()))
	m = e.Node("Mul", nil, m, e.Float(float32(1/math.Sqrt(float64(r.Rank)))))
	m = e.Node("Sigmoid", nil, e.Node("Add", nil, m, e.floats(name+"tir.bias")))
	return e.Node("Mul", nil, m, e.Float(r.Scale))
}
