package asm

// Set assigns x to a variable.
func (a I32) Set(x I32) { a.set(x.code) }

// Inc adds a constant to a variable.
func (a I32) Inc(n int) { a.Set(a.Add(Const(n))) }

// IncBy adds an expression to a variable.
func (a I32) IncBy(n I32) { a.Set(a.Add(n)) }

func (a I32) binary(number byte, b I32) I32 { return I32{op(scalar(number), a.code, b.code)} }

// Arithmetic, modulo 2³².
func (a I32) Add(b I32) I32  { return a.binary(0x6a, b) }
func (a I32) Sub(b I32) I32  { return a.binary(0x6b, b) }
func (a I32) Mul(b I32) I32  { return a.binary(0x6c, b) }
func (a I32) DivU(b I32) I32 { return a.binary(0x6e, b) }
func (a I32) RemU(b I32) I32 { return a.binary(0x70, b) }
func (a I32) And(b I32) I32  { return a.binary(0x71, b) }
func (a I32) Xor(b I32) I32  { return a.binary(0x73, b) }
func (a I32) Shl(n int) I32  { return a.binary(0x74, Const(n)) }
func (a I32) ShrU(n int) I32 { return a.binary(0x76, Const(n)) }

// Comparisons are 1 or 0; S compares signed, U unsigned numbers.
func (a I32) Eqz() I32      { return I32{op(scalar(0x45), a.code)} }
func (a I32) Eq(b I32) I32  { return a.binary(0x46, b) }
func (a I32) Ne(b I32) I32  { return a.binary(0x47, b) }
func (a I32) LtU(b I32) I32 { return a.binary(0x49, b) }
func (a I32) GtS(b I32) I32 { return a.binary(0x4a, b) }
func (a I32) GtU(b I32) I32 { return a.binary(0x4b, b) }
func (a I32) LeU(b I32) I32 { return a.binary(0x4d, b) }
func (a I32) GeS(b I32) I32 { return a.binary(0x4e, b) }
func (a I32) GeU(b I32) I32 { return a.binary(0x4f, b) }

// Select is yes if a is not 0, else no; both are computed.
func (a I32) Select(yes, no I32) I32 { return I32{op(scalar(0x1b), yes.code, no.code, a.code)} }

// MinU is the lesser of two; both are computed twice.
func MinU(a, b I32) I32 { return a.LtU(b).Select(a, b) }

// MaxS is the larger of two; both are computed twice.
func MaxS(a, b I32) I32 { return a.GtS(b).Select(a, b) }

// Float converts, Bits reinterprets.
func (a I32) Float() F32 { return F32{op(scalar(0xb2), a.code)} }
func (a I32) Bits() F32  { return F32{op(scalar(0xbe), a.code)} }

// Splat fills a vector, SplatI8 one of bytes with the lowest byte.
func (a F32) Splat() F32x4   { return F32x4{op(simd(19), a.code)} }
func (a I32) Splat() I32x4   { return I32x4{op(simd(17), a.code)} }
func (a I32) SplatI8() I8x16 { return I8x16{op(simd(15), a.code)} }

// Loads from the address a + offset; none of them needs to be aligned.
func (a I32) Load(offset int) I32    { return I32{op(join(scalar(0x28), memory(0, offset)), a.code)} }
func (a I32) LoadF32(offset int) F32 { return F32{op(join(scalar(0x2a), memory(0, offset)), a.code)} }

// Store stores x at the address a + offset, Store8 and Store16 its low bits.
func (a I32) Store(offset int, x I32)    { a.store(join(scalar(0x36), memory(0, offset)), x.code) }
func (a I32) Store8(offset int, x I32)   { a.store(join(scalar(0x3a), memory(0, offset)), x.code) }
func (a I32) Store16(offset int, x I32)  { a.store(join(scalar(0x3b), memory(0, offset)), x.code) }
func (a I32) StoreF32(offset int, x F32) { a.store(join(scalar(0x38), memory(0, offset)), x.code) }

func (a I32) store(instruction []byte, operands ...code) {
	if a.function == nil {
		panic("asm: store to an address without a variable")
	}
	a.function.emit(op(instruction, append([]code{a.code}, operands...)...))
}

// Copy copies n bytes from the address from to the address a.
func (a I32) Copy(from, n I32) { a.store(append(bulk(10), 0, 0), from.code, n.code) }

// Fill sets n bytes at the address a to the low byte of x.
func (a I32) Fill(x, n I32) { a.store(append(bulk(11), 0), x.code, n.code) }

// Atomic operations on the aligned word at the address a + offset of a shared
// memory, sequentially consistent.
func (a I32) AtomicLoad(offset int) I32 {
	return I32{op(join(atomic(0x10), memory(2, offset)), a.code)}
}

// AtomicStore is Store, atomically.
func (a I32) AtomicStore(offset int, x I32) { a.store(join(atomic(0x17), memory(2, offset)), x.code) }

// AtomicAdd adds x and is the word before.
func (a I32) AtomicAdd(offset int, x I32) I32 {
	return I32{op(join(atomic(0x1e), memory(2, offset)), a.code, x.code)}
}

// AtomicWait sleeps as long as the word is expected, for at most so many
// nanoseconds: 0 woken, 1 the word was another, 2 the time is over.
func (a I32) AtomicWait(offset int, expected I32, nanoseconds int64) I32 {
	timeout := constant(join([]byte{0x42}, signed(nanoseconds)))
	return I32{op(join(atomic(0x01), memory(2, offset)), a.code, expected.code, timeout)}
}

// AtomicNotify wakes up to count sleepers and is how many it woke.
func (a I32) AtomicNotify(offset int, count I32) I32 {
	return I32{op(join(atomic(0x00), memory(2, offset)), a.code, count.code)}
}

// Set assigns x to a variable.
func (a F32) Set(x F32) { a.set(x.code) }

func (a F32) unary(number byte) F32         { return F32{op(scalar(number), a.code)} }
func (a F32) binary(number byte, b F32) F32 { return F32{op(scalar(number), a.code, b.code)} }
func (a F32) compare(number byte, b F32) I32 {
	return I32{op(scalar(number), a.code, b.code)}
}

// Arithmetic. Max is NaN if an operand is.
func (a F32) Nearest() F32  { return a.unary(0x90) } // half to even
func (a F32) Sqrt() F32     { return a.unary(0x91) }
func (a F32) Add(b F32) F32 { return a.binary(0x92, b) }
func (a F32) Sub(b F32) F32 { return a.binary(0x93, b) }
func (a F32) Mul(b F32) F32 { return a.binary(0x94, b) }
func (a F32) Div(b F32) F32 { return a.binary(0x95, b) }
func (a F32) Max(b F32) F32 { return a.binary(0x97, b) }

// Comparisons are 1 or 0.
func (a F32) Eq(b F32) I32 { return a.compare(0x5b, b) }
func (a F32) Gt(b F32) I32 { return a.compare(0x5e, b) }

// Int truncates towards zero, to the nearest integer there is; NaN is 0.
func (a F32) Int() I32 { return I32{op(bulk(0), a.code)} }
