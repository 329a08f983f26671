package onnx

import (
	"encoding/binary"
	"math"
)

// message is the encoding of a protocol buffer message: each field is a key,
// number·8 + wire type, and its value
// (protobuf.dev/programming-guides/encoding).
type message []byte

// Wire types.
const (
	wireVarint = 0
	wireBytes  = 2
	wire32     = 5
)

func (m *message) key(field, wire int) {
	*m = binary.AppendUvarint(*m, uint64(field<<3|wire))
}

func (m *message) integer(field int, v int64) {
	m.key(field, wireVarint)
	*m = binary.AppendUvarint(*m, uint64(v))
}

func (m *message) float(field int, v float32) {
	m.key(field, wire32)
	*m = binary.LittleEndian.AppendUint32(*m, math.Float32bits(v))
}

func (m *message) bytes(field int, v []byte) {
	m.key(field, wireBytes)
	*m = binary.AppendUvarint(*m, uint64(len(v)))
	*m = append(*m, v...)
}

func (m *message) text(field int, v string) { m.bytes(field, []byte(v)) }
