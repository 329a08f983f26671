package generator

import (
	"unsafe"

	"uarweb/engine/device/simd/internal/asm"
	"uarweb/engine/device/simd/internal/kernel"
)

func quantizeRows(b *builder) {
	var a kernel.Quantization
	const unroll = 4
	columns := b.arg(unsafe.Offsetof(a.Columns))
	bytes := b.Variable(columns.Shl(2))
	x := b.Variable(b.arg(unsafe.Offsetof(a.X)).Add(b.first.Mul(bytes)))
	dst := b.Variable(b.arg(unsafe.Offsetof(a.Dst)).Add(b.first.Mul(columns.Add(asm.Const(1)).And(asm.Const(-2)).Shl(1))))
	scale := b.Variable(b.arg(unsafe.Offsetof(a.Scale)).Add(b.first.Shl(2)))
	floor := b.VariableF32x4(b.argF32(unsafe.Offsetof(a.Floor)).Splat())
	limit := b.VariableF32(b.argF32(unsafe.Offsetof(a.Limit)))
	p, end, eights := b.I32(), b.I32(), b.I32()
	inverse := b.F32x4()
	// The magnitudes are compared as integers, among which NaN is above
	// infinity, and that above all others.
	tops := make([]asm.I32x4, unroll)
	for i := range tops {
		tops[i] = b.I32x4()
	}
	b.eachItem(func() {
		end.Set(x.Add(bytes))
		for _, t := range tops {
			t.Set(asm.F32x4Const(kernel.LeastMagnitude).Bits())
		}
		p.Set(x)
		b.sweep(unroll, end, func(g group) {
			t := tops[g.number]
			t.Set(t.MaxS(g.load(p).PMax(floor).Abs().Bits()))
		}, p)
		tops[0].Set(tops[0].MaxS(tops[1]).MaxS(tops[2].MaxS(tops[3])))
		top := b.Variable(tops[0].Lane(0))
		for l := 1; l < 4; l++ {
			top.Set(asm.MaxS(top, tops[0].Lane(l)))
		}
		scale.StoreF32(0, top.Bits().Div(limit))
		inverse.Set(limit.Div(top.Bits()).Splat())

		quantize := func(v asm.F32x4) asm.I32x4 { return v.PMax(floor).Mul(inverse).Nearest().Int() }
		eights.Set(x.Add(bytes.And(asm.Const(-32))))
		b.While(x.LtU(eights), func() {
			dst.StoreI16x8(0, quantize(x.LoadF32x4(0)).Narrow(quantize(x.LoadF32x4(16))))
			x.Inc(32)
			dst.Inc(16)
		})
		b.While(x.LtU(end), func() {
			dst.Store16(0, quantize(x.LoadSplatF32(0)).Lane(0))
			x.Inc(4)
			dst.Inc(2)
		})
		b.If(columns.And(asm.Const(1)), func() {
			dst.Store16(0, asm.Const(0))
			dst.Inc(2)
		}, nil)
		scale.Inc(4)
	})
}
