package jpeg

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math/bits"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"uarweb/engine/radiograph/codec"
	"uarweb/engine/radiograph/internal/mutate"
)

var limits = codec.Limits{Samples: 1 << 22, Memory: 1 << 26, Time: time.Minute}

// losslessPicture says how a lossless JPEG is encoded.
type losslessPicture struct {
	width, height, components int
	bits, shift, predictor    int
	restart                   int // rows
	apart                     bool
}

// encode writes samples, those of a pixel together, by T.81 §H. Each category
// of differences has a code of 5 bits.
func (p losslessPicture) encode(samples []uint16) []byte {
	b := []byte{0xff, soi}
	segment := func(marker byte, body ...byte) {
		n := len(body) + 2
		b = append(append(b, 0xff, marker, byte(n>>8), byte(n)), body...)
	}
	frame := []byte{byte(p.bits), byte(p.height >> 8), byte(p.height), byte(p.width >> 8), byte(p.width), byte(p.components)}
	for c := range p.components {
		frame = append(frame, byte(c+1), 0x11, 0)
	}
	segment(lossless, frame...)
	codes := []byte{0, 0, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	for category := range 17 {
		codes = append(codes, byte(category))
	}
	segment(dht, codes...)
	if p.restart > 0 {
		segment(dri, byte(p.restart*p.width>>8), byte(p.restart*p.width))
	}
	scans := [][]int{{0}}
	for c := 1; c < p.components; c++ {
		if p.apart {
			scans = append(scans, []int{c})
		} else {
			scans[0] = append(scans[0], c)
		}
	}
	for _, scan := range scans {
		header := []byte{byte(len(scan))}
		for _, c := range scan {
			header = append(header, byte(c+1), 0)
		}
		segment(sos, append(header, byte(p.predictor), 0, byte(p.shift))...)
		b = append(b, p.scan(samples, scan)...)
	}
	return append(b, 0xff, eoi)
}

func (p losslessPicture) scan(samples []uint16, scan []int) (b []byte) {
	var pending uint64
	count := 0
	put := func(v, n int) {
		pending, count = pending<<n|uint64(v)&(1<<n-1), count+n
		for ; count >= 8; count -= 8 {
			v := byte(pending >> (count - 8))
			if b = append(b, v); v == 0xff {
				b = append(b, 0)
			}
		}
	}
	for y := range p.height {
		first := y == 0
		if p.restart > 0 && y > 0 && y%p.restart == 0 {
			first = true
			put(0x7f, (8-count%8)%8)
			b = append(b, 0xff, byte(rst0+(y/p.restart-1)%8))
		}
		for x := range p.width {
			for _, c := range scan {
				at := func(x, y int) int { return int(samples[(y*p.width+x)*p.components+c]) >> p.shift }
				var predicted int
				switch {
				case first && x == 0:
					predicted = 1 << (p.bits - p.shift - 1)
				case first:
					predicted = at(x-1, y)
				case x == 0:
					predicted = at(x, y-1)
				default:
					l, a, d := at(x-1, y), at(x, y-1), at(x-1, y-1)
					predicted = []int{0, l, a, d, l + a - d, l + (a-d)>>1, a + (l-d)>>1, (l + a) >> 1}[p.predictor]
				}
				difference := int(int16(at(x, y) - predicted))
				size := bits.Len(uint(max(difference, -difference)))
				put(size, 5)
				if size < 16 {
					if difference < 0 {
						difference += 1<<size - 1
					}
					put(difference, size)
				}
			}
		}
	}
	put(0x7f, (8-count%8)%8)
	return b
}

func TestLossless(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for predictor := 1; predictor <= 7; predictor++ {
		for bits := 2; bits <= 16; bits++ {
			p := losslessPicture{width: 1 + rng.IntN(20), height: 1 + rng.IntN(20), components: 1 + rng.IntN(4), bits: bits,
				shift: rng.IntN(bits) / 2, predictor: predictor, restart: rng.IntN(4), apart: rng.IntN(2) == 0}
			samples := make([]uint16, p.width*p.height*p.components)
			for i := range samples {
				samples[i] = uint16(rng.IntN(1<<bits)) >> p.shift << p.shift
			}
			got, err := Decode(t.Context(), p.encode(samples), limits)
			require.NoError(t, err, "%+v", p)
			require.Equal(t, codec.Frame{Width: p.width, Height: p.height, Components: p.components, Bits: bits, Samples: samples}, got, "%+v", p)
		}
	}
}

func read(t testing.TB, name string) []byte {
	data, err := os.ReadFile("testdata/" + name + ".jpg")
	require.NoError(t, err)
	return data
}

// The same coefficients in other orders are the same picture.
func TestOrders(t *testing.T) {
	want, err := Decode(t.Context(), read(t, "sequential"), limits)
	require.NoError(t, err)
	require.Equal(t, 27*19*3, len(want.Samples))
	for _, name := range []string{"restarts", "progressive"} {
		got, err := Decode(t.Context(), read(t, name), limits)
		require.NoError(t, err)
		require.Equal(t, want, got, name)
	}
}

func TestAsLibrary(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	m := image.NewRGBA(image.Rect(0, 0, 45, 38))
	for y := range 38 {
		for x := range 45 {
			m.Set(x, y, color.RGBA{R: uint8(x * 5), G: uint8(y * 6), B: uint8(rng.IntN(256)), A: 255})
		}
	}
	var b bytes.Buffer
	require.NoError(t, jpeg.Encode(&b, m, &jpeg.Options{Quality: 80}))
	decoded, err := jpeg.Decode(bytes.NewReader(b.Bytes()))
	require.NoError(t, err)
	want := decoded.(*image.YCbCr)
	got, err := Decode(t.Context(), b.Bytes(), limits)
	require.NoError(t, err)
	for y := range 38 {
		for x := range 45 {
			p := got.Samples[(y*45+x)*3:]
			require.InDelta(t, want.Y[want.YOffset(x, y)], p[0], 1, "(%d, %d)", x, y)
			require.InDelta(t, want.Cb[want.COffset(x, y)], p[1], 1, "(%d, %d)", x, y)
			require.InDelta(t, want.Cr[want.COffset(x, y)], p[2], 1, "(%d, %d)", x, y)
		}
	}
}

func TestRefuses(t *testing.T) {
	t.Attr("hostile", "JPEG")
	p := losslessPicture{width: 9, height: 7, components: 1, bits: 12, predictor: 1}
	samples := make([]uint16, 63)
	whole := p.encode(samples)
	changed := func(at int, v byte) []byte {
		b := bytes.Clone(whole)
		b[at] = v
		return b
	}
	frame := bytes.Index(whole, []byte{0xff, lossless}) + 4
	scan := bytes.Index(whole, []byte{0xff, sos}) + 4
	for _, c := range []struct {
		name   string
		stream []byte
		want   error
	}{
		{"nothing", nil, codec.ErrDamaged},
		{"no frame", []byte{0xff, soi, 0xff, eoi}, codec.ErrDamaged},
		{"17 bits", changed(frame, 17), codec.ErrDamaged},
		{"65,287 rows", changed(frame+1, 0xff), codec.ErrDamaged},
		{"no rows", changed(frame+2, 0), codec.ErrDamaged},
		{"no predictor", changed(scan+3, 0), codec.ErrDamaged},
		{"all bits taken off", changed(scan+5, 12), codec.ErrDamaged},
		{"arithmetic codes", changed(frame-3, 0xcb), codec.ErrUnsupported},
		{"12 bits by DCT", changed(frame-3, 0xc1), codec.ErrUnsupported},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Decode(t.Context(), c.stream, limits)
			require.ErrorIs(t, err, c.want)
		})
	}
	_, err := Decode(t.Context(), whole, codec.Limits{Samples: 62, Memory: 1 << 20, Time: time.Minute})
	require.ErrorIs(t, err, codec.ErrTooLarge)
	for _, stream := range [][]byte{whole, read(t, "sequential"), read(t, "progressive")} {
		for n := range len(stream) - 8 {
			_, err := Decode(t.Context(), stream[:n], limits)
			require.Error(t, err, "cut to %d of %d bytes", n, len(stream))
		}
	}
}

func FuzzDecode(f *testing.F) {
	rng := rand.New(rand.NewPCG(5, 6))
	for predictor := 1; predictor <= 7; predictor++ {
		p := losslessPicture{width: 5, height: 4, components: 1 + predictor%3, bits: 2 * predictor, predictor: predictor, restart: predictor % 2}
		samples := make([]uint16, 20*p.components)
		for i := range samples {
			samples[i] = uint16(rng.IntN(1 << p.bits))
		}
		f.Add(p.encode(samples))
	}
	for _, name := range []string{"sequential", "restarts", "progressive"} {
		f.Add(read(f, name))
	}
	f.Fuzz(mutate.Seeds(func(t *testing.T, data []byte) {
		m, err := Decode(t.Context(), data, codec.Limits{Samples: 1 << 16, Memory: 1 << 22, Time: time.Minute})
		if err != nil {
			require.Equal(t, codec.Frame{}, m)
			return
		}
		require.Len(t, m.Samples, m.Width*m.Height*m.Components)
		for _, v := range m.Samples {
			require.Less(t, int(v), 1<<m.Bits)
		}
	}))
}
