//go:build !js

package simd

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"uarweb/engine/device/simd/internal/kernel"
)

// mutant is a function's code with one instruction changed.
type mutant struct {
	name string
	body []byte
}

// sites is how many instructions of a kind are changed in a kernel, one at a
// time: its first and its last.
const sites = 2

// mutants of a function, of every kind of change.
func mutants(body []byte) (all []mutant) {
	var kinds []string
	changed := map[string][][]byte{}
	for _, i := range instructions(body) {
		kind, code := change(body[i.start:i.end], i.opcode, i.immediates-i.start)
		if kind == "" {
			continue
		}
		if changed[kind] == nil {
			kinds = append(kinds, kind)
		}
		changed[kind] = append(changed[kind], slices.Concat(body[:i.start], code, body[i.end:]))
	}
	for _, kind := range kinds {
		n := len(changed[kind])
		for s := range min(n, sites) {
			at := s * (n - 1) / max(1, min(n, sites)-1)
			all = append(all, mutant{fmt.Sprintf("%s, %d of %d", kind, at+1, n), changed[kind][at]})
		}
	}
	return all
}

// change is an instruction changed, and what kind of change that is; none of those
// that are spared.
func change(code []byte, opcode uint32, immediates int) (kind string, changed []byte) {
	if s, ok := swaps[opcode]; ok {
		to := []byte{byte(s.to)}
		if prefix := s.to >> 16; prefix != 0 {
			to = binary.AppendUvarint([]byte{byte(prefix)}, uint64(s.to&0xffff))
		}
		return s.kind, to
	}
	changed = slices.Clone(code)
	at := changed[immediates:]
	switch {
	case opcode == 0x43: // f32.const
		flip(at)
		return "f32.const", changed
	case opcode == simd|12: // v128.const
		for i := range 4 {
			flip(at[4*i:])
		}
		return "v128.const", changed
	case opcode == simd|13: // i8x16.shuffle: another lane of four bytes
		for i := range 4 {
			at[i] = (at[i] + 4) % 32
		}
		return "shuffle", changed
	case opcode >= simd|21 && opcode <= simd|34:
		at[0] ^= 1
		return "lane", changed
	case opcode >= 0x28 && opcode <= 0x3e, opcode >= simd && opcode <= simd|11, opcode >= simd|90 && opcode <= simd|93:
		kind = "load"
		if opcode >= 0x36 && opcode <= 0x3e || opcode == simd|11 || opcode == simd|90 || opcode == simd|91 {
			kind = "store"
		}
		_, align := binary.Uvarint(at)
		offset, n := binary.Uvarint(at[align:])
		return kind + " 4 bytes behind", slices.Concat(code[:immediates+align], binary.AppendUvarint(nil, offset+4), at[align+n:])
	}
	return "", nil
}

// spared are the other opcodes that kernels have: jumps, and what counts and makes
// addresses, which when wrong ends in a trap or after all of the memory; and what
// has no like of the same type.
var spared = opcodes(
	0x03, 0x04, 0x05, 0x0b, 0x0d, 0x1b, 0x20, 0x21, // loop, if, else, end, br_if, select, local.get, local.set
	0x41, 0x45, 0x46, 0x49, 0x4a, 0x4b, 0x4d, 0x4f, // i32: const, eqz, eq, lt_u, gt_s, gt_u, le_u, ge_u
	0x6a, 0x6b, 0x6c, 0x6e, 0x70, 0x71, 0x74, 0x76, // add, sub, mul, div_u, rem_u, and, shl, shr_u
	0xb2, 0xbe, // f32: convert_i32_s, of counts; reinterpret_i32
	bulk|10, bulk|11, // memory.copy, memory.fill
	simd|15, simd|17, simd|19, simd|82, // i8x16, i32x4 and f32x4.splat, v128.bitselect
)

func opcodes(all ...uint32) map[uint32]bool {
	set := map[uint32]bool{}
	for _, o := range all {
		set[o] = true
	}
	return set
}

// flip makes another of a little-endian word: a float half as large again, or 1
// of 0.
func flip(word []byte) {
	v := binary.LittleEndian.Uint32(word) ^ 1<<22
	if v == 1<<22 {
		v = math.Float32bits(1)
	}
	binary.LittleEndian.PutUint32(word, v)
}

// swaps are opcodes of the same type.
var swaps = map[uint32]struct {
	kind string
	to   uint32
}{
	0x5b: {"f32.eq → ne", 0x5c}, 0x5e: {"f32.gt → lt", 0x5d},
	0x90: {"f32.nearest → neg", 0x8c}, bulk: {"i32.trunc_sat_f32_s → u", bulk | 1},
	0x91: {"f32.sqrt → abs", 0x8b}, 0x92: {"f32.add → sub", 0x93}, 0x93: {"f32.sub → add", 0x92}, 0x94: {"f32.mul → add", 0x92}, 0x95: {"f32.div → mul", 0x94}, 0x97: {"f32.max → min", 0x96},

	simd | 65: {"f32x4.eq → ne", simd | 66}, simd | 67: {"f32x4.lt → gt", simd | 68}, simd | 68: {"f32x4.gt → lt", simd | 67},
	simd | 78: {"v128.and → or", simd | 80}, simd | 79: {"v128.andnot → and", simd | 78}, simd | 80: {"v128.or → and", simd | 78}, simd | 81: {"v128.xor → and", simd | 78},
	simd | 83: {"v128.any_true → i32x4.all_true", simd | 163}, simd | 163: {"i32x4.all_true → v128.any_true", simd | 83},
	simd | 102: {"i8x16.narrow_u → s", simd | 101}, simd | 181: {"i32x4.mul → add", simd | 174}, 0x73: {"i32.xor → and", 0x71},
	simd | 106: {"f32x4.nearest → neg", simd | 225}, simd | 109: {"i8x16.shr_u → shr_s", simd | 108}, simd | 113: {"i8x16.sub → add", simd | 110},
	simd | 133: {"i16x8.narrow_s → u", simd | 134}, simd | 135: {"i16x8.extend_low_s → u", simd | 137}, simd | 136: {"i16x8.extend_high_s → u", simd | 138},
	simd | 142: {"i16x8.add → sub", simd | 145}, simd | 145: {"i16x8.sub → add", simd | 142},
	simd | 171: {"i32x4.shl → shr_u", simd | 173}, simd | 174: {"i32x4.add → sub", simd | 177}, simd | 177: {"i32x4.sub → add", simd | 174}, simd | 184: {"i32x4.max_s → min_s", simd | 182},
	simd | 186: {"i32x4.dot → mul", simd | 181},
	simd | 224: {"f32x4.abs → neg", simd | 225}, simd | 225: {"f32x4.neg → abs", simd | 224},
	simd | 228: {"f32x4.add → sub", simd | 229}, simd | 229: {"f32x4.sub → add", simd | 228}, simd | 230: {"f32x4.mul → add", simd | 228}, simd | 231: {"f32x4.div → mul", simd | 230},
	simd | 233: {"f32x4.max → min", simd | 232}, simd | 234: {"f32x4.pmin → pmax", simd | 235}, simd | 235: {"f32x4.pmax → pmin", simd | 234},
	simd | 248: {"i32x4.trunc_s → u", simd | 249}, simd | 250: {"f32x4.convert_s → u", simd | 251},
}

// instruction is one of a function's code.
type instruction struct {
	start, end int
	opcode     uint32 // with its prefix
	immediates int    // where they begin
}

// Prefixes of opcodes.
const (
	bulk = 0xfc << 16
	simd = 0xfd << 16
)

// instructions decodes the code that package asm writes.
func instructions(body []byte) (all []instruction) {
	at := 0
	u32 := func() uint32 {
		v, n := binary.Uvarint(body[at:])
		at += n
		return uint32(v)
	}
	for range u32() { // groups of locals
		u32()
		at++
	}
	for at < len(body) {
		i := instruction{start: at, opcode: uint32(body[at])}
		at++
		if i.opcode >= 0xfc {
			i.opcode = i.opcode<<16 | u32()
		}
		i.immediates = at
		switch op := i.opcode; {
		case op == 0x02 || op == 0x03 || op == 0x04: // block, loop, if
			at++
		case op == 0x0d || op == 0x10 || op == 0x20 || op == 0x21: // br_if, call, local.get, local.set
			u32()
		case op == 0x11: // call_indirect
			u32()
			at++
		case op == 0x41 || op == 0x42: // i32.const, i64.const
			u32()
		case op == 0x43: // f32.const
			at += 4
		case op >= 0x28 && op <= 0x3e: // loads and stores
			u32()
			u32()
		case op == bulk|10: // memory.copy
			at += 2
		case op == bulk|11: // memory.fill
			at++
		case op == simd|12 || op == simd|13: // v128.const, i8x16.shuffle
			at += 16
		case op >= simd|21 && op <= simd|34: // lanes
			at++
		case op >= simd && op <= simd|11 || op >= simd|92 && op <= simd|93: // loads and stores
			u32()
			u32()
		case op >= simd|84 && op <= simd|91: // of lanes
			u32()
			u32()
			at++
		}
		i.end = at
		all = append(all, i)
	}
	return all
}

// functions are the bodies of a module's functions, the kernels' first.
func functions(module []byte) (bodies [][]byte) {
	_, code := split(module)
	n, at := binary.Uvarint(code)
	for range n {
		size, width := binary.Uvarint(code[at:])
		at += width
		bodies = append(bodies, code[at:at+int(size)])
		at += int(size)
	}
	return bodies
}

// split takes a module apart: the content of its code section, which is the last,
// and what is before it.
func split(module []byte) (before, code []byte) {
	const header, codeSection = 8, 10
	for at := header; ; {
		size, n := binary.Uvarint(module[at+1:])
		if module[at] == codeSection {
			return module[:at], module[at+1+n:]
		}
		at += 1 + n + int(size)
	}
}

// alone is a module in which the mutant is kernel k and all other kernels do
// nothing: compiling them would take most of the test's time.
func (m mutant) alone(module []byte, k kernel.Number) []byte {
	before, _ := split(module)
	bodies := functions(module)
	code := binary.AppendUvarint(nil, uint64(len(bodies)))
	for i, body := range bodies {
		switch {
		case i == int(k):
			body = m.body
		case i < int(kernel.Count):
			body = []byte{0, 0x0b} // no locals; end
		}
		code = append(binary.AppendUvarint(code, uint64(len(body))), body...)
	}
	return slices.Concat(before, []byte{10}, binary.AppendUvarint(nil, uint64(len(code))), code)
}

// equivalent are the mutants that pass, with why: they compute the same, or what
// differs by less than a rounding that the kernel makes anyway.
var equivalent = map[string]string{
	"pad_i16: lane, 1 of 2":                         sameLanes,
	"pad_i16: lane, 2 of 2":                         sameLanes,
	"pad_f32: lane, 1 of 1":                         sameLanes,
	"layer_norm: lane, 1 of 18":                     sameLanes,
	"arg_max: lane, 1 of 10":                        sameLanes,
	"top_k: lane, 1 of 6":                           sameLanes,
	"top_k: v128.any_true → i32x4.all_true, 2 of 2": sameLanes,
	"mask: lane, 1 of 14":                           sameLanes,
	"attention: lane, 1 of 24":                      sameLanes,
	"quantize_rows: lane, 8 of 8":                   sameLanes,
	"quantize_bytes: lane, 8 of 8":                  sameLanes,

	"layer_norm: v128.const, 1 of 15":       meanGuess,
	"layer_norm: f32x4.add → sub, 1 of 29":  meanGuess,
	"layer_norm: f32.add → sub, 1 of 10":    meanGuess,
	"layer_norm: f32.mul → add, 4 of 4":     meanRest,
	"layer_norm: f32x4.sub → add, 10 of 10": meanRest,
	"layer_norm: f32.sub → add, 1 of 1":     meanRest,

	"gate: v128.const, 1 of 124":  tinyExp,
	"top_k: v128.const, 67 of 67": tinyExp,
	"mask: v128.const, 48 of 48":  tinyExp,

	"arg_max: f32x4.add → sub, 1 of 9": zeros,
	"arg_max: f32x4.add → sub, 9 of 9": zeros,
	"arg_max: f32.add → sub, 1 of 3":   zeros,
	"arg_max: f32.add → sub, 3 of 3":   zeros,
	"arg_max: f32x4.eq → ne, 1 of 1":   "the search for the largest goes by single elements from the start, not by vectors first",

	"direct_i8: v128.const, 1 of 12":     "is in place of a missing scale; integers have one",
	"winograd_i16: v128.const, 12 of 12": "is in place of a missing bias; a convolution has one",
	"winograd_f32: v128.const, 12 of 12": "is in place of a missing bias; a convolution has one",

	"attention_tiles: shuffle, 1 of 10": "takes the score of the key behind the last, which pack_keys has made the last once more",
	"multiply_f32: shuffle, 1 of 14":    firstPanel,
	"multiply_i8: shuffle, 1 of 14":     firstPanel,
	"multiply_i4: shuffle, 1 of 14":     firstPanel,
	"multiply_i4: v128.const, 1 of 100": "adds a unit of the rounded activations to a sum, less than their rounding does",

	"quantize_rows: v128.const, 1 of 4":  "is the least magnitude, 2⁻¹⁰⁰, which rows of zeros alone have",
	"quantize_rows: v128.const, 4 of 4":  "is the least magnitude, 2⁻¹⁰⁰, which rows of zeros alone have",
	"quantize_bytes: v128.const, 1 of 6": "is the least magnitude, 2⁻¹⁰⁰, which rows of zeros alone have",
}

// Reasons that several have.
const (
	sameLanes  = "takes another lane of a vector whose lanes are the same"
	meanGuess  = "changes the first guess of the mean, whose error the second pass takes back"
	meanRest   = "is about that error, of which rounding alone leaves next to nothing"
	tinyExp    = "lets exponentials below e⁻⁸⁷ be 10⁻³⁸, not 0"
	zeros      = "adds up what is 0, or NaN whatever its sign"
	firstPanel = "is about a panel that is not full, which the first of four side by side always is"
)
