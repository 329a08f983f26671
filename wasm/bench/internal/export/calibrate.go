package export

import (
	"context"
	"fmt"
	"strings"

	"uarweb/engine"
	"uarweb/engine/device"
	"uarweb/engine/device/portable"
	"uarweb/engine/dvae"
	"uarweb/weights/tensor"
)

// Place is where at a convolution an activation is met.
type Place string

// The places.
const (
	Input  Place = "the input"
	Output Place = "the output" // after the epilogue's ReLU and gain
	Sum    Place = "the sum"    // of the output and the residual
)

// Point names an activation: the layer is its tensors' name without ".weight".
type Point struct {
	Layer string
	Place Place
}

// Range is what an activation's values lie in.
type Range struct{ Low, High float32 }

func rangeOf(x []float32) Range {
	r := Range{x[0], x[0]}
	for _, v := range x {
		r.Low, r.High = min(r.Low, v), max(r.High, v)
	}
	return r
}

// Ranges are the ranges of a network's activations.
type Ranges map[Point]Range

// Calibrate runs the dVAE's encoder on a view [size·size, channels] and returns
// the ranges of its activations: onnxruntime's min-max calibration.
func Calibrate(ctx context.Context, c *engine.Config, source device.Source, view []float32) (Ranges, error) {
	m := &meter{Backend: portable.New(), layers: map[device.Matrix]string{}, ranges: Ranges{}}
	l := device.NewLoader(ctx, source, m, func() {})
	encoder := dvae.Load(l, c.DVAE, c.Image.Size, c.Image.Channels)
	err := l.Err()
	if err == nil {
		_, err = encoder.Logits(ctx, view, func() {})
	}
	if err == nil {
		err = m.err
	}
	if err != nil {
		return nil, fmt.Errorf("export: calibrating: %w", err)
	}
	return m.ranges, nil
}

// meter is a backend that measures the ranges at every convolution.
type meter struct {
	device.Backend
	layers map[device.Matrix]string
	ranges Ranges
	err    error // of a download
}

func (m *meter) Matrix(t tensor.Tensor) (device.Matrix, error) {
	w, err := m.Backend.Matrix(t)
	m.layers[w] = strings.TrimSuffix(t.Name, ".weight")
	return w, err
}

func (m *meter) Convolve(dst, src device.Buffer, height, width int, w device.Matrix, bias device.Buffer, reluInput bool, e device.Epilogue) {
	layer, residual := m.layers[w], e.Residual
	m.ranges[Point{layer, Input}] = rangeOf(m.values(src))
	e.Residual = nil
	product := m.Floats(dst.Len())
	m.Backend.Convolve(product, src, height, width, w, bias, reluInput, e)
	sum := m.values(product)
	m.ranges[Point{layer, Output}] = rangeOf(sum)
	if residual != nil {
		for i, v := range m.values(residual) {
			sum[i] += v
		}
		m.ranges[Point{layer, Sum}] = rangeOf(sum)
	}
	m.Upload(dst, 0, sum)
}

func (m *meter) values(b device.Buffer) []float32 {
	x := make([]float32, b.Len())
	if err := m.Download(context.Background(), device.Copy{From: b, Floats: x}); err != nil && m.err == nil {
		m.err = err
	}
	return x
}
