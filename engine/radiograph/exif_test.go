package radiograph

import (
	"bytes"
	"encoding/binary"
	"image"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// exifData say an orientation and nothing else.
func exifData(order binary.AppendByteOrder, orientation int) []byte {
	b := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint16(order.AppendUint32(b, 8), 1)
	b = order.AppendUint32(order.AppendUint16(order.AppendUint16(b, 0x0112), 3), 1)
	return order.AppendUint32(order.AppendUint16(order.AppendUint16(b, uint16(orientation)), 0), 0)
}

// The picture F as it is stored in each orientation (EXIF §4.6.4), by where its
// first row and column are shown.
func TestOrientations(t *testing.T) {
	upright := []string{
		"###",
		"#..",
		"##.",
		"#..",
	}
	stored := map[int][]string{
		1: upright,
		2: {"###", "..#", ".##", "..#"},
		3: {"..#", ".##", "..#", "###"},
		4: {"#..", "##.", "#..", "###"},
		5: {"####", "#.#.", "#..."},
		6: {"#...", "#.#.", "####"},
		7: {"...#", ".#.#", "####"},
		8: {"####", ".#.#", "...#"},
	}
	const scale = 16 // whole blocks of a JPEG
	draw := func(rows []string) *image.Gray {
		m := image.NewGray(image.Rect(0, 0, scale*len(rows[0]), scale*len(rows)))
		for i := range m.Pix {
			if rows[i/m.Stride/scale][i%m.Stride/scale] == '#' {
				m.Pix[i] = 255
			}
		}
		return m
	}
	want := draw(upright)
	for orientation, rows := range stored {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			exif := exifData(order, orientation)
			jpeg := encodeJPEG(t, draw(rows))
			jpeg = slices.Insert(jpeg, 2, segment(app1, append([]byte("Exif\x00\x00"), exif...)...)...)
			png := encodePNG(t, draw(rows))
			png = slices.Insert(png, bytes.Index(png, []byte("IDAT"))-4, pngChunk("eXIf", exif...)...)
			for format, data := range map[string][]byte{"JPEG": jpeg, "PNG": png} {
				r, err := Decode(t.Context(), format, data, Limits{})
				require.NoError(t, err)
				require.Equal(t, want.Rect, r.Pixels.Rect, "%s %d", format, orientation)
				for i, v := range want.Pix {
					require.InDelta(t, v, r.Pixels.Pix[i], 3, "%s %d, pixel %d", format, orientation, i)
				}
				if orientation == 1 {
					require.Empty(t, r.Notes)
				} else {
					require.Len(t, r.Notes, 1)
				}
			}
		}
	}
}

func TestOrientationOfBrokenEXIF(t *testing.T) {
	whole := exifData(binary.LittleEndian, 6)
	require.Equal(t, 6, orientation(whole))
	for n := range 20 {
		require.Equal(t, 1, orientation(whole[:n]), "cut to %d bytes", n)
	}
	require.Equal(t, 1, orientation(exifData(binary.LittleEndian, 9)))
	far := bytes.Clone(whole)
	binary.LittleEndian.PutUint32(far[4:], 0xffffffff)
	require.Equal(t, 1, orientation(far))
}
