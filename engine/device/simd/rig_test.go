package simd

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"uarweb/engine/device"
	"uarweb/engine/device/portable"
	"uarweb/engine/device/simd/internal/kernel"
)

// rig runs an operation on this backend and on the reference, on buffers that
// are guarded on both sides.
type rig struct {
	*testing.T
	random  *rand.Rand
	backend *Backend
	dots    kernel.Dots // of this machine
	guarded []*buffer
}

func newRig(t *testing.T) *rig {
	t.Helper()
	b, err := New()
	require.NoError(t, err)
	t.Cleanup(b.Close)
	return &rig{T: t, random: rand.New(rand.NewPCG(1, 2)), backend: b, dots: b.memory.dots}
}

// useDots has the backend multiply bytes by byte dots from now on, with whatever
// the module does that by, or as int16.
func (r *rig) useDots(on bool) {
	dots := r.dots
	if dots == kernel.NoDots && !r.backend.memory.relaxed {
		dots = kernel.SignedDots // by several instructions
	}
	if !on {
		dots = kernel.NoDots
	}
	r.backend.memory.dots = dots
}

// guard is how many elements on each side of a buffer must stay as they are.
const (
	guard    = 16
	sentinel = 0x7fc0beef // a NaN that no arithmetic makes
)

// buffer returns a guarded buffer, full of sentinels.
func (r *rig) buffer(n int, ints bool) *buffer {
	whole := r.backend.get(4 * (n + 2*guard))
	words := view[int32](whole)
	for i := range words {
		words[i] = sentinel
	}
	inner := block{address: whole.address + 4*guard, bytes: whole.bytes[4*guard : 4*(guard+n)]}
	b := &buffer{block: inner, n: n, ints: ints, backend: r.backend}
	r.guarded = append(r.guarded, &buffer{block: whole, n: n, backend: r.backend})
	return b
}

// checkGuards fails the test if anything was written beside a buffer.
func (r *rig) checkGuards() {
	r.Helper()
	for _, g := range r.guarded {
		words := view[int32](g.block)
		beside := slices.Concat(words[:guard], words[guard+g.n:])
		require.Equal(r, len(beside), count(beside, sentinel), "written beside a buffer of %d elements", g.n)
	}
}

// release gives all buffers back, so that one backend serves any number of
// trials.
func (r *rig) release() {
	for _, g := range r.guarded {
		r.backend.put(g.block)
	}
	r.guarded = nil
}

func count(words []int32, want int32) (n int) {
	for _, w := range words {
		if w == want {
			n++
		}
	}
	return n
}

// values returns n normally distributed floats.
func (r *rig) values(n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(r.random.NormFloat64())
	}
	return v
}

// pair is a buffer on this backend and its like on the reference.
type pair struct{ got, want device.Buffer }

var reference = portable.New()

func (r *rig) upload(values []float32) pair {
	p := r.floats(len(values))
	r.backend.Upload(p.got, 0, values)
	reference.Upload(p.want, 0, values)
	return p
}

func (r *rig) uploadInts(values []int32) pair {
	p := r.ints(len(values))
	r.backend.UploadInts(p.got, 0, values)
	reference.UploadInts(p.want, 0, values)
	return p
}

func (r *rig) floats(n int) pair { return pair{r.buffer(n, false), reference.Floats(n)} }
func (r *rig) ints(n int) pair   { return pair{r.buffer(n, true), reference.Ints(n)} }

// requireNear requires that the two results differ by no more than tolerance
// times the largest magnitude (at least 1) of the reference's.
func (r *rig) requireNear(p pair, tolerance float64) {
	r.Helper()
	r.requireNearOf(p, tolerance, 1)
}

// requireNearSums is requireNear of sums of so many products. That they spread as such
// sums of random values do counts, even if they all come out small: the rounding of what
// is summed does not.
func (r *rig) requireNearSums(p pair, products int, tolerance float64) {
	r.Helper()
	r.requireNearOf(p, tolerance, max(1, math.Sqrt(float64(products))/2))
}

func (r *rig) requireNearOf(p pair, tolerance, largest float64) {
	r.Helper()
	n := p.want.Len()
	got, want := make([]float32, n), make([]float32, n)
	require.NoError(r, r.backend.Download(r.Context(), device.Copy{From: p.got, Floats: got}))
	require.NoError(r, reference.Download(r.Context(), device.Copy{From: p.want, Floats: want}))
	for _, v := range want {
		largest = max(largest, float64(v), -float64(v))
	}
	for i := range want {
		require.InDelta(r, want[i], got[i], tolerance*largest, "element %d of %d", i, n)
	}
	r.checkGuards()
}

// requireSameInts requires that the two results are the same integers.
func (r *rig) requireSameInts(p pair) {
	r.Helper()
	n := p.want.Len()
	got, want := make([]int32, n), make([]int32, n)
	require.NoError(r, r.backend.Download(r.Context(), device.Copy{From: p.got, Ints: got}))
	require.NoError(r, reference.Download(r.Context(), device.Copy{From: p.want, Ints: want}))
	require.Equal(r, want, got)
	r.checkGuards()
}
