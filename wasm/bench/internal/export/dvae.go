package export

import (
	"fmt"
	"math"

	"uarweb/engine"
	"uarweb/engine/device"
	"uarweb/wasm/bench/internal/onnx"
	"uarweb/weights/tensor"
)

// DVAE writes the dVAE's encoder for one view: "x" [1, channels, size, size],
// grey/255, to "tokens" [1, grid, grid] and "logits" [1, K, grid, grid]. The
// weights of the convolutions are all int8, and then ranges are needed, or none
// is.
func DVAE(c *engine.Config, source device.Source, ranges Ranges) ([]byte, error) {
	e := newExporter("dvae", c, source)
	x := e.Input("x", onnx.Float32, 1, c.Image.Channels, c.Image.Size, c.Image.Size)
	x = e.Node("Mul", nil, x, e.Float(1-2*c.DVAE.PixelEpsilon))
	x = e.Node("Add", nil, x, e.Float(c.DVAE.PixelEpsilon))
	var logits onnx.Value
	if e.tensor("dvae.input.weight").Format == tensor.I8 {
		logits = (&quantizedDVAE{e, ranges}).logits(x)
	} else {
		logits = (&floatDVAE{e}).logits(x)
	}
	grid := c.Grid()
	e.Output("tokens", e.Node("ArgMax", []onnx.Attribute{onnx.Int("axis", 1), onnx.Int("keepdims", 0)}, logits), onnx.Int64, 1, grid, grid)
	e.Output("logits", logits, onnx.Float32, 1, c.DVAE.Vocab, grid, grid)
	return e.bytes()
}

// gain is what a block's residual path is multiplied with. It is folded into
// that path's last convolution.
func (e *exporter) gain() float32 {
	layers := float32(e.config.DVAE.Groups * e.config.DVAE.BlocksPerGroup)
	return 1 / (layers * layers)
}

// blockName is a block's, counted from 0.
func blockName(group, block int) string {
	return fmt.Sprintf("dvae.group_%d.block_%d.", group+1, block+1)
}

// window are the attributes of a convolution that keeps the image's size.
func window(kernel int) []onnx.Attribute {
	pad := kernel / 2
	return []onnx.Attribute{onnx.Ints("kernel_shape", kernel, kernel), onnx.Ints("pads", pad, pad, pad, pad)}
}

func (e *exporter) maxPool(x onnx.Value) onnx.Value {
	return e.Node("MaxPool", []onnx.Attribute{onnx.Ints("kernel_shape", 2, 2), onnx.Ints("strides", 2, 2)}, x)
}

// hasIdentity says whether a block has a 1×1 convolution beside its residual
// path.
func (e *exporter) hasIdentity(group, block int) bool { return block == 0 && group > 0 }

// floatDVAE is the encoder in f32.
type floatDVAE struct{ *exporter }

func (e *floatDVAE) logits(x onnx.Value) onnx.Value {
	relu := func(x onnx.Value) onnx.Value { return e.Node("Relu", nil, x) }
	x = e.convolve("dvae.input", x, 1)
	for g := range e.config.DVAE.Groups {
		for b := range e.config.DVAE.BlocksPerGroup {
			name := blockName(g, b)
			y := relu(x)
			for i := range 3 {
				y = relu(e.convolve(fmt.Sprintf("%sres_path.conv_%d", name, i+1), y, 1))
			}
			y = e.convolve(name+"res_path.conv_4", y, e.gain())
			if e.hasIdentity(g, b) {
				x = e.convolve(name+"id_path", x, 1)
			}
			x = e.Node("Add", nil, x, y)
		}
		if g < e.config.DVAE.Groups-1 {
			x = e.maxPool(x)
		}
	}
	return e.convolve("dvae.output", relu(x), 1)
}

func (e *floatDVAE) convolve(name string, x onnx.Value, gain float32) onnx.Value {
	w, b := e.tensor(name+".weight"), e.tensor(name+".bias")
	scaled := func(t tensor.Tensor) onnx.Value {
		values := e.values(t)
		for i := range values {
			values[i] *= gain
		}
		return e.Floats(values, t.Shape...)
	}
	return e.Node("Conv", window(w.Shape[2]), x, scaled(w), scaled(b))
}

// quantizedDVAE is the encoder in 8 bits from the pixels to the logits.
type quantizedDVAE struct {
	*exporter
	ranges Ranges
}

// quantized is an activation in uint8: value = (q − zero)·step.
type quantized struct {
	value onnx.Value
	step  float32
	zero  uint8
}

// as is the scale and zero point of a range, which holds 0.
func (r Range) as(v onnx.Value) quantized {
	low, high := min(r.Low, 0), max(r.High, 0)
	step := (high - low) / 255
	if step == 0 {
		step = 1
	}
	return quantized{v, step, uint8(math.RoundToEven(float64(-low / step)))}
}

func (e *quantizedDVAE) logits(pixels onnx.Value) onnx.Value {
	x := e.rangeOf("dvae.input", Input).as("")
	x.value = e.Node("QuantizeLinear", nil, pixels, e.Float(x.step), e.uint8(x.zero))
	x = e.convolve("dvae.input", x, 1)
	for g := range e.config.DVAE.Groups {
		for b := range e.config.DVAE.BlocksPerGroup {
			name := blockName(g, b)
			y := e.relu(x)
			for i := range 3 {
				// The ReLU after it is in the range: nothing is below 0.
				y = e.convolve(fmt.Sprintf("%sres_path.conv_%d", name, i+1), y, 1)
			}
			y = e.convolve(name+"res_path.conv_4", y, e.gain())
			if e.hasIdentity(g, b) {
				x = e.convolve(name+"id_path", x, 1)
			}
			sum := e.rangeOf(name+"res_path.conv_4", Sum).as("")
			sum.value = e.Microsoft("QLinearAdd", nil,
				x.value, e.Float(x.step), e.uint8(x.zero), y.value, e.Float(y.step), e.uint8(y.zero), e.Float(sum.step), e.uint8(sum.zero))
			x = sum
		}
		if g < e.config.DVAE.Groups-1 {
			x.value = e.maxPool(x.value)
		}
	}
	x = e.convolve("dvae.output", e.relu(x), 1)
	return e.Node("DequantizeLinear", nil, x.value, e.Float(x.step), e.uint8(x.zero))
}

// relu keeps the scale and clips at the zero point.
func (e *quantizedDVAE) relu(x quantized) quantized {
	x.value = e.Node("Clip", nil, x.value, e.uint8(x.zero))
	return x
}

func (e *quantizedDVAE) convolve(name string, x quantized, gain float32) quantized {
	w, bias := e.tensor(name+".weight"), e.values(e.tensor(name+".bias"))
	if e.err == nil && w.Format != tensor.I8 {
		e.err = fmt.Errorf("%s is %s, not I8 as dvae.input.weight", w.Name, w.Format)
	}
	if e.err != nil {
		return x
	}
	scale, sums := make([]float32, len(w.Scale)), make([]int32, len(bias))
	for i, s := range w.Scale {
		scale[i] = s * gain
		sums[i] = int32(math.RoundToEven(float64(bias[i]) / (float64(x.step) * float64(s))))
	}
	y := e.rangeOf(name, Output).as("")
	y.value = e.Node("QLinearConv", window(w.Shape[2]),
		x.value, e.Float(x.step), e.uint8(x.zero),
		e.Constant(onnx.Int8, w.Shape, w.Data), e.Floats(scale, len(scale)), e.zeros(len(scale)),
		e.Float(y.step), e.uint8(y.zero), e.Int32s(sums))
	return y
}

func (e *quantizedDVAE) uint8(v uint8) onnx.Value {
	return e.Constant(onnx.Uint8, nil, []byte{v})
}

func (e *quantizedDVAE) rangeOf(layer string, at Place) Range {
	r, ok := e.ranges[Point{layer, at}]
	if !ok && e.err == nil {
		e.err = fmt.Errorf("%s of %s was not calibrated", at, layer)
	}
	return r
}
