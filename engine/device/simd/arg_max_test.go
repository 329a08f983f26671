package simd

import (
	"math"
	"testing"
)

func TestArgMax(t *testing.T) {
	r := newRig(t)
	for _, columns := range append([]int{8192}, widths...) {
		const rows, offset = 33, 3
		values := r.values(rows * columns)
		for i := range values {
			if i/columns%2 == 0 { // every other row has equals, among them −0 and 0
				values[i] = float32(math.Copysign(math.Abs(math.Round(float64(values[i]))), float64(values[i])))
			}
		}
		x, dst := r.upload(values), r.uploadInts(make([]int32, offset+rows))
		r.backend.ArgMax(dst.got, offset, x.got, rows, columns)
		reference.ArgMax(dst.want, offset, x.want, rows, columns)
		r.requireSameInts(dst)
	}
}

func TestArgMaxRefusesWhatIsNotFinite(t *testing.T) {
	r := newRig(t)
	for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for _, columns := range widths {
			values := make([]float32, columns*columns) // row i has it in column i
			for i := range columns {
				values[i*columns+i] = float32(bad)
			}
			x, dst := r.upload(values), r.ints(columns)
			r.backend.ArgMax(dst.got, 0, x.got, columns, columns)
			reference.ArgMax(dst.want, 0, x.want, columns, columns)
			r.requireSameInts(dst)
		}
	}
}

func TestArgMaxOfLargeNumbers(t *testing.T) {
	r := newRig(t)
	const most = math.MaxFloat32
	x, dst := r.upload([]float32{-most, most, most, -most, -most, -most}), r.ints(2)
	r.backend.ArgMax(dst.got, 0, x.got, 2, 3)
	reference.ArgMax(dst.want, 0, x.want, 2, 3)
	r.requireSameInts(dst)
}
