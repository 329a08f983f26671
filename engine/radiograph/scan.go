package radiograph

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"

	"github.com/suyashkumar/dicom/pkg/tag"
	"github.com/suyashkumar/dicom/pkg/uid"
)

// The limits of a DICOM file beyond MaxFileSize and MaxPixels.
const (
	maxDepth     = 32      // sequences within sequences
	maxAttribute = 2 << 16 // bytes of an attribute that is kept: the largest LUT Data
)

// undefined is the length of a value that ends at its delimiter (PS3.5 §7.1.1).
const undefined = tag.VLUndefinedLength

// attributes are the wanted ones of a data set, the first element of each tag.
type attributes map[tag.Tag]value

// value is a part of the file, in little endian; that of a sequence is its
// first item, nil if it has none.
type value struct {
	bytes []byte
	item  attributes
}

// wanted are the attributes that decide how pixels look, with their keywords
// (PS3.6 §6). All others are walked over, so that nothing else in a file can
// do harm.
var wanted = map[tag.Tag]string{
	tag.SamplesPerPixel:           "SamplesPerPixel",
	tag.PhotometricInterpretation: "PhotometricInterpretation",
	tag.PlanarConfiguration:       "PlanarConfiguration",
	tag.NumberOfFrames:            "NumberOfFrames",
	tag.Rows:                      "Rows",
	tag.Columns:                   "Columns",
	tag.BitsAllocated:             "BitsAllocated",
	tag.BitsStored:                "BitsStored",
	tag.HighBit:                   "HighBit",
	tag.PixelRepresentation:       "PixelRepresentation",
	tag.PixelPaddingValue:         "PixelPaddingValue",
	tag.PixelPaddingRangeLimit:    "PixelPaddingRangeLimit",
	tag.WindowCenter:              "WindowCenter",
	tag.WindowWidth:               "WindowWidth",
	tag.VOILUTFunction:            "VOILUTFunction",
	tag.RescaleIntercept:          "RescaleIntercept",
	tag.RescaleSlope:              "RescaleSlope",
	tag.ModalityLUTSequence:       "ModalityLUTSequence",
	tag.VOILUTSequence:            "VOILUTSequence",
	tag.LUTDescriptor:             "LUTDescriptor",
	tag.LUTData:                   "LUTData",
}

// isLUT says which of the wanted attributes are sequences.
func isLUT(t tag.Tag) bool {
	return t == tag.ModalityLUTSequence || t == tag.VOILUTSequence
}

// contents are what scan finds in a file.
type contents struct {
	syntax       string // transfer syntax UID
	attributes   attributes
	pixels       []byte // of the top level; the fragments joined if encapsulated
	encapsulated bool
}

// scan walks a DICOM file up to the end of its pixel data (PS3.5 §7, PS3.10
// §7) and copies nothing but fragments. Each length is compared with the bytes
// left in the file and in the enclosing items, nesting is limited, and every
// step moves forward. The 128 bytes of the preamble are never looked at.
//
// A transfer syntax that Decode does not read ends the walk with
// ErrUnsupported; broken structure is ErrDamaged. A walk over many elements
// ends with the error of ctx when that is done.
func scan(ctx context.Context, data []byte) (*contents, error) {
	s := &scanner{ctx: ctx, data: data, pos: datasetStart(data)}
	syntax, err := s.meta()
	if err != nil {
		return nil, err
	}
	switch syntax {
	case uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian, jpegBaseline:
	default:
		name := "an unknown transfer syntax"
		if info, err := uid.Lookup(syntax); err == nil {
			name = info.Name
		}
		return nil, fmt.Errorf("%w: its pixels are stored as %s (transfer syntax %q)", ErrUnsupported, name, syntax)
	}
	s.found.syntax = syntax
	s.found.attributes, err = s.dataset(len(data), false, syntax == uid.ImplicitVRLittleEndian, 0, true)
	if err != nil {
		return nil, err
	}
	return &s.found, nil
}

// jpegBaseline is JPEG Baseline (Process 1), 8 bits, lossy.
const jpegBaseline = "1.2.840.10008.1.2.4.50"

// isDICOM recognizes a DICOM file with its preamble, or without one if it
// starts with an element of the group 0002 or 0008, as files do that were
// saved before PS3.10 or cut by a tool.
func isDICOM(data []byte) bool {
	if datasetStart(data) > 0 {
		return true
	}
	s := &scanner{ctx: context.Background(), data: data} // one header is no long walk
	e, err := s.header(len(data), !explicitAt(data, 0))
	return err == nil && (e.tag.Group == 0x0002 || e.tag.Group == 0x0008) && e.tag.Element <= 0x0100
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
	found contents
}

// header is an element's or an item's, with pos moved behind it. If its length
// is defined then that many bytes are there.
type header struct {
	tag    tag.Tag
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
	h.tag = tag.Tag{Group: binary.LittleEndian.Uint16(b), Element: binary.LittleEndian.Uint16(b[2:])}
	size := 8
	switch {
	case implicit || h.tag.Group == tag.GroupSeqItem:
		h.length = binary.LittleEndian.Uint32(b[4:])
	case !explicitAt(b, 0):
		return h, h.damaged("has the unknown value representation %q", b[4:6])
	default:
		h.vr = string(b[4:6])
		size = headerSizes[h.vr]
		if len(b) < size {
			return h, h.damaged("is cut off")
		}
		if size == 8 {
			h.length = uint32(binary.LittleEndian.Uint16(b[6:]))
			break
		}
		h.length = binary.LittleEndian.Uint32(b[8:])
	}
	if left := len(b) - size; h.length != undefined && int64(h.length) > int64(left) {
		return h, h.damaged("has %d bytes, but only %d are left", h.length, left)
	}
	s.pos += size
	return h, nil
}

// meta walks the group 0002, which is always Explicit VR Little Endian, by its
// tags, since its stated length is often wrong. Without a Transfer Syntax UID
// the first element behind it tells explicit from implicit VR.
func (s *scanner) meta() (syntax string, err error) {
	for len(s.data)-s.pos >= 2 && binary.LittleEndian.Uint16(s.data[s.pos:]) == 0x0002 {
		h, err := s.header(len(s.data), false)
		if err != nil {
			return "", err
		}
		if h.length == undefined {
			return "", h.damaged("has no length")
		}
		if h.tag == tag.TransferSyntaxUID && h.length <= 64 {
			syntax = string(bytes.TrimRight(s.data[s.pos:s.pos+int(h.length)], "\x00 "))
		}
		s.pos += int(h.length)
	}
	switch {
	case syntax != "":
		return syntax, nil
	case explicitAt(s.data, s.pos):
		return uid.ExplicitVRLittleEndian, nil
	}
	return uid.ImplicitVRLittleEndian, nil
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
		if h.tag == tag.ItemDelimitationItem && delimited {
			return kept, nil
		}
		if h.tag.Group == tag.GroupSeqItem {
			return nil, h.damaged("stands outside a sequence")
		}
		var v value
		switch pixels := h.tag == tag.PixelData && depth == 0; {
		case h.length == undefined && (pixels || h.vr == "OB" || h.vr == "OW"):
			joined, err := s.fragments(end, pixels)
			if err != nil {
				return nil, err
			}
			if pixels {
				s.found.pixels, s.found.encapsulated = joined, true
				return kept, nil
			}
		case h.vr == "SQ" || h.length == undefined || isLUT(h.tag):
			// The items of a sequence of unknown VR are implicit (PS3.5 §6.2.2).
			v.item, err = s.sequence(h, end, implicit || h.vr == "UN", depth+1, keep && isLUT(h.tag))
			if err != nil {
				return nil, err
			}
		default:
			v.bytes = s.data[s.pos:][:h.length]
			s.pos += int(h.length)
			if pixels {
				s.found.pixels = v.bytes
				return kept, nil
			}
		}
		if _, again := kept[h.tag]; !keep || wanted[h.tag] == "" || again {
			continue
		}
		if len(v.bytes) > maxAttribute {
			return nil, h.damaged("has %d bytes, far too many", len(v.bytes))
		}
		kept[h.tag] = v
	}
	if delimited {
		return nil, fmt.Errorf("%w: an item does not end by byte %d", ErrDamaged, end)
	}
	return kept, nil
}

// sequence walks the items of h and returns the first one's wanted attributes
// if keep.
func (s *scanner) sequence(h header, outer int, implicit bool, depth int, keep bool) (first attributes, err error) {
	if depth > maxDepth {
		return nil, h.damaged("is nested more than %d deep", maxDepth)
	}
	switch h.vr {
	case "", "SQ", "UN":
	default:
		return nil, h.damaged("of type %s is no sequence", h.vr)
	}
	end, delimited := h.end(s.pos, outer)
	for s.pos < end {
		item, err := s.header(end, true)
		if err != nil {
			return nil, err
		}
		if item.tag == tag.SequenceDelimitationItem && delimited {
			return first, nil
		}
		if item.tag != tag.Item {
			return nil, item.damaged("stands where an item of %v should", h.tag)
		}
		itemEnd, itemDelimited := item.end(s.pos, end)
		kept, err := s.dataset(itemEnd, itemDelimited, implicit, depth, keep)
		if err != nil {
			return nil, err
		}
		if first == nil {
			first = kept
		}
	}
	if delimited {
		return nil, h.damaged("does not end by byte %d", end)
	}
	return first, nil
}

// fragments walks encapsulated data up to its delimiter (PS3.5 §A.4) and joins
// the fragments behind the offset table if keep.
func (s *scanner) fragments(end int, keep bool) ([]byte, error) {
	joined := []byte{}
	for n := 0; ; n++ {
		item, err := s.header(end, true)
		if err != nil {
			return nil, err
		}
		if item.tag == tag.SequenceDelimitationItem {
			return joined, nil
		}
		if item.tag != tag.Item || item.length == undefined {
			return nil, item.damaged("stands where a fragment of the image should")
		}
		if keep && n > 0 {
			joined = append(joined, s.data[s.pos:][:item.length]...)
		}
		s.pos += int(item.length)
	}
}
