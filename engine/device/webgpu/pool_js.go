package webgpu

import (
	"fmt"
	"math/bits"
	"slices"
	"syscall/js"

	"uarweb/engine/device"
)

// maxBinding is the default maxStorageBufferBindingSize, in bytes.
const maxBinding = 128 << 20

// block is a GPUBuffer.
type block struct {
	id     uint32
	buffer gpuBuffer
	size   int    // in bytes
	window uint64 // the last one whose commands use it, see Backend.window
}

// buffer is a device.Buffer: the first elements of a block.
type buffer struct {
	*block  // nil once released
	n       int
	ints    bool
	backend *Backend
}

func (b *buffer) Len() int { return b.n }

// Release gives the block back to the pool at once: what uses it next runs after
// the operations already called.
func (b *buffer) Release() {
	if b.block == nil {
		panic("webgpu: Release of a released buffer")
	}
	b.backend.pool.put(b.block)
	b.block = nil
}

// pool keeps the blocks that are free. They come in size classes, four to a power
// of two, so that at most a fifth of a block is unused.
type pool struct {
	free map[int][]*block // by size, the latest-made first
}

// class is the least size of a class that n bytes fit, of 256 at least.
func class(n int) int {
	n = max(n, 256)
	step := 1 << max(bits.Len(uint(n-1))-3, 6)
	return (n + step - 1) / step * step
}

// get takes a free block of the size or a little above it, or returns nil. It
// prefers the block made first, so that a report like the one before it gets
// the same blocks and finds its bind groups made.
func (p *pool) get(size int) *block {
	for fit := size; fit <= 2*size; fit = class(fit + 1) {
		if free := p.free[fit]; len(free) > 0 {
			last := len(free) - 1
			p.free[fit] = free[:last]
			return free[last]
		}
	}
	return nil
}

func (p *pool) put(b *block) {
	free := p.free[b.size]
	at, _ := slices.BinarySearchFunc(free, b.id, func(f *block, id uint32) int { return int(id) - int(f.id) })
	p.free[b.size] = slices.Insert(free, at, b)
}

func (b *Backend) Floats(n int) device.Buffer { return b.allocate(n, false) }
func (b *Backend) Ints(n int) device.Buffer   { return b.allocate(n, true) }

func (b *Backend) allocate(n int, ints bool) device.Buffer {
	size := class(4 * n)
	if size > maxBinding {
		b.fail(tooLarge("a buffer", 4*n))
		size = class(1) // that work may go on until the error is returned
	}
	from := b.pool.get(size)
	if from == nil {
		from = b.newBlock(size, usageStorage|usageCopySrc|usageCopyDst)
	}
	return &buffer{block: from, n: n, ints: ints, backend: b}
}

// newBlock makes a GPUBuffer; want of memory is told by the window's error scope.
func (b *Backend) newBlock(size, usage int) *block {
	b.blocks++
	return &block{id: b.blocks, buffer: b.gpu.newBuffer(size, usage, false), size: size}
}

// newFilledBlock makes a GPUBuffer with data in its beginning, which crosses the
// border to JavaScript once: into memory that the GPU's process shares.
func (b *Backend) newFilledBlock(data []byte) (made *block, err error) {
	defer func() { // want of memory to map is an exception
		switch e := recover().(type) {
		case nil:
		case js.Error:
			made, err = nil, fmt.Errorf("%w: %w", ErrFailed, e)
		default:
			panic(e)
		}
	}()
	b.blocks++
	size := (max(len(data), 16) + 15) &^ 15
	made = &block{id: b.blocks, buffer: b.gpu.newBuffer(size, usageStorage, true), size: size}
	js.CopyBytesToJS(b.gpu.mapped(made.buffer, size), data)
	b.gpu.unmapBuffer(made.buffer)
	return made, nil
}

// destroy frees a block that is not the pool's, after the commands that use it.
func (b *Backend) destroy(d *block) {
	b.submitUsers(d)
	for key := range b.groups {
		if slices.Contains(key.blocks[:], d.id) {
			delete(b.groups, key)
		}
	}
	b.gpu.destroyBuffer(d.buffer)
}
