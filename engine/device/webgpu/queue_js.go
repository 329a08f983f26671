package webgpu

import (
	"context"
	"fmt"
	"slices"
	"syscall/js"

	"uarweb/engine/device"
)

// slots is how many dispatches a command buffer may have.
const slots = 1024

// params are the sizes of a dispatch, in the order of its shader's Params.
type params [8]uint32

// slotSize is how far apart the params of two dispatches lie: the default
// minUniformBufferOffsetAlignment.
const slotSize = 256

// uploadChunk is how many bytes of an upload cross the border to JavaScript at a
// time, which bounds the copy there.
const uploadChunk = 1 << 20

// submission is a command buffer on its way.
type submission struct{ done chan struct{} }

// record begins a command buffer, if none is begun.
func (b *Backend) record() {
	if b.encoder.IsUndefined() {
		b.encoder = b.gpu.newEncoder()
	}
}

func (b *Backend) endPass() {
	if !b.pass.IsUndefined() {
		b.gpu.end(b.pass)
		b.pass = computePass{}
	}
}

// dispatch records a run of a program over a grid of workgroups. blocks are
// bound from binding 1 on.
func (b *Backend) dispatch(k *kernel, x, y int, p params, blocks ...*block) {
	if b.err != nil || x == 0 || y == 0 {
		return
	}
	if x > maxGroups || y > maxGroups {
		b.fail(fmt.Errorf("%w: %s wants %d×%d workgroups, it starts %d", ErrFailed, k.shader, x, y, maxGroups))
		return
	}
	pipeline, err := k.ready(context.Background())
	if err != nil {
		b.fail(err)
		return
	}
	if b.used == slots {
		b.submit()
	}
	b.record()
	if b.pass.IsUndefined() {
		b.pass = b.gpu.beginPass(b.encoder)
	}
	copy(b.params[b.used*slotSize/4:], p[:])
	b.gpu.setPipeline(b.pass, pipeline)
	b.gpu.setBindGroup(b.pass, b.group(k, blocks), b.offsets, b.used)
	b.gpu.dispatch(b.pass, x, y)
	b.used++
	for _, d := range blocks {
		d.window = b.window
	}
}

// groupKey is what a bind group is made of.
type groupKey struct {
	access string
	blocks [8]uint32
}

// group returns the bind group of blocks, which is made once.
func (b *Backend) group(k *kernel, blocks []*block) bindGroup {
	key := groupKey{access: k.access}
	for i, d := range blocks {
		key.blocks[i] = d.id
	}
	if made, ok := b.groups[key]; ok {
		return made
	}
	bindings := []binding{{b.uniform.buffer, len(params{}) * 4}}
	for _, d := range blocks {
		bindings = append(bindings, binding{d.buffer, d.size})
	}
	made := b.gpu.newBindGroup(k.layout.group, bindings)
	b.groups[key] = made
	return made
}

// upload writes src into a block, from byte offset on.
func (b *Backend) upload(d *block, offset int, src []byte) {
	if b.err != nil {
		return
	}
	b.submitUsers(d) // a write is made before the commands that are not yet submitted
	b.write(d, offset, src)
}

func (b *Backend) write(d *block, offset int, src []byte) {
	for chunk := range slices.Chunk(src, uploadChunk) {
		if b.scratch.IsUndefined() || b.scratch.Length() < len(chunk) {
			b.scratch = b.gpu.uint8Array.New(class(len(chunk)))
		}
		js.CopyBytesToJS(b.scratch, chunk)
		b.gpu.write(d.buffer, offset, b.scratch, len(chunk))
		offset += len(chunk)
	}
}

// submitUsers submits what is recorded if it uses the block.
func (b *Backend) submitUsers(d *block) {
	if d.window == b.window {
		b.submit()
	}
}

// submit sends what is recorded to the GPU. A window of errors ends with it:
// those of all that was called since the last one are the submission's.
func (b *Backend) submit() *submission {
	b.endPass()
	if b.used > 0 {
		b.write(b.uniform, 0, bytesOf(b.params[:b.used*slotSize/4]))
		b.used = 0
	}
	if !b.encoder.IsUndefined() {
		b.gpu.submit(b.encoder)
		b.encoder = commandEncoder{}
	}
	b.window++

	outcome := then(b.gpu.closeScopes())
	b.gpu.openScopes()
	s := &submission{done: make(chan struct{})}
	go func() {
		defer close(s.done)
		o := <-outcome
		if o.err != nil {
			b.fail(fmt.Errorf("%w: waiting for it: %w", ErrFailed, o.err))
			return
		}
		for i := range scopes {
			if found := o.value.Index(i); !found.IsNull() {
				b.fail(gpuError(found))
			}
		}
	}()
	return s
}

// gpuError makes a Go error of a GPUError.
func gpuError(e js.Value) error {
	return fmt.Errorf("%w: %s: %s", ErrFailed, e.Get("constructor").Get("name").String(), e.Get("message").String())
}

func (b *Backend) Flush(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if b.err != nil {
		return b.err
	}
	earlier := b.flushed[0]
	b.flushed = [2]*submission{b.flushed[1], b.submit()}
	if earlier != nil {
		select {
		case <-earlier.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return b.err
}

func (b *Backend) Download(ctx context.Context, copies ...device.Copy) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if b.err != nil {
		return b.err
	}
	size := 0
	for _, c := range copies {
		size += len(target(c))
	}
	b.reserveStaging(size)
	b.endPass()
	at := 0
	for _, c := range copies {
		if c.Floats == nil && c.Ints == nil {
			continue
		}
		n := len(target(c))
		from := b.elements(c.From, c.Ints != nil, c.Offset+n/4)
		if n > 0 {
			b.record()
			b.gpu.copyBuffer(b.encoder, from.buffer, 4*c.Offset, b.staging.buffer, at, n)
		}
		at += n
	}
	submitted := b.submit()
	mapped := then(b.gpu.mapForReading(b.staging.buffer, class(size)))
	// Not even a cancelled ctx ends the wait: the staging buffer is needed
	// again, and Flush has kept the queue short.
	<-submitted.done
	o := <-mapped
	if o.err != nil {
		b.fail(fmt.Errorf("%w: reading from it: %w", ErrFailed, o.err))
		return b.err
	}
	all := b.gpu.mapped(b.staging.buffer, class(size))
	at = 0
	for _, c := range copies {
		to := target(c)
		js.CopyBytesToGo(to, all.Call("subarray", at, at+len(to)))
		at += len(to)
	}
	b.gpu.unmapBuffer(b.staging.buffer)
	return b.err
}

// target is where a copy goes; empty if it goes nowhere.
func target(c device.Copy) []byte {
	if c.Floats != nil {
		return bytesOf(c.Floats)
	}
	return bytesOf(c.Ints)
}

// reserveStaging makes the staging buffer, through which results are read, large
// enough for size bytes.
func (b *Backend) reserveStaging(size int) {
	if b.staging != nil && b.staging.size >= size {
		return
	}
	if b.staging != nil {
		b.gpu.destroyBuffer(b.staging.buffer)
	}
	b.staging = b.newBlock(class(size), usageMapRead|usageCopyDst)
}
