// Package webgpu computes on a GPU through the browser's WebGPU.
//
// Every operation of the device interface is a compute shader, a *.wgsl file
// with its formula at the top; programs.go lists them. Weights stay in the
// precision they are stored in and are expanded to f32 as the shaders read them;
// everything is computed in f32. Only WebGPU's default limits are asked for.
//
// Subgroups are used for reductions where the GPU has them, by a variant of a
// shader's part. Description names which shaders compute, the self-test is of
// these, and Options.Plain does without subgroups.
//
// Operations are recorded into one command buffer, which Flush and Download
// submit. What changes between dispatches, the sizes, lies in one uniform
// buffer, at an offset of each dispatch's own, so that a dispatch makes no
// object: buffers come from a pool, and bind groups are kept by their buffers.
//
// An error of the GPU is kept and returned by every later Flush and Download: what
// was computed since cannot be trusted, and a new backend must be made.
package webgpu

import "uarweb/engine/status"

// ErrLost is wrapped by the errors of a backend whose GPU is gone: it was
// unplugged, its driver was updated or restarted, or the browser took it back.
// A new backend may work.
var ErrLost = status.Errorf(status.BackendLost, "webgpu: the GPU was lost")

// ErrFailed is wrapped by the errors of a backend whose GPU is there and does
// not do what it is asked, for want of memory or by a fault. Another backend may.
var ErrFailed = status.Errorf(status.BackendLost, "webgpu: the GPU failed")

// Options of New. The zero value is the default.
type Options struct {
	// Software accepts an adapter that computes on the CPU, and slower than the
	// other backends do.
	Software bool

	// Plain uses no feature of the GPU that WebGPU does not promise: no subgroups.
	Plain bool
}
