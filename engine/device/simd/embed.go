package simd

import (
	"uarweb/engine/device"
	"uarweb/engine/device/simd/kernel"
)

// Embed is device.Backend's.
func (b *Backend) Embed(dst, table, ids device.Buffer, offset, rows, columns int, add bool) {
	list := integers(ids, offset, rows)
	for _, id := range view[int32](ids.(*buffer).block)[offset : offset+rows] {
		if id < 0 || int(id) >= table.Len()/columns {
			panic("simd: Embed of an id outside the table")
		}
	}
	args := kernel.Embedding{
		Dst: floats(dst, 0, rows*columns), Table: floats(table, 0, table.Len()), IDs: list,
		Columns: uint32(columns),
	}
	if add {
		args.Add = 1
	}
	run(b, kernel.Embed, rows, blockItems(columns), &args)
}
