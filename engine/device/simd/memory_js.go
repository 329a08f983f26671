package simd

import (
	"errors"
	"unsafe"

	"uarweb/engine/device/simd/internal/kernel"
)

// memory is Go's own: the kernels work on the Go heap, whose objects do not
// move. Backend.blocks keeps them alive.
type memory struct {
	threads int
	relaxed bool
	dots    kernel.Dots
}

// control is the pool's control block. A global variable has its address for
// ever.
var control [kernel.ControlWords]int32

func newMemory() (*memory, error) {
	threads := start(unsafe.Pointer(&control))
	if threads == 0 {
		return nil, ErrUnavailable
	}
	if layout() != kernel.Layout() {
		return nil, errors.New("simd: the module of kernels is of another version")
	}
	return &memory{threads: int(threads), relaxed: relaxed() == 1, dots: kernel.Dots(dots())}, nil
}

// highest is where the last block may end: kernels compare addresses somewhat
// behind a block's end, which must not begin at 0 again.
const highest = 1<<32 - 1<<20

// allocate returns n bytes, a multiple of 8.
func (m *memory) allocate(n int) (block, error) {
	words := make([]uint64, n/8)
	p := unsafe.Pointer(unsafe.SliceData(words))
	if uint64(uintptr(p))+uint64(n) > highest {
		return block{}, ErrMemory
	}
	return block{address: uint32(uintptr(p)), bytes: unsafe.Slice((*byte)(p), n)}, nil
}

func (m *memory) run(k kernel.Number, n, step int, args unsafe.Pointer, _ uintptr) error {
	if runKernel(int32(k), int32(n), int32(step), args, unsafe.Pointer(&control)) != 0 {
		return ErrThreadLost
	}
	return nil
}

func (*memory) close() {}

// start tells the threads of the pool where the control block is, and returns
// how many compute, this one counted; 0 if there is no SIMD.
//
//go:wasmimport kernels start
func start(control unsafe.Pointer) int32

// relaxed is 1 if the kernels use relaxed SIMD.
//
//go:wasmimport kernels relaxed
func relaxed() int32

// dots is the module's, or NoDots if it has none.
//
//go:wasmimport kernels dots
func dots() int32

// layout is the module's, or 0 if it has none.
//
//go:wasmimport kernels layout
func layout() int32

// runKernel is the module's run.
//
//go:wasmimport kernels run
//go:noescape
func runKernel(kernel, n, step int32, args, control unsafe.Pointer) int32
