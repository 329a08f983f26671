package simd

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTopK(t *testing.T) {
	r := newRig(t)
	for _, columns := range append([]int{2049}, widths...) {
		for _, k := range []int{1, 2, 3, 5, 16} {
			if k > columns {
				continue
			}
			const rows = 7
			values := r.values(rows * columns)
			for i := range values {
				switch i / columns % 4 {
				case 1: // many equals
					values[i] = float32(math.Round(float64(values[i])))
				case 2: // ever larger: each is inserted
					values[i] = float32(i)
				case 3: // far from 0
					values[i] = 80*values[i] + 1e4
				}
			}
			x, dst, ids := r.upload(values), r.floats(rows*k), r.ints(rows*k)
			r.backend.TopK(dst.got, ids.got, x.got, rows, columns, k)
			reference.TopK(dst.want, ids.want, x.want, rows, columns, k)
			r.requireSameInts(ids)
			r.requireNear(dst, 1e-6)
		}
	}
}

// A row that is not finite has no probabilities, but its columns are columns.
func TestTopKShowsNaN(t *testing.T) {
	r := newRig(t)
	for _, bad := range []float64{math.NaN(), math.Inf(1)} {
		for at := range 19 {
			values := r.values(19)
			values[at] = float32(bad)
			x, dst, ids := r.upload(values), r.floats(3), r.ints(3)
			r.backend.TopK(dst.got, ids.got, x.got, 1, 19, 3)
			for _, v := range r.download(dst) {
				require.True(t, math.IsNaN(float64(v)))
			}
			for _, id := range view[int32](ids.got.(*buffer).block) {
				require.True(t, id >= 0 && id < 19)
			}
		}
	}
}

func TestTopKOfMinusInfinity(t *testing.T) {
	r := newRig(t)
	values := make([]float32, 9)
	for i := range values {
		values[i] = float32(math.Inf(-1))
	}
	values[6] = 1
	x, dst, ids := r.upload(values), r.floats(3), r.ints(3)
	r.backend.TopK(dst.got, ids.got, x.got, 1, 9, 3)
	reference.TopK(dst.want, ids.want, x.want, 1, 9, 3)
	r.requireSameInts(ids)
	require.Equal(t, []float32{0, values[0], values[0]}, r.download(dst))
}
