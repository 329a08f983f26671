package simd

import "testing"

func TestMask(t *testing.T) {
	r := newRig(t)
	for _, keys := range append([]int{392}, widths...) {
		for _, rank := range []int{1, 3, 4, 10, 32, 64} {
			for _, queries := range []int{1, 3, 5} {
				key, bias := r.upload(r.values(keys*rank)), r.upload([]float32{0.25})
				query := r.values(queries * rank)
				for i := range query {
					query[i] *= []float32{1, 40}[i/rank%2] // the second row saturates
				}
				q, dst := r.upload(query), r.floats(queries*keys)
				r.backend.Mask(dst.got, q.got, key.got, bias.got, queries, keys, rank)
				reference.Mask(dst.want, q.want, key.want, bias.want, queries, keys, rank)
				r.requireNear(dst, 1e-5)
			}
		}
	}
}
