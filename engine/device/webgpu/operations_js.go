package webgpu

import (
	"math"

	"uarweb/engine/device"
)

const (
	maxGroups     = 65535 // the default maxComputeWorkgroupsPerDimension
	groupSize     = 128   // invocations of every shader's workgroup
	vectorRows    = 4     // that a workgroup of vector computes
	vectorOutputs = 8
)

// mostVectorRows is up to how many rows Linear uses vector: a tile of product
// would be mostly empty, and there would be few of them.
const mostVectorRows = 16

// weightsSize is how many bytes of attention weights are kept at a time, or those
// of four queries if they are more.
const weightsSize = 8 << 20

// The flags of operands.wgsl.
const (
	reluInput       = 1
	reluOutput      = 2
	hasBias         = 4
	hasResidual     = 8
	residualInPlace = 16
)

// The flags of attention.wgsl.
const (
	hasKeyRows = 1
	hasMask    = 2
)

func ceil(n, d int) int { return (n + d - 1) / d }

// groups is the grid of a shader that loops over n elements.
func groups(n int) int { return min(ceil(n, groupSize), maxGroups) }

// run dispatches a shader without overrides over n workgroups.
func (b *Backend) run(shader string, n int, p params, blocks ...*block) {
	b.dispatch(b.shader(shader), n, 1, p, blocks...)
}

func (b *Backend) floats(of device.Buffer, n int) *block { return b.elements(of, false, n) }
func (b *Backend) ints(of device.Buffer, n int) *block   { return b.elements(of, true, n) }

func (b *Backend) Convolve(dst, src device.Buffer, height, width int, w device.Matrix, bias device.Buffer, reluInput bool, e device.Epilogue) {
	m := w.(*matrix)
	b.multiply(m.product, m.product.tile.pixels, 4*m.product.tile.columns, dst, src, height, width, m, bias, reluInput, e)
}

func (b *Backend) Linear(dst, x device.Buffer, rows int, w device.Matrix, bias device.Buffer, e device.Epilogue) {
	m := w.(*matrix)
	if m.kernel != 1 {
		panic("webgpu: Linear with the weight of a convolution")
	}
	if rows <= mostVectorRows {
		b.multiply(m.vector, vectorRows, vectorOutputs, dst, x, rows, 1, m, bias, false, e)
	} else {
		b.Convolve(dst, x, rows, 1, w, bias, false, e)
	}
}

// multiply dispatches product or vector, whose workgroups compute so many rows
// and outputs each.
func (b *Backend) multiply(k *kernel, rows, outputs int, dst, src device.Buffer, height, width int, m *matrix, bias device.Buffer, relu bool, e device.Epilogue) {
	pixels := height * width
	n := pixels * m.outputs
	biasBlock, residual := b.none, b.none
	flags, gain := 0, float32(1)
	if relu {
		flags |= reluInput
	}
	if e.ReLU {
		flags |= reluOutput
	}
	if e.Gain != 0 {
		gain = e.Gain
	}
	if bias != nil {
		biasBlock = b.floats(bias, m.outputs)
		flags |= hasBias
	}
	switch {
	case e.Residual == dst: // a block is bound once where it is written
		flags |= residualInPlace
	case e.Residual != nil:
		residual = b.floats(e.Residual, n)
		flags |= hasResidual
	}
	b.dispatch(k, ceil(m.outputs, outputs), ceil(pixels, rows), params{
		uint32(height), uint32(width), uint32(m.channels), uint32(m.packed.kernel),
		uint32(m.outputs), uint32(m.units), uint32(flags), math.Float32bits(gain),
	}, b.floats(src, pixels*m.channels), m.weights, m.scale, biasBlock, residual, b.floats(dst, n))
}

func (b *Backend) MaxPool(dst, src device.Buffer, height, width, channels int) {
	if height%2 != 0 || width%2 != 0 {
		panic("webgpu: MaxPool of an odd size")
	}
	n := height / 2 * (width / 2) * channels
	b.run("max_pool", groups(n), params{uint32(height / 2), uint32(width / 2), uint32(channels)}, b.floats(src, 4*n), b.floats(dst, n))
}

func (b *Backend) LayerNorm(dst, x device.Buffer, rows, columns int, weight, bias device.Buffer) {
	n, inPlace := rows*columns, uint32(0)
	from := b.floats(x, n)
	if x == dst {
		from, inPlace = b.none, 1
	}
	b.run("layer_norm", min(rows, maxGroups), params{uint32(rows), uint32(columns), inPlace, math.Float32bits(device.Epsilon)},
		from, b.floats(weight, columns), b.floats(bias, columns), b.floats(dst, n))
}

func (b *Backend) Attention(dst device.Buffer, a device.Attention) {
	n, head := a.Queries*a.Width, a.Width/a.Heads
	keyRows, mask := b.none, b.none
	flags := uint32(0)
	rows := a.Keys // of key and value, at least
	if a.KeyRows != nil {
		keyRows = b.ints(a.KeyRows, a.Queries*a.Keys)
		flags |= hasKeyRows
		rows = 0
	}
	if a.Mask != nil {
		mask = b.floats(a.Mask, a.Queries*a.Keys)
		flags |= hasMask
	}
	query, key, value := b.floats(a.Query, n), b.floats(a.Key, rows*a.Width), b.floats(a.Value, rows*a.Width)
	to := b.floats(dst, n)

	weightsOfFour := 4 * a.Heads * a.Keys
	strip := 4 * max(weightsSize/4/weightsOfFour, 1)
	weights := b.attentionWeights(ceil(min(strip, a.Queries), 4) * weightsOfFour)
	for first := 0; first < a.Queries; first += strip {
		queries := min(strip, a.Queries-first)
		b.dispatch(b.shader("attention"), ceil(queries, 4), a.Heads, params{
			uint32(first), uint32(a.Queries), uint32(a.Keys), uint32(a.Width), uint32(head), flags,
			math.Float32bits(a.MaskScale), math.Float32bits(float32(1 / math.Sqrt(float64(head)))),
		}, query, key, value, keyRows, mask, to, weights)
		if a.Mean != nil {
			b.run("head_mean", groups(queries*a.Keys), params{uint32(first), uint32(queries), uint32(a.Keys), uint32(a.Heads)},
				weights, b.floats(a.Mean, a.Queries*a.Keys))
		}
	}
}

// attentionWeights is a block of n floats that every Attention uses, so that one
// over a word more needs no other.
func (b *Backend) attentionWeights(n int) *block {
	if b.weights == nil || b.weights.Len() < n {
		if b.weights != nil {
			b.weights.Release()
		}
		b.weights = b.Floats(class(4*n) / 4)
	}
	return b.floats(b.weights, n)
}

func (b *Backend) Mask(dst, query, key, bias device.Buffer, queries, keys, rank int) {
	b.run("mask", groups(queries*keys), params{
		uint32(queries), uint32(keys), uint32(rank), math.Float32bits(float32(1 / math.Sqrt(float64(rank)))),
	}, b.floats(query, queries*rank), b.floats(key, keys*rank), b.floats(bias, 1), b.floats(dst, queries*keys))
}

func (b *Backend) Gate(dst, embedding, feature, input, forget device.Buffer, n int) {
	b.run("gate", groups(n), params{uint32(n)},
		b.floats(embedding, n), b.floats(feature, n), b.floats(input, n), b.floats(forget, n), b.floats(dst, n))
}

func (b *Backend) Embed(dst, table, ids device.Buffer, offset, rows, columns int, add bool) {
	n, adding := rows*columns, uint32(0)
	if add {
		adding = 1
	}
	b.run("embed", groups(n), params{uint32(offset), uint32(rows), uint32(columns), adding},
		b.floats(table, columns), b.ints(ids, offset+rows), b.floats(dst, n))
}

func (b *Backend) Mean(dst, x device.Buffer, rows, columns int) {
	b.run("mean", groups(columns), params{uint32(rows), uint32(columns)}, b.floats(x, rows*columns), b.floats(dst, columns))
}

func (b *Backend) ArgMax(dst device.Buffer, offset int, x device.Buffer, rows, columns int) {
	b.run("top_k", min(rows, maxGroups), params{uint32(rows), uint32(columns), 1, uint32(offset), 0},
		b.floats(x, rows*columns), b.sink, b.ints(dst, offset+rows))
}

// A row with an element that is not finite has NaN for all values.
func (b *Backend) TopK(values, ids, x device.Buffer, rows, columns, k int) {
	if k > columns {
		panic("webgpu: TopK of more than the columns")
	}
	b.run("top_k", min(rows, maxGroups), params{uint32(rows), uint32(columns), uint32(k), 0, 1},
		b.floats(x, rows*columns), b.floats(values, rows*k), b.ints(ids, rows*k))
}

func (b *Backend) Copy(dst device.Buffer, dstOffset int, src device.Buffer, srcOffset, n int) {
	b.run("copy", groups(n), params{uint32(n), uint32(dstOffset), uint32(srcOffset)},
		b.floats(src, srcOffset+n), b.floats(dst, dstOffset+n))
}
