package asm

// Loads of vectors from the address a + offset; none needs to be aligned.
func (a I32) LoadF32x4(offset int) F32x4 { return F32x4{op(load(0, offset), a.code)} }
func (a I32) LoadI32x4(offset int) I32x4 { return I32x4{op(load(0, offset), a.code)} }
func (a I32) LoadI16x8(offset int) I16x8 { return I16x8{op(load(0, offset), a.code)} }
func (a I32) LoadI8x16(offset int) I8x16 { return I8x16{op(load(0, offset), a.code)} }

// LoadExtend8 loads eight int8 as int16.
func (a I32) LoadExtend8(offset int) I16x8 { return I16x8{op(load(1, offset), a.code)} }

// LoadSplatF32 fills a vector with one float, LoadSplat2I16 with one pair of
// int16, LoadSplat4I8 with four int8.
func (a I32) LoadSplatF32(offset int) F32x4  { return F32x4{op(load(9, offset), a.code)} }
func (a I32) LoadSplat2I16(offset int) I16x8 { return I16x8{op(load(9, offset), a.code)} }
func (a I32) LoadSplat4I8(offset int) I8x16  { return I8x16{op(load(9, offset), a.code)} }

// LoadTwoF32 loads two floats and clears the others.
func (a I32) LoadTwoF32(offset int) F32x4 { return F32x4{op(load(93, offset), a.code)} }

// Stores of vectors.
func (a I32) StoreF32x4(offset int, x F32x4) { a.store(load(11, offset), x.code) }
func (a I32) StoreI32x4(offset int, x I32x4) { a.store(load(11, offset), x.code) }
func (a I32) StoreI16x8(offset int, x I16x8) { a.store(load(11, offset), x.code) }
func (a I32) StoreI8x16(offset int, x I8x16) { a.store(load(11, offset), x.code) }

// StoreLane stores one lane.
func (a I32) StoreLane(offset int, x F32x4, l int) {
	a.store(lane(load(90, offset), l), x.code)
}

// StoreTwo stores the first two lanes.
func (a I32) StoreTwo(offset int, x F32x4) {
	a.store(append(load(91, offset), 0), x.code)
}

// Set assigns x to a variable.
func (a F32x4) Set(x F32x4) { a.set(x.code) }
func (a I32x4) Set(x I32x4) { a.set(x.code) }
func (a I16x8) Set(x I16x8) { a.set(x.code) }
func (a I8x16) Set(x I8x16) { a.set(x.code) }

func (a F32x4) unary(number uint32) F32x4            { return F32x4{op(simd(number), a.code)} }
func (a F32x4) binary(number uint32, b F32x4) F32x4  { return F32x4{op(simd(number), a.code, b.code)} }
func (a F32x4) compare(number uint32, b F32x4) I32x4 { return I32x4{op(simd(number), a.code, b.code)} }

// Arithmetic by lane. Max is NaN if an operand is; PMax is b where a < b, else
// a (which keeps a's NaN and drops b's); PMin is b where b < a.
func (a F32x4) Nearest() F32x4     { return a.unary(106) } // half to even
func (a F32x4) Abs() F32x4         { return a.unary(224) }
func (a F32x4) Neg() F32x4         { return a.unary(225) }
func (a F32x4) Add(b F32x4) F32x4  { return a.binary(228, b) }
func (a F32x4) Sub(b F32x4) F32x4  { return a.binary(229, b) }
func (a F32x4) Mul(b F32x4) F32x4  { return a.binary(230, b) }
func (a F32x4) Div(b F32x4) F32x4  { return a.binary(231, b) }
func (a F32x4) Max(b F32x4) F32x4  { return a.binary(233, b) }
func (a F32x4) PMin(b F32x4) F32x4 { return a.binary(234, b) }
func (a F32x4) PMax(b F32x4) F32x4 { return a.binary(235, b) }

// RelaxedMulAdd is a·b + c, rounded once or twice as the machine likes.
func (a F32x4) RelaxedMulAdd(b, c F32x4) F32x4 { return F32x4{op(simd(261), a.code, b.code, c.code)} }

// Comparisons by lane are masks.
func (a F32x4) Eq(b F32x4) I32x4 { return a.compare(65, b) }
func (a F32x4) Lt(b F32x4) I32x4 { return a.compare(67, b) }
func (a F32x4) Gt(b F32x4) I32x4 { return a.compare(68, b) }

// Int truncates towards zero, to the nearest integers there are; NaN is 0. Bits
// reinterprets.
func (a F32x4) Int() I32x4  { return I32x4{op(simd(248), a.code)} }
func (a F32x4) Bits() I32x4 { return I32x4{a.code.value()} }

// Lane is one lane; WithLane replaces one.
func (a F32x4) Lane(l int) F32              { return F32{op(lane(simd(31), l), a.code)} }
func (a F32x4) WithLane(l int, x F32) F32x4 { return F32x4{op(lane(simd(32), l), a.code, x.code)} }
func (a I32x4) Lane(l int) I32              { return I32{op(lane(simd(27), l), a.code)} }

func (a I32x4) binary(number uint32, b I32x4) I32x4 { return I32x4{op(simd(number), a.code, b.code)} }
func (a I32x4) shift(number uint32, n int) I32x4 {
	return I32x4{op(simd(number), a.code, Const(n).code)}
}

// Bitwise and lane arithmetic, modulo 2³².
func (a I32x4) And(b I32x4) I32x4    { return a.binary(78, b) }
func (a I32x4) AndNot(b I32x4) I32x4 { return a.binary(79, b) }
func (a I32x4) Or(b I32x4) I32x4     { return a.binary(80, b) }
func (a I32x4) Shl(n int) I32x4      { return a.shift(171, n) }
func (a I32x4) Add(b I32x4) I32x4    { return a.binary(174, b) }
func (a I32x4) Sub(b I32x4) I32x4    { return a.binary(177, b) }
func (a I32x4) Mul(b I32x4) I32x4    { return a.binary(181, b) }
func (a I32x4) MaxS(b I32x4) I32x4   { return a.binary(184, b) }
func (a I32x4) Eq(b I32x4) I32x4     { return a.binary(55, b) }

// Select takes the lanes of yes where the mask is set, those of no elsewhere.
func (a I32x4) Select(yes, no F32x4) F32x4 {
	return F32x4{op(simd(82), yes.code, no.code, a.code)}
}

// AnyTrue is 1 if a bit is set, AllTrue if no lane is 0.
func (a I32x4) AnyTrue() I32 { return I32{op(simd(83), a.code)} }
func (a I32x4) AllTrue() I32 { return I32{op(simd(163), a.code)} }

// Float converts, Bits reinterprets.
func (a I32x4) Float() F32x4 { return F32x4{op(simd(250), a.code)} }
func (a I32x4) Bits() F32x4  { return F32x4{a.code.value()} }

// Narrow is the lanes of a and b, limited to int16.
func (a I32x4) Narrow(b I32x4) I16x8 { return I16x8{op(simd(133), a.code, b.code)} }

func (a I16x8) binary(number uint32, b I16x8) I16x8 { return I16x8{op(simd(number), a.code, b.code)} }

// Bitwise and lane arithmetic, modulo 2¹⁶.
func (a I16x8) And(b I16x8) I16x8 { return a.binary(78, b) }
func (a I16x8) Add(b I16x8) I16x8 { return a.binary(142, b) }
func (a I16x8) Sub(b I16x8) I16x8 { return a.binary(145, b) }

// Dot: lane i is a[2i]·b[2i] + a[2i+1]·b[2i+1].
func (a I16x8) Dot(b I16x8) I32x4 { return I32x4{op(simd(186), a.code, b.code)} }

// NarrowU is the lanes of a and b, limited to 0 to 255.
func (a I16x8) NarrowU(b I16x8) I8x16 { return I8x16{op(simd(102), a.code, b.code)} }

func (a I8x16) binary(number uint32, b I8x16) I8x16 { return I8x16{op(simd(number), a.code, b.code)} }

// Lane and bitwise arithmetic.
func (a I8x16) And(b I8x16) I8x16 { return a.binary(78, b) }
func (a I8x16) Xor(b I8x16) I8x16 { return a.binary(81, b) }
func (a I8x16) ShrU(n int) I8x16  { return I8x16{op(simd(109), a.code, Const(n).code)} }
func (a I8x16) Sub(b I8x16) I8x16 { return a.binary(113, b) }

// RelaxedDotAdd: lane i is Σ_j a[4i+j]·b[4i+j] + sum[i] for b of 0 to 127. Of
// other b an engine may take all bits as unsigned or as signed, or less exactly.
func (a I8x16) RelaxedDotAdd(b I8x16, sum I32x4) I32x4 {
	return I32x4{op(simd(275), a.code, b.code, sum.code)}
}

// Low and High extend the lower or higher eight signed lanes.
func (a I8x16) Low() I16x8  { return I16x8{op(simd(135), a.code)} }
func (a I8x16) High() I16x8 { return I16x8{op(simd(136), a.code)} }

// value is c as an expression of another type, which cannot be assigned to.
func (c code) value() code { return code{bytes: c.bytes, function: c.function} }
