package generator

import (
	"unsafe"

	"uarweb/engine/device/simd/internal/asm"
	"uarweb/engine/device/simd/internal/kernel"
)

func attentionTiles(b *builder) {
	var a kernel.AttendTiles
	queries, keys, strips := b.arg(unsafe.Offsetof(a.QueryRows)), b.arg(unsafe.Offsetof(a.KeyRows)), b.arg(unsafe.Offsetof(a.Strips))
	row := b.Variable(keys.Shl(2))                               // bytes, of weights and mask
	stride := b.Variable(b.arg(unsafe.Offsetof(a.Width)).Shl(2)) // of query and dst
	columns := b.arg(unsafe.Offsetof(a.Size))
	size := b.Variable(columns.Shl(2))
	scale := b.VariableF32x4(b.argF32(unsafe.Offsetof(a.Scale)).Splat())
	maskScale := b.VariableF32x4(b.argF32(unsafe.Offsetof(a.MaskScale)).Splat())
	maskRows := b.arg(unsafe.Offsetof(a.Mask))
	head, strip, first, rows, at := b.I32(), b.I32(), b.I32(), b.I32(), b.I32()
	query, dst, weights, panel, p, end, mask, i := b.I32(), b.I32(), b.I32(), b.I32(), b.I32(), b.I32(), b.I32(), b.I32()
	product := newRowsProduct(b)

	b.eachItem(func() {
		head.Set(b.first.DivU(strips))
		strip.Set(b.first.RemU(strips))
		first.Set(strip.Mul(asm.Const(kernel.StripRows)))
		rows.Set(asm.MinU(queries.Sub(first), asm.Const(kernel.StripRows)))
		at.Set(first.Mul(stride).Add(head.Mul(size)))
		query.Set(b.args.Load(int(unsafe.Offsetof(a.Query))).Add(at))
		dst.Set(b.args.Load(int(unsafe.Offsetof(a.Dst))).Add(at))
		stridden := func(offset uintptr, n asm.I32) asm.I32 { return b.args.Load(int(offset)).Mul(n) }
		weights.Set(b.args.Load(int(unsafe.Offsetof(a.Weights))).
			Add(stridden(unsafe.Offsetof(a.ThreadStride), b.worker)).
			Add(stridden(unsafe.Offsetof(a.HeadStride), head)).
			Add(stridden(unsafe.Offsetof(a.StripStride), strip)))

		panel.Set(b.args.Load(int(unsafe.Offsetof(a.Keys))).Add(head.Mul(panels(keys)).Mul(columns).Shl(5)))
		product.emit(weights, row, query, stride, rows, panel, columns, keys)

		p.Set(weights)
		mask.Set(maskRows)
		b.If(mask, func() { mask.IncBy(first.Mul(row)) }, nil)
		i.Set(rows)
		b.times(i, func() {
			end.Set(p.Add(row))
			b.softmax(p, end, mask, scale, maskScale)
			p.Set(end)
			b.If(mask, func() { mask.IncBy(row) }, nil)
		})

		panel.Set(b.args.Load(int(unsafe.Offsetof(a.Values))).Add(head.Mul(panels(columns)).Mul(keys).Shl(5)))
		product.emit(dst, stride, weights, row, rows, panel, keys, columns)
		b.first.Inc(1)
	})
}

// panels is how many panels of 8 outputs n outputs make.
func panels(n asm.I32) asm.I32 { return n.Add(asm.Const(7)).ShrU(3) }

// rowsProduct writes products of strided rows and packed panels.
type rowsProduct struct {
	*builder
	tile                       *tile[asm.F32x4, asm.F32x4]
	row                        [4]asm.I32
	from, to, left, at, column asm.I32
	panel, end, bytes          asm.I32
}

func newRowsProduct(b *builder) *rowsProduct {
	return &rowsProduct{
		builder: b, tile: newTile(b, b.f32()), row: b.pointers(),
		from: b.I32(), to: b.I32(), left: b.I32(), at: b.I32(), column: b.I32(),
		panel: b.I32(), end: b.I32(), bytes: b.I32(),
	}
}

// emit: dst[i,o] = Σ_c x[i,c]·panel[o/8,c,o%8], for rows i, columns c and
// outputs o; dst and x with strides in bytes. All arguments are variables,
// which it leaves as they are.
func (r *rowsProduct) emit(dst, dstStride, x, xStride, rows, panel, columns, outputs asm.I32) {
	r.panel.Set(panel)
	r.bytes.Set(columns.Shl(5))
	r.column.Set(asm.Const(0))
	r.While(r.column.LtU(outputs), func() {
		r.end.Set(r.panel.Add(r.bytes))
		r.from.Set(x)
		r.to.Set(dst.Add(r.column.Shl(2)))
		r.left.Set(rows)
		block := func(n int) {
			r.row[0].Set(r.from)
			for i := 1; i < n; i++ {
				r.row[i].Set(r.row[i-1].Add(xStride))
			}
			r.tile.clear(n)
			r.at.Set(r.panel)
			r.tile.add(r.row[:n], []asm.I32{r.at}, r.end)
			for i := range n {
				r.at.Set(r.to)
				r.storeFirst(r.at, outputs.Sub(r.column), r.tile.sums[i], func(asm.F32x4, func(asm.I32) asm.F32x4) {})
				r.to.IncBy(dstStride)
				r.from.IncBy(xStride)
			}
			r.left.Inc(-n)
		}
		r.While(r.left.GeU(asm.Const(4)), func() { block(4) })
		r.While(r.left, func() { block(1) })
		r.panel.Set(r.end)
		r.column.Inc(8)
	})
}

func packKeys(b *builder) {
	var a kernel.Packing
	last := b.Variable(b.arg(unsafe.Offsetof(a.Rows)).Sub(asm.Const(1)))
	heads, size := b.arg(unsafe.Offsetof(a.Heads)), b.arg(unsafe.Offsetof(a.Size))
	stride := b.Variable(heads.Mul(size).Shl(2))
	matrix := b.Variable(last.Add(asm.Const(8)).ShrU(3).Mul(size).Shl(5)) // bytes of a head
	src := b.arg(unsafe.Offsetof(a.Src))
	to, end, dst, i := b.I32(), b.I32(), b.I32(), b.I32()
	low, high := b.pointers(), b.pointers()
	rows := append(low[:], high[:]...)
	b.eachItem(func() {
		for lane, p := range rows { // the last row again where there is none
			p.Set(src.Add(asm.MinU(b.first.Shl(3).Add(asm.Const(lane)), last).Mul(stride)))
		}
		dst.Set(b.args.Load(int(unsafe.Offsetof(a.Dst))).Add(b.first.Mul(size).Shl(5)))
		i.Set(heads)
		b.times(i, func() {
			to.Set(dst)
			end.Set(low[0].Add(size.Shl(2)))
			b.sweep(1, end, func(g group) {
				for half, quarter := range []pointers{low, high} {
					var x [4]asm.F32x4
					for j, p := range quarter {
						x[j] = b.VariableF32x4(g.load(p))
					}
					columns := transpose(x)
					for j := range g.rows() {
						to.StoreF32x4(32*j+16*half, columns[j])
					}
				}
				to.Inc(32 * g.rows())
			}, low[0], rows[1:]...)
			dst.IncBy(matrix)
		})
		b.first.Inc(1)
	})
}

// transpose is the columns of the matrix whose rows are four variables.
func transpose(x [4]asm.F32x4) [4]asm.F32x4 {
	var columns [4]asm.F32x4
	for i := range columns {
		lane := byte(i)
		low, high := words(x[0], x[1], lane, 4+lane, lane, 4+lane), words(x[2], x[3], lane, 4+lane, lane, 4+lane)
		columns[i] = words(low, high, 0, 1, 6, 7)
	}
	return columns
}

func packValues(b *builder) {
	var a kernel.Packing
	rows, size := b.arg(unsafe.Offsetof(a.Rows)), b.arg(unsafe.Offsetof(a.Size))
	panel := b.Variable(rows.Shl(5)) // bytes
	src := b.Variable(b.arg(unsafe.Offsetof(a.Src)).Add(b.first.Mul(b.arg(unsafe.Offsetof(a.Heads)).Mul(size).Shl(2))))
	heads, dst, to, end, left := b.I32(), b.I32(), b.I32(), b.I32(), b.I32()
	b.eachItem(func() {
		dst.Set(b.args.Load(int(unsafe.Offsetof(a.Dst))).Add(b.first.Shl(5)))
		heads.Set(b.args.Load(int(unsafe.Offsetof(a.Heads))))
		b.times(heads, func() {
			left.Set(size)
			b.While(left, func() {
				end.Set(src.Add(asm.MinU(left, asm.Const(8)).Shl(2)))
				left.Set(left.Sub(asm.MinU(left, asm.Const(8))))
				to.Set(dst)
				b.sweep(1, end, func(g group) { g.store(to, g.load(src)) }, src, to)
				dst.IncBy(panel)
			})
		})
		b.first.Inc(1)
	})
}
