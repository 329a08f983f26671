// Package simd is the backend of WebAssembly SIMD: kernels that package
// generator writes, on one thread or several, in int8 or f32.
//
// In the browser the kernels work on Go's own memory (memory_js.go), so that
// nothing is copied. Elsewhere the same modules run in wazero, in a memory of
// their own (memory_other.go): the very arithmetic of the browser, for tests and
// for measuring what it does to reports.
//
// # Precision
//
// A weight that is stored as integers is multiplied as integers: the
// activations are rounded to int16 with as many bits as the sum of that layer
// is sure to have room for in int32, with one scale for a row of a Linear or a
// pixel of a 1×1 convolution, and one for the image of any other. Where a
// checkpoint says that 8 bits are enough (tensor.Tensor's Bytes) they are rounded
// to −127 to 127, or 0 to 255 where a convolution has a ReLU on its input, and
// multiplied four at a time where the machine has an instruction for that, or else
// as int16: the same integers, so that what a model writes by this backend does not
// depend on the machine. The sums are
// exact (of 4-bit weights those of a group; groups are added up in f32, in their
// order), so the result depends neither on the number of threads nor on the
// order of summation. A weight stored in floating point is multiplied in f32;
// there relaxed SIMD, where a browser has it, may round a product and a sum
// once instead of twice.
package simd

//go:generate go run ./internal/generate

import (
	"context"
	"fmt"
	"unsafe"

	"uarweb/engine/device"
	"uarweb/engine/device/simd/internal/kernel"
	"uarweb/engine/status"
)

// Errors of this package.
var (
	// ErrUnavailable: there is no SIMD here, or it is switched off.
	ErrUnavailable = status.Errorf(status.NoBackend, "simd: WebAssembly SIMD is missing or switched off")
	// ErrThreadLost: a thread of the pool did not come back. It may do so yet, and
	// write to what it had: the program should end.
	ErrThreadLost = status.Errorf(status.BackendLost, "simd: a thread was lost")
	// ErrMemory: the kernels' memory is used up.
	ErrMemory = status.Errorf(status.OutOfMemory, "simd: out of memory")
)

// Backend computes with the kernels. Its methods are device.Backend's.
type Backend struct {
	memory *memory
	// blocks are all there are until Close. A struct of arguments holds addresses,
	// which keep nothing alive, and while an operation prepares and runs there
	// may be no other reference to its buffers.
	blocks []block
	free   map[int][]block // those released, by their size in bytes
	spare  block           // what scratch gives out
	err    error           // the first error, for Flush and Download
}

var _ device.Backend = (*Backend)(nil)

// New returns the backend, or why there is none. Close gives its memory back.
func New() (*Backend, error) {
	m, err := newMemory()
	if err != nil {
		return nil, err
	}
	return &Backend{memory: m, free: map[int][]block{}}, nil
}

// Name is "simd".
func (*Backend) Name() string { return "simd" }

// Description says how it computes, "relaxed SIMD with byte dots, 2 threads", for people.
func (b *Backend) Description() string {
	kind, threads := "SIMD", "1 thread"
	if b.memory.relaxed {
		kind = "relaxed SIMD"
	}
	if b.memory.dots != kernel.NoDots {
		kind += " with byte dots"
	}
	if b.memory.threads > 1 {
		threads = fmt.Sprint(b.memory.threads, " threads")
	}
	return kind + ", " + threads
}

// Close releases everything the backend holds.
func (b *Backend) Close() {
	b.blocks, b.free, b.spare = nil, nil, block{}
	b.memory.close()
}

// block is memory that the kernels reach.
type block struct {
	address uint32 // in the kernels' memory
	bytes   []byte // the same memory, for Go
}

// view sees a block's bytes as elements of another type.
func view[T float32 | int32 | int16 | int8](b block) []T {
	var element T
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b.bytes))), len(b.bytes)/int(unsafe.Sizeof(element)))
}

// buffer is a device.Buffer of float32 or int32.
type buffer struct {
	block
	n       int // elements
	ints    bool
	backend *Backend
}

func (b *buffer) Len() int { return b.n }

func (b *buffer) Release() {
	b.backend.put(b.block)
	b.block = block{}
}

// sizeClass rounds a size in bytes up to one of four steps an octave, so that
// released buffers find a use again and waste no more than a quarter. It is a
// multiple of 64: the kernels read a bias and scales in vectors of 32 bytes.
func sizeClass(n int) int {
	step := 64
	for step*8 <= n {
		step *= 2
	}
	return (n + step - 1) / step * step
}

// get returns a block of at least n bytes, whose contents are undefined.
func (b *Backend) get(n int) block {
	size := sizeClass(max(n, 1))
	if list := b.free[size]; len(list) > 0 {
		b.free[size] = list[:len(list)-1]
		return list[len(list)-1]
	}
	m, err := b.memory.allocate(size)
	if err != nil { // no kernel runs from now on
		b.fail(err)
		m = block{bytes: make([]byte, size)}
	}
	b.blocks = append(b.blocks, m)
	return m
}

// fail keeps the first error.
func (b *Backend) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *Backend) put(m block) {
	if b.free != nil && m.bytes != nil {
		b.free[len(m.bytes)] = append(b.free[len(m.bytes)], m)
	}
}

// scratch is the address of n bytes for each thread, and the stride from one
// thread's to the next one's. The next call gives out the same memory.
func (b *Backend) scratch(n int) (address, stride uint32) {
	stride = uint32(sizeClass(n))
	if size := int(stride) * b.memory.threads; len(b.spare.bytes) < size {
		b.put(b.spare)
		b.spare = b.get(size)
	}
	return b.spare.address, stride
}

func (b *Backend) buffer(n int, ints bool) *buffer {
	return &buffer{block: b.get(4 * n), n: n, ints: ints, backend: b}
}

// Floats is device.Backend's.
func (b *Backend) Floats(n int) device.Buffer { return b.buffer(n, false) }

// Ints is device.Backend's.
func (b *Backend) Ints(n int) device.Buffer { return b.buffer(n, true) }

// floats returns the address of n floats of a buffer from offset on.
func floats(x device.Buffer, offset, n int) uint32 {
	f := x.(*buffer)
	if f.ints {
		panic("simd: a buffer of integers where floats are needed")
	}
	return f.element(offset, n)
}

// integers is floats for a buffer of Ints.
func integers(x device.Buffer, offset, n int) uint32 {
	f := x.(*buffer)
	if !f.ints {
		panic("simd: a buffer of floats where integers are needed")
	}
	return f.element(offset, n)
}

// element is the address of n elements from offset on, which must be in the
// buffer: kernels check nothing.
func (b *buffer) element(offset, n int) uint32 {
	if b.bytes == nil {
		panic("simd: a buffer is used after its release")
	}
	if offset < 0 || n < 0 || offset > b.n-n {
		panic("simd: a buffer is too small for the operation")
	}
	return b.address + 4*uint32(offset)
}

// run does the items 0 to n of a kernel, in blocks of step items.
func run[A any](b *Backend, k kernel.Number, n, step int, args *A) {
	if n == 0 || b.err != nil {
		return
	}
	b.fail(b.memory.run(k, n, step, unsafe.Pointer(args), unsafe.Sizeof(*args)))
}

// What a block should have at least, to be worth the waking of a thread.
const (
	blockElements = 1 << 16
	blockProducts = 1 << 19
)

// blockItems is how many items of so many elements make a block.
func blockItems(elements int) int { return max(1, blockElements/max(1, elements)) }

// blockOfProducts is how many items of so many products make a block.
func blockOfProducts(products int) int { return max(1, blockProducts/max(1, products)) }

// Upload is device.Backend's.
func (b *Backend) Upload(dst device.Buffer, offset int, src []float32) {
	floats(dst, offset, len(src))
	copy(view[float32](dst.(*buffer).block)[offset:], src)
}

// UploadInts is device.Backend's.
func (b *Backend) UploadInts(dst device.Buffer, offset int, src []int32) {
	integers(dst, offset, len(src))
	copy(view[int32](dst.(*buffer).block)[offset:], src)
}

// Download is device.Backend's.
func (b *Backend) Download(ctx context.Context, copies ...device.Copy) error {
	if err := b.Flush(ctx); err != nil {
		return err
	}
	for _, c := range copies {
		from := c.From.(*buffer)
		switch {
		case c.Floats != nil:
			floats(from, c.Offset, len(c.Floats))
			copy(c.Floats, view[float32](from.block)[c.Offset:])
		case c.Ints != nil:
			integers(from, c.Offset, len(c.Ints))
			copy(c.Ints, view[int32](from.block)[c.Offset:])
		}
	}
	return nil
}

// Flush is device.Backend's: operations are done when they return.
func (b *Backend) Flush(ctx context.Context) error {
	if b.err != nil {
		return b.err
	}
	return ctx.Err()
}

// Copy is device.Backend's.
func (b *Backend) Copy(dst device.Buffer, dstOffset int, src device.Buffer, srcOffset, n int) {
	floats(dst, dstOffset, n)
	floats(src, srcOffset, n)
	to, from := view[float32](dst.(*buffer).block), view[float32](src.(*buffer).block)
	copy(to[dstOffset:dstOffset+n], from[srcOffset:srcOffset+n])
}

// Modules are the names of the files with the kernels, of which a browser's page
// loads one. They lie in this package's folder.
func Modules() []string {
	var names []string
	for _, v := range kernel.Variants {
		names = append(names, v.File())
	}
	return names
}
