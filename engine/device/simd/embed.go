package simd

import (
	"slices"

	"uarweb/engine/device"
	"uarweb/engine/device/simd/internal/kernel"
)

// Embed is device.Backend's.
func (b *Backend) Embed(dst, table, ids device.Buffer, offset, rows, columns int, add bool) {
	list := integers(ids, offset, rows)
	if !b.within(ids, offset, rows, table.Len()/columns) {
		panic("simd: Embed of an id outside the table")
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

// within reports whether n integers of a buffer from offset on are rows of a
// matrix of so many. After an error they are not what they should be, but no
// kernel runs either.
func (b *Backend) within(list device.Buffer, offset, n, rows int) bool {
	return b.err != nil || !slices.ContainsFunc(view[int32](list.(*buffer).block)[offset:offset+n], func(row int32) bool {
		return row < 0 || int(row) >= rows
	})
}
