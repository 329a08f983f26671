package generator

import (
	"unsafe"

	"uarweb/engine/device/simd/internal/asm"
	"uarweb/engine/device/simd/internal/kernel"
)

// operands is what a tile needs of a type of operands.
type operands[V any] interface {
	asm.Vector
	Set(V)
}

// sums is what it needs of a type of sums.
type sums[S any] interface {
	operands[S]
	Add(S) S
}

// precision is the arithmetic of a product.
type precision[V operands[V], S sums[S]] struct {
	operand     func() V // a new variable
	sum         func() S // a new variable
	zero        S
	activations func(p asm.I32, offset int) V // a row's of a step, for 4 outputs
	multiplyAdd func(x, w V, sum S) S
	float       func(sum S) asm.F32x4
	// load loads a panel's weights of so many steps, of outputs 0–3 and 4–7, from
	// p, where they are so many bytes.
	load         func(p asm.I32, w [][2]V)
	steps, bytes int
}

// f32 multiplies float32.
func (b *builder) f32() precision[asm.F32x4, asm.F32x4] {
	return precision[asm.F32x4, asm.F32x4]{
		operand: b.F32x4, sum: b.F32x4, zero: asm.F32x4Const(0),
		activations: asm.I32.LoadSplatF32, multiplyAdd: b.mulAdd,
		float: func(sum asm.F32x4) asm.F32x4 { return sum },
		load: func(p asm.I32, w [][2]asm.F32x4) {
			for half, v := range w[0] {
				v.Set(p.LoadF32x4(16 * half))
			}
		},
		steps: 1, bytes: 32,
	}
}

// i16 multiplies int16 by int16, and adds up in int32.
func (b *builder) i16() precision[asm.I16x8, asm.I32x4] {
	return precision[asm.I16x8, asm.I32x4]{
		operand: b.I16x8, sum: b.I32x4, zero: asm.I32x4Const(0),
		activations: asm.I32.LoadSplat2I16,
		multiplyAdd: func(x, w asm.I16x8, sum asm.I32x4) asm.I32x4 { return sum.Add(x.Dot(w)) },
		float:       asm.I32x4.Float,
		load: func(p asm.I32, w [][2]asm.I16x8) {
			for half, v := range w[0] {
				v.Set(p.LoadI16x8(16 * half))
			}
		},
		steps: 1, bytes: 32,
	}
}

// i8 is i16 with weights stored as int8.
func (b *builder) i8() precision[asm.I16x8, asm.I32x4] {
	p := b.i16()
	p.bytes = 16
	p.load = func(p asm.I32, w [][2]asm.I16x8) {
		for half, v := range w[0] {
			v.Set(p.LoadExtend8(8 * half))
		}
	}
	return p
}

// byteDots multiplies int8 by bytes, four at a time, and adds up in int32.
func (b *builder) byteDots() precision[asm.I8x16, asm.I32x4] {
	low, high := b.I32x4(), b.I32x4()
	return precision[asm.I8x16, asm.I32x4]{
		operand: b.I8x16, sum: b.I32x4, zero: asm.I32x4Const(0),
		activations: asm.I32.LoadSplat4I8,
		multiplyAdd: func(x, w asm.I8x16, sum asm.I32x4) asm.I32x4 { return b.dotAdd(low, high, w, x, sum) },
		load: func(p asm.I32, w [][2]asm.I8x16) {
			for half, v := range w[0] {
				v.Set(p.LoadI8x16(16 * half))
			}
		},
		steps: 1, bytes: 32,
	}
}

// i4 is i16 with weights stored as 4 bits, value + 8: of 16 bytes the lower
// halves are the panel's weights of one step, the upper halves of the next.
func (b *builder) i4() precision[asm.I16x8, asm.I32x4] {
	p := b.i16()
	p.steps, p.bytes = 2, 16
	both, one := b.I8x16(), b.I8x16()
	eight := asm.I8x16Const(8)
	p.load = func(p asm.I32, w [][2]asm.I16x8) {
		both.Set(p.LoadI8x16(0))
		for step, part := range []asm.I8x16{both.And(asm.I8x16Const(15)), both.ShrU(4)} {
			one.Set(part.Sub(eight))
			w[step][0].Set(one.Low())
			w[step][1].Set(one.High())
		}
	}
	return p
}

// tile keeps in registers the sums of rows of activations × panels of weights.
// Four rows × one panel are as many as engines find registers for: with more,
// or with more than one step at once, V8 spills some. One row × four panels
// hides how long an addition takes.
type tile[V operands[V], S sums[S]] struct {
	precision[V, S]
	*builder
	x    []V     // by step
	w    [][2]V  // by step; of outputs 0–3 and 4–7
	sums [4][2]S // of row r and panel p: sums[r·panels + p]
}

func newTile[V operands[V], S sums[S]](b *builder, p precision[V, S]) *tile[V, S] {
	t := &tile[V, S]{precision: p, builder: b}
	for range p.steps {
		t.x = append(t.x, p.operand())
		t.w = append(t.w, [2]V{p.operand(), p.operand()})
	}
	for i := range t.sums {
		t.sums[i] = [2]S{p.sum(), p.sum()}
	}
	return t
}

// clear sets the first n pairs of sums to 0.
func (t *tile[V, S]) clear(n int) {
	for i := range n {
		for half := range 2 {
			t.sums[i][half].Set(t.zero)
		}
	}
}

// add adds to the sums the products of the rows and the panels, until the first
// panel is at end. It moves all pointers, which are variables.
func (t *tile[V, S]) add(rows, panels []asm.I32, end asm.I32) {
	if len(rows)*len(panels) > len(t.sums) {
		panic("generator: a tile of too many rows and panels")
	}
	t.While(panels[0].LtU(end), func() {
		if len(rows) == 1 {
			for step, x := range t.x {
				x.Set(t.activations(rows[0], 4*step))
			}
		}
		for p, panel := range panels {
			t.load(panel, t.w)
			for step, x := range t.x {
				for r, row := range rows {
					if len(rows) > 1 {
						x.Set(t.activations(row, 4*step))
					}
					for half, sum := range t.sums[r*len(panels)+p] {
						sum.Set(t.multiplyAdd(x, t.w[step][half], sum))
					}
				}
			}
		}
		for _, row := range rows {
			row.Inc(4 * t.steps)
		}
		for _, panel := range panels {
			panel.Inc(t.bytes)
		}
	})
}

// finish writes a product's results. Its arithmetic is never relaxed, so that
// the results of integer products are the same everywhere.
type finish struct {
	*builder
	offset uintptr // of the Finish in the kernel's arguments
	dst    asm.I32
	stride asm.I32 // bytes from row to row of dst

	columns         asm.I32 // outputs from the panel's first one on
	scale, bias     [2]asm.F32x4
	floor, gain     asm.F32x4
	residual, apart asm.I32 // whether there is one, and residual − dst
	at              asm.I32
	values          [2]asm.F32x4
}

// finish returns what finishes the products of a kernel whose Finish lies at an
// offset of its arguments.
func (b *builder) finish(offset uintptr) *finish {
	var a kernel.Finish
	f := &finish{
		builder: b, offset: offset,
		dst:      b.arg(offset + unsafe.Offsetof(a.Dst)),
		stride:   b.Variable(b.arg(offset + unsafe.Offsetof(a.Out)).Shl(2)),
		floor:    b.VariableF32x4(b.argF32(offset + unsafe.Offsetof(a.Floor)).Splat()),
		gain:     b.VariableF32x4(b.argF32(offset + unsafe.Offsetof(a.Gain)).Splat()),
		residual: b.arg(offset + unsafe.Offsetof(a.Residual)),
		columns:  b.I32(), at: b.I32(),
	}
	f.apart = b.Variable(f.residual.Sub(f.dst))
	for half := range 2 {
		f.scale[half], f.bias[half], f.values[half] = b.F32x4(), b.F32x4(), b.F32x4()
	}
	return f
}

// panel prepares for the results of the panel of a number.
func (f *finish) panel(number asm.I32) {
	var a kernel.Finish
	word := func(field uintptr) asm.I32 { return f.args.Load(int(f.offset + field)) }
	read := func(to [2]asm.F32x4, field uintptr, otherwise float32) {
		f.at.Set(word(field))
		f.If(f.at, func() {
			f.at.IncBy(number.Shl(5))
			for half, v := range to {
				v.Set(f.at.LoadF32x4(16 * half))
			}
		}, func() {
			for _, v := range to {
				v.Set(constants(otherwise))
			}
		})
	}
	read(f.scale, unsafe.Offsetof(a.Scale), 1)
	read(f.bias, unsafe.Offsetof(a.Bias), 0)
	f.columns.Set(word(unsafe.Offsetof(a.Out)).Sub(number.Shl(3)))
}

// store finishes a row's sums of the panel's outputs and stores those that there
// are at the address to.
func (f *finish) store(to asm.I32, sums [2]asm.F32x4) {
	for half, v := range f.values {
		v.Set(sums[half].Mul(f.scale[half]).Add(f.bias[half]).PMax(f.floor).Mul(f.gain))
	}
	f.at.Set(to)
	f.storeFirst(f.at, f.columns, f.values, func(v asm.F32x4, load func(p asm.I32) asm.F32x4) {
		f.If(f.residual, func() { v.Set(v.Add(load(f.at.Add(f.apart)))) }, nil)
	})
}

// storeFirst stores the first n of the 8 floats of two variables, or all if n
// is more, at the address in the variable at. Before a vector or what is left of
// one is stored, prepare may change it; load loads as many floats. It changes
// at and v.
func (b *builder) storeFirst(at, n asm.I32, v [2]asm.F32x4, prepare func(v asm.F32x4, load func(p asm.I32) asm.F32x4)) {
	four := func(offset int, v asm.F32x4) {
		prepare(v, func(p asm.I32) asm.F32x4 { return p.LoadF32x4(offset) })
		at.StoreF32x4(offset, v)
	}
	b.If(n.GeU(asm.Const(8)), func() {
		four(0, v[0])
		four(16, v[1])
	}, func() {
		rest := v[0]
		b.If(n.And(asm.Const(4)), func() {
			four(0, rest)
			at.Inc(16)
			rest.Set(v[1])
		}, nil)
		b.If(n.And(asm.Const(2)), func() {
			prepare(rest, func(p asm.I32) asm.F32x4 { return p.LoadTwoF32(0) })
			at.StoreTwo(0, rest)
			at.Inc(8)
			rest.Set(words(rest, rest, 2, 3, 2, 3))
		}, nil)
		b.If(n.And(asm.Const(1)), func() {
			prepare(rest, func(p asm.I32) asm.F32x4 { return p.LoadSplatF32(0) })
			at.StoreLane(0, rest, 0)
		}, nil)
	})
}
