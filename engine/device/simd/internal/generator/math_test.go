package generator

import (
	"context"
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"uarweb/engine/device/simd/internal/asm"
)

// evaluate returns f of each value, computed by a module that holds nothing but
// f.
func evaluate(t *testing.T, f func(*builder, asm.F32x4) asm.F32x4) func(values []float32) []float32 {
	const pages, base = 128, 64
	m := &asm.Module{}
	b := &builder{Function: m.Function("f", 2)}
	p, end := b.Param(0), b.Param(1)
	b.sweep(1, end, func(g group) { g.store(p, f(b, g.load(p))) }, p)

	ctx := t.Context()
	r := wazero.NewRuntime(ctx)
	t.Cleanup(func() { _ = r.Close(context.Background()) })
	env, err := r.InstantiateWithConfig(ctx, asm.Memory(pages, pages, false), wazero.NewModuleConfig().WithName("env"))
	require.NoError(t, err)
	module, err := r.Instantiate(ctx, m.Bytes())
	require.NoError(t, err)
	memory, function := env.Memory(), module.ExportedFunction("f")
	return func(values []float32) []float32 {
		bytes, ok := memory.Read(base, uint32(4*len(values)))
		require.True(t, ok)
		for i, v := range values {
			binary.LittleEndian.PutUint32(bytes[4*i:], math.Float32bits(v))
		}
		_, err := function.Call(ctx, base, api.EncodeU32(uint32(base+len(bytes))))
		require.NoError(t, err)
		results := make([]float32, len(values))
		for i := range results {
			results[i] = math.Float32frombits(binary.LittleEndian.Uint32(bytes[4*i:]))
		}
		return results
	}
}

// eachFloat calls check with some two million floats in order: every 997th there
// is in [first, last], which have the same sign.
func eachFloat(first, last float32, check func(values []float32)) {
	const stride, most = 997, 1 << 20
	from, to := math.Float32bits(first), math.Float32bits(last)
	var values []float32
	for bits := uint64(min(from, to)); bits <= uint64(max(from, to)); bits += stride {
		values = append(values, math.Float32frombits(uint32(bits)))
		if len(values) == most {
			check(values)
			values = values[:0]
		}
	}
	check(values)
}

func TestFunctions(t *testing.T) {
	largest := float32(math.MaxFloat32)
	for _, c := range []struct {
		name        string
		emit        func(*builder, asm.F32x4) asm.F32x4
		want        func(float64) float64
		least, most float32
		relative    float64
	}{
		{"exp", (*builder).exp, math.Exp, expLeast, expMost, 1e-7},
		{"sigmoid", (*builder).sigmoid, func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }, expLeast, largest, 2e-7},
		{"tanh", (*builder).tanh, math.Tanh, -largest, largest, 2e-7},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, worst := evaluate(t, c.emit), 0.0
			check := func(values []float32) {
				for i, got := range f(values) {
					want := c.want(float64(values[i]))
					difference := math.Abs(float64(got) - want)
					worst = max(worst, difference/max(math.Abs(want), 0x1p-126))
					if !(difference <= c.relative*max(math.Abs(want), 0x1p-126)) {
						require.Failf(t, "wrong", "%s(%g) = %g, want %g", c.name, values[i], got, want)
					}
				}
			}
			eachFloat(0, c.most, check)
			eachFloat(float32(math.Copysign(0, -1)), c.least, check)
			t.Logf("relative error up to %.3g", worst)
		})
	}
}

func TestFunctionsOfExtremes(t *testing.T) {
	nan, infinite := float32(math.NaN()), float32(math.Inf(1))
	strange := math.Float32frombits(0x7fc0beef) // another NaN
	exp := evaluate(t, (*builder).exp)
	for _, v := range exp([]float32{-87.34, -88, -104, -1e5, -1e30, -infinite}) {
		require.Zero(t, v)
	}
	for _, v := range exp([]float32{88.01, 89, 1e5, 1e30, infinite}) {
		require.InEpsilon(t, math.Exp(expMost), v, 1e-6)
	}
	require.Equal(t, []float32{1, 1}, exp([]float32{0, float32(math.Copysign(0, -1))}))

	sigmoid := evaluate(t, (*builder).sigmoid)
	got := sigmoid([]float32{-1e30, -infinite, 1e30, infinite, 0})
	require.InDeltaSlice(t, []float32{0, 0, 1, 1, 0.5}, got, 0x1p-126)
	tanh := evaluate(t, (*builder).tanh)
	require.Equal(t, []float32{-1, -1, 1, 1, 0}, tanh([]float32{-1e30, -infinite, 1e30, infinite, 0}))

	for _, f := range []func([]float32) []float32{exp, sigmoid, tanh} {
		for _, v := range f([]float32{nan, -nan, strange, nan, nan}) {
			require.True(t, math.IsNaN(float64(v)))
		}
	}
}

func TestTransposedSum(t *testing.T) {
	f := evaluate(t, func(b *builder, x asm.F32x4) asm.F32x4 {
		x = b.VariableF32x4(x)
		var a [4]asm.F32x4
		for i := range a {
			a[i] = b.VariableF32x4(x.Mul(constants(float32(i + 1))))
		}
		return transposedSum(a)
	})
	require.Equal(t, []float32{1111, 2222, 3333, 4444}, f([]float32{1000, 100, 10, 1}))
}
