package tensor

import "math"

// DecodeF16 is the value of a binary16, exactly.
func DecodeF16(h uint16) float32 {
	sign := uint32(h&0x8000) << 16
	if h&0x7c00 == 0x7c00 {
		return math.Float32frombits(sign | 0x7f800000 | uint32(h&0x3ff)<<13)
	}
	// As the bits of a binary32 the same exponent means 2⁻¹¹² times as much,
	// for subnormal numbers too.
	return math.Float32frombits(sign|uint32(h&0x7fff)<<13) * 0x1p112
}

// EncodeF16 rounds to the nearest binary16, ties to even. overflow is true if
// a finite f became infinite.
func EncodeF16(f float32) (h uint16, overflow bool) {
	b := math.Float32bits(f)
	sign, b := uint16(b>>16)&0x8000, b&0x7fffffff
	switch {
	case b > 0x7f800000: // NaN
		return sign | 0x7e00, false
	case b >= 0x477ff000: // 65520, halfway between the largest binary16 and 2¹⁶
		return sign | 0x7c00, b < 0x7f800000
	case b >= 0x38800000: // 2⁻¹⁴, the smallest normal binary16
		b += 0xfff + b>>13&1
		return sign | uint16((b-0x38000000)>>13), false
	default:
		// The last bit of 0.5 is worth 2⁻²⁴, as that of a subnormal binary16: the
		// addition rounds.
		return sign | uint16(math.Float32bits(math.Float32frombits(b)+0.5)-math.Float32bits(0.5)), false
	}
}

// DecodeBF16 is the value of a bfloat16, exactly.
func DecodeBF16(h uint16) float32 { return math.Float32frombits(uint32(h) << 16) }
