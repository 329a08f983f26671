// Package kernel generates the WebAssembly kernels of the SIMD backend.
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
// these give the results they are used for. layout() → Layout() tells a module
// that was made for other arguments.
package kernel

import (
	"fmt"
	"hash/fnv"

	"uarweb/engine/device/simd/internal/asm"
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
	MultiplyF32
	MultiplyI8
	MultiplyI4
	Count // of kernels
)

// definitions holds each kernel's name, which serves disassemblies and
// profiles, its arguments, and what writes its body.
var definitions = [Count]struct {
	name      string
	arguments any
	emit      func(*builder)
}{
	MaxPool:          {"max_pool", Pool{}, maxPool},
	MaxMagnitude:     {"max_magnitude", Magnitudes{}, maxMagnitude},
	PadI16:           {"pad_i16", Pad{}, padI16},
	PadF32:           {"pad_f32", Pad{}, padF32},
	DirectI8:         {"direct_i8", Direct{}, directI8},
	DirectF32:        {"direct_f32", Direct{}, directF32},
	WinogradTilesI16: {"winograd_tiles_i16", WinogradTiles{}, winogradTilesI16},
	WinogradTilesF32: {"winograd_tiles_f32", WinogradTiles{}, winogradTilesF32},
	WinogradI16:      {"winograd_i16", Winograd{}, winogradI16},
	WinogradF32:      {"winograd_f32", Winograd{}, winogradF32},
	LayerNorm:        {"layer_norm", Norm{}, layerNorm},
	Gate:             {"gate", Gates{}, gate},
	Embed:            {"embed", Embedding{}, embed},
	Mean:             {"mean", Average{}, mean},
	ArgMax:           {"arg_max", Largest{}, argMax},
	TopK:             {"top_k", Best{}, topK},
	Mask:             {"mask", Masking{}, mask},
	Attention:        {"attention", Attend{}, attention},
	AttentionTiles:   {"attention_tiles", AttendTiles{}, attentionTiles},
	PackKeys:         {"pack_keys", Packing{}, packKeys},
	PackValues:       {"pack_values", Packing{}, packValues},
	QuantizeRows:     {"quantize_rows", Quantization{}, quantizeRows},
	MultiplyF32:      {"multiply_f32", Product{}, multiplyF32},
	MultiplyI8:       {"multiply_i8", Product{}, multiplyI8},
	MultiplyI4:       {"multiply_i4", Product{}, multiplyI4},
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

// Module generates the variant's module.
func (v Variant) Module() []byte {
	m := &asm.Module{Shared: v.Shared}
	var table []*asm.Function
	for _, d := range definitions {
		f := m.Function(d.name, 4)
		d.emit(&builder{Function: f, relaxed: v.Relaxed,
			first: f.Param(0), count: f.Param(1), args: f.Param(2), worker: f.Param(3)})
		table = append(table, f)
	}
	m.Table(table...)
	if v.Shared {
		runShared(m, patience)
		work(m)
		stop(m)
	} else {
		run(m)
	}
	if v.Relaxed {
		probe(m)
	}
	layout := m.FunctionI32("layout", 0)
	layout.Return(asm.Const(int(Layout())))
	return m.Bytes()
}

// builder writes one kernel.
type builder struct {
	*asm.Function
	relaxed                    bool
	first, count, args, worker asm.I32
}

// arg is a new variable with the word of the arguments at an offset.
func (b *builder) arg(offset uintptr) asm.I32 { return b.Variable(b.args.Load(int(offset))) }

// argF32 is the float of the arguments at an offset.
func (b *builder) argF32(offset uintptr) asm.F32 { return b.args.LoadF32(int(offset)) }

// mulAdd is x·y + z.
func (b *builder) mulAdd(x, y, z asm.F32x4) asm.F32x4 {
	if b.relaxed {
		return x.RelaxedMulAdd(y, z)
	}
	return z.Add(x.Mul(y))
}

// probe: does the relaxed multiply-add give a·b + c, rounded once or twice?
func probe(m *asm.Module) {
	f := m.FunctionI32("probe", 0)
	x := f.F32x4()
	right := asm.Const(1)
	for _, c := range []struct{ a, b, c, want float32 }{{3, 5, 7, 22}, {-1.5, 4, 0.25, -5.75}, {0, 9, -8, -8}} {
		x.Set(asm.F32x4Const(c.a)) // in a variable, so that the engine cannot fold it
		right = right.And(x.RelaxedMulAdd(asm.F32x4Const(c.b), asm.F32x4Const(c.c)).Eq(asm.F32x4Const(c.want)).AllTrue())
		again := f.Variable(right)
		right = again
	}
	f.Return(right)
}
