package radiograph

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/png"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func pngChunk(kind string, body ...byte) []byte {
	b := append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), kind...)
	b = append(b, body...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// pngPicture is a PNG of random samples, its rows filtered at random, of any
// colour type and depth.
type pngPicture struct {
	width, height, depth, colour int
	interlaced                   bool
	more                         []byte // behind the rows
}

func (p pngPicture) header() []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(p.width))
	b = binary.BigEndian.AppendUint32(b, uint32(p.height))
	b = append(b, byte(p.depth), byte(p.colour), 0, 0, 0)
	if p.interlaced {
		b[12] = 1
	}
	return pngChunk("IHDR", b...)
}

func (p pngPicture) rows(rng *rand.Rand) []byte {
	f := pngFile{width: p.width, height: p.height, depth: p.depth, colour: p.colour}
	passes := adam7[:]
	if !p.interlaced {
		passes = []struct{ x, y, dx, dy int }{{0, 0, 1, 1}}
	}
	var raw []byte
	for _, pass := range passes {
		width := (p.width - pass.x + pass.dx - 1) / pass.dx
		for y := pass.y; y < p.height && width > 0; y += pass.dy {
			raw = append(raw, byte(rng.IntN(5)))
			for range (width*f.channels()*p.depth + 7) / 8 {
				raw = append(raw, byte(rng.Uint32()))
			}
		}
	}
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	w.Write(append(raw, p.more...))
	w.Close()
	return b.Bytes()
}

func (p pngPicture) file(rng *rand.Rand, between ...[]byte) []byte {
	rows := p.rows(rng)
	half := len(rows) / 2
	return bytes.Join([][]byte{[]byte(pngSignature), p.header(), bytes.Join(between, nil),
		pngChunk("IDAT", rows[:half]...), pngChunk("IDAT"), pngChunk("IDAT", rows[half:]...), pngChunk("IEND")}, nil)
}

// Every colour type, depth and kind of transparency, interlaced or not, is
// what image/png reads.
func TestPNGAsLibrary(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	palette := make([]byte, 3*256)
	fill(rng, palette)
	for colour, depths := range map[int][]int{pngGray: {1, 2, 4, 8, 16}, pngRGB: {8, 16}, pngPalette: {1, 2, 4, 8}, pngGrayAlpha: {8, 16}, pngRGBAlpha: {8, 16}} {
		for _, depth := range depths {
			for _, transparent := range []int{0, 2, 6} {
				for trial := range 6 {
					p := pngPicture{width: 2 + rng.IntN(19), height: 2 + rng.IntN(19), depth: depth, colour: colour, interlaced: trial%2 == 1}
					var between [][]byte
					if colour == pngPalette {
						between = append(between, pngChunk("PLTE", palette[:3<<depth]...))
					}
					if transparent > 0 && (colour == pngPalette || colour == pngGray && transparent == 2 || colour == pngRGB && transparent == 6) {
						key := make([]byte, min(transparent, 1<<depth))
						for i := range key {
							key[i] = byte(i % 2) // of 16 bits a dark value, of fewer one that is there
						}
						between = append(between, pngChunk("tRNS", key...))
					}
					data := p.file(rng, between...)
					want, err := png.Decode(bytes.NewReader(data))
					require.NoError(t, err, "%+v", p)
					d := newDecoder(t)
					got, err := d.png(data)
					require.NoError(t, err, "%+v", p)
					if len(d.notes) == 0 { // else few pixels are dark by chance
						requireGrayOf(t, want, got)
					}
				}
			}
		}
	}
}

func TestPNGForgives(t *testing.T) {
	p := pngPicture{width: 7, height: 5, depth: 8, colour: pngGray}
	file := func(more []byte, between ...[]byte) []byte {
		p.more = more
		return p.file(rand.New(rand.NewPCG(8, 8)), between...)
	}
	wrong := pngChunk("iCCP", 1, 2, 3)
	wrong[len(wrong)-1]++
	want, err := Decode(t.Context(), "plain", file(nil), Limits{})
	require.NoError(t, err)
	for name, data := range map[string][]byte{
		"an ancillary chunk of a wrong checksum": file(nil, wrong),
		"a palette in grey":                      file(nil, pngChunk("PLTE", 1, 2, 3, 4)),
		"bytes behind the rows":                  file(make([]byte, 100)),
		"bytes behind the end":                   append(file(nil), "more"...),
	} {
		got, err := Decode(t.Context(), name, data, Limits{})
		require.NoError(t, err, name)
		require.Equal(t, want.Pixels, got.Pixels, name)
		require.Empty(t, got.Notes, name)
	}
}

func TestPNGRefuses(t *testing.T) {
	t.Attr("hostile", "PNG")
	rng := rand.New(rand.NewPCG(9, 9))
	p := pngPicture{width: 7, height: 5, depth: 8, colour: pngGray}
	whole := p.file(rng)
	header := p.header()
	wrong := bytes.Clone(header)
	wrong[len(wrong)-1]++
	join := func(parts ...[]byte) []byte { return append([]byte(pngSignature), bytes.Join(parts, nil)...) }
	rows := pngChunk("IDAT", p.rows(rng)...)
	for _, c := range []struct {
		name string
		data []byte
		want error
		says string
	}{
		{"critical chunk of a wrong checksum", join(wrong, rows, pngChunk("IEND")), ErrDamaged, "wrong checksum"},
		{"rows that are too short", join(header, pngChunk("IDAT", pngPicture{width: 7, height: 4, depth: 8}.rows(rng)...), pngChunk("IEND")), ErrDamaged, "unexpected EOF"},
		{"no rows", join(header, pngChunk("IEND")), ErrDamaged, "no pixels"},
		{"two headers", join(header, header, rows, pngChunk("IEND")), ErrDamaged, "two headers"},
		{"no header", join(rows, pngChunk("IEND")), ErrDamaged, "before the header"},
		{"a length that lies", bytes.Replace(whole, []byte("\x00\x00\x00\x00IEND"), []byte("\x00\x00\xff\x00IEND"), 1), ErrDamaged, "cut off"},
		{"no palette", join(pngPicture{width: 7, height: 5, depth: 8, colour: pngPalette}.header(), rows, pngChunk("IEND")), ErrDamaged, "no palette"},
		{"depth 3", join(pngPicture{width: 7, height: 5, depth: 3}.header(), rows, pngChunk("IEND")), ErrDamaged, "of 3 bits"},
		{"an app's", join(pngChunk("CgBI", 0, 0, 0, 0), header, rows, pngChunk("IEND")), ErrUnsupported, "iOS"},
		{"unknown critical chunk", join(header, pngChunk("ABCD"), rows, pngChunk("IEND")), ErrUnsupported, `"ABCD"`},
		{"sent as a text", []byte(strings.ReplaceAll(string(whole), "\r\n", "\n")), ErrDamaged, "sent as a text"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Decode(t.Context(), c.name, c.data, Limits{})
			require.ErrorIs(t, err, c.want)
			require.ErrorContains(t, err, c.says)
		})
	}
}

// What 16 bits hold is read by the bits in use, unless they are nearly all.
func TestPNGSixteenBits(t *testing.T) {
	for _, c := range []struct {
		highest int
		want    uint8 // the grey of the highest
		note    []string
	}{
		{255, 255, []string{"values end at 255: read as 8 bits"}},
		{100, 100, []string{"values end at 100: read as 8 bits"}},
		{1023, 255, []string{"values end at 1,023: read as 10 bits"}},
		{3000, 187, []string{"values end at 3,000: read as 12 bits"}},
		{16383, 255, []string{"values end at 16,383: read as 14 bits"}},
		{16384, 64, nil},
		{65535, 255, nil},
	} {
		m := image.NewGray16(image.Rect(0, 0, 3, 1))
		binary.BigEndian.PutUint16(m.Pix[2:], uint16(c.highest))
		r, err := Decode(t.Context(), "16.png", encodePNG(t, m), Limits{})
		require.NoError(t, err)
		require.Equal(t, []uint8{0, c.want, 0}, r.Pixels.Pix, c.highest)
		require.Equal(t, c.note, r.Notes, c.highest)
	}
}

// The pixels may come in a chunk a byte, of which none takes memory of its own,
// and with what does not matter between them.
func TestPNGOfManyChunks(t *testing.T) {
	m := image.NewGray(image.Rect(0, 0, 64, 64))
	for i := range m.Pix {
		m.Pix[i] = uint8(i * i >> 3)
	}
	data := encodePNG(t, m)
	at := bytes.Index(data, []byte("IDAT"))
	pixels := data[at+4:][:binary.BigEndian.Uint32(data[at-4:])]
	broken := pngChunk("teXt", 1)
	broken[len(broken)-1]++
	chunks := slices.Clone(data[:at-4])
	for i := range pixels {
		chunks = append(chunks, pngChunk("IDAT", pixels[i])...)
		chunks = append(append(chunks, broken...), pngChunk("IDAT")...)
	}
	chunks = append(chunks, pngChunk("IEND")...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := (&decoder{ctx: t.Context(), limits: Limits{}.orDefault()}).parsePNG(chunks)
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(len(chunks)))
	r, err := Decode(t.Context(), "chunks", chunks, Limits{})
	require.NoError(t, err)
	require.Equal(t, m.Pix, r.Pixels.Pix)
}
