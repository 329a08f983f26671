package simd

import (
	"math"

	"uarweb/engine/device"
	"uarweb/engine/device/simd/internal/kernel"
)

// Linear is device.Backend's.
func (b *Backend) Linear(dst, x device.Buffer, rows int, w device.Matrix, bias device.Buffer, e device.Epilogue) {
	b.linear(dst, x, rows, w, bias, false, e)
}

// linear is Linear after an optional ReLU on x.
func (b *Backend) linear(dst, x device.Buffer, rows int, w device.Matrix, bias device.Buffer, reluInput bool, e device.Epilogue) {
	m, ok := w.(*matrix)
	if !ok {
		panic("simd: Linear with the weight of a convolution")
	}
	if m.panels.bytes == nil {
		panic("simd: a weight is used after its release")
	}
	floor := float32(math.Inf(-1))
	if reluInput {
		floor = 0
	}
	args := kernel.Product{
		Finish: finish(dst, rows, m.out, bias, e),
		X:      floats(x, 0, rows*m.in), Weights: m.panels.address,
		AllRows: uint32(rows), Stride: uint32(4 * m.in), Length: uint32(m.panel),
	}
	args.Scale = m.scale.address
	if m.limit > 0 {
		even := (m.in + 1) &^ 1
		integers, scales := b.get(2*rows*even), b.get(4*rows)
		defer b.put(integers)
		defer b.put(scales)
		run(b, kernel.QuantizeRows, rows, blockItems(m.in), &kernel.Quantization{
			Dst: integers.address, X: args.X, Scale: scales.address,
			Columns: uint32(m.in), Floor: floor, Limit: float32(m.limit),
		})
		args.X, args.Stride, args.RowScale = integers.address, uint32(2*even), scales.address
	} else if reluInput {
		copied := b.get(4 * rows * m.in)
		defer b.put(copied)
		run(b, kernel.PadF32, rows, blockItems(m.in), &kernel.Pad{
			Dst: copied.address, Src: args.X, Height: uint32(rows), Width: 1, Channels: uint32(m.in), Line: args.Stride,
		})
		args.X = copied.address
	}
	items := partition(&args, rows, panelCount(m.out), m.in)
	run(b, m.kernel, items, 1, &args)
}

// finish describes what becomes of the products of a result [rows, out].
func finish(dst device.Buffer, rows, out int, bias device.Buffer, e device.Epilogue) kernel.Finish {
	f := kernel.Finish{Dst: floats(dst, 0, rows*out), Out: uint32(out), Floor: float32(math.Inf(-1)), Gain: 1}
	if bias != nil {
		f.Bias = floats(bias, 0, out)
	}
	if e.Residual != nil {
		f.Residual = floats(e.Residual, 0, rows*out)
	}
	if e.ReLU {
		f.Floor = 0
	}
	if e.Gain != 0 {
		f.Gain = e.Gain
	}
	return f
}

// Sizes of a product's parts.
const (
	partRows  = 32      // whose activations stay in a thread's own cache
	parts     = 32      // at least, of a large product, so that threads end together
	leastPart = 1 << 17 // products: some microseconds
)

// partition sets the size of a product's parts and returns their number.
func partition(a *kernel.Product, rows, panels, in int) int {
	if rows == 0 {
		return 0
	}
	down := (rows + partRows - 1) / partRows
	a.Rows = uint32((rows+4*down-1)/(4*down)) * 4
	across := 1
	if products := rows * panels * 8 * in; products >= blockProducts {
		of := max(products/parts, leastPart)
		across = min(max(1, products/down/of), panels)
	}
	a.Panels = uint32((panels + across - 1) / across)
	return down * ((panels + int(a.Panels) - 1) / int(a.Panels))
}
