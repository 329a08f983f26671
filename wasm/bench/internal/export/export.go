// Package export writes the modules of a UAR model as ONNX graphs, with the
// very tensors that the engine loads, so that another runtime can do the same
// work.
//
// A weight's format decides how it is multiplied, each as onnxruntime's own
// tools would have it: floating point in f32, int8 with activations of 8 bits,
// whose scales are found at run time for a linear layer and ahead of it for a
// convolution (Calibrate), and 4-bit weights by MatMulNBits, whose layout is
// that of the weights file.
package export

import (
	"fmt"

	"uarweb/engine"
	"uarweb/engine/device"
	"uarweb/wasm/bench/internal/onnx"
	"uarweb/weights/tensor"
)

// exporter builds one graph. It keeps the first error, as device.Loader does.
type exporter struct {
	*onnx.Graph
	config *engine.Config
	source device.Source
	err    error

	dynamic map[onnx.Value]dynamic // quantized once for all who multiply it
}

// dynamic is an activation as DynamicQuantizeLinear gives it.
type dynamic struct{ values, scale, zero onnx.Value }

func newExporter(name string, c *engine.Config, source device.Source) *exporter {
	return &exporter{Graph: onnx.New(name), config: c, source: source, dynamic: map[onnx.Value]dynamic{}}
}

// bytes is the model file.
func (e *exporter) bytes() ([]byte, error) {
	if e.err != nil {
		return nil, fmt.Errorf("export: %w", e.err)
	}
	return e.Bytes(), nil
}

// tensor returns a tensor, or one of a single element after an error.
func (e *exporter) tensor(name string) tensor.Tensor {
	if e.err == nil {
		t, err := e.source.Tensor(name)
		if err == nil {
			return t
		}
		e.err = err
	}
	return tensor.FromFloats(name, []int{1, 1, 1, 1}, []float32{0})
}

// values returns a tensor as floats.
func (e *exporter) values(t tensor.Tensor) []float32 {
	values, err := t.Floats()
	if err != nil && e.err == nil {
		e.err = err
	}
	return values
}

// floats adds a tensor as floats, in its own shape.
func (e *exporter) floats(name string) onnx.Value {
	t := e.tensor(name)
	return e.Floats(e.values(t), t.Shape...)
}

// linear: x·Wᵀ + b; x [rows, in].
func (e *exporter) linear(name string, x onnx.Value) onnx.Value {
	return e.Node("Add", nil, e.multiply(name, x), e.floats(name+".bias"))
}

// multiply: x·Wᵀ.
func (e *exporter) multiply(name string, x onnx.Value) onnx.Value {
	w := e.tensor(name + ".weight")
	out, in := w.Rows(), w.Columns()
	switch w.Format {
	case tensor.I8:
		return e.multiplyInt8(w, x)
	case tensor.U8:
		groups := in / tensor.GroupSize
		return e.Microsoft("MatMulNBits",
			[]onnx.Attribute{onnx.Int("K", in), onnx.Int("N", out), onnx.Int("bits", 4), onnx.Int("block_size", tensor.GroupSize), onnx.Int("accuracy_level", accuracyInt8)},
			x, e.Constant(onnx.Uint8, []int{out, groups, tensor.GroupSize / 2}, w.Data), e.Floats(w.Scale, out*groups))
	}
	return e.Node("MatMul", nil, x, e.Floats(transpose(e.values(w), out, in), in, out))
}

// accuracyInt8 allows MatMulNBits to multiply with activations of 8 bits.
const accuracyInt8 = 4

// multiplyInt8: the activation is rounded to uint8 with one scale for all its
// rows, the sums are int32.
func (e *exporter) multiplyInt8(w tensor.Tensor, x onnx.Value) onnx.Value {
	out, in := w.Rows(), w.Columns()
	q, ok := e.dynamic[x]
	if !ok {
		results := e.Nodes("DynamicQuantizeLinear", 3, nil, x)
		q = dynamic{results[0], results[1], results[2]}
		e.dynamic[x] = q
	}
	sums := e.Node("MatMulInteger", nil, q.values,
		e.Constant(onnx.Int8, []int{in, out}, transpose(w.Data, out, in)), q.zero, e.zeros(out))
	scale := e.Node("Mul", nil, q.scale, e.Floats(w.Scale, out))
	return e.Node("Mul", nil, e.Node("Cast", []onnx.Attribute{onnx.Int("to", int(onnx.Float32))}, sums), scale)
}

// zeros are the zero points of a symmetric weight.
func (e *exporter) zeros(n int) onnx.Value { return e.Constant(onnx.Int8, []int{n}, make([]byte, n)) }

// norm is a LayerNorm over the rows of x.
func (e *exporter) norm(name string, x onnx.Value) onnx.Value {
	return e.Node("LayerNormalization", []onnx.Attribute{onnx.Int("axis", -1), onnx.Float("epsilon", device.Epsilon)},
		x, e.floats(name+".weight"), e.floats(name+".bias"))
}

// feedForward is down(ReLU(up(x))).
func (e *exporter) feedForward(name string, x onnx.Value) onnx.Value {
	return e.linear(name+".down", e.Node("Relu", nil, e.linear(name+".up", x)))
}

// heads splits the columns of x [rows, d] into heads, [rows, h, d/h].
func (e *exporter) heads(x onnx.Value) onnx.Value {
	return e.Node("Reshape", nil, x, e.Int64s(-1, e.config.Heads, e.config.Dim/e.config.Heads))
}

// join is the inverse of heads.
func (e *exporter) join(x onnx.Value) onnx.Value {
	return e.Node("Reshape", nil, x, e.Int64s(-1, e.config.Dim))
}

func (e *exporter) permute(x onnx.Value, axes ...int) onnx.Value {
	return e.Node("Transpose", []onnx.Attribute{onnx.Ints("perm", axes...)}, x)
}

func (e *exporter) softmax(x onnx.Value) onnx.Value {
	return e.Node("Softmax", []onnx.Attribute{onnx.Int("axis", -1)}, x)
}

// transpose turns [rows, columns] into [columns, rows].
func transpose[T any](x []T, rows, columns int) []T {
	r := make([]T, len(x))
	for i := range rows {
		for j, v := range x[i*columns : (i+1)*columns] {
			r[j*rows+i] = v
		}
	}
	return r
}
