package simd

import (
	"uarweb/engine/device"
	"uarweb/engine/device/simd/internal/kernel"
)

// Gate is device.Backend's.
func (b *Backend) Gate(dst, embedding, feature, input, forget device.Buffer, n int) {
	const work = 8 // an element is three exponentials
	run(b, kernel.Gate, n, blockItems(work), &kernel.Gates{
		Dst: floats(dst, 0, n), Embedding: floats(embedding, 0, n), Feature: floats(feature, 0, n),
		Input: floats(input, 0, n), Forget: floats(forget, 0, n),
	})
}
