//go:build !js

package simd

import (
	"testing"

	"github.com/stretchr/testify/require"

	"uarweb/weights/tensor"
)

// Memory that is used up is an error of the next Flush, or of Matrix.
func TestOutOfMemory(t *testing.T) {
	r := newRig(t)
	r.backend.memory.next = uint32(len(r.backend.memory.bytes)) - 128
	x := r.backend.Floats(16)
	require.NoError(t, r.backend.Flush(t.Context()))
	y := r.backend.Floats(1 << 16)
	r.backend.Upload(y, 0, make([]float32, 1<<16))
	r.backend.Gate(y, y, y, y, y, 1<<16)
	require.ErrorIs(t, r.backend.Flush(t.Context()), ErrMemory)
	_, err := r.backend.Matrix(tensor.FromFloats("weight", []int{2, 3}, make([]float32, 6)))
	require.ErrorIs(t, err, ErrMemory)
	x.Release()
	y.Release()
}
