package generator

import (
	"math"
	"unsafe"

	"uarweb/engine/device/simd/internal/asm"
	"uarweb/engine/device/simd/internal/kernel"
)

var negativeInfinity = float32(math.Inf(-1))

func argMax(b *builder) {
	var a kernel.Largest
	const unroll = 4
	bytes := b.Variable(b.arg(unsafe.Offsetof(a.Columns)).Shl(2))
	x := b.Variable(b.arg(unsafe.Offsetof(a.X)).Add(b.first.Mul(bytes)))
	dst := b.Variable(b.arg(unsafe.Offsetof(a.Dst)).Add(b.first.Shl(2)))
	end, p, last := b.I32(), b.I32(), b.I32()
	tops, zeros := b.accumulators(unroll), b.accumulators(unroll)
	b.eachItem(func() {
		end.Set(x.Add(bytes))
		tops.set(negativeInfinity)
		zeros.set(0)
		p.Set(x)
		b.sweep(unroll, end, func(g group) {
			v := b.VariableF32x4(g.load(p))
			tops[g.number].Set(tops[g.number].PMax(v))
			zeros.add(g, v.Mul(constants(0))) // 0, or NaN of what is not finite
		}, p)
		b.If(b.sum(zeros).Eq(asm.F32Const(0)), func() {
			top := b.top(tops)
			all := b.VariableF32x4(top.Splat())
			p.Set(x)
			last.Set(x.Add(bytes.And(asm.Const(-16))))
			b.While(p.LtU(last), func() {
				b.If(p.LoadF32x4(0).Eq(all).AnyTrue(), func() { last.Set(p) }, func() { p.Inc(16) })
			})
			b.While(p.LoadF32(0).Eq(top).Eqz(), func() { p.Inc(4) })
			dst.Store(0, p.Sub(x).ShrU(2))
		}, func() {
			dst.Store(0, asm.Const(-1))
		})
		x.Set(end)
		dst.Inc(4)
	})
}
