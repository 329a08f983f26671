// Package generator writes the WebAssembly kernels of the SIMD backend, which are
// committed as files. Programs do without it: what they have to know of the
// kernels is in package kernel.
package generator

import (
	"uarweb/engine/device/simd/internal/asm"
	"uarweb/engine/device/simd/internal/kernel"
)

// bodies holds what writes the body of each kernel.
var bodies = [kernel.Count]func(*builder){
	kernel.MaxPool:          maxPool,
	kernel.MaxMagnitude:     maxMagnitude,
	kernel.PadI16:           padI16,
	kernel.PadF32:           padF32,
	kernel.DirectI8:         directI8,
	kernel.DirectF32:        directF32,
	kernel.WinogradTilesI16: winogradTilesI16,
	kernel.WinogradTilesF32: winogradTilesF32,
	kernel.WinogradI16:      winogradI16,
	kernel.WinogradF32:      winogradF32,
	kernel.LayerNorm:        layerNorm,
	kernel.Gate:             gate,
	kernel.Embed:            embed,
	kernel.Mean:             mean,
	kernel.ArgMax:           argMax,
	kernel.TopK:             topK,
	kernel.Mask:             mask,
	kernel.Attention:        attention,
	kernel.AttentionTiles:   attentionTiles,
	kernel.PackKeys:         packKeys,
	kernel.PackValues:       packValues,
	kernel.QuantizeRows:     quantizeRows,
	kernel.QuantizeBytes:    quantizeBytes,
	kernel.MultiplyF32:      multiplyF32,
	kernel.MultiplyI8:       multiplyI8,
	kernel.MultiplyI4:       multiplyI4,
	kernel.MultiplyBytes:    multiplyBytes,
}

// Module generates the module of a variant.
func Module(v kernel.Variant) []byte {
	m := &asm.Module{Shared: v.Shared}
	var table []*asm.Function
	for k, body := range bodies {
		f := m.Function(kernel.Number(k).String(), 4)
		body(&builder{Function: f, relaxed: v.Relaxed,
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
		dots(m)
	}
	layout := m.FunctionI32("layout", 0)
	layout.Return(asm.Const(int(kernel.Layout())))
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

// dotAdd adds to each lane of sum the four products of the bytes of w and x there:
// w signed, x as kernel.Dots says. Without relaxed instructions x is signed, and the
// products take several: as good for tests, not as fast.
func (b *builder) dotAdd(low, high asm.I32x4, w, x asm.I8x16, sum asm.I32x4) asm.I32x4 {
	if b.relaxed {
		return w.RelaxedDotAdd(x, sum)
	}
	low.Set(w.Low().Dot(x.Low()))
	high.Set(w.High().Dot(x.High()))
	return sum.Add(words(low, high, 0, 2, 4, 6)).Add(words(low, high, 1, 3, 5, 7))
}

// dots: what is the relaxed dot product (kernel.Dots)? What is more than one
// instruction adds pairs up in 16 bits, which for these bytes overflows.
func dots(m *asm.Module) {
	f := m.FunctionI32("dots", 0)
	x := f.I8x16()
	gives := func(a, b int8, want int) asm.I32 {
		x.Set(asm.I8x16Const(a))
		return f.Variable(x.RelaxedDotAdd(asm.I8x16Const(b), asm.I32x4Const(5)).Eq(asm.I32x4Const(want + 5)).AllTrue())
	}
	right := gives(-127, 127, 4*-127*127).And(gives(127, 1, 4*127))
	signed := gives(127, -1, 4*-127).And(gives(-128, -128, 4*128*128))
	unsigned := gives(127, -1, 4*127*255).And(gives(-128, -128, 4*-128*128))
	f.Return(right.Mul(signed.Mul(asm.Const(int(kernel.SignedDots))).Add(unsigned.Mul(asm.Const(int(kernel.UnsignedDots))))))
}
