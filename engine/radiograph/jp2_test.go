package radiograph

import (
	"encoding/binary"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// box is a box of JP2 with a length of 32 bits.
func box(kind string, body ...byte) []byte {
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(8+len(body))), kind...), body...)
}

// What a JP2 file says of its colours decides whether its samples are a picture.
func TestJP2(t *testing.T) {
	stream, err := os.ReadFile("codec/testdata/rgb-8.j2k")
	require.NoError(t, err)
	size := box("ihdr", 0, 0, 0, 47, 0, 0, 0, 61, 0, 3, 7, 7, 0, 0)
	space := func(v byte) []byte { return box("colr", 1, 0, 0, 0, 0, 0, v) }
	// One entry of three channels, to which the component 0 is brought.
	palette := slices.Concat(box("pclr", 0, 1, 3, 7, 7, 7, 9, 9, 9), box("cmap", 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 1, 2))
	file := func(header ...[]byte) []byte {
		return slices.Concat([]byte(jp2Signature), box("ftyp", []byte("jp2 \x00\x00\x00\x00jp2 ")...), box("jp2h", slices.Concat(header...)...), box("jp2c", stream...))
	}
	long := binary.BigEndian.AppendUint64(append([]byte{0, 0, 0, 1}, "free"...), 16)
	want := decodeFile(t, "codec/testdata/rgb-8.j2k").Pixels
	for _, c := range []struct {
		name string
		data []byte
		says string
	}{
		{"sRGB", file(size, space(16)), ""},
		{"profile", file(size, box("colr", 2, 0, 0, 0, 0, 0, 18)), ""},
		{"sYCC", file(size, space(18)), "colour space 18 of JPEG 2000"},
		{"CMYK behind a long box", file(size, long, space(12)), "colour space 12 of JPEG 2000"},
		{"palette", file(size, palette, space(16)), "a palette of JPEG 2000"},
	} {
		r, err := Decode(t.Context(), c.name, c.data, Limits{})
		if c.says != "" {
			require.ErrorIs(t, err, ErrUnsupported, c.name)
			require.ErrorContains(t, err, c.says)
			continue
		}
		require.NoError(t, err, c.name)
		require.Equal(t, want, r.Pixels, c.name)
	}
	for _, broken := range [][]byte{nil, make([]byte, 7), {0, 0, 0, 1, 'f', 'r', 'e', 'e'}, append([]byte{0, 0, 0, 1}, "free\xff\xff\xff\xff\xff\xff\xff\xff"...), box("jp2h")[:8], {0, 0, 0, 2, 'j', 'p', '2', 'h'}} {
		require.NoError(t, checkJP2(broken), "that is for the decoder to say")
	}
}
