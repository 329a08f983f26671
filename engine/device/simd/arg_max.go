package simd

import (
	"uarweb/engine/device"
	"uarweb/engine/device/simd/internal/kernel"
)

// ArgMax is device.Backend's.
func (b *Backend) ArgMax(dst device.Buffer, offset int, x device.Buffer, rows, columns int) {
	if columns == 0 {
		panic("simd: ArgMax of empty rows")
	}
	run(b, kernel.ArgMax, rows, blockItems(columns), &kernel.Largest{
		Dst: integers(dst, offset, rows), X: floats(x, 0, rows*columns), Columns: uint32(columns),
	})
}
