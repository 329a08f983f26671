package radiograph

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"fmt"
	"io"
)

// The limits of a DICOM file beyond Limits.
const (
	maxDepth     = 32      // sequences within sequences
	maxAttribute = 2 << 16 // bytes of an attribute that is kept: the largest LUT Data
	maxRecords   = 1 << 16 // items of a directory
	maxFragments = 1 << 20 // of compressed pixel data
)

// undefined is the length of a value that ends at its delimiter (PS3.5 §7.1.1).
const undefined = 0xffffffff

// attributes are the wanted ones of a data set, the first element of each tag.
type attributes map[attribute]value

// value is a part of the file, in little endian; that of a sequence is its
// items, of which only a directory keeps more than the first.
type value struct {
	bytes []byte
	items []attributes
}

// contents are what scan finds in a file.
type contents struct {
	syntax       string // transfer syntax UID
	class        string // media storage SOP class UID
	attributes   attributes
	pixels       []byte // of the top level, if not encapsulated
	swapped      bool   // their words are in big endian
	encapsulated bool
	offsets      []byte   // the basic offset table
	fragments    [][]byte // behind it
}

// scan walks a DICOM file up to the end of its pixel data (PS3.5 §7, PS3.10
// §7) and copies nothing but short values in big endian. Each length is compared
// with the bytes left in the file and in the enclosing items, nesting is
// limited, and every step moves forward. The 128 bytes of the preamble are
// never looked at.
//
// It forgives what other readers do: a transfer syntax that mistakes explicit
// for implicit VR, value representations that are none, and fragments that end
// with the file. A transfer syntax that Decode does not read ends the walk with
// ErrUnsupported; other broken structure is ErrDamaged. A walk over many
// elements ends with the error of ctx when that is done. A deflated data set may
// have up to maxInflated bytes.
func scan(ctx context.Context, data []byte, maxInflated int) (*contents, error) {
	s := &scanner{ctx: ctx, data: data, pos: datasetStart(data), order: binary.LittleEndian}
	if err := s.meta(); err != nil {
		return nil, err
	}
	switch syntax := s.found.syntax; {
	case syntax == deflated:
		if err := s.inflate(maxInflated); err != nil {
			return nil, err
		}
	case syntax == explicitBigEndian:
		s.order = binary.BigEndian
	case syntax != implicitLittleEndian && syntax != explicitLittleEndian && syntax != rleLossless && !compressed[syntax]:
		return nil, fmt.Errorf("%w: its pixels are %s (transfer syntax %.64q); export it uncompressed or as PNG", ErrUnsupported, syntaxName(syntax), syntax)
	}
	var err error
	s.found.attributes, err = s.dataset(len(s.data), false, !explicitAt(s.data, s.pos), 0, true)
	if err != nil {
		return nil, err
	}
	return &s.found, nil
}

// isDICOM recognizes a DICOM file with its preamble, or without one if it
// starts with an element of the group 0002 or 0008, as files do that were
// saved before PS3.10 or cut by a tool.
func isDICOM(data []byte) bool {
	if datasetStart(data) > 0 {
		return true
	}
	s := &scanner{ctx: context.Background(), data: data, order: binary.LittleEndian} // one header is no long walk
	e, err := s.header(len(data), !explicitAt(data, 0))
	return err == nil && (e.tag.group() == 0x0002 || e.tag.group() == 0x0008) && uint16(e.tag) <= 0x0100
}

// datasetStart is where the first element begins.
func datasetStart(data []byte) int {
	const preamble, magic = 128, "DICM"
	if len(data) >= preamble+len(magic) && string(data[preamble:preamble+len(magic)]) == magic {
		return preamble + len(magic)
	}
	return 0
}

// explicitAt says whether a value representation stands where an element with
// explicit VR that starts at pos would have it.
func explicitAt(data []byte, pos int) bool {
	if len(data)-pos < 6 {
		return false
	}
	_, known := headerSizes[string(data[pos+4:pos+6])]
	return known
}

// headerSizes are the bytes of an element's header by its value representation
// (PS3.5 §7.1.2): 8 with a length of 16 bits, 12 with two reserved bytes and a
// length of 32 bits.
var headerSizes = map[string]int{
	"AE": 8, "AS": 8, "AT": 8, "CS": 8, "DA": 8, "DS": 8, "DT": 8, "FD": 8, "FL": 8, "IS": 8, "LO": 8,
	"LT": 8, "PN": 8, "SH": 8, "SL": 8, "SS": 8, "ST": 8, "TM": 8, "UI": 8, "UL": 8, "US": 8,
	"OB": 12, "OD": 12, "OF": 12, "OL": 12, "OV": 12, "OW": 12, "SQ": 12, "SV": 12, "UC": 12, "UN": 12,
	"UR": 12, "UT": 12, "UV": 12,
}

// scanner walks data from pos.
type scanner struct {
	ctx   context.Context
	data  []byte
	pos   int
	order binary.ByteOrder
	found contents
}

// header is an element's or an item's, with pos moved behind it. If its length
// is defined then that many bytes are there.
type header struct {
	tag    attribute
	vr     string // empty with implicit VR and for items and delimiters
	length uint32
	at     int // where it starts, for messages
}

func (h header) damaged(format string, args ...any) error {
	return fmt.Errorf("%w: element %v at byte %d %s", ErrDamaged, h.tag, h.at, fmt.Sprintf(format, args...))
}

// end is where the value ends at the latest; it is delimited if it may end
// before that, at a delimiter.
func (h header) end(pos, outer int) (end int, delimited bool) {
	if h.length == undefined {
		return outer, true
	}
	return pos + int(h.length), false
}

func (s *scanner) tag(b []byte) attribute {
	return attribute(s.order.Uint16(b))<<16 | attribute(s.order.Uint16(b[2:]))
}

// header reads the header at pos, whose value must end by end.
func (s *scanner) header(end int, implicit bool) (header, error) {
	h := header{at: s.pos}
	if err := s.ctx.Err(); err != nil {
		return h, err
	}
	b := s.data[s.pos:end]
	if len(b) < 8 {
		return h, fmt.Errorf("%w: an element is cut off at byte %d", ErrDamaged, h.at)
	}
	h.tag = s.tag(b)
	size := 8
	switch {
	case implicit || h.tag.group() == itemGroup:
		h.length = s.order.Uint32(b[4:])
	case !explicitAt(b, 0):
		if size, h.length = s.unknown(b, h.tag); size == 0 {
			return h, h.damaged("has the unknown value representation %q", b[4:6])
		}
	default:
		h.vr = string(b[4:6])
		size = headerSizes[h.vr]
		if len(b) < size {
			return h, h.damaged("is cut off")
		}
		if size == 8 {
			h.length = uint32(s.order.Uint16(b[6:]))
			break
		}
		h.length = s.order.Uint32(b[8:])
	}
	if left := len(b) - size; h.length != undefined && int64(h.length) > int64(left) {
		return h, h.damaged("has %d bytes, but only %d are left", h.length, left)
	}
	s.pos += size
	return h, nil
}

// unknown is the size of the header of an element whose value representation
// is none, and the length of its value: the first form of a header behind whose
// value another element follows, or the end. The size is 0 if none is.
func (s *scanner) unknown(b []byte, tag attribute) (size int, length uint32) {
	follows := func(size int, length uint32, implicit bool) bool {
		if length == undefined {
			return len(b)-size >= 8 && s.tag(b[size:]) == item
		}
		if int64(length) > int64(len(b)-size) {
			return false
		}
		rest := b[size+int(length):]
		if len(rest) < 8 {
			return len(rest) == 0
		}
		next := s.tag(rest)
		return next > tag && (next.group() == itemGroup || implicit || explicitAt(rest, 0))
	}
	if short := uint32(s.order.Uint16(b[6:])); follows(8, short, false) {
		return 8, short
	}
	if len(b) >= 12 && b[6] == 0 && b[7] == 0 {
		if long := s.order.Uint32(b[8:]); follows(12, long, false) {
			return 12, long
		}
	}
	if bare := s.order.Uint32(b[4:]); follows(8, bare, true) {
		return 8, bare
	}
	return 0, 0
}

// meta walks the group 0002, which is always Explicit VR Little Endian, by its
// tags, since its stated length is often wrong. Without a Transfer Syntax UID
// the data set is taken for little endian.
func (s *scanner) meta() error {
	s.found.syntax = explicitLittleEndian
	for len(s.data)-s.pos >= 2 && binary.LittleEndian.Uint16(s.data[s.pos:]) == 0x0002 {
		h, err := s.header(len(s.data), false)
		if err != nil {
			return err
		}
		if h.length == undefined {
			return h.damaged("has no length")
		}
		uid := string(bytes.TrimRight(s.data[s.pos:][:min(h.length, 64)], "\x00 "))
		switch {
		case h.tag == transferSyntaxUID && uid != "":
			s.found.syntax = uid
		case h.tag == mediaStorageSOPClassUID:
			s.found.class = uid
		}
		s.pos += int(h.length)
	}
	return nil
}

// inflate replaces the data by those of a deflated data set (PS3.5 §A.5).
func (s *scanner) inflate(maxInflated int) error {
	r := flate.NewReader(newReader(s.ctx, s.data[s.pos:]))
	data, err := io.ReadAll(io.LimitReader(r, int64(maxInflated)+1))
	if s.ctx.Err() != nil {
		return s.ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("%w: the deflated data set: %w", ErrDamaged, err)
	}
	if len(data) > maxInflated {
		return fmt.Errorf("%w: a data set of more than %d bytes", ErrTooLarge, maxInflated)
	}
	s.data, s.pos = data, 0
	return nil
}

// dataset walks elements up to end, or to an item delimiter before it if
// delimited, and returns the wanted ones if keep. At depth 0 it stops behind
// the pixel data.
func (s *scanner) dataset(end int, delimited, implicit bool, depth int, keep bool) (attributes, error) {
	var kept attributes
	if keep {
		kept = attributes{}
	}
	for s.pos < end {
		h, err := s.header(end, implicit)
		if err != nil {
			return nil, err
		}
		if h.tag == itemDelimitation && delimited {
			return kept, nil
		}
		if h.tag.group() == itemGroup {
			return nil, h.damaged("stands outside a sequence")
		}
		var v value
		switch pixels := h.tag == pixelData && depth == 0; {
		case h.length == undefined && (pixels || h.vr == "OB" || h.vr == "OW"):
			if err := s.fragments(end, pixels); err != nil {
				return nil, err
			}
			if pixels {
				return kept, nil
			}
		case h.vr == "SQ" || h.length == undefined || isSequence(h.tag):
			// The items of a sequence of unknown VR are implicit (PS3.5 §6.2.2).
			v.items, err = s.sequence(h, end, implicit || h.vr == "UN", depth+1, keep && isSequence(h.tag))
			if err != nil {
				return nil, err
			}
		default:
			v.bytes = s.data[s.pos:][:h.length]
			s.pos += int(h.length)
			if pixels {
				s.found.pixels, s.found.swapped = v.bytes, s.swapped(h)
				return kept, nil
			}
		}
		if _, again := kept[h.tag]; !keep || wanted[h.tag] == "" || again {
			continue
		}
		if len(v.bytes) > maxAttribute {
			return nil, h.damaged("has %d bytes, far too many", len(v.bytes))
		}
		if s.swapped(h) {
			v.bytes = swapWords(v.bytes)
		}
		kept[h.tag] = v
	}
	if delimited {
		return nil, fmt.Errorf("%w: an item does not end by byte %d", ErrDamaged, end)
	}
	return kept, nil
}

// swapped says whether a value is words in big endian.
func (s *scanner) swapped(h header) bool {
	return s.order == binary.BigEndian && (h.vr == "US" || h.vr == "SS" || h.vr == "OW")
}

// swapWords returns words with their bytes exchanged.
func swapWords(b []byte) []byte {
	turned := make([]byte, len(b)&^1)
	for i := 0; i < len(turned); i += 2 {
		turned[i], turned[i+1] = b[i+1], b[i]
	}
	return turned
}

// sequence walks the items of h and returns the wanted attributes of those
// that are kept if keep.
func (s *scanner) sequence(h header, outer int, implicit bool, depth int, keep bool) (items []attributes, err error) {
	if depth > maxDepth {
		return nil, h.damaged("is nested more than %d deep", maxDepth)
	}
	switch h.vr {
	case "", "SQ", "UN":
	default:
		return nil, h.damaged("of type %s is no sequence", h.vr)
	}
	most := 1
	if h.tag == directoryRecordSequence {
		most = maxRecords
	}
	end, delimited := h.end(s.pos, outer)
	for s.pos < end {
		header, err := s.header(end, true)
		if err != nil {
			return nil, err
		}
		if header.tag == sequenceDelimitation && delimited {
			return items, nil
		}
		if header.tag != item {
			return nil, header.damaged("stands where an item of %v should", h.tag)
		}
		itemEnd, itemDelimited := header.end(s.pos, end)
		keep := keep && len(items) < most
		kept, err := s.dataset(itemEnd, itemDelimited, implicit, depth, keep)
		if err != nil {
			return nil, err
		}
		if keep {
			items = append(items, kept)
		}
	}
	if delimited {
		return nil, h.damaged("does not end by byte %d", end)
	}
	return items, nil
}

// fragments walks encapsulated data up to its delimiter (PS3.5 §A.4), or to
// the end of the file behind a whole fragment, and keeps the offset table and
// the fragments behind it if keep.
func (s *scanner) fragments(end int, keep bool) error {
	for n := 0; ; n++ {
		if n > 1 && s.pos == len(s.data) {
			break
		}
		header, err := s.header(end, true)
		if err != nil {
			return err
		}
		if header.tag == sequenceDelimitation {
			break
		}
		if header.tag != item || header.length == undefined {
			return header.damaged("stands where a fragment of the image should")
		}
		b := s.data[s.pos:][:header.length]
		s.pos += int(header.length)
		switch {
		case !keep:
		case n == 0:
			s.found.offsets = b
		case n > maxFragments:
			return header.damaged("is one of more than %d fragments", maxFragments)
		default:
			s.found.fragments = append(s.found.fragments, b)
		}
	}
	if keep {
		s.found.encapsulated = true
	}
	return nil
}
