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
// these give the results they are used for.
package kernel

import "uarweb/engine/device/simd/internal/asm"

// Number is a kernel's number, run's first argument.
type Number int32

// The kernels. The comment of each one's arguments says what it does.
const (
	MaxPool          Number = iota // Pool
	MaxMagnitude                   // Magnitudes
	PadI16                         // Pad
	PadF32                         // Pad
	DirectI8                       // Direct
	DirectF32                      // Direct
	WinogradTilesI16               // WinogradTiles
	WinogradTilesF32               // WinogradTiles
	WinogradI16                    // Winograd
	WinogradF32                    // Winograd
	LayerNorm                      // Norm
	Gate                           // Gates
	Embed                          // Embedding
	Mean                           // Average
	ArgMax                         // Largest
	TopK                           // Best
	Mask                           // Masking
	Attention                      // Attend
	AttentionTiles                 // AttendTiles
	PackKeys                       // Packing
	PackValues                     // Packing
	QuantizeRows                   // Quantization
	MultiplyF32                    // Product
	MultiplyI8                     // Product
	MultiplyI4                     // Product
	count
)

// definitions holds each kernel's name, which serves disassemblies and
// profiles, and what writes its body.
var definitions = [count]struct {
	name string
	emit func(*builder)
}{
	MaxPool:          {"max_pool", maxPool},
	MaxMagnitude:     {"max_magnitude", maxMagnitude},
	PadI16:           {"pad_i16", padI16},
	PadF32:           {"pad_f32", padF32},
	DirectI8:         {"direct_i8", directI8},
	DirectF32:        {"direct_f32", directF32},
	WinogradTilesI16: {"winograd_tiles_i16", winogradTilesI16},
	WinogradTilesF32: {"winograd_tiles_f32", winogradTilesF32},
	WinogradI16:      {"winograd_i16", winogradI16},
	WinogradF32:      {"winograd_f32", winogradF32},
	LayerNorm:        {"layer_norm", layerNorm},
	Gate:             {"gate", gate},
	Embed:            {"embed", embed},
	Mean:             {"mean", mean},
	ArgMax:           {"arg_max", argMax},
	TopK:             {"top_k", topK},
	Mask:             {"mask", mask},
	Attention:        {"attention", attention},
	AttentionTiles:   {"attention_tiles", attentionTiles},
	PackKeys:         {"pack_keys", packKeys},
	PackValues:       {"pack_values", packValues},
	QuantizeRows:     {"quantize_rows", quantizeRows},
	MultiplyF32:      {"multiply_f32", multiplyF32},
	MultiplyI8:       {"multiply_i8", multiplyI8},
	MultiplyI4:       {"multiply_i4", multiplyI4},
}

func (n Number) String() string { return definitions[n].name }

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
