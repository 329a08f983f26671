package simd

import "testing"

func TestGate(t *testing.T) {
	r := newRig(t)
	for _, n := range append([]int{100_003}, widths...) {
		var in [4]pair
		for i := range in {
			values := r.values(n)
			for j := range values {
				values[j] *= []float32{1, 1e-3, 30}[j%3]
			}
			in[i] = r.upload(values)
		}
		dst := r.floats(n)
		r.backend.Gate(dst.got, in[0].got, in[1].got, in[2].got, in[3].got, n)
		reference.Gate(dst.want, in[0].want, in[1].want, in[2].want, in[3].want, n)
		r.requireNear(dst, 1e-6)
	}
}
