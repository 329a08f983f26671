package simd

import "testing"

func TestMaxPool(t *testing.T) {
	r := newRig(t)
	for _, s := range []struct{ height, width, channels int }{
		{2, 2, 1}, {4, 6, 3}, {8, 2, 4}, {30, 10, 7}, {56, 56, 32},
	} {
		x := r.upload(r.values(s.height * s.width * s.channels))
		dst := r.floats(s.height / 2 * s.width / 2 * s.channels)
		r.backend.MaxPool(dst.got, x.got, s.height, s.width, s.channels)
		reference.MaxPool(dst.want, x.want, s.height, s.width, s.channels)
		r.requireNear(dst, 0)
	}
}
