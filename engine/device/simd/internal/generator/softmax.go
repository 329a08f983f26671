package generator

import "uarweb/engine/device/simd/internal/asm"

// softmax turns the scores of a row, n of them, into weights, in place.
//
//	row[j] = (row[j] + maskScale·mask[j])·scale,  without mask if that is 0
//	row[j] = exp(row[j] − max(row)) / Σ exp(row − max(row))
//
// A score that is not finite makes weights NaN: an infinite one by ∞ − ∞, and NaN
// itself in the sum. row and end are variables, end the address behind the
// row; mask is one too.
func (b *builder) softmax(row, end, mask asm.I32, scale, maskScale asm.F32x4) {
	const unroll = 2
	p, m := b.I32(), b.I32()
	tops, sums := b.accumulators(unroll), b.accumulators(unroll)
	tops.set(negativeInfinity)
	weigh := func(g group, x asm.F32x4) {
		x = b.VariableF32x4(x.Mul(scale))
		g.store(p, x)
		tops[g.number].Set(tops[g.number].PMax(x))
	}
	p.Set(row)
	b.If(mask, func() {
		m.Set(mask)
		b.sweep(unroll, end, func(g group) {
			weigh(g, b.mulAdd(g.load(m), maskScale, g.load(p)))
		}, p, m)
	}, func() {
		b.sweep(unroll, end, func(g group) { weigh(g, g.load(p)) }, p)
	})
	top := b.VariableF32x4(b.top(tops).Splat())

	sums.set(0)
	p.Set(row)
	b.sweep(unroll, end, func(g group) {
		e := b.VariableF32x4(b.exp(g.load(p).Sub(top)))
		g.store(p, e)
		sums.add(g, e)
	}, p)

	inverse := b.VariableF32x4(asm.F32Const(1).Div(b.sum(sums)).Splat())
	p.Set(row)
	b.sweep(unroll, end, func(g group) { g.store(p, g.load(p).Mul(inverse)) }, p)
}
