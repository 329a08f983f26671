// Package kernel is what the SIMD backend and its WebAssembly kernels have to
// agree on. Package generator writes their code.
//
// A kernel does the items [first, first+count) of a job: rows, strips of tiles
// or whatever its arguments' comment says. All have one signature,
//
//	kernel(first, count, args, worker)
//
// where args is the address of a struct of this package, whose fields are
// 32-bit words, so that Go and the kernel agree on their places, and worker
// numbers the thread, which has scratch memory of its own. A kernel checks
// nothing: sizes and addresses are the caller's business (package simd).
//
// The documentation of a struct of arguments is the kernel's scalar loop.
// Addresses of matrices are those of row-major float32 unless it says
// otherwise; a stride is the bytes from row to row.
//
// A weight [out, k] lies in memory as panels of 8 outputs,
//
//	[out/8, k/step, 8, step]
//
// where step is how many consecutive elements a lane multiplies at once: 1 of
// float32, 2 of integers, 4 where activations are bytes. What is missing at the end of out
// or k is 0. A step takes 4 bytes of each row of activations.
//
// A module exports
//
//	run(kernel, n, step, args, control) → 0, or 1 if a thread was lost
//
// which does items 0 to n, in blocks of step. The modules of a shared memory
// do it together with the threads that are in
//
//	work(control, worker)
//
// until stop(control). The modules of relaxed instructions export probe() → 1 if
// these give the results they are used for, and dots() → Dots. layout() → Layout()
// tells a module that was made for other arguments.
package kernel

import (
	"fmt"
	"hash/fnv"
)

// Number is a kernel's number, run's first argument.
type Number int32

// The kernels. definitions has the arguments of each, whose comment says what it
// does.
const (
	MaxPool Number = iota
	MaxMagnitude
	PadI16
	PadF32
	DirectI8
	DirectF32
	WinogradTilesI16
	WinogradTilesF32
	WinogradI16
	WinogradF32
	LayerNorm
	Gate
	Embed
	Mean
	ArgMax
	TopK
	Mask
	Attention
	AttentionTiles
	PackKeys
	PackValues
	QuantizeRows
	QuantizeBytes
	MultiplyF32
	MultiplyI8
	MultiplyI4
	MultiplyBytes
	Count // of kernels
)

// definitions holds each kernel's name, which serves disassemblies and
// profiles, and its arguments.
var definitions = [Count]struct {
	name      string
	arguments any
}{
	MaxPool:          {"max_pool", Pool{}},
	MaxMagnitude:     {"max_magnitude", Magnitudes{}},
	PadI16:           {"pad_i16", Pad{}},
	PadF32:           {"pad_f32", Pad{}},
	DirectI8:         {"direct_i8", Direct{}},
	DirectF32:        {"direct_f32", Direct{}},
	WinogradTilesI16: {"winograd_tiles_i16", WinogradTiles{}},
	WinogradTilesF32: {"winograd_tiles_f32", WinogradTiles{}},
	WinogradI16:      {"winograd_i16", Winograd{}},
	WinogradF32:      {"winograd_f32", Winograd{}},
	LayerNorm:        {"layer_norm", Norm{}},
	Gate:             {"gate", Gates{}},
	Embed:            {"embed", Embedding{}},
	Mean:             {"mean", Average{}},
	ArgMax:           {"arg_max", Largest{}},
	TopK:             {"top_k", Best{}},
	Mask:             {"mask", Masking{}},
	Attention:        {"attention", Attend{}},
	AttentionTiles:   {"attention_tiles", AttendTiles{}},
	PackKeys:         {"pack_keys", Packing{}},
	PackValues:       {"pack_values", Packing{}},
	QuantizeRows:     {"quantize_rows", Quantization{}},
	QuantizeBytes:    {"quantize_bytes", ByteQuantization{}},
	MultiplyF32:      {"multiply_f32", Product{}},
	MultiplyI8:       {"multiply_i8", Product{}},
	MultiplyI4:       {"multiply_i4", Product{}},
	MultiplyBytes:    {"multiply_bytes", ByteProduct{}},
}

func (n Number) String() string { return definitions[n].name }

// Layout is a hash of what the modules and their callers have to agree on: which
// kernels there are, and the words of their arguments.
func Layout() int32 {
	h := fnv.New32a()
	for _, d := range definitions {
		fmt.Fprintf(h, "%s %#v\n", d.name, d.arguments)
	}
	return int32(h.Sum32())
}

// Variant is one of the modules made of the same kernels.
type Variant struct {
	Relaxed bool // uses relaxed SIMD
	Shared  bool // works on a shared memory, with threads
}

// Variants are all modules.
var Variants = []Variant{{}, {Relaxed: true}, {Shared: true}, {Relaxed: true, Shared: true}}

// File is the name of the variant's module.
func (v Variant) File() string {
	name := "kernels"
	if v.Relaxed {
		name += "-relaxed"
	}
	if v.Shared {
		name += "-shared"
	}
	return name + ".wasm"
}

// Dots is what i32x4.relaxed_dot_i8x16_i7x16_add_s is here: its second operand
// should be of 7 bits, but where it is a single instruction it does well with 8.
type Dots int32

const (
	NoDots       Dots = iota // several instructions, or none: products of int16 are as fast
	SignedDots               // takes −128 to 127: ARM's sdot, Intel's vpdpbssd
	UnsignedDots             // takes 0 to 255: Intel's vpdpbusd
)

// ControlWords is the size of the control block of a shared memory, in int32.
const ControlWords = 16
