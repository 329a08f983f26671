package simd

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEmbed(t *testing.T) {
	r := newRig(t)
	const rows, offset = 33, 2
	for _, columns := range append([]int{4099}, widths...) {
		table := r.upload(r.values(5 * columns))
		list := make([]int32, offset+rows)
		for i := range list {
			list[i] = r.random.Int32N(5)
		}
		ids, dst := r.uploadInts(list), r.floats(rows*columns)
		for _, add := range []bool{false, true} {
			r.backend.Embed(dst.got, table.got, ids.got, offset, rows, columns, add)
			reference.Embed(dst.want, table.want, ids.want, offset, rows, columns, add)
			r.requireNear(dst, 0)
		}
	}
}

func TestEmbedChecksIDs(t *testing.T) {
	r := newRig(t)
	table, dst := r.floats(6), r.floats(2)
	for _, id := range []int32{-1, 3} {
		ids := r.uploadInts([]int32{id})
		require.PanicsWithValue(t, "simd: Embed of an id outside the table", func() {
			r.backend.Embed(dst.got, table.got, ids.got, 0, 1, 2, false)
		})
	}
}
