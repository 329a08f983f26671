package generator

import (
	"unsafe"

	"uarweb/engine/device/simd/internal/asm"
	"uarweb/engine/device/simd/internal/kernel"
)

func attention(b *builder) {
	var a kernel.Attend
	queries, keys := b.arg(unsafe.Offsetof(a.Queries)), b.arg(unsafe.Offsetof(a.Keys))
	row := b.Variable(keys.Shl(2))                               // of weights, mask and keyRows
	stride := b.Variable(b.arg(unsafe.Offsetof(a.Width)).Shl(2)) // of the others
	size := b.Variable(b.arg(unsafe.Offsetof(a.Size)).Shl(2))
	column := b.Variable(b.first.Mul(size))
	weights := b.Variable(b.arg(unsafe.Offsetof(a.Weights)).Add(b.first.Mul(queries).Mul(row)))
	keyRows := b.arg(unsafe.Offsetof(a.KeyRows))
	scale := b.VariableF32x4(b.argF32(unsafe.Offsetof(a.Scale)).Splat())
	maskScale := b.VariableF32x4(b.argF32(unsafe.Offsetof(a.MaskScale)).Splat())
	at, end, weight, list := b.I32(), b.I32(), b.I32(), b.I32()
	i, from, query, to, p := b.I32(), b.I32(), b.I32(), b.I32(), b.I32()
	rows := b.pointers()

	// eachPair emits body for each query i and each group of the keys or values in
	// the matrix whose address is an argument, to which rows point; weight is
	// the place of their weights.
	eachPair := func(matrix uintptr, body func(g group)) {
		from.Set(b.args.Load(int(matrix)).Add(column))
		at.Set(weights)
		list.Set(keyRows)
		end.Set(weights.Add(row))
		b.sweep(1, end, func(g group) {
			weight.Set(at)
			query.Set(b.args.Load(int(unsafe.Offsetof(a.Query))).Add(column))
			to.Set(b.args.Load(int(unsafe.Offsetof(a.Dst))).Add(column))
			p.Set(list)
			i.Set(queries)
			b.times(i, func() {
				b.If(keyRows, func() { rows.gather(g, from, p, stride) }, func() { rows.follow(g, from, stride) })
				body(g)
				weight.IncBy(row)
				query.IncBy(stride)
				to.IncBy(stride)
				p.IncBy(row)
			})
			b.If(keyRows.Eqz(), func() {
				for range g.rows() {
					from.IncBy(stride)
				}
			}, nil)
		}, at, list)
	}

	b.eachItem(func() {
		eachPair(unsafe.Offsetof(a.Key), func(g group) { g.store(weight, b.dots(g, query, size, rows)) })

		weight.Set(weights)
		p.Set(b.args.Load(int(unsafe.Offsetof(a.Mask))))
		i.Set(queries)
		to.Set(b.args.Load(int(unsafe.Offsetof(a.Dst))).Add(column))
		b.times(i, func() {
			end.Set(weight.Add(row))
			b.softmax(weight, end, p, scale, maskScale)
			to.Fill(asm.Const(0), size)
			to.IncBy(stride)
			weight.Set(end)
			b.If(p, func() { p.IncBy(row) }, nil)
		})

		eachPair(unsafe.Offsetof(a.Value), func(g group) { b.addRows(g, to, size, weight, rows) })
		column.IncBy(size)
		weights.IncBy(queries.Mul(row))
	})
}

// pointers are variables that point to the rows of a group.
type pointers [4]asm.I32

func (b *builder) pointers() pointers { return pointers{b.I32(), b.I32(), b.I32(), b.I32()} }

// rows is how many rows a group has.
func (g group) rows() int {
	if g.single {
		return 1
	}
	return 4
}

// follow points to the rows from first on.
func (p pointers) follow(g group, first, stride asm.I32) {
	p[0].Set(first)
	for i := 1; i < g.rows(); i++ {
		p[i].Set(p[i-1].Add(stride))
	}
}

// gather points to the rows of the matrix at base whose numbers are at list.
func (p pointers) gather(g group, base, list, stride asm.I32) {
	for i := range g.rows() {
		p[i].Set(base.Add(list.Load(4 * i).Mul(stride)))
	}
}

// dots is the products of the size bytes of floats at x with those at each
// pointer, which it moves to their ends.
func (b *builder) dots(g group, x, size asm.I32, rows pointers) asm.F32x4 {
	const unroll = 2
	n := g.rows()
	sums := b.accumulators(n)
	sums.set(0)
	p := b.Variable(x)
	end := b.Variable(p.Add(size))
	b.sweep(unroll, end, func(g group) {
		v := b.VariableF32x4(g.only(g.load(p)))
		for i, sum := range sums {
			sum.Set(b.mulAdd(v, g.only(g.load(rows[i])), sum))
		}
	}, p, rows[:n]...)
	all := [4]asm.F32x4{sums[0], sums[0], sums[0], sums[0]}
	copy(all[:], sums)
	return transposedSum(all)
}

// addRows adds to the size bytes of floats at dst those at the pointers, which
// it moves to their ends, times the weights at weight.
func (b *builder) addRows(g group, dst, size, weight asm.I32, rows pointers) {
	n := g.rows()
	weights := b.accumulators(n)
	for i, w := range weights {
		w.Set(weight.LoadSplatF32(4 * i))
	}
	p := b.Variable(dst)
	end := b.Variable(p.Add(size))
	b.sweep(1, end, func(g group) {
		sum := g.load(p)
		for i, w := range weights {
			sum = b.mulAdd(w, g.load(rows[i]), sum)
		}
		g.store(p, sum)
	}, p, rows[:n]...)
}
