package simd

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"uarweb/engine/device"
)

// widths are numbers of columns around the groups of four and their steps, and
// those of real models.
var widths = []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 64, 191, 512}

func TestLayerNorm(t *testing.T) {
	r := newRig(t)
	for _, columns := range widths {
		for _, rows := range []int{1, 2, 3, 5, 33} {
			x, weight, bias := r.upload(r.values(rows*columns)), r.upload(r.values(columns)), r.upload(r.values(columns))
			for _, dst := range []pair{r.floats(rows * columns), x} { // the second in place
				r.backend.LayerNorm(dst.got, x.got, rows, columns, weight.got, bias.got)
				reference.LayerNorm(dst.want, x.want, rows, columns, weight.want, bias.want)
				r.requireNear(dst, 1e-5)
			}
		}
	}
}

// Far from 0, deviations are small differences of large numbers.
func TestLayerNormFarFromZero(t *testing.T) {
	r := newRig(t)
	const rows, columns = 7, 512
	values := r.values(rows * columns)
	for i := range values {
		values[i] = values[i]*float32(math.Pow10(i/columns-3)) + 1000
	}
	x, weight, bias := r.upload(values), r.upload(r.values(columns)), r.upload(r.values(columns))
	dst := r.floats(rows * columns)
	r.backend.LayerNorm(dst.got, x.got, rows, columns, weight.got, bias.got)
	reference.LayerNorm(dst.want, x.want, rows, columns, weight.want, bias.want)
	r.requireNear(dst, 1e-5)
}

func TestLayerNormShowsNaN(t *testing.T) {
	r := newRig(t)
	x := r.upload([]float32{1, 2, 3, 4, float32(math.Inf(1)), float32(math.NaN()), 1, 2, 3, 4})
	ones := r.upload([]float32{1, 1, 1, 1, 1})
	dst := r.floats(10)
	r.backend.LayerNorm(dst.got, x.got, 2, 5, ones.got, ones.got)
	got := r.download(dst)
	for i, v := range got {
		require.True(t, math.IsNaN(float64(v)), "element %d", i)
	}
}

// download returns what this backend computed.
func (r *rig) download(p pair) []float32 {
	r.Helper()
	values := make([]float32, p.got.Len())
	require.NoError(r, r.backend.Download(r.Context(), device.Copy{From: p.got, Floats: values}))
	r.checkGuards()
	return values
}
