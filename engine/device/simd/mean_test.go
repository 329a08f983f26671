package simd

import "testing"

func TestMean(t *testing.T) {
	r := newRig(t)
	for _, columns := range append([]int{70_001}, widths...) {
		for _, rows := range []int{1, 2, 3, 5, 33, 392} {
			if rows > 5 && columns > 512 {
				continue
			}
			x, dst := r.upload(r.values(rows*columns)), r.floats(columns)
			r.backend.Mean(dst.got, x.got, rows, columns)
			reference.Mean(dst.want, x.want, rows, columns)
			r.requireNear(dst, 1e-6)
		}
	}
}
