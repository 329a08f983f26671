package simd

import (
	"uarweb/engine/device"
	"uarweb/engine/device/simd/internal/kernel"
)

// LayerNorm is device.Backend's.
func (b *Backend) LayerNorm(dst, x device.Buffer, rows, columns int, weight, bias device.Buffer) {
	run(b, kernel.LayerNorm, rows, blockItems(columns), &kernel.Norm{
		Dst: floats(dst, 0, rows*columns), X: floats(x, 0, rows*columns),
		Weight: floats(weight, 0, columns), Bias: floats(bias, 0, columns),
		Columns: uint32(columns), Epsilon: device.Epsilon,
	})
}
