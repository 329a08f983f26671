package generator

import (
	"unsafe"

	"uarweb/engine/device/simd/internal/asm"
	"uarweb/engine/device/simd/internal/kernel"
)

func directI8(b *builder) { direct(b, b.i8()) }

func directF32(b *builder) { direct(b, b.f32()) }

func direct[V operands[V], S sums[S]](b *builder, p precision[V, S]) {
	var a kernel.Direct
	width, pixel, line := b.arg(unsafe.Offsetof(a.Width)), b.arg(unsafe.Offsetof(a.Pixel)), b.arg(unsafe.Offsetof(a.Line))
	segment, lines := b.arg(unsafe.Offsetof(a.Segment)), b.arg(unsafe.Offsetof(a.Kernel))
	weights := b.Variable(segment.Mul(asm.Const(p.bytes / 4))) // bytes of a segment's
	src := b.Variable(b.arg(unsafe.Offsetof(a.Src)).Add(b.first.Mul(line)))
	f := b.finish(unsafe.Offsetof(a.Finish))
	dst := b.Variable(f.dst.Add(b.first.Mul(width).Mul(f.stride)))
	t := newTile(b, p)
	rows := []asm.I32{b.I32(), b.I32(), b.I32(), b.I32()}
	panel, panels, x, i, w, first, end, to := b.I32(), b.I32(), b.I32(), b.I32(), b.I32(), b.I32(), b.I32(), b.I32()
	panels.Set(f.stride.Add(asm.Const(31)).ShrU(5))
	b.eachItem(func() {
		panel.Set(asm.Const(0))
		first.Set(b.args.Load(int(unsafe.Offsetof(a.Weights))))
		b.While(panel.LtU(panels), func() {
			f.panel(panel)
			x.Set(asm.Const(0))
			to.Set(dst.Add(panel.Shl(5)))
			b.While(x.LtU(width), func() {
				for r, row := range rows { // of pixels beyond the last: the last, once more
					row.Set(src.Add(asm.MinU(x.Add(asm.Const(r)), width.Sub(asm.Const(1))).Mul(pixel)))
				}
				t.clear(4)
				w.Set(first)
				i.Set(lines)
				b.times(i, func() {
					end.Set(w.Add(weights))
					t.add(rows, []asm.I32{w}, end)
					for _, row := range rows {
						row.IncBy(line.Sub(segment))
					}
				})
				for r, sums := range t.sums {
					b.If(x.Add(asm.Const(r)).LtU(width), func() {
						f.store(to, [2]asm.F32x4{p.float(sums[0]), p.float(sums[1])})
						to.IncBy(f.stride)
					}, nil)
				}
				x.Inc(4)
			})
			first.Set(w)
			panel.Inc(1)
		})
		src.IncBy(line)
		dst.IncBy(width.Mul(f.stride))
	})
}
