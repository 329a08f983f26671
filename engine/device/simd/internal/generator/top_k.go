package generator

import (
	"unsafe"

	"uarweb/engine/device/simd/internal/asm"
	"uarweb/engine/device/simd/internal/kernel"
)

func topK(b *builder) {
	var a kernel.Best
	const unroll = 2
	columns, k := b.arg(unsafe.Offsetof(a.Columns)), b.arg(unsafe.Offsetof(a.K))
	bytes, list := b.Variable(columns.Shl(2)), b.Variable(k.Shl(2))
	x := b.Variable(b.arg(unsafe.Offsetof(a.X)).Add(b.first.Mul(bytes)))
	values := b.Variable(b.arg(unsafe.Offsetof(a.Values)).Add(b.first.Mul(list)))
	ids := b.Variable(b.arg(unsafe.Offsetof(a.IDs)).Add(b.first.Mul(list)))
	sums := b.Variable(b.arg(unsafe.Offsetof(a.Sums)).Add(b.first.Shl(2)))
	parts := b.accumulators(unroll)
	p, at, v := b.I32(), b.I32(), b.F32()
	b.eachItem(func() {
		end := b.Variable(x.Add(bytes))
		beside := b.Variable(ids.Sub(values)) // from a value to its column
		last := b.Variable(values.Add(list).Sub(asm.Const(4)))
		// insert puts v, the element at p, into the list, whose place at is free.
		insert := func() {
			b.While(at.GtU(values).And(v.Gt(at.Sub(asm.Const(4)).LoadF32(0))), func() {
				at.Inc(-4)
				at.StoreF32(4, at.LoadF32(0))
				at.Add(beside).Store(4, at.Add(beside).Load(0))
			})
			at.StoreF32(0, v)
			at.Add(beside).Store(0, p.Sub(x).ShrU(2))
		}
		p.Set(x)
		b.While(p.LtU(x.Add(list)), func() {
			v.Set(p.LoadF32(0))
			at.Set(values.Add(p.Sub(x)))
			insert()
			p.Inc(4)
		})
		next, least := b.Variable(p), b.VariableF32x4(last.LoadSplatF32(0))
		b.sweep(1, end, func(g group) {
			b.If(g.load(next).Gt(least).AnyTrue(), func() {
				size := 16
				if g.single {
					size = 4
				}
				p.Set(next)
				b.While(p.LtU(next.Add(asm.Const(size))), func() {
					v.Set(p.LoadF32(0))
					b.If(v.Gt(last.LoadF32(0)), func() {
						at.Set(last)
						insert()
					}, nil)
					p.Inc(4)
				})
				least.Set(last.LoadSplatF32(0))
			}, nil)
		}, next)

		top := b.VariableF32x4(values.LoadSplatF32(0))
		parts.set(0)
		b.sweep(unroll, end, func(g group) { parts.add(g, b.exp(g.load(x).Sub(top))) }, x)
		sums.StoreF32(0, b.sum(parts))
		sums.Inc(4)
		values.IncBy(list)
		ids.IncBy(list)
	})
}
