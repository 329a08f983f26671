package asm

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// Places in the memory of a test.
const (
	result  = 64  // what is computed
	operand = 256 // the first vector; the others follow
)

// Operands, at operand, operand + 16, …
var (
	ints   = [4]int32{7, -3, math.MinInt32, math.MaxInt32}
	ints2  = [4]int32{7, 5, -1, 2}
	shorts = [8]int16{1, -2, 300, -400, math.MaxInt16, math.MinInt16, 7, 0}
	short2 = [8]int16{5, 6, -7, 8, 2, 2, -1, -9}
	chars  = [16]int8{-128, 127, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, -12}
	reals  = [4]float32{1.5, -2.5, 0, 100}
	reals2 = [4]float32{2, -2.5, -1, 0.25}
	reals3 = [4]float32{3, 4, float32(math.NaN()), 16}
)

const (
	atInts = operand + 16*iota
	atInts2
	atShorts
	atShort2
	atChars
	atReals
	atReals2
	atReals3
)

// newRuntime returns a runtime that has a shared memory env.memory of one page.
func newRuntime(t *testing.T) (wazero.Runtime, api.Memory) {
	r := wazero.NewRuntimeWithConfig(t.Context(), wazero.NewRuntimeConfig().
		WithCoreFeatures(api.CoreFeaturesV2|experimental.CoreFeaturesThreads))
	t.Cleanup(func() { _ = r.Close(t.Context()) })
	env, err := r.InstantiateWithConfig(t.Context(), Memory(1, 2, true), wazero.NewModuleConfig().WithName("env"))
	require.NoError(t, err)
	var b bytes.Buffer
	for _, v := range []any{ints, ints2, shorts, short2, chars, reals, reals2, reals3} {
		require.NoError(t, binary.Write(&b, binary.LittleEndian, v))
	}
	require.True(t, env.Memory().Write(operand, b.Bytes()))
	return r, env.Memory()
}

// store emits the store of an expression of any type.
func store(p I32, x any) {
	switch x := x.(type) {
	case I32:
		p.Store(0, x)
	case F32:
		p.StoreF32(0, x)
	case I8x16:
		p.StoreI8x16(0, x)
	case I16x8:
		p.StoreI16x8(0, x)
	case I32x4:
		p.StoreI32x4(0, x)
	case F32x4:
		p.StoreF32x4(0, x)
	default:
		panic("no expression")
	}
}

var nan, inf = float32(math.NaN()), float32(math.Inf(1))

// expressions are all instructions that have a value, with what it is of the
// operands above.
func expressions(f *Function) []struct {
	name string
	x    any // an expression
	want any // a Go value, or []any of what its lanes are
} {
	at := f.Variable(Const(0))
	i, j := Const(-7), Const(3)
	x, y := F32Const(-2.5), F32Const(1.25)
	a, b := at.LoadI32x4(atInts), at.LoadI32x4(atInts2)
	s, s2 := at.LoadI16x8(atShorts), at.LoadI16x8(atShort2)
	c := at.LoadI8x16(atChars)
	v, w, n := at.LoadF32x4(atReals), at.LoadF32x4(atReals2), at.LoadF32x4(atReals3)
	const all = -1
	return []struct {
		name string
		x    any
		want any
	}{
		{"const 0", Const(0), int32(0)},
		{"const 63", Const(63), int32(63)},
		{"const 64", Const(64), int32(64)},
		{"const -64", Const(-64), int32(-64)},
		{"const -65", Const(-65), int32(-65)},
		{"const 8192", Const(8192), int32(8192)},
		{"least const", Const(math.MinInt32), int32(math.MinInt32)},
		{"largest const", Const(math.MaxInt32), int32(math.MaxInt32)},
		{"unsigned const", Const(math.MaxUint32), int32(-1)},
		{"F32Const", F32Const(-0.1), float32(-0.1)},
		{"I32x4Const", I32x4Const(-5), [4]int32{-5, -5, -5, -5}},
		{"F32x4Const", F32x4Const(0.1), [4]float32{0.1, 0.1, 0.1, 0.1}},
		{"I16x8Const", I16x8Const(-2), [8]int16{-2, -2, -2, -2, -2, -2, -2, -2}},
		{"I8x16Const", I8x16Const(-2), [4]uint32{0xfefefefe, 0xfefefefe, 0xfefefefe, 0xfefefefe}},

		{"Add", i.Add(j), int32(-4)},
		{"Sub", i.Sub(j), int32(-10)},
		{"Mul", i.Mul(j), int32(-21)},
		{"DivU", i.DivU(j), int32((1<<32 - 7) / 3)},
		{"RemU", i.RemU(j), int32((1<<32 - 7) % 3)},
		{"And", i.And(j), int32(-7 & 3)},
		{"Xor", i.Xor(j), int32(-7 ^ 3)},
		{"Shl", i.Shl(4), int32(-112)},
		{"ShrU", i.ShrU(28), int32(15)},
		{"Eqz of 0", Const(0).Eqz(), int32(1)},
		{"Eqz", i.Eqz(), int32(0)},
		{"Select yes", i.Select(j, i), int32(3)},
		{"Select no", Const(0).Select(j, i), int32(-7)},
		{"MinU", MinU(i, j), int32(3)},
		{"MaxS", MaxS(i, j), int32(3)},
		{"MaxS swapped", MaxS(j, i), int32(3)},
		{"I32.Float", i.Float(), float32(-7)},
		{"I32.Bits", Const(0x3f800000).Bits(), float32(1)},
		{"F32.Splat", x.Splat(), [4]float32{-2.5, -2.5, -2.5, -2.5}},

		{"I32.Splat", i.Splat(), [4]int32{-7, -7, -7, -7}},
		{"I32.SplatI8", Const(0x1234).SplatI8(), [4]int32{0x34343434, 0x34343434, 0x34343434, 0x34343434}},

		{"Load", at.Load(atInts + 4), int32(-3)},
		{"Load at an odd address", Const(1).Load(atChars), int32(0x01_00_ff_7f)},
		{"LoadF32", at.LoadF32(atReals + 4), float32(-2.5)},
		{"LoadF32x4", v, reals},
		{"LoadI32x4", a, ints},
		{"LoadI16x8", s, shorts},
		{"LoadI8x16", c, chars},
		{"LoadExtend8", at.LoadExtend8(atChars), [8]int16{-128, 127, -1, 0, 1, 2, 3, 4}},
		{"LoadSplatF32", at.LoadSplatF32(atReals + 4), [4]float32{-2.5, -2.5, -2.5, -2.5}},
		{"LoadSplat2I16", at.LoadSplat2I16(atShorts + 4), [8]int16{300, -400, 300, -400, 300, -400, 300, -400}},
		{"LoadSplat4I8", at.LoadSplat4I8(atChars + 1), [4]uint32{0x0100ff7f, 0x0100ff7f, 0x0100ff7f, 0x0100ff7f}},
		{"LoadTwoF32", at.LoadTwoF32(atReals + 4), [4]float32{-2.5}},
		{"AtomicLoad", at.AtomicLoad(atInts + 4), int32(-3)},

		{"F32.Nearest", x.Nearest(), float32(-2)},
		{"F32.Sqrt", F32Const(9).Sqrt(), float32(3)},
		{"F32.Add", x.Add(y), float32(-1.25)},
		{"F32.Sub", x.Sub(y), float32(-3.75)},
		{"F32.Mul", x.Mul(y), float32(-3.125)},
		{"F32.Div", x.Div(y), float32(-2)},
		{"F32.Max", x.Max(y), float32(1.25)},
		{"F32.Max of NaN", x.Max(F32Const(nan)), nan},
		{"F32.Int", x.Int(), int32(-2)},
		{"F32.Int of too much", F32Const(1e30).Int(), int32(math.MaxInt32)},
		{"F32.Int of NaN", F32Const(nan).Int(), int32(0)},

		{"Nearest", v.Nearest(), [4]float32{2, -2, 0, 100}},
		{"Abs", v.Abs(), [4]float32{1.5, 2.5, 0, 100}},
		{"Neg", v.Neg(), [4]float32{-1.5, 2.5, float32(math.Copysign(0, -1)), -100}},
		{"F32x4.Add", v.Add(w), [4]float32{3.5, -5, -1, 100.25}},
		{"F32x4.Sub", v.Sub(w), [4]float32{-0.5, 0, 1, 99.75}},
		{"F32x4.Mul", v.Mul(w), [4]float32{3, 6.25, float32(math.Copysign(0, -1)), 25}},
		{"F32x4.Div", w.Div(v), [4]float32{2 / float32(1.5), 1, -inf, 0.0025}},
		{"F32x4.Max", v.Max(n), [4]float32{3, 4, nan, 100}},
		{"PMin", v.PMin(w), [4]float32{1.5, -2.5, -1, 0.25}},
		{"PMax", v.PMax(w), [4]float32{2, -2.5, 0, 100}},
		{"PMax keeps the first NaN", n.PMax(v), [4]float32{3, 4, nan, 100}},
		{"PMax drops the second", v.PMax(n), [4]float32{3, 4, 0, 100}},
		{"PMin keeps the first NaN", n.PMin(v), [4]float32{1.5, -2.5, nan, 16}},
		{"F32x4.Eq", v.Eq(w), [4]int32{0, all, 0, 0}},
		{"F32x4.Lt", v.Lt(w), [4]int32{all, 0, 0, 0}},
		{"F32x4.Gt", v.Gt(w), [4]int32{0, 0, all, all}},
		{"F32x4.Int", v.Int(), [4]int32{1, -2, 0, 100}},
		{"F32x4.Int of NaN", n.Int(), [4]int32{3, 4, 0, 16}},
		{"F32x4.Bits", F32x4Const(1).Bits(), [4]int32{0x3f800000, 0x3f800000, 0x3f800000, 0x3f800000}},
		{"F32x4.Lane", v.Lane(3), float32(100)},
		{"F32x4.WithLane", v.WithLane(1, x), [4]float32{1.5, -2.5, 0, 100}},
		{"F32x4.WithLane 2", v.WithLane(2, y), [4]float32{1.5, -2.5, 1.25, 100}},

		{"I32x4.Lane", a.Lane(1), int32(-3)},
		{"I32x4.And", a.And(b), [4]int32{7, 5, math.MinInt32, 2}},
		{"I32x4.AndNot", a.AndNot(b), [4]int32{0, -3 &^ 5, 0, math.MaxInt32 &^ 2}},
		{"I32x4.Or", a.Or(b), [4]int32{7, -3 | 5, -1, math.MaxInt32}},
		{"I32x4.Shl", a.Shl(1), [4]int32{14, -6, 0, -2}},
		{"I32x4.Add", a.Add(b), [4]int32{14, 2, math.MaxInt32, math.MinInt32 + 1}},
		{"I32x4.Sub", a.Sub(b), [4]int32{0, -8, math.MinInt32 + 1, math.MaxInt32 - 2}},
		{"I32x4.Mul", a.Mul(b), [4]int32{49, -15, math.MinInt32, -2}},
		{"I32x4.Eq", a.Eq(b), [4]int32{all, 0, 0, 0}},
		{"I32x4.MaxS", a.MaxS(b), [4]int32{7, 5, -1, math.MaxInt32}},
		{"Select", v.Lt(w).Select(v, n), [4]float32{1.5, 4, nan, 16}},
		{"AnyTrue", v.Eq(w).AnyTrue(), int32(1)},
		{"AnyTrue of none", n.Gt(n).AnyTrue(), int32(0)},
		{"AllTrue", a.AllTrue(), int32(1)},
		{"AllTrue of some", v.Eq(w).AllTrue(), int32(0)},
		{"I32x4.Float", b.Float(), [4]float32{7, 5, -1, 2}},
		{"I32x4.Bits", I32x4Const(0x3f800000).Bits(), [4]float32{1, 1, 1, 1}},
		{"Narrow", a.Narrow(b), [8]int16{7, -3, math.MinInt16, math.MaxInt16, 7, 5, -1, 2}},

		{"I16x8.And", s.And(I16x8Const(0xff)), [8]int16{1, 254, 44, 112, 255, 0, 7, 0}},
		{"NarrowU", s.NarrowU(s2), [16]uint8{1, 0, 255, 0, 255, 0, 7, 0, 5, 6, 0, 8, 2, 2, 0, 0}},
		{"I16x8.Add", s.Add(s2), [8]int16{6, 4, 293, -392, -32767, -32766, 6, -9}},
		{"I16x8.Sub", s.Sub(s2), [8]int16{-4, -8, 307, -408, 32765, 32766, 8, 9}},
		{"Dot", s.Dot(s2), [4]int32{-7, -5300, -2, -7}},

		{"I8x16.And", c.And(I8x16Const(3)), [16]int8{0, 3, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0}},
		{"I8x16.Xor", c.Xor(I8x16Const(-128)), [16]int8{0, -1, 127, -128, -127, -126, -125, -124, -123, -122, -121, -120, -119, -118, -117, 116}},
		{"I8x16.ShrU", c.ShrU(4), [16]int8{8, 7, 15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 15}},
		{"I8x16.Sub", c.Sub(I8x16Const(1)), [16]int8{127, 126, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, -13}},
		{"I8x16.Low", c.Low(), [8]int16{-128, 127, -1, 0, 1, 2, 3, 4}},
		{"I8x16.High", c.High(), [8]int16{5, 6, 7, 8, 9, 10, 11, -12}},
		{"Shuffle", Shuffle(a, b, [16]byte{28, 29, 30, 31, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19}), [4]int32{2, 7, -3, 7}},
	}
}

// run calls an exported function without a result.
func run(t *testing.T, r wazero.Runtime, m *Module, arguments ...uint64) {
	t.Helper()
	module, err := r.Instantiate(t.Context(), m.Bytes())
	require.NoError(t, err)
	defer func() { require.NoError(t, module.Close(t.Context())) }()
	_, err = module.ExportedFunction("f").Call(t.Context(), arguments...)
	require.NoError(t, err)
}

func TestExpressions(t *testing.T) {
	r, memory := newRuntime(t)
	m := &Module{Shared: true}
	count := len(expressions(m.Function("", 0)))
	for i := range count {
		m := &Module{Shared: true}
		f := m.Function("f", 0)
		c := expressions(f)[i]
		store(f.Variable(Const(result)), c.x)
		t.Run(c.name, func(t *testing.T) {
			run(t, r, m)
			var want bytes.Buffer
			require.NoError(t, binary.Write(&want, binary.LittleEndian, c.want))
			got, _ := memory.Read(result, uint32(want.Len()))
			require.True(t, same(want.Bytes(), got), "%x, want %x", got, want.Bytes())
		})
	}
}

// same compares words, among which all NaN are equal.
func same(a, b []byte) bool {
	for ; len(a) > 0; a, b = a[4:], b[4:] {
		x, y := binary.LittleEndian.Uint32(a), binary.LittleEndian.Uint32(b)
		isNaN := func(v uint32) bool { return v&0x7fffffff > 0x7f800000 }
		if x != y && !(isNaN(x) && isNaN(y)) {
			return false
		}
	}
	return true
}

func TestComparisons(t *testing.T) {
	r, memory := newRuntime(t)
	integers := []struct {
		name    string
		compare func(a, b I32) I32
		want    func(a, b int32) bool
	}{
		{"Eq", I32.Eq, func(a, b int32) bool { return a == b }},
		{"Ne", I32.Ne, func(a, b int32) bool { return a != b }},
		{"LtU", I32.LtU, func(a, b int32) bool { return uint32(a) < uint32(b) }},
		{"GtS", I32.GtS, func(a, b int32) bool { return a > b }},
		{"GtU", I32.GtU, func(a, b int32) bool { return uint32(a) > uint32(b) }},
		{"LeU", I32.LeU, func(a, b int32) bool { return uint32(a) <= uint32(b) }},
		{"GeS", I32.GeS, func(a, b int32) bool { return a >= b }},
		{"GeU", I32.GeU, func(a, b int32) bool { return uint32(a) >= uint32(b) }},
	}
	floats := []struct {
		name    string
		compare func(a, b F32) I32
		want    func(a, b float32) bool
	}{
		{"Eq", F32.Eq, func(a, b float32) bool { return a == b }},
		{"Gt", F32.Gt, func(a, b float32) bool { return a > b }},
	}
	truth := map[bool]uint32{true: 1}
	for _, c := range integers {
		m := &Module{Shared: true}
		f := m.Function("f", 2)
		f.Variable(Const(result)).Store(0, c.compare(f.Param(0), f.Param(1)))
		for _, a := range []int32{0, 1, -1, math.MinInt32} {
			for _, b := range []int32{0, 1, -1, math.MinInt32} {
				run(t, r, m, api.EncodeI32(a), api.EncodeI32(b))
				got, _ := memory.ReadUint32Le(result)
				require.Equal(t, truth[c.want(a, b)], got, "%d %s %d", a, c.name, b)
			}
		}
	}
	for _, c := range floats {
		for _, a := range []float32{1, -2, nan, inf} {
			for _, b := range []float32{1, -2, nan, inf} {
				m := &Module{Shared: true}
				f := m.Function("f", 0)
				f.Variable(Const(result)).Store(0, c.compare(F32Const(a), F32Const(b)))
				run(t, r, m)
				got, _ := memory.ReadUint32Le(result)
				require.Equal(t, truth[c.want(a, b)], got, "%g %s %g", a, c.name, b)
			}
		}
	}
}

// A store writes what it should at the offset, and nothing beside it.
func TestStores(t *testing.T) {
	r, memory := newRuntime(t)
	for _, c := range []struct {
		name  string
		store func(p I32)
		want  []byte
	}{
		{"Store", func(p I32) { p.Store(2, Const(0x04030201)) }, []byte{1, 2, 3, 4}},
		{"Store8", func(p I32) { p.Store8(2, Const(0x10203)) }, []byte{3}},
		{"Store16", func(p I32) { p.Store16(2, Const(0x10203)) }, []byte{3, 2}},
		{"StoreF32", func(p I32) { p.StoreF32(2, F32Const(1)) }, []byte{0, 0, 0x80, 0x3f}},
		{"StoreLane 0", func(p I32) { p.StoreLane(2, p.LoadF32x4(atInts-result), 0) }, []byte{7, 0, 0, 0}},
		{"StoreLane 3", func(p I32) { p.StoreLane(2, p.LoadF32x4(atInts-result), 3) }, []byte{0xff, 0xff, 0xff, 0x7f}},
		{"StoreTwo", func(p I32) { p.StoreTwo(2, p.LoadF32x4(atInts-result)) }, []byte{7, 0, 0, 0, 0xfd, 0xff, 0xff, 0xff}},
		{"Fill", func(p I32) { p.Add(Const(2)).Fill(Const(0x1a5), Const(3)) }, []byte{0xa5, 0xa5, 0xa5}},
		{"Copy", func(p I32) { p.Add(Const(2)).Copy(Const(atChars+1), Const(3)) }, []byte{127, 0xff, 0}},
		{"AtomicStore", func(p I32) { p.AtomicStore(4, Const(0x04030201)) }, []byte{0xee, 0xee, 1, 2, 3, 4}},
	} {
		t.Run(c.name, func(t *testing.T) {
			const size = 16
			memory.Write(result, bytes.Repeat([]byte{0xee}, size))
			m := &Module{Shared: true}
			f := m.Function("f", 0)
			c.store(f.Variable(Const(result)))
			run(t, r, m)
			want := bytes.Repeat([]byte{0xee}, size)
			copy(want[2:], c.want)
			got, _ := memory.Read(result, size)
			require.Equal(t, want, got)
		})
	}
}

func TestAtomics(t *testing.T) {
	r, memory := newRuntime(t)
	memory.WriteUint32Le(result, 40)
	m := &Module{Shared: true}
	f := m.Function("f", 0)
	p := f.Variable(Const(result))
	before := f.Variable(p.AtomicAdd(0, Const(2)))
	other := f.Variable(p.AtomicWait(0, Const(41), -1))
	late := f.Variable(p.AtomicWait(0, Const(42), 1000))
	woken := f.Variable(p.AtomicNotify(0, Const(-1)))
	for i, x := range []I32{before, other, late, woken} {
		p.Store(4*(i+1), x)
	}
	run(t, r, m)
	for i, want := range []uint32{42, 40, 1, 2, 0} {
		got, _ := memory.ReadUint32Le(uint32(result + 4*i))
		require.Equal(t, want, got, "word %d", i)
	}
}

func TestVariables(t *testing.T) {
	r, memory := newRuntime(t)
	m := &Module{Shared: true}
	f := m.Function("f", 2)
	p := f.Variable(Const(result))
	zeros := []any{f.I32(), f.F32(), f.I8x16(), f.I16x8(), f.I32x4(), f.F32x4()}
	for i, z := range zeros {
		q := f.Variable(p.Add(Const(16 * i)))
		store(q, z)
	}
	i := f.I32()
	i.Set(f.Param(0))
	i.Inc(5)
	i.IncBy(f.Param(1))
	p.Store(96, i)
	x, v := f.VariableF32(F32Const(1.5)), f.VariableF32x4(F32x4Const(2.5))
	p.StoreF32(100, x)
	p.StoreF32x4(104, v)
	memory.Write(result, bytes.Repeat([]byte{0xee}, 120))
	run(t, r, m, api.EncodeI32(-100), api.EncodeI32(7))
	got, _ := memory.Read(result, 120)
	var want bytes.Buffer
	for _, z := range zeros {
		size := 16
		switch z.(type) {
		case I32, F32:
			size = 4
		}
		want.Write(make([]byte, size))
		want.Write(bytes.Repeat([]byte{0xee}, 16-size))
	}
	require.NoError(t, binary.Write(&want, binary.LittleEndian, int32(-88)))
	require.NoError(t, binary.Write(&want, binary.LittleEndian, [5]float32{1.5, 2.5, 2.5, 2.5, 2.5}))
	require.Equal(t, want.Bytes(), got)
}

// TestControl computes Σ of the first n odd numbers, with all control there is.
func TestControl(t *testing.T) {
	r, _ := newRuntime(t)
	m := &Module{Shared: true}
	address := Const(result)
	first := m.Function("", 2)
	q := first.Variable(address)
	q.Store(0, q.Load(0).Add(first.Param(0)).Add(first.Param(1)))
	second := m.Function("second", 2)
	q = second.Variable(address)
	q.Store(0, q.Load(0).Sub(second.Param(0)))
	m.Table(second, first)

	f := m.FunctionI32("f", 1)
	n, i, p := f.Param(0), f.I32(), f.Variable(address)
	p.Store(0, Const(0))
	f.If(Const(0).GtS(n), func() { f.Return(Const(-1)) }, nil)
	f.While(i.LtU(n), func() {
		f.If(i.And(Const(1)), func() { f.CallTable(Const(1), i, i) }, func() { f.Call(first, i, i) })
		i.Inc(1)
	})
	f.CallTable(Const(0), Const(5), Const(0))
	f.Repeat(func() I32 { i.Inc(1); return i.LtU(Const(100)) })
	f.Do(i.Add(n))
	f.Return(p.Load(0).Add(n).Add(Const(5)).Mul(Const(1000)).Add(i))
	module, err := r.Instantiate(t.Context(), m.Bytes())
	require.NoError(t, err)
	call := func(n int32) int32 {
		results, err := module.ExportedFunction("f").Call(t.Context(), api.EncodeI32(n))
		require.NoError(t, err)
		return api.DecodeI32(results[0])
	}
	for _, n := range []int32{0, 1, 2, 9, 98} {
		require.Equal(t, n*n*1000+100, call(n))
	}
	require.EqualValues(t, 200*200*1000+201, call(200), "Repeat runs at least once")
	require.EqualValues(t, -1, call(-3))
}

// wazero has no relaxed SIMD; the modules' probes run it in the browser.
func TestRelaxedIsEncoded(t *testing.T) {
	a, b, c := F32x4Const(1), F32x4Const(2), F32x4Const(3)
	require.Equal(t, slices.Concat(a.bytes, b.bytes, c.bytes, []byte{0xfd, 0x85, 0x02}), a.RelaxedMulAdd(b, c).bytes)
	d, e, s := I8x16Const(1), I8x16Const(2), I32x4Const(3)
	require.Equal(t, slices.Concat(d.bytes, e.bytes, s.bytes, []byte{0xfd, 0x93, 0x02}), d.RelaxedDotAdd(e, s).bytes)
}

func TestUnsharedModule(t *testing.T) {
	ctx := t.Context()
	r := wazero.NewRuntime(ctx)
	t.Cleanup(func() { _ = r.Close(ctx) })
	env, err := r.InstantiateWithConfig(ctx, Memory(3, 5, false), wazero.NewModuleConfig().WithName("env"))
	require.NoError(t, err)
	require.EqualValues(t, 3<<16, env.Memory().Size())
	_, grown := env.Memory().Grow(3)
	require.False(t, grown, "beyond its maximum")
	m := &Module{}
	f := m.Function("f", 0)
	f.Variable(Const(result)).Store(0, Const(5))
	run(t, r, m)
	got, _ := env.Memory().ReadUint32Le(result)
	require.EqualValues(t, 5, got)
}

func TestMisusePanics(t *testing.T) {
	m := &Module{}
	f, g := m.Function("f", 1), m.Function("g", 0)
	v, r := f.I32(), m.FunctionI32("r", 0)
	for _, c := range []struct {
		message string
		misuse  func()
	}{
		{"asm: operand is no expression", func() { v.Add(I32{}) }},
		{"asm: operand is no expression", func() { F32x4{}.Add(F32x4Const(1)) }},
		{"asm: operands of different functions", func() { v.Add(g.I32()) }},
		{"asm: statement of another function", func() { f.Do(g.I32()) }},
		{"asm: statement of another function", func() { v.Set(g.I32()) }},
		{"asm: statement of another function", func() { f.Call(f, g.I32()) }},
		{"asm: assignment to an expression that is no variable", func() { v.Add(v).Set(v) }},
		{"asm: assignment to an expression that is no variable", func() { Const(1).Set(v) }},
		{"asm: assignment to an expression that is no variable", func() { f.F32x4().Bits().Set(I32x4Const(0)) }},
		{"asm: store to an address without a variable", func() { Const(64).Store(0, v) }},
		{"asm: store to an address without a variable", func() { Const(64).Copy(v, v) }},
		{"asm: store to an address without a variable", func() { Const(64).Fill(v, v) }},
		{"asm: no such parameter", func() { f.Param(1) }},
		{"asm: no such parameter", func() { f.Param(-1) }},
		{"asm: too many parameters", func() { m.Function("many", 13) }},
		{"asm: call does not fit the function", func() { f.Call(g, v) }},
		{"asm: call does not fit the function", func() { f.Call(r) }},
		{"asm: no such lane", func() { F32x4Const(1).Lane(4) }},
		{"asm: no such lane", func() { F32x4Const(1).WithLane(-1, F32Const(0)) }},
		{"asm: no such lane", func() { v.StoreLane(0, F32x4Const(1), 4) }},
		{"asm: no such lane", func() { Shuffle(I32x4Const(1), I32x4Const(2), [16]byte{32}) }},
		{"asm: offset below 0", func() { v.Load(-4) }},
		{"asm: return does not fit the function", func() { f.Return(v) }},
		{"asm: too many parameters", func() { f.CallTable(v, make([]I32, 13)...) }},
	} {
		require.PanicsWithValue(t, c.message, c.misuse, c.message)
	}
}
