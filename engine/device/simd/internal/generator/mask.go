package generator

import (
	"unsafe"

	"uarweb/engine/device/simd/internal/kernel"
)

func mask(b *builder) {
	var a kernel.Masking
	stride := b.Variable(b.arg(unsafe.Offsetof(a.Rank)).Shl(2)) // of query and key
	row := b.Variable(b.arg(unsafe.Offsetof(a.Keys)).Shl(2))    // of dst
	key := b.Variable(b.arg(unsafe.Offsetof(a.Key)).Add(b.first.Mul(stride)))
	dst := b.Variable(b.arg(unsafe.Offsetof(a.Dst)).Add(b.first.Shl(2)))
	end := b.Variable(dst.Add(b.count.Shl(2)))
	scale := b.VariableF32x4(b.argF32(unsafe.Offsetof(a.Scale)).Splat())
	bias := b.VariableF32x4(b.arg(unsafe.Offsetof(a.Bias)).LoadSplatF32(0))
	query, queries, to := b.I32(), b.I32(), b.I32()
	keys := b.pointers()
	b.sweep(1, end, func(g group) {
		query.Set(b.args.Load(int(unsafe.Offsetof(a.Query))))
		queries.Set(b.args.Load(int(unsafe.Offsetof(a.Queries))))
		to.Set(dst)
		b.times(queries, func() {
			keys.follow(g, key, stride)
			g.store(to, b.sigmoid(b.mulAdd(b.dots(g, query, stride, keys), scale, bias)))
			query.IncBy(stride)
			to.IncBy(row)
		})
		for range g.rows() {
			key.IncBy(stride)
		}
	}, dst)
}
