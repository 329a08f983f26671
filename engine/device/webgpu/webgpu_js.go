package webgpu

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall/js"

	"uarweb/engine/device"
	"uarweb/weights/tensor"
)

// Backend computes on a GPU. Its methods are device.Backend's; they and the
// promises' callbacks run in turns, never at once: wasm has one thread of Go.
type Backend struct {
	gpu    *gpu
	source func(shader string, v variant) string
	err    error // the first; ends all work
	closed bool

	layouts map[string]layout        // by access
	modules map[program]shaderModule // by shader and variant
	kernels map[program]*kernel
	groups  map[groupKey]bindGroup

	pool    pool
	blocks  uint32 // made so far
	none    *block // bound where an operation reads nothing
	sink    *block // bound where it writes nothing
	staging *block
	weights device.Buffer // of attentionWeights; nil before the first
	scratch js.Value      // Uint8Array, for uploads

	// What is recorded and not yet submitted.
	encoder commandEncoder // undefined where there is none
	pass    computePass    // likewise
	window  uint64         // its number
	used    int            // slots of params
	params  []uint32       // [slots, slotSize/4]
	uniform *block         // the same on the GPU
	offsets js.Value       // Uint32Array of where each slot begins

	flushed [2]*submission // by the last two Flushes, the latest last
}

var _ device.Backend = (*Backend)(nil)

// New opens the GPU and makes the pipelines that do not depend on a model. Its
// error says why there is none to use.
func New(ctx context.Context, o Options) (*Backend, error) {
	return open(ctx, o, source)
}

// open is New with shaders from source.
func open(ctx context.Context, o Options, source func(shader string, v variant) string) (*Backend, error) {
	g, err := openGPU(ctx, o)
	if err != nil {
		return nil, err
	}
	b := &Backend{
		gpu: g, source: source,
		layouts: map[string]layout{}, modules: map[program]shaderModule{}, kernels: map[program]*kernel{}, groups: map[groupKey]bindGroup{},
		pool:   pool{free: map[int][]*block{}},
		window: 1, params: make([]uint32, slots*slotSize/4), offsets: g.uint32Array.New(slots),
	}
	go b.watch(then(g.lost))
	b.gpu.openScopes()
	b.uniform = b.newBlock(slots*slotSize, usageUniform|usageCopyDst)
	b.none, b.sink = b.newBlock(16, usageStorage), b.newBlock(16, usageStorage)
	for i := range slots {
		b.offsets.SetIndex(i, i*slotSize)
	}
	for name, s := range shaders {
		if !s.weights {
			b.shader(name)
		}
	}
	if err := b.prepare(ctx); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// prepare waits for the pipelines that were begun.
func (b *Backend) prepare(ctx context.Context) error {
	for _, k := range b.kernels {
		if _, err := k.ready(ctx); err != nil {
			return err
		}
	}
	return b.Download(ctx) // the errors of all that was made
}

// watch waits for the GPU to be lost.
func (b *Backend) watch(lost <-chan outcome) {
	o := <-lost
	if !b.closed {
		b.fail(fmt.Errorf("%w: %s", ErrLost, o.value.Get("message").String()))
	}
}

// fail keeps the first error.
func (b *Backend) fail(err error) {
	if b.err == nil {
		b.err = err
	}
}

// Name is "webgpu".
func (b *Backend) Name() string { return "webgpu" }

// Description says on what it computes and with which shaders, "WebGPU on nvidia
// ampere, with subgroups" or "…, with plain shaders", for people. Browsers tell of
// a GPU what they like, and may tell nothing.
func (b *Backend) Description() string {
	text := "WebGPU"
	if b.gpu.name != "" {
		text += " on " + b.gpu.name
	}
	if b.Plain() {
		return text + ", with plain shaders"
	}
	return text + ", with subgroups"
}

// Plain says whether it uses nothing but what every GPU of WebGPU has, as
// Options.Plain wishes.
func (b *Backend) Plain() bool { return !b.gpu.subgroups }

var errClosed = errors.New("webgpu: the backend is closed")

// Close gives back the GPU, and with it all its memory.
func (b *Backend) Close() {
	b.closed = true
	b.fail(errClosed)
	b.gpu.destroyDevice.Invoke()
}

// layout of the shaders with the same access.
type layout struct {
	group    bindGroupLayout
	pipeline pipelineLayout
}

func (b *Backend) layout(access string) layout {
	made, ok := b.layouts[access]
	if !ok {
		made.group = b.gpu.newLayout(access)
		made.pipeline = b.gpu.newPipelineLayout(made.group)
		b.layouts[access] = made
	}
	return made
}

// kernel is a program's compute pipeline, which may still be in the making.
type kernel struct {
	program
	access   string
	layout   layout
	module   shaderModule
	making   <-chan outcome // nil once received
	pipeline pipeline
	err      error
}

// shader is the kernel of a shader without overrides.
func (b *Backend) shader(name string) *kernel {
	p := program{shader: name}
	if b.gpu.subgroups && slices.Contains(shaders[name].variants(), inSubgroups) {
		p.variant = inSubgroups
	}
	return b.kernel(p)
}

// kernel begins to make a program's pipeline, once.
func (b *Backend) kernel(p program) *kernel {
	if made, ok := b.kernels[p]; ok {
		return made
	}
	text := program{shader: p.shader, variant: p.variant}
	module, ok := b.modules[text]
	if !ok {
		module = b.gpu.newModule(b.source(p.shader, p.variant))
		b.modules[text] = module
	}
	access := shaders[p.shader].access
	k := &kernel{program: p, access: access, layout: b.layout(access), module: module}
	k.making = then(b.gpu.newPipeline(k.layout.pipeline, module, p.constants()))
	b.kernels[p] = k
	return k
}

// ready waits for the pipeline, or for ctx.
func (k *kernel) ready(ctx context.Context) (pipeline, error) {
	if k.making == nil {
		return k.pipeline, k.err
	}
	select {
	case o := <-k.making:
		k.making, k.pipeline = nil, pipeline{o.value}
		if o.err != nil {
			k.err = fmt.Errorf("%w: it refuses the shader %s: %s%w", ErrFailed, k.shader, k.module.faults(ctx), o.err)
		}
		return k.pipeline, k.err
	case <-ctx.Done():
		return pipeline{}, ctx.Err()
	}
}

// matrix is a device.Matrix.
type matrix struct {
	packed          // without data and scales
	product, vector *kernel
	weights, scale  *block // scale is Backend.none where there are no scales
	backend         *Backend
}

// Release frees the GPU's memory, after the operations already called.
func (m *matrix) Release() {
	m.backend.destroy(m.weights)
	if m.scale != m.backend.none {
		m.backend.destroy(m.scale)
	}
}

func (b *Backend) Matrix(t tensor.Tensor) (device.Matrix, error) {
	if b.err != nil {
		return nil, b.err
	}
	p, err := pack(t)
	if err != nil {
		return nil, err
	}
	m := &matrix{packed: p, scale: b.none, backend: b}
	m.data, m.scales = nil, nil
	shape := square
	if p.outputs <= 32 { // half of the square would be empty
		shape = narrow
	}
	// Both are made while the rest of the weights are uploaded.
	m.product = b.kernel(program{shader: "product", format: p.format, tile: shape})
	if p.kernel == 1 {
		m.vector = b.kernel(program{shader: "vector", format: p.format})
	}
	if m.weights, err = b.newFilledBlock(p.data); err != nil {
		return nil, fmt.Errorf("%w, in %s", err, t.Name)
	}
	if p.scales != nil {
		if m.scale, err = b.newFilledBlock(bytesOf(p.scales)); err != nil {
			return nil, fmt.Errorf("%w, in %s", err, t.Name)
		}
	}
	return m, nil
}

func (b *Backend) Upload(dst device.Buffer, offset int, src []float32) {
	b.upload(b.elements(dst, false, offset+len(src)), 4*offset, bytesOf(src))
}

func (b *Backend) UploadInts(dst device.Buffer, offset int, src []int32) {
	b.upload(b.elements(dst, true, offset+len(src)), 4*offset, bytesOf(src))
}

// elements is the block of a buffer that must have n elements of its kind.
func (b *Backend) elements(of device.Buffer, ints bool, n int) *block {
	own := of.(*buffer)
	switch {
	case own.block == nil:
		panic("webgpu: use of a released buffer")
	case own.ints != ints:
		panic("webgpu: integers where floats are needed, or floats where integers are")
	case own.n < n:
		panic("webgpu: a buffer is too short")
	}
	return own.block
}
