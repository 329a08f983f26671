package onnx

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fields is a decoded message: the values of each field in their order, uint64
// or []byte.
type fields map[int][]any

// decode reads a message by the rules of the format alone.
func decode(t *testing.T, data []byte) fields {
	t.Helper()
	f := fields{}
	for len(data) > 0 {
		key, n := binary.Uvarint(data)
		require.Positive(t, n)
		data = data[n:]
		var value any
		switch key & 7 {
		case wireVarint:
			v, n := binary.Uvarint(data)
			require.Positive(t, n)
			value, data = v, data[n:]
		case wireBytes:
			length, n := binary.Uvarint(data)
			require.Positive(t, n)
			data = data[n:]
			require.LessOrEqual(t, length, uint64(len(data)))
			value, data = data[:length], data[length:]
		case wire32:
			require.GreaterOrEqual(t, len(data), 4)
			value, data = uint64(binary.LittleEndian.Uint32(data)), data[4:]
		default:
			t.Fatalf("wire type %d", key&7)
		}
		f[int(key>>3)] = append(f[int(key>>3)], value)
	}
	return f
}

func (f fields) messages(t *testing.T, field int) []fields {
	t.Helper()
	var list []fields
	for _, v := range f[field] {
		list = append(list, decode(t, v.([]byte)))
	}
	return list
}

func (f fields) texts(field int) []string {
	var list []string
	for _, v := range f[field] {
		list = append(list, string(v.([]byte)))
	}
	return list
}

func (f fields) integers(field int) []int64 {
	var list []int64
	for _, v := range f[field] {
		list = append(list, int64(v.(uint64)))
	}
	return list
}

func TestModel(t *testing.T) {
	g := New("small")
	x := g.Input("x", Float32, Free, 300)
	scale := g.Floats([]float32{1, -2.5}, 2, 1)
	y := g.Node("Softmax", []Attribute{Int("axis", -1), Float("epsilon", 0.5), Ints("pads", 1, 2, 3)}, x, scale)
	parts := g.Nodes("Split", 2, nil, y, g.Int64s(-1, 2))
	z := g.Microsoft("MatMulNBits", nil, parts[1], g.Int32s([]int32{-7}), g.Float(3), g.Constant(Int8, []int{3}, []byte{1, 2, 0xff}))
	g.Output("out", z, Uint8, 1)

	model := decode(t, g.Bytes())
	assert.Equal(t, []int64{irVersion}, model.integers(1))
	sets := model.messages(t, 8)
	require.Len(t, sets, 2)
	assert.Equal(t, []string{""}, sets[0].texts(1))
	assert.Equal(t, []int64{opset}, sets[0].integers(2))
	assert.Equal(t, []string{"com.microsoft"}, sets[1].texts(1))
	assert.Equal(t, []int64{1}, sets[1].integers(2))
	graphs := model.messages(t, 7)
	require.Len(t, graphs, 1)
	graph := graphs[0]
	assert.Equal(t, []string{"small"}, graph.texts(2))

	nodes := graph.messages(t, 1)
	var operators, domains []string
	for _, n := range nodes {
		operators = append(operators, n.texts(4)...)
		domains = append(domains, append(n.texts(7), "")[0])
	}
	assert.Equal(t, []string{"Softmax", "Split", "MatMulNBits", "Identity"}, operators)
	assert.Equal(t, []string{"", "", "com.microsoft", ""}, domains)
	assert.Equal(t, []string{"x", string(scale)}, nodes[0].texts(1))
	assert.Equal(t, nodes[0].texts(2), nodes[1].texts(1)[:1])
	assert.Len(t, nodes[1].texts(2), 2)
	assert.Equal(t, nodes[1].texts(2)[1], nodes[2].texts(1)[0])
	assert.Equal(t, nodes[2].texts(2), nodes[3].texts(1))
	assert.Equal(t, []string{"out"}, nodes[3].texts(2))

	attributes := nodes[0].messages(t, 5)
	require.Len(t, attributes, 3)
	assert.Equal(t, []string{"axis"}, attributes[0].texts(1))
	assert.Equal(t, []int64{-1}, attributes[0].integers(3))
	assert.Equal(t, []int64{2}, attributes[0].integers(20))
	assert.Equal(t, float32(0.5), math.Float32frombits(uint32(attributes[1].integers(2)[0])))
	assert.Equal(t, []int64{1}, attributes[1].integers(20))
	assert.Equal(t, []int64{1, 2, 3}, attributes[2].integers(8))
	assert.Equal(t, []int64{7}, attributes[2].integers(20))

	type constant struct {
		shape []int64
		kind  Type
		raw   []byte
	}
	var constants []constant
	names := map[string]bool{}
	for _, c := range graph.messages(t, 5) {
		names[c.texts(8)[0]] = true
		constants = append(constants, constant{c.integers(1), Type(c.integers(2)[0]), c[9][0].([]byte)})
	}
	assert.Equal(t, []constant{
		{[]int64{2, 1}, Float32, []byte{0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc0}},
		{[]int64{2}, Int64, []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 0, 0, 0}},
		{[]int64{1}, Int32, []byte{0xf9, 0xff, 0xff, 0xff}},
		{nil, Float32, []byte{0, 0, 0x40, 0x40}},
		{[]int64{3}, Int8, []byte{1, 2, 0xff}},
	}, constants)
	for _, n := range nodes {
		for _, v := range n.texts(2) {
			assert.False(t, names[v], "two values are called %s", v)
			names[v] = true
		}
		for _, v := range n.texts(1) {
			assert.True(t, names[v] || v == "x", "%s is used before it is made", v)
		}
	}

	for _, c := range []struct {
		field int
		name  string
		kind  Type
		shape [][]int64
	}{
		{11, "x", Float32, [][]int64{nil, {300}}},
		{12, "out", Uint8, [][]int64{{1}}},
	} {
		info := graph.messages(t, c.field)
		require.Len(t, info, 1)
		assert.Equal(t, []string{c.name}, info[0].texts(1))
		tensor := info[0].messages(t, 2)[0].messages(t, 1)[0]
		assert.Equal(t, []int64{int64(c.kind)}, tensor.integers(1))
		var shape [][]int64
		for _, d := range tensor.messages(t, 2)[0].messages(t, 1) {
			shape = append(shape, d.integers(1))
		}
		assert.Equal(t, c.shape, shape)
	}
}

// Without onnxruntime's operators a model does not ask for them.
func TestPlainModel(t *testing.T) {
	g := New("plain")
	g.Output("y", g.Node("Relu", nil, g.Input("x", Float32, 1)), Float32, 1)
	assert.Len(t, decode(t, g.Bytes())[8], 1)
}
