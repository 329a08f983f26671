//go:build !js

package simd

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"uarweb/engine"
	"uarweb/engine/device/simd/internal/generator"
	"uarweb/engine/device/simd/internal/kernel"
	"uarweb/engine/radiograph"
	"uarweb/engine/status"
	"uarweb/weights"
	"uarweb/weights/golden"
	"uarweb/weights/tensor"
)

// Kernels that cannot be compiled are an error, for which the next backend is taken.
func TestKernelsThatCannotBeCompiled(t *testing.T) {
	_, err := instantiate([]byte("no module"))
	require.ErrorContains(t, err, "simd: wazero: ")
}

// The committed modules are those of the generator's source.
func TestTheFilesAreAsGenerated(t *testing.T) {
	for _, v := range kernel.Variants {
		file, err := os.ReadFile(v.File())
		require.NoError(t, err)
		require.True(t, bytes.Equal(generator.Module(v), file), "%s is of other kernels: go generate ./engine/device/simd", v.File())
	}
}

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

// Want of memory is told as such, and not as weights that are damaged.
func TestModelsOutOfMemory(t *testing.T) {
	c, err := weights.Open(t.Context(), filepath.Join(golden.Path(t, golden.Models[0]), "model.safetensors"))
	require.NoError(t, err)
	b, err := New()
	require.NoError(t, err)
	b.memory.next = uint32(len(b.memory.bytes)) - 128
	_, err = engine.Load(t.Context(), c, b, engine.LoadOptions{})
	require.ErrorIs(t, err, ErrMemory)
	require.Equal(t, status.OutOfMemory, status.CodeOf(err))

	b, err = New()
	require.NoError(t, err)
	m, err := engine.Load(t.Context(), c, b, engine.LoadOptions{})
	require.NoError(t, err)
	defer m.Close()
	b.memory.next = uint32(len(b.memory.bytes)) - 128
	_, err = m.Report(t.Context(), engine.Study{Views: []*radiograph.Radiograph{{Pixels: radiograph.Phantom(1, 64, 64)}}}, engine.Options{})
	require.ErrorIs(t, err, ErrMemory)
	require.Equal(t, status.OutOfMemory, status.CodeOf(err))
}
