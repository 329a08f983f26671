package generator

import (
	"unsafe"

	"uarweb/engine/device/simd/internal/asm"
	"uarweb/engine/device/simd/internal/kernel"
)

func quantizeRows(b *builder) {
	b.quantize(2, 2, 8, func(dst asm.I32, eight func(i int) asm.I16x8) {
		dst.StoreI16x8(0, eight(0))
	}, func(dst, q asm.I32) {
		dst.Store16(0, q)
	})
}

func quantizeBytes(b *builder) {
	var a kernel.ByteQuantization
	flip, flips := b.arg(unsafe.Offsetof(a.Flip)), b.I8x16()
	flips.Set(flip.SplatI8())
	b.quantize(1, 4, 16, func(dst asm.I32, eight func(i int) asm.I16x8) {
		low := func(i int) asm.I16x8 { return eight(i).And(asm.I16x8Const(0xff)) }
		dst.StoreI8x16(0, low(0).NarrowU(low(1)).Xor(flips))
	}, func(dst, q asm.I32) {
		dst.Store8(0, q.Xor(flip))
	})
}

// quantize emits the loops of Quantization to elements of size bytes, in rows of a
// multiple of so many. vector stores so many elements at once, of which eight(i)
// are the eighth part i; one stores a single one.
func (b *builder) quantize(size, multiple, vector int, store func(dst asm.I32, eight func(i int) asm.I16x8), one func(dst, q asm.I32)) {
	var a kernel.Quantization
	const unroll = 4
	columns := b.arg(unsafe.Offsetof(a.Columns))
	bytes := b.Variable(columns.Shl(2))
	x := b.Variable(b.arg(unsafe.Offsetof(a.X)).Add(b.first.Mul(bytes)))
	row := b.Variable(columns.Add(asm.Const(multiple - 1)).And(asm.Const(-multiple)).Mul(asm.Const(size)))
	dst := b.Variable(b.arg(unsafe.Offsetof(a.Dst)).Add(b.first.Mul(row)))
	scale := b.Variable(b.arg(unsafe.Offsetof(a.Scale)).Add(b.first.Shl(2)))
	floor := b.VariableF32x4(b.argF32(unsafe.Offsetof(a.Floor)).Splat())
	limit := b.VariableF32(b.argF32(unsafe.Offsetof(a.Limit)))
	p, end, vectors, next := b.I32(), b.I32(), b.I32(), b.I32()
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

		integers := func(v asm.F32x4) asm.I32x4 { return v.PMax(floor).Mul(inverse).Nearest().Int() }
		next.Set(dst.Add(row))
		vectors.Set(x.Add(bytes.And(asm.Const(-4 * vector))))
		b.While(x.LtU(vectors), func() {
			store(dst, func(i int) asm.I16x8 {
				return integers(x.LoadF32x4(32 * i)).Narrow(integers(x.LoadF32x4(32*i + 16)))
			})
			x.Inc(4 * vector)
			dst.Inc(size * vector)
		})
		b.While(x.LtU(end), func() {
			one(dst, integers(x.LoadSplatF32(0)).Lane(0))
			x.Inc(4)
			dst.Inc(size)
		})
		dst.Set(next)
		scale.Inc(4)
	})
}
