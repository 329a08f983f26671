package radiograph

import (
	"bytes"
	"compress/lzw"
	"compress/zlib"
	"encoding/binary"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// tiffPicture is a TIFF of one strip, or of one tile.
type tiffPicture struct {
	order         binary.AppendByteOrder
	width, height int
	bits, samples int
	photometric   int
	compression   int
	pixels        []byte // as they are stored
	fields        map[uint16][]int
}

func (p tiffPicture) file() []byte {
	order := p.order
	b := []byte("II*\x00")
	if order == nil {
		order = binary.LittleEndian
	}
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, uint32(8+len(p.pixels)))
	b = append(b, p.pixels...)
	fields := map[uint16][]int{
		tiffWidth: {p.width}, tiffHeight: {p.height}, tiffBits: {max(p.bits, 1)}, tiffSamples: {max(p.samples, 1)},
		tiffCompression: {max(p.compression, 1)}, tiffPhotometric: {p.photometric},
		tiffStripOffsets: {8}, tiffStripByteCounts: {len(p.pixels)},
	}
	for tag, values := range p.fields {
		if fields[tag] = values; values == nil {
			delete(fields, tag)
		}
	}
	var tags []uint16
	for tag := range fields {
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	const long = 4
	start := len(b)
	behind := start + 2 + 12*len(tags) + 4
	b = order.AppendUint16(b, uint16(len(tags)))
	var values []byte
	for _, tag := range tags {
		b = order.AppendUint32(order.AppendUint16(order.AppendUint16(b, tag), long), uint32(len(fields[tag])))
		if len(fields[tag]) == 1 {
			b = order.AppendUint32(b, uint32(fields[tag][0]))
			continue
		}
		b = order.AppendUint32(b, uint32(behind+len(values)))
		for _, v := range fields[tag] {
			values = order.AppendUint32(values, uint32(v))
		}
	}
	return append(order.AppendUint32(b, 0), values...)
}

func deflatedBytes(b []byte) []byte {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

// lzwBytes agrees with TIFF's LZW while codes have 9 bits.
func lzwBytes(b []byte) []byte {
	var out bytes.Buffer
	w := lzw.NewWriter(&out, lzw.MSB, 8)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func tiffs() map[string][]byte {
	three := []byte{0, 100, 255}
	return map[string][]byte{
		"grey":       tiffPicture{width: 3, height: 1, bits: 8, photometric: tiffBlackIsZero, pixels: three}.file(),
		"big endian": tiffPicture{order: binary.BigEndian, width: 3, height: 1, bits: 8, photometric: tiffBlackIsZero, pixels: three}.file(),
		"LZW":        tiffPicture{width: 3, height: 1, bits: 8, photometric: tiffBlackIsZero, compression: tiffLZW, pixels: lzwBytes(three)}.file(),
		"deflate":    tiffPicture{width: 3, height: 1, bits: 8, photometric: tiffBlackIsZero, compression: tiffDeflate, pixels: deflatedBytes(three)}.file(),
		"PackBits":   tiffPicture{width: 3, height: 1, bits: 8, photometric: tiffBlackIsZero, compression: tiffPackBits, pixels: []byte{2, 0, 100, 255}}.file(),
		"predictor": tiffPicture{width: 3, height: 1, bits: 8, photometric: tiffBlackIsZero, pixels: []byte{0, 100, 155},
			fields: map[uint16][]int{tiffPredictor: {2}}}.file(),
		"tile": tiffPicture{width: 3, height: 1, bits: 8, photometric: tiffBlackIsZero, pixels: append(three, make([]byte, 13)...),
			fields: map[uint16][]int{tiffStripOffsets: nil, tiffStripByteCounts: nil, tiffTileWidth: {4}, tiffTileHeight: {4}, tiffTileOffsets: {8}, tiffTileByteCounts: {16}}}.file(),
		"palette": tiffPicture{width: 3, height: 1, bits: 2, photometric: tiffPalette, pixels: []byte{0b00011000},
			fields: map[uint16][]int{tiffColorMap: {0, 100 << 8, 0xffff, 0, 0, 100 << 8, 0xffff, 0, 0, 100 << 8, 0xffff, 0}}}.file(),
		"RGB": tiffPicture{width: 3, height: 1, bits: 8, samples: 3, photometric: tiffRGB, pixels: []byte{0, 0, 0, 100, 100, 100, 255, 255, 255},
			fields: map[uint16][]int{tiffBits: {8, 8, 8}}}.file(),
		"planes": tiffPicture{width: 3, height: 1, bits: 8, samples: 3, photometric: tiffRGB, pixels: slices.Concat(three, three, three),
			fields: map[uint16][]int{tiffPlanar: {2}, tiffStripOffsets: {8, 11, 14}, tiffStripByteCounts: {3, 3, 3}}}.file(),
		"alpha": tiffPicture{width: 3, height: 1, bits: 8, samples: 2, photometric: tiffBlackIsZero, pixels: []byte{9, 0, 200, 128, 255, 255},
			fields: map[uint16][]int{tiffExtraSamples: {2}}}.file(),
		"white is 0": tiffPicture{width: 3, height: 1, bits: 8, photometric: tiffWhiteIsZero, pixels: []byte{255, 155, 0}}.file(),
		"16 bits":    tiffPicture{width: 3, height: 1, bits: 16, photometric: tiffBlackIsZero, pixels: []byte{255, 0, 7, 100, 255, 255}}.file(),
		"12 in 16":   tiffPicture{width: 3, height: 1, bits: 16, photometric: tiffBlackIsZero, pixels: []byte{5, 0, 0x40, 6, 0xff, 0x0f}}.file(),
		"12 in 16, white is 0": tiffPicture{order: binary.BigEndian, width: 3, height: 1, bits: 16, photometric: tiffWhiteIsZero,
			pixels: []byte{0x0f, 0xff, 9, 0xbf, 0, 0}}.file(),
		"12 bits": tiffPicture{width: 3, height: 1, bits: 12, photometric: tiffBlackIsZero, pixels: []byte{0, 0x56, 0x40, 0xff, 0xf0}}.file(),
	}
}

// All of these are the pixels 0, 100 and 255.
func TestTIFF(t *testing.T) {
	for name, data := range tiffs() {
		t.Run(name, func(t *testing.T) {
			r, err := Decode(t.Context(), name, data, Limits{})
			require.NoError(t, err)
			require.Equal(t, "TIFF", r.Format)
			require.Equal(t, []uint8{0, 100, 255}, r.Pixels.Pix)
			requireGreys(t, r, data)
			if bytes.HasPrefix([]byte(name), []byte("12 in 16")) {
				require.Equal(t, []string{"values end at 4,095: read as 12 bits"}, r.Notes)
			} else {
				require.Empty(t, r.Notes)
			}
			for n := range len(data) - 4 {
				_, err := Decode(t.Context(), name, data[:n], Limits{})
				require.Error(t, err, "cut to %d of %d bytes", n, len(data))
			}
		})
	}
	turned := tiffPicture{width: 3, height: 1, bits: 8, photometric: tiffBlackIsZero, pixels: []byte{0, 100, 255}, fields: map[uint16][]int{tiffOrientation: {3}}}
	r, err := Decode(t.Context(), "turned", turned.file(), Limits{})
	require.NoError(t, err)
	require.Equal(t, []uint8{255, 100, 0}, r.Pixels.Pix)
}

func TestTIFFOfSeveralPictures(t *testing.T) {
	data := tiffs()["grey"]
	directory := binary.LittleEndian.Uint32(data[4:])
	binary.LittleEndian.PutUint32(data[len(data)-4:], directory) // the next one is the same
	r, err := Decode(t.Context(), "two", data, Limits{})
	require.NoError(t, err)
	require.Equal(t, []string{"it holds several pictures: the first is read"}, r.Notes)
	require.Equal(t, []uint8{0, 100, 255}, r.Pixels.Pix)
}

func TestTIFFRefuses(t *testing.T) {
	t.Attr("hostile", "TIFF")
	grey := func(fields map[uint16][]int) []byte {
		return tiffPicture{width: 3, height: 1, bits: 8, photometric: tiffBlackIsZero, pixels: []byte{0, 100, 255}, fields: fields}.file()
	}
	for _, c := range []struct {
		name   string
		fields map[uint16][]int
		want   error
		says   string
	}{
		{"fax", map[uint16][]int{tiffCompression: {4}}, ErrUnsupported, "compression 4 of TIFF"},
		{"CMYK", map[uint16][]int{tiffPhotometric: {5}}, ErrUnsupported, "photometric interpretation 5"},
		{"floats", map[uint16][]int{tiffSampleFormat: {3}}, ErrUnsupported, "signed or no integers"},
		{"32 bits", map[uint16][]int{tiffBits: {32}}, ErrUnsupported, "32 bits"},
		{"too large", map[uint16][]int{tiffWidth: {1 << 20}, tiffHeight: {1 << 20}}, ErrTooLarge, "1048576×1048576"},
		{"more than it can hold", map[uint16][]int{tiffWidth: {8000}, tiffHeight: {8000}}, ErrDamaged, "cannot hold"},
		{"strip behind the end", map[uint16][]int{tiffStripOffsets: {1 << 31}}, ErrDamaged, "a strip or tile lies at"},
		{"strip too long", map[uint16][]int{tiffStripByteCounts: {1 << 31}}, ErrDamaged, "a strip or tile lies at"},
		{"strip too short", map[uint16][]int{tiffStripByteCounts: {2}}, ErrDamaged, "row 0"},
		{"too few strips", map[uint16][]int{tiffHeight: {2}, tiffRowsPerStrip: {1}}, ErrDamaged, "1 strips or tiles, but the picture needs 2"},
		{"tile of nothing", map[uint16][]int{tiffTileWidth: {0}, tiffTileHeight: {4}}, ErrDamaged, "0×4"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Decode(t.Context(), c.name, grey(c.fields), Limits{})
			require.ErrorIs(t, err, c.want)
			require.ErrorContains(t, err, c.says)
		})
	}
}

// Fields may claim the same bytes of the file as often as there are tags: none
// of them is copied.
func TestTIFFOfManyLargeFields(t *testing.T) {
	const fields, claimed, byteType = 400, 1 << 20, 1
	order := binary.LittleEndian
	data := order.AppendUint32([]byte("II*\x00"), 8)
	data = order.AppendUint16(data, fields)
	for i := range fields {
		data = order.AppendUint16(order.AppendUint16(data, uint16(1000+i)), byteType)
		data = order.AppendUint32(order.AppendUint32(data, claimed), 0)
	}
	data = append(data, make([]byte, claimed)...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Decode(t.Context(), "fields", data, Limits{})
	runtime.ReadMemStats(&after)
	require.ErrorIs(t, err, ErrDamaged)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(len(data)))
}

// Strips may lie over each other, so that a small file could have the same
// bytes inflated for each of its rows.
func TestTIFFOfStripsInOnePlace(t *testing.T) {
	const height = 100
	offsets, sizes := make([]int, height), make([]int, height)
	pixels := append([]byte{0, 100, 255}, make([]byte, 997)...)
	for i := range height {
		offsets[i], sizes[i] = 8, len(pixels)
	}
	file := tiffPicture{width: 3, height: height, bits: 8, photometric: tiffBlackIsZero, pixels: pixels,
		fields: map[uint16][]int{tiffRowsPerStrip: {1}, tiffStripOffsets: offsets, tiffStripByteCounts: sizes}}.file()
	_, err := Decode(t.Context(), "strips", file, Limits{FileSize: height*len(pixels) - 1})
	require.ErrorIs(t, err, ErrTooLarge)
	require.ErrorContains(t, err, "strips or tiles of more than 99999 bytes in all")
	r, err := Decode(t.Context(), "strips", file, Limits{FileSize: height * len(pixels)})
	require.NoError(t, err)
	require.Equal(t, []uint8{0, 100, 255}, r.Pixels.Pix[:3])
}
