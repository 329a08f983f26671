package generator

import (
	"unsafe"

	"uarweb/engine/device/simd/internal/asm"
	"uarweb/engine/device/simd/internal/kernel"
)

func mean(b *builder) {
	var a kernel.Average
	rows := b.arg(unsafe.Offsetof(a.Rows))
	stride := b.Variable(b.arg(unsafe.Offsetof(a.Columns)).Shl(2))
	bytes := b.Variable(b.count.Shl(2))
	dst := b.Variable(b.arg(unsafe.Offsetof(a.Dst)).Add(b.first.Shl(2)))
	x := b.Variable(b.arg(unsafe.Offsetof(a.X)).Add(b.first.Shl(2)))
	end := b.Variable(dst.Add(bytes))
	share := b.VariableF32x4(asm.F32Const(1).Div(rows.Float()).Splat())
	dst.Fill(asm.Const(0), bytes)
	to, from := b.I32(), b.I32()
	b.times(rows, func() {
		to.Set(dst)
		from.Set(x)
		b.sweep(1, end, func(g group) { g.store(to, g.load(to).Add(g.load(from))) }, to, from)
		x.IncBy(stride)
	})
	b.sweep(1, end, func(g group) { g.store(dst, g.load(dst).Mul(share)) }, dst)
}
