package generator

import (
	"unsafe"

	"uarweb/engine/device/simd/internal/kernel"
)

func embed(b *builder) {
	var a kernel.Embedding
	bytes := b.Variable(b.arg(unsafe.Offsetof(a.Columns)).Shl(2))
	dst := b.Variable(b.arg(unsafe.Offsetof(a.Dst)).Add(b.first.Mul(bytes)))
	id := b.Variable(b.arg(unsafe.Offsetof(a.IDs)).Add(b.first.Shl(2)))
	table, add := b.arg(unsafe.Offsetof(a.Table)), b.arg(unsafe.Offsetof(a.Add))
	from, end := b.I32(), b.I32()
	b.eachItem(func() {
		from.Set(table.Add(id.Load(0).Mul(bytes)))
		end.Set(dst.Add(bytes))
		b.If(add, func() {
			b.sweep(1, end, func(g group) { g.store(dst, g.load(dst).Add(g.load(from))) }, dst, from)
		}, func() {
			dst.Copy(from, bytes)
			dst.Set(end)
		})
		id.Inc(4)
	})
}
