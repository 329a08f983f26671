package simd

import (
	"math"

	"uarweb/engine/device"
	"uarweb/engine/device/simd/internal/kernel"
)

// TopK is device.Backend's.
func (b *Backend) TopK(values, ids, x device.Buffer, rows, columns, k int) {
	if k < 1 || k > columns {
		panic("simd: TopK of more elements than a row has")
	}
	sums := b.get(4 * rows)
	defer b.put(sums)
	run(b, kernel.TopK, rows, blockItems(columns), &kernel.Best{
		Values: floats(values, 0, rows*k), IDs: integers(ids, 0, rows*k), Sums: sums.address,
		X: floats(x, 0, rows*columns), Columns: uint32(columns), K: uint32(k),
	})
	best := view[float32](values.(*buffer).block)
	for i, sum := range view[float32](sums)[:rows] {
		row, log := best[i*k:(i+1)*k], math.Log(float64(sum))
		top := row[0]
		for j, v := range row {
			row[j] = float32(float64(v-top) - log)
		}
	}
}
