package simd

import (
	"math"

	"uarweb/engine/device"
	"uarweb/engine/device/simd/internal/kernel"
)

// tiledQueries is from how many queries on packing keys and values for the
// register tile is worth its time.
const tiledQueries = 8

// Attention is device.Backend's.
func (b *Backend) Attention(dst device.Buffer, a device.Attention) {
	if a.Heads < 1 || a.Width%a.Heads != 0 {
		panic("simd: Attention of a width that is no multiple of the heads")
	}
	weights := b.get(4 * b.attentionWeights(a))
	defer b.put(weights)
	if tiled(a) {
		b.attendTiles(dst, a, weights)
	} else {
		b.attend(dst, a, weights)
	}
	if pairs := a.Queries * a.Keys; a.Mean != nil {
		b.mean(floats(a.Mean, 0, pairs), weights.address, a.Heads, pairs)
	}
}

func tiled(a device.Attention) bool { return a.KeyRows == nil && a.Queries >= tiledQueries }

// attentionWeights is how many weights are kept at a time: all, or one strip's a
// thread.
func (b *Backend) attentionWeights(a device.Attention) int {
	if tiled(a) && a.Mean == nil {
		return b.memory.threads * kernel.StripRows * a.Keys
	}
	return a.Heads * a.Queries * a.Keys
}

// attend is Attention for few queries, or keys that differ from query to query.
func (b *Backend) attend(dst device.Buffer, a device.Attention, weights block) {
	rows, pairs, size := a.Keys, a.Queries*a.Keys, a.Width/a.Heads
	args := kernel.Attend{
		Dst: floats(dst, 0, a.Queries*a.Width), Query: floats(a.Query, 0, a.Queries*a.Width),
		Mask: maskAddress(a), Weights: weights.address,
		Queries: uint32(a.Queries), Keys: uint32(a.Keys), Width: uint32(a.Width), Size: uint32(size),
		Scale: attentionScale(size), MaskScale: a.MaskScale,
	}
	if a.KeyRows != nil {
		args.KeyRows = integers(a.KeyRows, 0, pairs)
		rows = min(a.Key.Len(), a.Value.Len()) / a.Width
		if !b.within(a.KeyRows, 0, pairs, rows) {
			panic("simd: Attention to a row outside the keys")
		}
	}
	args.Key, args.Value = floats(a.Key, 0, rows*a.Width), floats(a.Value, 0, rows*a.Width)
	run(b, kernel.Attention, a.Heads, blockItems(pairs*size/2), &args)
}

// attendTiles is Attention for many queries of the same keys.
func (b *Backend) attendTiles(dst device.Buffer, a device.Attention, weights block) {
	size, row := a.Width/a.Heads, 4*a.Keys
	keys, values := b.get(32*a.Heads*panelCount(a.Keys)*size), b.get(32*a.Heads*panelCount(size)*a.Keys)
	defer b.put(keys)
	defer b.put(values)
	pack := kernel.Packing{
		Dst: keys.address, Src: floats(a.Key, 0, a.Keys*a.Width),
		Rows: uint32(a.Keys), Heads: uint32(a.Heads), Size: uint32(size),
	}
	run(b, kernel.PackKeys, panelCount(a.Keys), blockItems(8*a.Width), &pack)
	pack.Dst, pack.Src = values.address, floats(a.Value, 0, a.Keys*a.Width)
	run(b, kernel.PackValues, a.Keys, blockItems(a.Width), &pack)

	strips := (a.Queries + kernel.StripRows - 1) / kernel.StripRows
	args := kernel.AttendTiles{
		Dst: floats(dst, 0, a.Queries*a.Width), Query: floats(a.Query, 0, a.Queries*a.Width),
		Keys: keys.address, Values: values.address, Mask: maskAddress(a), Weights: weights.address,
		QueryRows: uint32(a.Queries), KeyRows: uint32(a.Keys), Width: uint32(a.Width), Size: uint32(size), Strips: uint32(strips),
		Scale: attentionScale(size), MaskScale: a.MaskScale,
	}
	if a.Mean == nil {
		args.ThreadStride = uint32(kernel.StripRows * row)
	} else {
		args.HeadStride, args.StripStride = uint32(a.Queries*row), uint32(kernel.StripRows*row)
	}
	run(b, kernel.AttentionTiles, a.Heads*strips, blockItems(kernel.StripRows*a.Keys*size/4), &args)
}

func attentionScale(size int) float32 { return float32(1 / math.Sqrt(float64(size))) }

// maskAddress is 0 if there is no mask.
func maskAddress(a device.Attention) uint32 {
	if a.Mask == nil {
		return 0
	}
	return floats(a.Mask, 0, a.Queries*a.Keys)
}
