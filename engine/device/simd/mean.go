package simd

import (
	"uarweb/engine/device"
	"uarweb/engine/device/simd/internal/kernel"
)

// Mean is device.Backend's.
func (b *Backend) Mean(dst, x device.Buffer, rows, columns int) {
	b.mean(floats(dst, 0, columns), floats(x, 0, rows*columns), rows, columns)
}

func (b *Backend) mean(dst, x uint32, rows, columns int) {
	run(b, kernel.Mean, columns, blockItems(rows), &kernel.Average{
		Dst: dst, X: x, Rows: uint32(rows), Columns: uint32(columns),
	})
}
