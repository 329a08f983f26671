package generator

import (
	"unsafe"

	"uarweb/engine/device/simd/internal/asm"
	"uarweb/engine/device/simd/internal/kernel"
)

func multiplyF32(b *builder) {
	t := newTile(b, b.f32())
	b.multiply(t.product, false)
}

func multiplyI8(b *builder) {
	t := newTile(b, b.i8())
	b.multiply(t.product, true)
}

func multiplyI4(b *builder) {
	const groupBytes = 8 * 32 / 2
	t := newTile(b, b.i4())
	end := b.I32()
	var totals [4][2]asm.F32x4
	for i := range totals {
		totals[i] = [2]asm.F32x4{b.F32x4(), b.F32x4()}
	}
	b.multiply(func(rows, panels []asm.I32, last asm.I32) [4][2]asm.F32x4 {
		n := len(rows) * len(panels)
		for _, total := range totals[:n] {
			for _, v := range total {
				v.Set(constants(0))
			}
		}
		b.While(panels[0].LtU(last), func() {
			end.Set(panels[0].Add(asm.Const(groupBytes)))
			t.clear(n)
			t.add(rows, panels, end)
			for i, total := range totals[:n] {
				for half, v := range total {
					scale := panels[i%len(panels)].LoadF32x4(16 * half)
					v.Set(v.Add(t.sums[i][half].Float().Mul(scale)))
				}
			}
			for _, panel := range panels {
				panel.Inc(32)
			}
		})
		return totals
	}, true)
}

func multiplyBytes(b *builder) {
	var a kernel.ByteProduct
	t := newTile(b, b.byteDots())
	offset, end := b.I32x4(), b.I32()
	offset.Set(b.args.Load(int(unsafe.Offsetof(a.Offset))).Splat())
	b.multiply(func(rows, panels []asm.I32, last asm.I32) (floats [4][2]asm.F32x4) {
		n := len(rows) * len(panels)
		t.clear(n)
		end.Set(last.Sub(asm.Const(32)))
		t.add(rows, panels, end)
		for i, pair := range t.sums[:n] {
			for half, sum := range pair {
				weights := panels[i%len(panels)].LoadI32x4(16 * half)
				floats[i][half] = sum.Add(weights.Mul(offset)).Float()
			}
		}
		return floats
	}, true)
}

// product emits the sums of rows × panels, until the first panel is at last.
func (t *tile[V, S]) product(rows, panels []asm.I32, last asm.I32) (floats [4][2]asm.F32x4) {
	t.clear(len(rows) * len(panels))
	t.add(rows, panels, last)
	for i, pair := range t.sums {
		for half, sum := range pair {
			floats[i][half] = t.float(sum)
		}
	}
	return floats
}

// multiply emits the loops of Product around product, which emits the sums of a
// tile like tile.product; scaled says whether rows have scales.
func (b *builder) multiply(product func(rows, panels []asm.I32, last asm.I32) [4][2]asm.F32x4, scaled bool) {
	var a kernel.Product
	f := b.finish(unsafe.Offsetof(a.Finish))
	x, stride := b.arg(unsafe.Offsetof(a.X)), b.arg(unsafe.Offsetof(a.Stride))
	weights, length := b.arg(unsafe.Offsetof(a.Weights)), b.arg(unsafe.Offsetof(a.Length))
	rowScale := b.arg(unsafe.Offsetof(a.RowScale))
	all := b.Variable(b.args.Load(int(unsafe.Offsetof(a.Out))).Add(asm.Const(7)).ShrU(3)) // panels
	width := b.arg(unsafe.Offsetof(a.Panels))
	across := b.Variable(all.Add(width).Sub(asm.Const(1)).DivU(width)) // items side by side
	row, firstRow, lastRow := b.I32(), b.I32(), b.I32()
	panel, lastPanel := b.I32(), b.I32()
	rows, panels, last, to := b.pointers(), b.pointers(), b.I32(), b.I32()

	// tile emits the results of n rows from row on and m panels from panel on.
	tile := func(n, m int) {
		for i := range n {
			rows[i].Set(x.Add(row.Add(asm.Const(i)).Mul(stride)))
		}
		for i := range m {
			panels[i].Set(weights.Add(panel.Add(asm.Const(i)).Mul(length)))
		}
		last.Set(panels[0].Add(length))
		floats := product(rows[:n], panels[:m], last)
		for i := range m {
			if m > 1 {
				f.panel(b.Variable(panel.Add(asm.Const(i))))
			}
			to.Set(f.dst.Add(row.Mul(f.stride)).Add(panel.Add(asm.Const(i)).Shl(5)))
			for j := range n {
				sums := floats[j*m+i]
				if scaled {
					scale := b.VariableF32x4(rowScale.Add(row.Shl(2)).LoadSplatF32(4 * j))
					sums = [2]asm.F32x4{sums[0].Mul(scale), sums[1].Mul(scale)}
				}
				f.store(to, sums)
				to.IncBy(f.stride)
			}
		}
	}

	item := b.Variable(b.first)
	b.eachItem(func() {
		firstRow.Set(item.DivU(across).Mul(b.args.Load(int(unsafe.Offsetof(a.Rows)))))
		lastRow.Set(asm.MinU(firstRow.Add(b.args.Load(int(unsafe.Offsetof(a.Rows)))), b.args.Load(int(unsafe.Offsetof(a.AllRows)))))
		panel.Set(item.RemU(across).Mul(width))
		lastPanel.Set(asm.MinU(panel.Add(width), all))
		row.Set(firstRow)
		b.If(lastRow.Sub(firstRow).Eq(asm.Const(1)), func() {
			b.While(panel.Add(asm.Const(4)).LeU(lastPanel), func() {
				tile(1, 4)
				panel.Inc(4)
			})
		}, nil)
		b.While(panel.LtU(lastPanel), func() {
			f.panel(panel)
			row.Set(firstRow)
			b.While(row.Add(asm.Const(4)).LeU(lastRow), func() {
				tile(4, 1)
				row.Inc(4)
			})
			for n := 3; n > 0; n-- {
				b.If(lastRow.Sub(row).Eq(asm.Const(n)), func() {
					tile(n, 1)
					row.Inc(n)
				}, nil)
			}
			panel.Inc(1)
		})
		item.Inc(1)
	})
}
