//go:build !js

package simd

import (
	"context"
	_ "embed" // of the module
	"fmt"
	"runtime"
	"sync"
	"unsafe"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"uarweb/engine/device/simd/internal/asm"
	"uarweb/engine/device/simd/internal/kernel"
	"uarweb/engine/status"
)

// memory is a memory of wazero, in which the kernels are instantiated once for
// each thread.
type memory struct {
	threads int
	relaxed bool
	dots    kernel.Dots

	runtime wazero.Runtime
	bytes   []byte // all of it
	next    uint32 // first byte not allocated
	kernels api.Function
	stop    api.Function
	pool    sync.WaitGroup
}

const (
	// memoryPages of 64 KiB are 1 GiB, of which the system gives what is used.
	memoryPages = 16384
	// The control block and the arguments of the running job have their places
	// at the beginning.
	controlAddress   = 64
	argumentsAddress = 256
	maxArguments     = 256
	firstAddress     = argumentsAddress + maxArguments
)

// compiled holds the compiled modules of all backends of the program.
var compiled = wazero.NewCompilationCache()

// sharedKernels is the module that browsers load for a shared memory where there
// is no relaxed SIMD.
//
//go:embed kernels-shared.wasm
var sharedKernels []byte

func newMemory() (*memory, error) { return instantiate(sharedKernels) }

// instantiate makes a memory and starts the threads that run a module's kernels.
func instantiate(kernels []byte) (_ *memory, err error) {
	ctx := context.Background()
	config := wazero.NewRuntimeConfig().WithCompilationCache(compiled).
		WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesThreads)
	m := &memory{threads: runtime.GOMAXPROCS(0), runtime: wazero.NewRuntimeWithConfig(ctx, config), next: firstAddress}
	defer func() {
		if err != nil {
			m.close()
			err = fmt.Errorf("simd: wazero: %w", err)
		}
	}()
	env, err := m.runtime.InstantiateWithConfig(ctx, asm.Memory(memoryPages, memoryPages, true), wazero.NewModuleConfig().WithName("env"))
	if err != nil {
		return nil, err
	}
	m.bytes, _ = env.Memory().Read(0, env.Memory().Size())
	module, err := m.runtime.CompileModule(ctx, kernels)
	if err != nil {
		return nil, err
	}
	for thread := range m.threads {
		instance, err := m.runtime.InstantiateModule(ctx, module, wazero.NewModuleConfig().WithName(""))
		if err != nil {
			return nil, err
		}
		if thread == 0 {
			m.kernels, m.stop = instance.ExportedFunction("run"), instance.ExportedFunction("stop")
			continue
		}
		work := instance.ExportedFunction("work")
		m.pool.Go(func() { _, _ = work.Call(ctx, controlAddress, uint64(thread)) })
	}
	return m, nil
}

// allocate returns n bytes, which are the backend's for good.
func (m *memory) allocate(n int) (block, error) {
	const align = 64
	address := (m.next + align - 1) &^ (align - 1)
	if n > len(m.bytes)-int(address) {
		return block{}, ErrMemory
	}
	m.next = address + uint32(n)
	return block{address: address, bytes: m.bytes[address:m.next:m.next]}, nil
}

func (m *memory) run(k kernel.Number, n, step int, args unsafe.Pointer, size uintptr) error {
	if size > maxArguments {
		panic("simd: too many arguments")
	}
	copy(m.bytes[argumentsAddress:], unsafe.Slice((*byte)(args), size))
	result, err := m.kernels.Call(context.Background(), uint64(k), uint64(n), uint64(step), argumentsAddress, controlAddress)
	if err != nil {
		return status.Errorf(status.BackendLost, "simd: kernel %v: %w", k, err)
	}
	if result[0] != 0 {
		return ErrThreadLost
	}
	return nil
}

func (m *memory) close() {
	if m.stop != nil {
		_, _ = m.stop.Call(context.Background(), controlAddress)
		m.pool.Wait()
	}
	_ = m.runtime.Close(context.Background())
}
