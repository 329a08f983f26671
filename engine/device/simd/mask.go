package simd

import (
	"math"

	"uarweb/engine/device"
	"uarweb/engine/device/simd/internal/kernel"
)

// Mask is device.Backend's.
func (b *Backend) Mask(dst, query, key, bias device.Buffer, queries, keys, rank int) {
	run(b, kernel.Mask, keys, blockItems(queries*rank), &kernel.Masking{
		Dst: floats(dst, 0, queries*keys), Query: floats(query, 0, queries*rank),
		Key: floats(key, 0, keys*rank), Bias: floats(bias, 0, 1),
		Queries: uint32(queries), Keys: uint32(keys), Rank: uint32(rank),
		Scale: float32(1 / math.Sqrt(float64(rank))),
	})
}
