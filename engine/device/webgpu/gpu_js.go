package webgpu

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall/js"
)

// Flags of GPUBufferUsage, GPUMapMode and GPUShaderStage.
const (
	usageMapRead = 0x1
	usageCopySrc = 0x4
	usageCopyDst = 0x8
	usageUniform = 0x40
	usageStorage = 0x80

	mapRead      = 0x1
	stageCompute = 0x4
)

// The objects of WebGPU that a backend keeps. The zero value is JavaScript's
// undefined.
type (
	gpuBuffer       struct{ js.Value }
	bindGroup       struct{ js.Value }
	bindGroupLayout struct{ js.Value }
	pipelineLayout  struct{ js.Value }
	shaderModule    struct{ js.Value }
	pipeline        struct{ js.Value }
	commandEncoder  struct{ js.Value }
	computePass     struct{ js.Value }
)

// gpu is a GPUDevice and its queue. Its functions are looked up and bound once,
// so that a call is nothing but that.
type gpu struct {
	name string   // of the adapter; may be empty
	lost js.Value // the promise

	subgroups bool // which the shaders may use

	// Of the device, and onSubmittedWorkDone, submit and writeBuffer of the queue.
	createBindGroup, createBindGroupLayout, createBuffer, createCommandEncoder js.Value
	createComputePipelineAsync, createPipelineLayout, createShaderModule       js.Value
	pushErrorScope, popErrorScope, destroyDevice                               js.Value
	onSubmittedWorkDone, submitBuffers, writeBuffer                            js.Value

	// Methods, whose first argument is their object.
	destroy, getMappedRange, mapAsync, unmap                   js.Value
	beginComputePass, copyBufferToBuffer, finish               js.Value
	dispatchWorkgroups, endPass, setBindGroupAt, setPipelineAt js.Value

	arrayOf, promiseAll     js.Value
	uint8Array, uint32Array js.Value // classes
}

// newBuffer makes a buffer of size bytes.
func (g *gpu) newBuffer(size, usage int, mapped bool) gpuBuffer {
	return gpuBuffer{g.createBuffer.Invoke(map[string]any{"size": size, "usage": usage, "mappedAtCreation": mapped})}
}

// mapped is the first n bytes of a mapped buffer, a Uint8Array.
func (g *gpu) mapped(b gpuBuffer, n int) js.Value {
	return g.uint8Array.New(g.getMappedRange.Invoke(b.Value, 0, n))
}

// mapForReading returns a promise.
func (g *gpu) mapForReading(b gpuBuffer, n int) js.Value {
	return g.mapAsync.Invoke(b.Value, mapRead, 0, n)
}

func (g *gpu) unmapBuffer(b gpuBuffer)   { g.unmap.Invoke(b.Value) }
func (g *gpu) destroyBuffer(b gpuBuffer) { g.destroy.Invoke(b.Value) }

// write puts the first n bytes of a Uint8Array into a buffer, before whatever is
// submitted later.
func (g *gpu) write(b gpuBuffer, offset int, data js.Value, n int) {
	g.writeBuffer.Invoke(b.Value, offset, data, 0, n)
}

// newLayout makes the layout of bind groups whose binding 0 is a uniform buffer
// of dynamic offset, and the others storage buffers of this access: r is read,
// w also written.
func (g *gpu) newLayout(access string) bindGroupLayout {
	entry := func(binding int, buffer map[string]any) any {
		return map[string]any{"binding": binding, "visibility": stageCompute, "buffer": buffer}
	}
	entries := []any{entry(0, map[string]any{"type": "uniform", "hasDynamicOffset": true})}
	for i, a := range access {
		kind := "read-only-storage"
		if a == 'w' {
			kind = "storage"
		}
		entries = append(entries, entry(i+1, map[string]any{"type": kind}))
	}
	return bindGroupLayout{g.createBindGroupLayout.Invoke(map[string]any{"entries": entries})}
}

func (g *gpu) newPipelineLayout(l bindGroupLayout) pipelineLayout {
	return pipelineLayout{g.createPipelineLayout.Invoke(map[string]any{"bindGroupLayouts": []any{l.Value}})}
}

// binding is the first size bytes of a buffer.
type binding struct {
	buffer gpuBuffer
	size   int
}

func (g *gpu) newBindGroup(l bindGroupLayout, bindings []binding) bindGroup {
	var entries []any
	for i, b := range bindings {
		entries = append(entries, map[string]any{"binding": i, "resource": map[string]any{"buffer": b.buffer.Value, "size": b.size}})
	}
	return bindGroup{g.createBindGroup.Invoke(map[string]any{"layout": l.Value, "entries": entries})}
}

func (g *gpu) newModule(code string) shaderModule {
	return shaderModule{g.createShaderModule.Invoke(map[string]any{"code": code})}
}

// faults are a module's compile errors, each by line and column and followed by
// "; ".
func (m shaderModule) faults(ctx context.Context) string {
	info, err := await(ctx, m.Call("getCompilationInfo"))
	if err != nil {
		return ""
	}
	var text strings.Builder
	messages := info.Get("messages")
	for i := range messages.Length() {
		if f := messages.Index(i); f.Get("type").String() == "error" {
			fmt.Fprintf(&text, "%d:%d: %s; ", f.Get("lineNum").Int(), f.Get("linePos").Int(), f.Get("message").String())
		}
	}
	return text.String()
}

// newPipeline returns a promise.
func (g *gpu) newPipeline(l pipelineLayout, m shaderModule, constants map[string]any) js.Value {
	return g.createComputePipelineAsync.Invoke(map[string]any{
		"layout": l.Value, "compute": map[string]any{"module": m.Value, "constants": constants},
	})
}

func (g *gpu) newEncoder() commandEncoder { return commandEncoder{g.createCommandEncoder.Invoke()} }

func (g *gpu) beginPass(e commandEncoder) computePass {
	return computePass{g.beginComputePass.Invoke(e.Value)}
}

func (g *gpu) setPipeline(p computePass, set pipeline) { g.setPipelineAt.Invoke(p.Value, set.Value) }

// setBindGroup takes the uniform buffer's dynamic offset from element at of
// offsets, a Uint32Array.
func (g *gpu) setBindGroup(p computePass, set bindGroup, offsets js.Value, at int) {
	g.setBindGroupAt.Invoke(p.Value, 0, set.Value, offsets, at, 1)
}

func (g *gpu) dispatch(p computePass, x, y int) { g.dispatchWorkgroups.Invoke(p.Value, x, y) }
func (g *gpu) end(p computePass)                { g.endPass.Invoke(p.Value) }

// copyBuffer records a copy of n bytes.
func (g *gpu) copyBuffer(e commandEncoder, from gpuBuffer, fromOffset int, to gpuBuffer, toOffset, n int) {
	g.copyBufferToBuffer.Invoke(e.Value, from.Value, fromOffset, to.Value, toOffset, n)
}

func (g *gpu) submit(e commandEncoder) {
	g.submitBuffers.Invoke(g.arrayOf.Invoke(g.finish.Invoke(e.Value)))
}

// scopes are the error scopes that are always open, the innermost last. They are
// of all kinds, so that no error goes uncaptured.
var scopes = []any{"internal", "out-of-memory", "validation"}

func (g *gpu) openScopes() {
	for _, kind := range scopes {
		g.pushErrorScope.Invoke(kind)
	}
}

// closeScopes returns a promise that is kept once all that was submitted is
// done: of an array with what each scope caught, a GPUError or null.
func (g *gpu) closeScopes() js.Value {
	return g.promiseAll.Invoke(g.arrayOf.Invoke(
		g.popErrorScope.Invoke(), g.popErrorScope.Invoke(), g.popErrorScope.Invoke(), g.onSubmittedWorkDone.Invoke()))
}

// hasSubgroups says whether an adapter has subgroups, and the browser's WGSL the
// subgroup_id that the shaders need besides.
func hasSubgroups(browser, adapter js.Value) bool {
	has := func(set js.Value, name string) bool { return !set.IsUndefined() && set.Call("has", name).Bool() }
	return has(adapter.Get("features"), "subgroups") && has(browser.Get("wgslLanguageFeatures"), "subgroup_id")
}

// openGPU asks the browser for a device with the default limits.
func openGPU(ctx context.Context, o Options) (*gpu, error) {
	navigator := js.Global().Get("navigator").Get("gpu")
	if navigator.IsUndefined() {
		return nil, errors.New("webgpu: this browser has no WebGPU")
	}
	adapter, err := await(ctx, navigator.Call("requestAdapter", map[string]any{"powerPreference": "high-performance"}))
	if err != nil {
		return nil, fmt.Errorf("webgpu: asking for an adapter: %w", err)
	}
	if adapter.IsNull() {
		return nil, errors.New("webgpu: the browser offers no GPU")
	}
	name, software := describe(adapter)
	if software && !o.Software {
		return nil, fmt.Errorf("webgpu: the browser offers no GPU but a program that acts as one, %s", name)
	}
	if err := checkLimits(adapter.Get("limits")); err != nil {
		return nil, err
	}
	subgroups := !o.Plain && hasSubgroups(navigator, adapter)
	var wanted []any
	if subgroups {
		wanted = append(wanted, "subgroups")
	}
	device, err := await(ctx, adapter.Call("requestDevice", map[string]any{"requiredFeatures": wanted}))
	if err != nil {
		return nil, fmt.Errorf("webgpu: the browser denies the GPU: %w", err)
	}
	g := bind(device)
	g.name, g.subgroups = name, subgroups
	return g, nil
}

// describe names an adapter and tells whether it is one that computes on the
// CPU.
func describe(adapter js.Value) (name string, software bool) {
	info := adapter.Get("info")
	var words []string
	for _, field := range []string{"vendor", "architecture", "device", "description"} {
		if value := info.Get(field); value.Type() == js.TypeString && value.String() != "" {
			words = append(words, value.String())
		}
	}
	name = strings.Join(words, " ")
	// Where isFallbackAdapter is missing or says false of Linux's own software
	// drivers, the name tells.
	software = info.Get("isFallbackAdapter").Truthy() || adapter.Get("isFallbackAdapter").Truthy()
	for _, program := range []string{"swiftshader", "llvmpipe", "basic render"} {
		software = software || strings.Contains(strings.ToLower(name), program)
	}
	return name, software
}

// limits are those of WebGPU's defaults that the backend counts on.
var limits = map[string]int{
	"maxStorageBufferBindingSize":       maxBinding,
	"maxStorageBuffersPerShaderStage":   8,
	"maxComputeInvocationsPerWorkgroup": 128,
	"maxComputeWorkgroupStorageSize":    16 << 10,
	"maxComputeWorkgroupsPerDimension":  maxGroups,
}

// checkLimits refuses what WebGPU's compatibility mode may offer.
func checkLimits(offered js.Value) error {
	for name, need := range limits {
		if limit := offered.Get(name); limit.Type() != js.TypeNumber || limit.Float() < float64(need) {
			return fmt.Errorf("webgpu: the GPU is too small: its %s is below %d", name, need)
		}
	}
	return nil
}

func bind(device js.Value) *gpu {
	global, queue := js.Global(), device.Get("queue")
	call := global.Get("Function").Get("prototype").Get("call")
	of := func(object js.Value, method string) js.Value { return object.Get(method).Call("bind", object) }
	method := func(class, name string) js.Value {
		return call.Call("bind", global.Get(class).Get("prototype").Get(name))
	}
	return &gpu{
		lost: device.Get("lost"),

		createBindGroup:            of(device, "createBindGroup"),
		createBindGroupLayout:      of(device, "createBindGroupLayout"),
		createBuffer:               of(device, "createBuffer"),
		createCommandEncoder:       of(device, "createCommandEncoder"),
		createComputePipelineAsync: of(device, "createComputePipelineAsync"),
		createPipelineLayout:       of(device, "createPipelineLayout"),
		createShaderModule:         of(device, "createShaderModule"),
		pushErrorScope:             of(device, "pushErrorScope"),
		popErrorScope:              of(device, "popErrorScope"),
		destroyDevice:              of(device, "destroy"),
		onSubmittedWorkDone:        of(queue, "onSubmittedWorkDone"),
		submitBuffers:              of(queue, "submit"),
		writeBuffer:                of(queue, "writeBuffer"),

		destroy:            method("GPUBuffer", "destroy"),
		getMappedRange:     method("GPUBuffer", "getMappedRange"),
		mapAsync:           method("GPUBuffer", "mapAsync"),
		unmap:              method("GPUBuffer", "unmap"),
		beginComputePass:   method("GPUCommandEncoder", "beginComputePass"),
		copyBufferToBuffer: method("GPUCommandEncoder", "copyBufferToBuffer"),
		finish:             method("GPUCommandEncoder", "finish"),
		dispatchWorkgroups: method("GPUComputePassEncoder", "dispatchWorkgroups"),
		endPass:            method("GPUComputePassEncoder", "end"),
		setBindGroupAt:     method("GPUComputePassEncoder", "setBindGroup"),
		setPipelineAt:      method("GPUComputePassEncoder", "setPipeline"),

		arrayOf:     of(global.Get("Array"), "of"),
		promiseAll:  of(global.Get("Promise"), "all"),
		uint8Array:  global.Get("Uint8Array"),
		uint32Array: global.Get("Uint32Array"),
	}
}
