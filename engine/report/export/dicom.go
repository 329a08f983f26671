package export

import (
	"encoding/binary"
	"hash/fnv"
	"math/bits"
	"strconv"
)

// dataset is data elements in Explicit VR Little Endian (PS3.5 §7.1), in the order
// of their tags.
type dataset []byte

// text adds an element of text.
func (d *dataset) text(tag uint32, vr, value string) {
	padding := byte(' ')
	if vr == "UI" {
		padding = 0
	}
	d.bytes(tag, vr, []byte(value), padding)
}

// bytes adds an element, padded to an even length.
func (d *dataset) bytes(tag uint32, vr string, value []byte, padding byte) {
	if len(value)%2 == 1 {
		value = append(value, padding)
	}
	*d = appendTag(*d, tag)
	*d = append(*d, vr...)
	switch vr {
	case "OB", "SQ", "UT":
		*d = binary.LittleEndian.AppendUint32(append(*d, 0, 0), uint32(len(value)))
	default:
		*d = binary.LittleEndian.AppendUint16(*d, uint16(len(value)))
	}
	*d = append(*d, value...)
}

// sequence adds an element of items, all with their lengths.
func (d *dataset) sequence(tag uint32, items ...dataset) {
	var all []byte
	for _, i := range items {
		all = appendTag(all, 0xfffe_e000)
		all = binary.LittleEndian.AppendUint32(all, uint32(len(i)))
		all = append(all, i...)
	}
	d.bytes(tag, "SQ", all, 0)
}

func appendTag(to []byte, tag uint32) []byte {
	to = binary.LittleEndian.AppendUint16(to, uint16(tag>>16))
	return binary.LittleEndian.AppendUint16(to, uint16(tag))
}

// part10 is a file (PS3.10 §7) of an instance.
func part10(class, instance string, d dataset) []byte {
	var meta dataset
	meta.bytes(0x0002_0001, "OB", []byte{0, 1}, 0)
	meta.text(0x0002_0002, "UI", class)
	meta.text(0x0002_0003, "UI", instance)
	meta.text(0x0002_0010, "UI", "1.2.840.10008.1.2.1") // Explicit VR Little Endian
	meta.text(0x0002_0012, "UI", uid("implementation"))
	meta.text(0x0002_0013, "SH", "UARWEB")
	var length dataset
	length.bytes(0x0002_0000, "UL", binary.LittleEndian.AppendUint32(nil, uint32(len(meta))), 0)

	file := append(make([]byte, 128), "DICM"...)
	file = append(file, length...)
	file = append(file, meta...)
	return append(file, d...)
}

// uid is a UID that is a UUID (PS3.5 B.2) of version 8 (RFC 9562): the FNV-1a hash,
// which is no secret and needs no defence, of parts that no other thing has.
func uid(parts ...string) string {
	hash := fnv.New128a()
	for _, p := range parts {
		hash.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(p))))
		hash.Write([]byte(p))
	}
	sum := hash.Sum(nil)
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	high, low := binary.BigEndian.Uint64(sum), binary.BigEndian.Uint64(sum[8:])
	digits := ""
	for high|low != 0 {
		var digit uint64
		low, digit = bits.Div64(high%10, low, 10)
		high /= 10
		digits = strconv.Itoa(int(digit)) + digits
	}
	return "2.25." + digits
}
