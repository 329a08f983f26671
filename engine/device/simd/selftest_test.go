//go:build !js

package simd

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"uarweb/engine/device/internal/selftest"
	"uarweb/engine/device/simd/internal/kernel"
)

// counted is a module's run that counts the calls of each kernel.
type counted struct {
	api.Function
	calls map[kernel.Number]int
}

func (c counted) Call(ctx context.Context, arguments ...uint64) ([]uint64, error) {
	c.calls[kernel.Number(arguments[0])]++
	return c.Function.Call(ctx, arguments...)
}

// A kernel that the self-test does not reach is not trusted by anything.
func TestSelfTestReachesEveryKernel(t *testing.T) {
	b, err := New()
	require.NoError(t, err)
	defer b.Close()
	calls := map[kernel.Number]int{}
	b.memory.kernels, b.memory.dots = counted{b.memory.kernels, calls}, kernel.SignedDots
	require.NoError(t, selftest.Run(t.Context(), b))
	for k := range kernel.Count {
		assert.Positive(t, calls[k], "%v is not run", k)
	}
}

// TestSelfTestRefusesWrongKernels breaks each kernel in many ways, one
// instruction at a time, as a faulty compiler might.
func TestSelfTestRefusesWrongKernels(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // no thread whose kernels are sound helps
	bodies := functions(sharedKernels)
	total, passed := 0, map[string]bool{}
	open := func() *Backend {
		b, err := New()
		require.NoError(t, err)
		b.memory.dots = kernel.SignedDots
		return b
	}
	b := open()
	for k := range kernel.Count {
		for _, i := range instructions(bodies[k]) {
			kind, _ := change(bodies[k][i.start:i.end], i.opcode, i.immediates-i.start)
			assert.Equal(t, kind == "", spared[i.opcode], "%v: opcode %#x|%d is to be in swaps or in spared", k, i.opcode>>16, i.opcode&0xffff)
		}
		for _, m := range mutants(bodies[k]) {
			total++
			err := runMutant(t, b, k, m.alone(sharedKernels, k))
			if err == nil {
				name := fmt.Sprint(k, ": ", m.name)
				passed[name] = true
				assert.Contains(t, equivalent, name, "passes the self-test")
			} else if !errors.Is(err, selftest.ErrWrong) { // a trap, after which it computes no more
				b.Close()
				b = open()
			}
		}
	}
	b.Close()
	for name := range equivalent {
		assert.True(t, passed[name], "%s is refused, or is no more", name)
	}
	t.Logf("%d kernels, %d mutants, %d refused", kernel.Count, total, total-len(passed))
}

// runMutant is the self-test of a backend one of whose kernels is another
// module's.
func runMutant(t *testing.T, b *Backend, k kernel.Number, module []byte) error {
	t.Helper()
	instance, err := b.memory.runtime.InstantiateWithConfig(t.Context(), module, wazero.NewModuleConfig().WithName(""))
	require.NoError(t, err)
	defer func(sound api.Function) { b.memory.kernels = sound }(b.memory.kernels)
	b.memory.kernels = replaced{b.memory.kernels, k, instance.ExportedFunction("run")}
	return selftest.Run(t.Context(), b)
}

// replaced is a module's run, with another module's for one kernel.
type replaced struct {
	api.Function
	kernel kernel.Number
	other  api.Function
}

func (r replaced) Call(ctx context.Context, arguments ...uint64) ([]uint64, error) {
	if kernel.Number(arguments[0]) == r.kernel {
		return r.other.Call(ctx, arguments...)
	}
	return r.Function.Call(ctx, arguments...)
}
