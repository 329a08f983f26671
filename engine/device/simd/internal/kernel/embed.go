package kernel

import "unsafe"

// Embedding is the arguments of Embed. An item is a row.
//
//	dst[i,j] = table[ids[i],j],  or dst[i,j] += … if Add is 1
//
// dst [rows, columns]; ids int32.
type Embedding struct {
	Dst, Table, IDs uint32
	Columns         uint32
	Add             uint32
}

func embed(b *builder) {
	var a Embedding
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
