package generator

import (
	"unsafe"

	"uarweb/engine/device/simd/internal/asm"
	"uarweb/engine/device/simd/internal/kernel"
)

func maxPool(b *builder) {
	var a kernel.Pool
	width := b.arg(unsafe.Offsetof(a.Width))
	pixel := b.Variable(b.arg(unsafe.Offsetof(a.Channels)).Shl(2)) // bytes
	line := b.Variable(width.Mul(pixel).Shl(1))                    // of src, bytes
	dst := b.Variable(b.arg(unsafe.Offsetof(a.Dst)).Add(b.first.Mul(width).Mul(pixel)))
	src := b.Variable(b.arg(unsafe.Offsetof(a.Src)).Add(b.first.Mul(line).Shl(1)))
	end := b.Variable(dst.Add(b.count.Mul(width).Mul(pixel)))
	x, right, below, last, vectors := b.I32(), b.I32(), b.I32(), b.I32(), b.I32()
	b.While(dst.LtU(end), func() {
		x.Set(asm.Const(0))
		b.While(x.LtU(width), func() {
			right.Set(src.Add(pixel))
			below.Set(src.Add(line))
			last.Set(dst.Add(pixel))
			vectors.Set(dst.Add(pixel.And(asm.Const(-16))))
			advance := func(bytes int) {
				for _, p := range []asm.I32{dst, src, right, below} {
					p.Inc(bytes)
				}
			}
			b.While(dst.LtU(vectors), func() {
				above := src.LoadF32x4(0).Max(right.LoadF32x4(0))
				dst.StoreF32x4(0, above.Max(below.LoadF32x4(0).Max(below.Add(pixel).LoadF32x4(0))))
				advance(16)
			})
			b.While(dst.LtU(last), func() {
				above := src.LoadF32(0).Max(right.LoadF32(0))
				dst.StoreF32(0, above.Max(below.LoadF32(0).Max(below.Add(pixel).LoadF32(0))))
				advance(4)
			})
			src.IncBy(pixel)
			x.Inc(1)
		})
		src.IncBy(line)
	})
}
