package generator

import (
	"unsafe"

	"uarweb/engine/device/simd/internal/asm"
	"uarweb/engine/device/simd/internal/kernel"
)

func maxMagnitude(b *builder) {
	var a kernel.Magnitudes
	row := b.Variable(b.arg(unsafe.Offsetof(a.Columns)).Shl(2)) // bytes
	src := b.Variable(b.arg(unsafe.Offsetof(a.Src)).Add(b.first.Mul(row)))
	dst := b.Variable(b.arg(unsafe.Offsetof(a.Dst)).Add(b.first.Shl(2)))
	floor := b.VariableF32x4(b.argF32(unsafe.Offsetof(a.Floor)).Splat())
	end, tops := b.I32(), b.accumulators(4)
	b.eachItem(func() {
		tops.set(0)
		end.Set(src.Add(row))
		b.sweep(len(tops), end, func(g group) {
			t := tops[g.number]
			t.Set(t.Max(g.load(src).Max(floor).Abs()))
		}, src)
		for _, t := range tops[1:] {
			tops[0].Set(tops[0].Max(t))
		}
		top := tops[0]
		dst.StoreF32(0, top.Lane(0).Max(top.Lane(1)).Max(top.Lane(2).Max(top.Lane(3))))
		dst.Inc(4)
	})
}

func padI16(b *builder) {
	var a kernel.Pad
	inverse := b.VariableF32x4(b.argF32(unsafe.Offsetof(a.Inverse)).Splat())
	b.pad(2, func(dst, src asm.I32, floor asm.F32x4) {
		quantize := func(i int) asm.I32x4 {
			return src.LoadF32x4(16 * i).Max(floor).Mul(inverse).Nearest().Int()
		}
		dst.StoreI16x8(0, quantize(0).Narrow(quantize(1)))
	}, func(dst, src asm.I32, floor asm.F32) {
		dst.Store16(0, src.LoadF32(0).Max(floor).Mul(inverse.Lane(0)).Nearest().Int())
	})
}

func padF32(b *builder) {
	b.pad(4, func(dst, src asm.I32, floor asm.F32x4) {
		for i := range 2 {
			dst.StoreF32x4(16*i, src.LoadF32x4(16*i).Max(floor))
		}
	}, func(dst, src asm.I32, floor asm.F32) {
		dst.StoreF32(0, src.LoadF32(0).Max(floor))
	})
}

// pad writes the loops of Pad; eight converts eight elements, one a single one,
// to elements of size bytes.
func (b *builder) pad(size int, eight func(dst, src asm.I32, floor asm.F32x4), one func(dst, src asm.I32, floor asm.F32)) {
	var a kernel.Pad
	elements := b.Variable(b.arg(unsafe.Offsetof(a.Width)).Mul(b.arg(unsafe.Offsetof(a.Channels)))) // of a row of src
	margin := b.arg(unsafe.Offsetof(a.Margin))
	left := b.Variable(margin.Mul(b.arg(unsafe.Offsetof(a.Channels))).Mul(asm.Const(size))) // bytes
	height, line := b.arg(unsafe.Offsetof(a.Height)), b.arg(unsafe.Offsetof(a.Line))
	src := b.Variable(b.arg(unsafe.Offsetof(a.Src)))
	floor := b.VariableF32x4(b.argF32(unsafe.Offsetof(a.Floor)).Splat())
	row := b.Variable(b.first)
	last := b.Variable(b.first.Add(b.count))
	dst := b.Variable(b.arg(unsafe.Offsetof(a.Dst)).Add(b.first.Mul(line)))
	from, to, end, vectors := b.I32(), b.I32(), b.I32(), b.I32()
	zero := func(to asm.I32) { dst.Fill(asm.Const(0), to.Sub(dst)); dst.Set(to) }
	b.While(row.LtU(last), func() {
		end.Set(dst.Add(line))
		b.If(row.Sub(margin).LtU(height), func() { // also false above the image
			from.Set(src.Add(row.Sub(margin).Mul(elements).Shl(2)))
			to.Set(from.Add(elements.Shl(2)))
			vectors.Set(from.Add(elements.And(asm.Const(-8)).Shl(2)))
			zero(b.Variable(dst.Add(left)))
			b.While(from.LtU(vectors), func() {
				eight(dst, from, floor)
				from.Inc(32)
				dst.Inc(8 * size)
			})
			b.While(from.LtU(to), func() {
				one(dst, from, floor.Lane(0))
				from.Inc(4)
				dst.Inc(size)
			})
		}, nil)
		zero(end)
		row.Inc(1)
	})
}
