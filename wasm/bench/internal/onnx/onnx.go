// Package onnx writes neural networks in the Open Neural Network Exchange
// format (onnx.proto3 of github.com/onnx/onnx), so that other runtimes can run
// them.
package onnx

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Versions that a model asks for: of the format, of ONNX's operators, and of
// those that onnxruntime adds.
const (
	irVersion       = 8
	opset           = 17
	microsoftOpset  = 1
	microsoftDomain = "com.microsoft"
)

// Type is the type of a tensor's elements, TensorProto.DataType.
type Type int64

// The types in use.
const (
	Float32 Type = 1
	Uint8   Type = 2
	Int8    Type = 3
	Int32   Type = 6
	Int64   Type = 7
)

// Value names a tensor in a graph.
type Value string

// Free is the size of a dimension that is known only when the model runs.
const Free = -1

// Graph is a network in the making. Nodes must be added after those they take
// their inputs from.
type Graph struct {
	name                              string
	nodes, constants, inputs, outputs []message
	values                            int  // named so far
	microsoft                         bool // uses com.microsoft operators
}

// New returns an empty graph.
func New(name string) *Graph { return &Graph{name: name} }

// value is a new name.
func (g *Graph) value() Value {
	g.values++
	return Value(fmt.Sprintf("v%d", g.values))
}

// Input declares an input of the network.
func (g *Graph) Input(name string, t Type, shape ...int) Value {
	g.inputs = append(g.inputs, valueInfo(name, t, shape))
	return Value(name)
}

// Output declares v an output of the network, of that name.
func (g *Graph) Output(name string, v Value, t Type, shape ...int) {
	g.nodes = append(g.nodes, node("Identity", "", nil, []Value{v}, []Value{Value(name)}))
	g.outputs = append(g.outputs, valueInfo(name, t, shape))
}

func valueInfo(name string, t Type, shape []int) message {
	var dims message
	for _, d := range shape {
		var dim message
		if d != Free {
			dim.integer(1, int64(d))
		}
		dims.bytes(1, dim)
	}
	var tensor, kind, info message
	tensor.integer(1, int64(t))
	tensor.bytes(2, dims)
	kind.bytes(1, tensor)
	info.text(1, name)
	info.bytes(2, kind)
	return info
}

// Constant adds a tensor whose elements are raw: row-major, little endian.
func (g *Graph) Constant(t Type, shape []int, raw []byte) Value {
	name := g.value()
	var m message
	for _, d := range shape {
		m.integer(1, int64(d))
	}
	m.integer(2, int64(t))
	m.text(8, string(name))
	m.bytes(9, raw)
	g.constants = append(g.constants, m)
	return name
}

// Floats adds a constant tensor; without a shape it is a scalar of one value.
func (g *Graph) Floats(values []float32, shape ...int) Value {
	raw := make([]byte, 0, 4*len(values))
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(v))
	}
	return g.Constant(Float32, shape, raw)
}

// Float adds a constant scalar.
func (g *Graph) Float(v float32) Value { return g.Floats([]float32{v}) }

// Int32s adds a constant vector.
func (g *Graph) Int32s(values []int32) Value {
	raw := make([]byte, 0, 4*len(values))
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint32(raw, uint32(v))
	}
	return g.Constant(Int32, []int{len(values)}, raw)
}

// Int64s adds a constant vector, such as a shape.
func (g *Graph) Int64s(values ...int) Value {
	raw := make([]byte, 0, 8*len(values))
	for _, v := range values {
		raw = binary.LittleEndian.AppendUint64(raw, uint64(v))
	}
	return g.Constant(Int64, []int{len(values)}, raw)
}

// Attribute is a constant parameter of a node.
type Attribute struct{ encoded message }

// AttributeProto.AttributeType.
const (
	attributeFloat = 1
	attributeInt   = 2
	attributeInts  = 7
)

// Int is an attribute of one integer.
func Int(name string, v int) Attribute {
	var m message
	m.text(1, name)
	m.integer(3, int64(v))
	m.integer(20, attributeInt)
	return Attribute{m}
}

// Ints is an attribute of integers.
func Ints(name string, values ...int) Attribute {
	var m message
	m.text(1, name)
	for _, v := range values {
		m.integer(8, int64(v))
	}
	m.integer(20, attributeInts)
	return Attribute{m}
}

// Float is an attribute of one float.
func Float(name string, v float32) Attribute {
	var m message
	m.text(1, name)
	m.float(2, v)
	m.integer(20, attributeFloat)
	return Attribute{m}
}

// Node adds an operator of ONNX and returns its result.
func (g *Graph) Node(operator string, attributes []Attribute, inputs ...Value) Value {
	return g.Nodes(operator, 1, attributes, inputs...)[0]
}

// Nodes is Node for an operator of several results.
func (g *Graph) Nodes(operator string, results int, attributes []Attribute, inputs ...Value) []Value {
	outputs := make([]Value, results)
	for i := range outputs {
		outputs[i] = g.value()
	}
	g.nodes = append(g.nodes, node(operator, "", attributes, inputs, outputs))
	return outputs
}

// Microsoft is Node for an operator that onnxruntime adds to ONNX's.
func (g *Graph) Microsoft(operator string, attributes []Attribute, inputs ...Value) Value {
	g.microsoft = true
	result := g.value()
	g.nodes = append(g.nodes, node(operator, microsoftDomain, attributes, inputs, []Value{result}))
	return result
}

func node(operator, domain string, attributes []Attribute, inputs, outputs []Value) message {
	var m message
	for _, v := range inputs {
		m.text(1, string(v))
	}
	for _, v := range outputs {
		m.text(2, string(v))
	}
	m.text(4, operator)
	for _, a := range attributes {
		m.bytes(5, a.encoded)
	}
	if domain != "" {
		m.text(7, domain)
	}
	return m
}

// Bytes is the model file.
func (g *Graph) Bytes() []byte {
	var graph message
	for _, part := range []struct {
		field    int
		messages []message
	}{{1, g.nodes}, {5, g.constants}, {11, g.inputs}, {12, g.outputs}} {
		for _, m := range part.messages {
			graph.bytes(part.field, m)
		}
	}
	graph.text(2, g.name)

	var model message
	model.integer(1, irVersion)
	model.text(2, "uarweb")
	model.bytes(8, operators("", opset))
	if g.microsoft {
		model.bytes(8, operators(microsoftDomain, microsoftOpset))
	}
	model.bytes(7, graph)
	return model
}

func operators(domain string, version int64) message {
	var m message
	m.text(1, domain)
	m.integer(2, version)
	return m
}
