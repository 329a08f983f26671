package radiograph

import (
	"bytes"
	"encoding/binary"
	"fmt"
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

// What programs write where a camera writes EXIF, in every place.
func TestOrientationElsewhere(t *testing.T) {
	m := image.NewGray(image.Rect(0, 0, 32, 16))
	for i := range m.Pix {
		m.Pix[i] = uint8(i % 32 * 8)
	}
	exif := exifData(binary.BigEndian, 6)
	attribute, element := []byte(`<rdf:Description tiff:Orientation="6"/>`), []byte(`<tiff:Orientation>6</tiff:Orientation>`)
	upright := []byte(`<rdf:Description tiff:Orientation='1'/>`)
	profile := []byte(fmt.Sprintf("\nexif\n%8d\n%x\n%x\n", len(exif), exif[:10], exif[10:]))
	inPNG := func(chunks ...[]byte) []byte {
		data := encodePNG(t, m)
		return slices.Insert(data, bytes.Index(data, []byte("IDAT"))-4, slices.Concat(chunks...)...)
	}
	inJPEG := func(segments ...[]byte) []byte {
		return slices.Insert(encodeJPEG(t, m), 2, slices.Concat(segments...)...)
	}
	xmp := func(b []byte) []byte {
		return segment(app1, append([]byte("http://ns.adobe.com/xap/1.0/\x00"), b...)...)
	}
	chunk := func(kind, start string, b []byte) []byte { return pngChunk(kind, append([]byte(start), b...)...) }
	for _, c := range []struct {
		name   string
		data   []byte
		turned bool
	}{
		{"XMP in a JPEG", inJPEG(xmp(attribute)), true},
		{"an element of XMP in a JPEG", inJPEG(xmp(element)), true},
		{"upright by XMP", inJPEG(xmp(upright)), false},
		{"EXIF beside XMP", inJPEG(xmp(upright), segment(app1, append([]byte("Exif\x00\x00"), exif...)...)), true},
		{"EXIF of no orientation beside XMP", inJPEG(segment(app1, append([]byte("Exif\x00\x00"), exifData(binary.BigEndian, 0)...)...), xmp(attribute)), true},
		{"XMP in a PNG", inPNG(chunk("iTXt", "XML:com.adobe.xmp\x00\x00\x00en\x00\x00", attribute)), true},
		{"deflated XMP in a PNG", inPNG(chunk("iTXt", "XML:com.adobe.xmp\x00\x01\x00\x00\x00", deflatedBytes(element))), true},
		{"a profile in a PNG", inPNG(chunk("tEXt", "Raw profile type exif\x00", profile)), true},
		{"a deflated profile in a PNG", inPNG(chunk("zTXt", "Raw profile type exif\x00\x00", deflatedBytes(profile))), true},
		{"eXIf beside a profile", inPNG(pngChunk("eXIf", exifData(binary.BigEndian, 1)...), chunk("tEXt", "Raw profile type exif\x00", profile)), false},
		{"a second XMP in a PNG", inPNG(chunk("iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00", upright), chunk("iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00", attribute)), false},
		{"another text", inPNG(chunk("tEXt", "Comment\x00", attribute)), false},
		{"a profile of no digits", inPNG(chunk("tEXt", "Raw profile type exif\x00", []byte("exif 2 zz"))), false},
		{"a profile of no deflation", inPNG(chunk("zTXt", "Raw profile type exif\x00\x00", profile)), false},
		{"a profile cut off", inPNG(chunk("zTXt", "Raw profile type exif\x00\x00", deflatedBytes(profile)[:20])), false},
		{"texts of nothing", inPNG(pngChunk("tEXt"), pngChunk("zTXt", []byte("Raw profile type exif\x00")...), pngChunk("iTXt", []byte("XML:com.adobe.xmp\x00\x01")...)), false},
		{"XMP cut off", inJPEG(xmp([]byte("tiff:Orientation"))), false},
		{"an orientation that is none", inJPEG(xmp([]byte(`tiff:Orientation="9"`))), false},
	} {
		r, err := Decode(t.Context(), c.name, c.data, Limits{})
		require.NoError(t, err, c.name)
		want := image.Pt(32, 16)
		if c.turned {
			want = image.Pt(16, 32)
		}
		require.Equal(t, want, r.Pixels.Rect.Size(), c.name)
	}
}

func TestOrientationOfBrokenEXIF(t *testing.T) {
	whole := exifData(binary.LittleEndian, 6)
	require.Equal(t, 6, orientation(whole, nil))
	for n := range 20 {
		require.Zero(t, orientation(whole[:n], nil), "cut to %d bytes", n)
	}
	require.Zero(t, orientation(exifData(binary.LittleEndian, 9), nil))
	far := bytes.Clone(whole)
	binary.LittleEndian.PutUint32(far[4:], 0xffffffff)
	require.Zero(t, orientation(far, nil))
}
