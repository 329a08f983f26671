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
	args := kernel.ByteProduct{Product: kernel.Product{
		Finish: finish(dst, rows, m.out, bias, e),
		X:      floats(x, 0, rows*m.in), Weights: m.panels.address,
		AllRows: uint32(rows), Stride: uint32(4 * m.in), Length: uint32(m.panel),
	}}
	args.Scale = m.scale.address
	if m.limit > 0 {
		rounded := b.quantize(&args, m, rows, floor)
		defer b.put(rounded)
	} else if reluInput {
		copied := b.get(4 * rows * m.in)
		defer b.put(copied)
		run(b, kernel.PadF32, rows, blockItems(m.in), &kernel.Pad{
			Dst: copied.address, Src: args.X, Height: uint32(rows), Width: 1, Channels: uint32(m.in), Line: args.Stride,
		})
		args.X = copied.address
	}
	items := partition(&args.Product, rows, panelCount(m.out), m.in)
	run(b, m.kernel, items, 1, &args)
}

// quantize rounds the rows that are to be multiplied with m and puts the integers
// in their place. It returns the block of them and their scales.
func (b *Backend) quantize(args *kernel.ByteProduct, m *matrix, rows int, floor float32) block {
	q := kernel.ByteQuantization{Quantization: kernel.Quantization{
		X: args.X, Columns: uint32(m.in), Floor: floor, Limit: float32(m.limit),
	}}
	signed := floor != 0
	if m.bytes && signed {
		q.Limit = math.MaxInt8
	}
	number, stride := kernel.QuantizeRows, 2*((m.in+1)&^1)
	if m.kernel == kernel.MultiplyBytes {
		number, stride = kernel.QuantizeBytes, (m.in+3)&^3
		q.Flip, args.Offset = flipped(signed, b.memory.dots)
	}
	rounded := b.get(4*rows + rows*stride)
	q.Scale, q.Dst = rounded.address, rounded.address+uint32(4*rows)
	run(b, number, rows, blockItems(m.in), &q)
	args.X, args.Stride, args.RowScale = q.Dst, uint32(stride), q.Scale
	return rounded
}

// flipped is what makes the bytes of integers, which are signed or not, those that the
// dots take, and what takes it back.
func flipped(signed bool, dots kernel.Dots) (flip uint32, offset int32) {
	switch {
	case signed && dots == kernel.UnsignedDots:
		return 0x80, -0x80
	case !signed && dots == kernel.SignedDots:
		return 0x80, 0x80
	}
	return 0, 0
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
