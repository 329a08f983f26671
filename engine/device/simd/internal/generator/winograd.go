package generator

import (
	"unsafe"

	"uarweb/engine/device/simd/internal/asm"
	"uarweb/engine/device/simd/internal/kernel"
)

// Winograd's F(2×2, 3×3) (Lavin and Gray, "Fast Algorithms for Convolutional
// Neural Networks", 2015) computes a tile of 2×2 pixels from 4×4 with 16
// products where the definition needs 36:
//
//	y = Aᵀ[(G·g·Gᵀ) ⊙ (Bᵀ·d·B)]A
//
//	     ⎡1  0 −1  0⎤      ⎡ 1   0   0 ⎤
//	Bᵀ = ⎢0  1  1  0⎥  G = ⎢½   ½   ½ ⎥  Aᵀ = ⎡1 1  1  0⎤
//	     ⎢0 −1  1  0⎥      ⎢½  −½   ½ ⎥       ⎣0 1 −1 −1⎦
//	     ⎣0  1  0 −1⎦      ⎣ 0   0   1 ⎦
//
// The sums over the channels are 16 matrix products.
//
// In integers all of it is exact, with 2G in place of G, which multiplies the
// result by 4. An element of Bᵀ·d·B is a sum of four activations, so these may
// be up to 8191 for it to fit int16; one of 2G·g·2Gᵀ is at most 9·127. From
// there on everything is sums, differences and products modulo 2³²: sums that
// leave int32 on the way do no harm, as long as the final 4·Σ|activation·weight|
// is below 2³¹.

// lanes is what a transform needs of a type of vector.
type lanes[V any] interface {
	asm.Vector
	Add(V) V
	Sub(V) V
	Set(V)
}

func winogradTilesI16(b *builder) {
	winogradTiles(b, b.I16x8, asm.I32.LoadI16x8, asm.I32.StoreI16x8)
}

func winogradTilesF32(b *builder) {
	winogradTiles(b, b.F32x4, asm.I32.LoadF32x4, asm.I32.StoreF32x4)
}

func winogradTiles[V lanes[V]](b *builder, variable func() V, load func(asm.I32, int) V, store func(asm.I32, int, V)) {
	var a kernel.WinogradTiles
	src, line := b.arg(unsafe.Offsetof(a.Src)), b.arg(unsafe.Offsetof(a.Line))
	pixel, plane := b.arg(unsafe.Offsetof(a.Pixel)), b.arg(unsafe.Offsetof(a.Plane))
	across := b.arg(unsafe.Offsetof(a.Across))
	tile := b.Variable(b.first.Add(b.arg(unsafe.Offsetof(a.First))))
	last := b.Variable(tile.Add(b.count))
	dst := b.Variable(b.arg(unsafe.Offsetof(a.Dst)).Add(b.first.Mul(pixel)))
	end, out := b.I32(), b.I32()
	columns, d := [4]asm.I32{}, [4]V{}
	for i := range 4 {
		columns[i], d[i] = b.I32(), variable()
	}
	lines := [4]asm.I32{asm.Const(0), line, b.Variable(line.Shl(1)), b.Variable(line.Mul(asm.Const(3)))}
	b.While(tile.LtU(last), func() {
		columns[0].Set(src.Add(tile.DivU(across).Mul(line).Add(tile.RemU(across).Mul(pixel)).Shl(1)))
		for i := range 3 {
			columns[i+1].Set(columns[i].Add(pixel))
		}
		end.Set(dst.Add(pixel))
		b.While(dst.LtU(end), func() {
			out.Set(dst)
			for i := range 4 { // row i of Bᵀ·d, then of Bᵀ·d·B
				for s, c := range columns {
					at := func(r int) V { return load(c.Add(lines[r]), 0) }
					d[s].Set(winogradInput(i, at))
				}
				for j := range 4 {
					store(out, 0, winogradInput(j, func(s int) V { return d[s] }))
					out.IncBy(plane)
				}
			}
			for _, c := range columns {
				c.Inc(16)
			}
			dst.Inc(16)
		})
		tile.Inc(1)
	})
}

// winogradInput is element i of Bᵀ·d.
func winogradInput[V lanes[V]](i int, d func(int) V) V {
	switch i {
	case 0:
		return d(0).Sub(d(2))
	case 1:
		return d(1).Add(d(2))
	case 2:
		return d(2).Sub(d(1))
	default:
		return d(1).Sub(d(3))
	}
}

func winogradI16(b *builder) {
	winograd(b, b.i16(), asm.I32.LoadI32x4, asm.I32.StoreI32x4)
}

func winogradF32(b *builder) {
	winograd(b, b.f32(), asm.I32.LoadF32x4, asm.I32.StoreF32x4)
}

func winograd[V operands[V], S lanes[S]](b *builder, p precision[V, S], load func(asm.I32, int) S, store func(asm.I32, int, S)) {
	var a kernel.Winograd
	const sumBytes = 4 * 8 // of a tile and a panel in scratch
	pixel, panels := b.arg(unsafe.Offsetof(a.Pixel)), b.arg(unsafe.Offsetof(a.Panels))
	group, chunk := b.arg(unsafe.Offsetof(a.Group)), b.arg(unsafe.Offsetof(a.Chunk))
	groups := b.Variable(panels.Add(group).Sub(asm.Const(1)).DivU(group))
	panelBytes := b.Variable(pixel.Mul(asm.Const(p.bytes / 4)))
	scratch := b.Variable(b.args.Load(int(unsafe.Offsetof(a.Scratch))).
		Add(b.worker.Mul(b.args.Load(int(unsafe.Offsetof(a.ScratchStride))))))
	panelSums := b.Variable(chunk.Mul(asm.Const(sumBytes)))
	plane := b.Variable(panelSums.Mul(group).Add(asm.Const(kernel.PlaneGap))) // of scratch
	f := b.finish(unsafe.Offsetof(a.Finish))
	t := newTile(b, p)

	item := b.Variable(b.first)
	panel, panelsHere, tile, tilesHere, n := b.I32(), b.I32(), b.I32(), b.I32(), b.I32()
	from, sum := b.I32(), b.I32()

	multiply := func() {
		position, left, w, wEnd, wNext := b.I32(), b.I32(), b.I32(), b.I32(), b.I32()
		rows := []asm.I32{b.I32(), b.I32(), b.I32(), b.I32()}
		position.Set(asm.Const(0))
		from.Set(b.args.Load(int(unsafe.Offsetof(a.Tiles))).Add(tile.Mul(pixel)))
		b.While(position.LtU(asm.Const(16)), func() {
			wNext.Set(b.args.Load(int(unsafe.Offsetof(a.Weights))).Add(position.Mul(panels).Add(panel).Mul(panelBytes)))
			left.Set(panelsHere)
			sum.Set(scratch.Add(position.Mul(plane)))
			b.times(left, func() {
				wEnd.Set(wNext.Add(panelBytes))
				rows[0].Set(from)
				n.Set(tilesHere)
				b.While(n.GtS(asm.Const(0)), func() {
					w.Set(wNext)
					for r := range 3 {
						rows[r+1].Set(rows[r].Add(pixel))
					}
					t.clear(4)
					t.add(rows, []asm.I32{w}, wEnd)
					for r, s := range t.sums {
						for half, v := range s {
							store(sum, sumBytes*r+16*half, v)
						}
					}
					sum.Inc(4 * sumBytes)
					rows[0].Set(rows[3]) // which has come to the next tile
					n.Inc(-4)
				})
				sum.IncBy(panelSums.Sub(tilesHere.Add(asm.Const(3)).And(asm.Const(-4)).Mul(asm.Const(sumBytes))))
				wNext.Set(wEnd)
			})
			from.IncBy(b.args.Load(int(unsafe.Offsetof(a.Plane))))
			position.Inc(1)
		})
	}

	transform := func() {
		across := b.arg(unsafe.Offsetof(a.Across))
		height, width := b.arg(unsafe.Offsetof(a.Height)), b.arg(unsafe.Offsetof(a.Width))
		number, last, x, y, to, column := b.I32(), b.I32(), b.I32(), b.I32(), b.I32(), b.I32()
		var m [2][4]S // a row of Aᵀ·m
		for half := range m {
			for i := range m[half] {
				m[half][i] = p.sum()
			}
		}
		last.Set(panel.Add(panelsHere))
		from.Set(scratch)
		b.While(panel.LtU(last), func() {
			f.panel(panel)
			number.Set(b.args.Load(int(unsafe.Offsetof(a.First))).Add(tile))
			sum.Set(from)
			n.Set(tilesHere)
			b.times(n, func() {
				y.Set(number.DivU(across).Shl(1))
				x.Set(number.RemU(across).Shl(1))
				to.Set(f.dst.Add(y.Mul(width).Add(x).Mul(f.stride)).Add(panel.Shl(5)))
				for r := range 2 {
					b.If(y.Add(asm.Const(r)).LtU(height), func() {
						column.Set(sum)
						for i := range 4 {
							for half := range m {
								m[half][i].Set(winogradOutput(r, func(row int) S {
									return load(column.Add(plane.Mul(asm.Const(4*row))), 16*half)
								}))
							}
							column.IncBy(plane)
						}
						pixel := func(s int) (v [2]asm.F32x4) {
							for half := range m {
								v[half] = p.float(winogradOutput(s, func(i int) S { return m[half][i] }))
							}
							return v
						}
						f.store(to, pixel(0))
						b.If(x.Add(asm.Const(1)).LtU(width), func() { f.store(b.Variable(to.Add(f.stride)), pixel(1)) }, nil)
					}, nil)
					to.IncBy(width.Mul(f.stride))
				}
				sum.Inc(sumBytes)
				number.Inc(1)
			})
			from.IncBy(panelSums)
			panel.Inc(1)
		})
	}

	b.eachItem(func() {
		panel.Set(item.RemU(groups).Mul(group))
		panelsHere.Set(asm.MinU(group, panels.Sub(panel)))
		tile.Set(item.DivU(groups).Mul(chunk))
		tilesHere.Set(asm.MinU(chunk, b.args.Load(int(unsafe.Offsetof(a.Count))).Sub(tile)))
		multiply()
		transform()
		item.Inc(1)
	})
}

// winogradOutput is element i of Aᵀ·m.
func winogradOutput[V lanes[V]](i int, m func(int) V) V {
	if i == 0 {
		return m(0).Add(m(1)).Add(m(2))
	}
	return m(1).Sub(m(2)).Sub(m(3))
}
