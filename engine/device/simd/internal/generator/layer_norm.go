package generator

import (
	"unsafe"

	"uarweb/engine/device/simd/internal/asm"
	"uarweb/engine/device/simd/internal/kernel"
)

func layerNorm(b *builder) {
	var a kernel.Norm
	const unroll = 4
	columns := b.arg(unsafe.Offsetof(a.Columns))
	bytes := b.Variable(columns.Shl(2))
	x := b.Variable(b.arg(unsafe.Offsetof(a.X)).Add(b.first.Mul(bytes)))
	dst := b.Variable(b.arg(unsafe.Offsetof(a.Dst)).Add(b.first.Mul(bytes)))
	share := b.VariableF32(asm.F32Const(1).Div(columns.Float()))
	p, end, weight, bias := b.I32(), b.I32(), b.I32(), b.I32()
	sums, squares := b.accumulators(unroll), b.accumulators(unroll)
	b.eachItem(func() {
		end.Set(x.Add(bytes))
		p.Set(x)
		sums.set(0)
		b.sweep(unroll, end, func(g group) { sums.add(g, g.load(p)) }, p)
		mean := b.VariableF32x4(b.sum(sums).Mul(share).Splat())

		p.Set(x)
		sums.set(0)
		squares.set(0)
		b.sweep(unroll, end, func(g group) {
			d := b.VariableF32x4(g.load(p).Sub(mean))
			sums.add(g, d)
			squares.add(g, d.Mul(d))
		}, p)
		rest := b.VariableF32(b.sum(sums).Mul(share))
		variance := b.sum(squares).Mul(share).Sub(rest.Mul(rest))
		deviation := variance.Add(b.argF32(unsafe.Offsetof(a.Epsilon))).Sqrt()
		scale := b.VariableF32x4(asm.F32Const(1).Div(deviation).Splat())
		correction := b.VariableF32x4(rest.Splat())

		weight.Set(b.args.Load(int(unsafe.Offsetof(a.Weight))))
		bias.Set(b.args.Load(int(unsafe.Offsetof(a.Bias))))
		b.sweep(1, end, func(g group) {
			normal := g.load(x).Sub(mean).Sub(correction).Mul(scale)
			g.store(dst, b.mulAdd(normal, g.load(weight), g.load(bias)))
		}, x, dst, weight, bias)
	})
}
