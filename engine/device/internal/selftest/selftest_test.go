package selftest_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/device"
	"uarweb/engine/device/internal/selftest"
	"uarweb/engine/device/portable"
	"uarweb/engine/device/simd"
)

func TestTheReferencePasses(t *testing.T) {
	require.NoError(t, selftest.Run(t.Context(), portable.New()))
}

func TestTheKernelsPass(t *testing.T) {
	b, err := simd.New()
	require.NoError(t, err)
	defer b.Close()
	require.NoError(t, selftest.Run(t.Context(), b))
}

// broken is a backend one of whose operations is wrong.
type broken struct {
	device.Backend
	linear    func(dst device.Buffer)
	attention func(a *device.Attention)
	embed     func(add *bool)
	argMax    func(dst device.Buffer)
	download  error
}

func (b broken) Linear(dst, x device.Buffer, rows int, w device.Matrix, bias device.Buffer, e device.Epilogue) {
	b.Backend.Linear(dst, x, rows, w, bias, e)
	if b.linear != nil {
		b.linear(dst)
	}
}

func (b broken) Attention(dst device.Buffer, a device.Attention) {
	if b.attention != nil {
		b.attention(&a)
	}
	b.Backend.Attention(dst, a)
}

func (b broken) Embed(dst, table, ids device.Buffer, offset, rows, columns int, add bool) {
	if b.embed != nil {
		b.embed(&add)
	}
	b.Backend.Embed(dst, table, ids, offset, rows, columns, add)
}

func (b broken) ArgMax(dst device.Buffer, offset int, x device.Buffer, rows, columns int) {
	b.Backend.ArgMax(dst, offset, x, rows, columns)
	if b.argMax != nil {
		b.argMax(dst)
	}
}

func (b broken) Download(ctx context.Context, copies ...device.Copy) error {
	if b.download != nil {
		return b.download
	}
	return b.Backend.Download(ctx, copies...)
}

func TestAWrongOperationIsNamed(t *testing.T) {
	reference := portable.New()
	nan := []float32{float32(math.NaN())}
	for name, c := range map[string]struct {
		backend broken
		names   string
	}{
		"a linear whose first element is off": {broken{linear: func(dst device.Buffer) { reference.Upload(dst, 0, []float32{12}) }}, "linear of F32 weights, 1 rows: element 0 is 12"},
		"a linear that is not a number":       {broken{linear: func(dst device.Buffer) { reference.Upload(dst, 3, nan) }}, "linear of F32 weights, 1 rows: element 3 is NaN"},
		"an attention without the mask":       {broken{attention: func(a *device.Attention) { a.Mask = nil }}, "masked attention of few: element 0"},
		"an attention that overflows": {broken{attention: func(a *device.Attention) {
			if a.MaskScale > 88 {
				a.MaskScale = float32(math.Inf(1))
			}
		}}, "attention of few, of large scores: element 0 is NaN"},
		"an attention without its list": {broken{attention: func(a *device.Attention) { a.KeyRows = nil }}, "attention of chosen rows: element"},
		"an embed that never adds":      {broken{embed: func(add *bool) { *add = false }}, "embed: element 0"},
		"an argmax blind to NaN":        {broken{argMax: func(dst device.Buffer) { reference.UploadInts(dst, 3, []int32{5}) }}, "argmax: element 3 is 5, should be -1"},
	} {
		t.Run(name, func(t *testing.T) {
			c.backend.Backend = reference
			err := selftest.Run(t.Context(), c.backend)
			require.ErrorIs(t, err, selftest.ErrWrong)
			assert.ErrorContains(t, err, c.names)
		})
	}
}

func TestTheBackendsErrorIsReturned(t *testing.T) {
	lost := errors.New("device lost")
	err := selftest.Run(t.Context(), broken{Backend: portable.New(), download: lost})
	require.ErrorIs(t, err, lost)
	assert.NotErrorIs(t, err, selftest.ErrWrong)
}
