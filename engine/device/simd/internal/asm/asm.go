// Package asm assembles WebAssembly modules of SIMD kernels.
//
// An expression is its own postfix code, so that an operator is little more
// than concatenation, and its Go type is the type of the value it leaves: a
// wrong operand does not compile. Vectors are typed by their lanes, although
// WebAssembly has one type for all of them. What is written twice is computed
// twice: there are no optimisations, and a value that is used again belongs in
// a variable.
//
//	f := m.Function("double", 2) // address, count
//	p, end := f.I32(), f.I32()
//	p.Set(f.Param(0))
//	end.Set(p.Add(f.Param(1).Shl(2)))
//	f.While(p.LtU(end), func() {
//		p.StoreF32x4(0, p.LoadF32x4(0).Add(p.LoadF32x4(0)))
//		p.Inc(16)
//	})
//
// Instruction numbers are those of the WebAssembly core specification 3.0,
// section 5.4, and, for atomics, of its threads proposal.
package asm

import (
	"encoding/binary"
	"math"
	"slices"
)

// code is the code of an expression of any type.
type code struct {
	bytes    []byte
	function *Function // of the variables in it; nil if there are none
	variable int       // 1 + the local's index if the expression is a variable
}

// Types of values. Their zero value is no expression.
type (
	I32   struct{ code } // also an address
	F32   struct{ code }
	I8x16 struct{ code }
	I16x8 struct{ code }
	I32x4 struct{ code } // also a mask: a lane has all bits set, or none
	F32x4 struct{ code }
)

// Vector is a type of vector.
type Vector interface {
	I8x16 | I16x8 | I32x4 | F32x4
	vector() code
}

func (v I8x16) vector() code { return v.code }
func (v I16x8) vector() code { return v.code }
func (v I32x4) vector() code { return v.code }
func (v F32x4) vector() code { return v.code }

const (
	typeI32  = 0x7f
	typeF32  = 0x7d
	typeV128 = 0x7b
)

func unsigned(v uint32) []byte { return binary.AppendUvarint(nil, uint64(v)) }

func signed(v int64) (b []byte) {
	for {
		low := byte(v & 0x7f)
		v >>= 7
		if v == 0 && low&0x40 == 0 || v == -1 && low&0x40 != 0 {
			return append(b, low)
		}
		b = append(b, low|0x80)
	}
}

// op is the operands' code followed by the instruction.
func op(instruction []byte, operands ...code) code {
	var c code
	for _, o := range operands {
		if o.bytes == nil {
			panic("asm: operand is no expression")
		}
		c.bytes = append(c.bytes, o.bytes...)
		if c.function == nil {
			c.function = o.function
		} else if o.function != nil && o.function != c.function {
			panic("asm: operands of different functions")
		}
	}
	c.bytes = append(c.bytes, instruction...)
	return c
}

func scalar(number byte) []byte     { return []byte{number} }
func simd(number uint32) []byte     { return append([]byte{0xfd}, unsigned(number)...) }
func atomic(number uint32) []byte   { return append([]byte{0xfe}, unsigned(number)...) }
func bulk(number uint32) []byte     { return append([]byte{0xfc}, unsigned(number)...) }
func join(parts ...[]byte) []byte   { return slices.Concat(parts...) }
func constant(b []byte) code        { return code{bytes: b} }
func load(n uint32, off int) []byte { return join(simd(n), memory(0, off)) }

// lane is an instruction on lane l of four.
func lane(instruction []byte, l int) []byte {
	if l < 0 || l >= 4 {
		panic("asm: no such lane")
	}
	return append(instruction, byte(l))
}

// memory is the alignment, as a power of 2, and the offset of an access.
func memory(align, offset int) []byte {
	if offset < 0 {
		panic("asm: offset below 0")
	}
	return join(unsigned(uint32(align)), unsigned(uint32(offset)))
}

// set emits the assignment of x to the variable c.
func (c code) set(x code) {
	if c.variable == 0 {
		panic("asm: assignment to an expression that is no variable")
	}
	c.function.emit(op(join([]byte{0x21}, unsigned(uint32(c.variable-1))), x))
}

// Const is an integer, F32Const a floating point constant.
func Const(v int) I32 { return I32{constant(join([]byte{0x41}, signed(int64(int32(v)))))} }
func F32Const(v float32) F32 {
	return F32{constant(binary.LittleEndian.AppendUint32([]byte{0x43}, math.Float32bits(v)))}
}
func words(v uint32) (b code) {
	b.bytes = simd(12)
	for range 4 {
		b.bytes = binary.LittleEndian.AppendUint32(b.bytes, v)
	}
	return b
}

// I32x4Const and F32x4Const have the same constant in every lane.
func I32x4Const(v int) I32x4     { return I32x4{words(uint32(int32(v)))} }
func F32x4Const(v float32) F32x4 { return F32x4{words(math.Float32bits(v))} }

// I8x16Const and I16x8Const have the same constant in every lane.
func I8x16Const(v int8) I8x16  { return I8x16{words(uint32(uint8(v)) * 0x01010101)} }
func I16x8Const(v int16) I16x8 { return I16x8{words(uint32(uint16(v)) * 0x00010001)} }

// Shuffle picks bytes of a (0 to 15) and b (16 to 31).
func Shuffle[V Vector](a, b V, bytes [16]byte) V {
	if slices.Max(bytes[:]) >= 32 {
		panic("asm: no such lane")
	}
	return V{op(join(simd(13), bytes[:]), a.vector(), b.vector())}
}
