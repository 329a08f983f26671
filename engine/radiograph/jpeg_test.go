package radiograph

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// segment is a marker segment of a JPEG.
func segment(marker byte, body ...byte) []byte {
	n := len(body) + 2
	return append([]byte{0xff, marker, byte(n >> 8), byte(n)}, body...)
}

// jpegStart is a grey JPEG up to its first scan. sof is 0xc0 (sequential) or
// 0xc2 (progressive). Its one DC code, a bit of 0, is a difference of nothing;
// its one AC code, a bit of 0, is the longest end-of-band run there is, of
// 2¹⁴ blocks and as many more as the 14 bits behind it say.
func jpegStart(sof byte, width, height int) []byte {
	return bytes.Join([][]byte{
		{0xff, 0xd8},
		segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)...),
		segment(sof, 8, byte(height>>8), byte(height), byte(width>>8), byte(width), 1, 1, 0x11, 0),
		segment(0xc4, 0x00, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x00),
		segment(0xc4, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xe0),
	}, nil)
}

// scanOfNothing is a scan of AC coefficients, all 0, of a progressive JPEG:
// a few bytes for any picture. high is 0 in a first scan, 1 in a refinement.
func scanOfNothing(width, height int, high byte) []byte {
	const run = 1<<15 - 1
	blocks := (width + 7) / 8 * ((height + 7) / 8)
	var data []byte
	bits, n := 0, 0
	for range (blocks + run - 1) / run {
		for bits, n = bits<<15|run>>1, n+15; n >= 8; n -= 8 {
			if b := byte(bits >> (n - 8)); b == 0xff {
				data = append(data, 0xff, 0)
			} else {
				data = append(data, b)
			}
			bits &= 1<<(n-8) - 1
		}
	}
	data = append(data, byte(bits<<(8-n)|1<<(8-n)-1), 0xff, 0x00, 0x00)
	return append(segment(sos, 1, 1, 0x00, 1, 63, high<<4), data...)
}

// progressive is a JPEG whose scans say nothing, padded so that its size alone
// does not give it away.
func progressive(width, height, scans int) []byte {
	data := jpegStart(0xc2, width, height)
	for i := range scans {
		data = append(data, scanOfNothing(width, height, byte(min(i, 1)))...)
	}
	data = append(data, 0xff, eoi)
	return append(data, make([]byte, max(width*height/jpegPixels-len(data)+1, 0))...)
}

func TestScansOfNothing(t *testing.T) {
	m, err := newDecoder(t).jpeg(progressive(300, 200, 50))
	require.NoError(t, err)
	require.Equal(t, bytes.Repeat([]byte{128}, 300*200), m.Pix)
}

func TestCheckScans(t *testing.T) {
	for _, c := range []struct{ width, height, scans int }{
		{8192, 8192, 12}, {4096, 4096, 48}, {2048, 2047, 192}, {1, 65535, 384}, {1, 1, 1000},
	} {
		require.NoError(t, checkScans(progressive(c.width, c.height, c.scans), c.width, c.height))
	}
	for _, c := range []struct{ width, height, scans int }{
		{8192, 8192, 13}, {8192, 8192, 1500}, {4096, 4096, 49}, {2048, 2047, 193}, {1, 65535, 385},
	} {
		data := progressive(c.width, c.height, c.scans)
		start := time.Now()
		_, err := Decode(t.Context(), "bomb.jpg", data, Limits{})
		require.ErrorIs(t, err, ErrTooLarge)
		require.ErrorContains(t, err, fmt.Sprintf("%d scans of %d×%d pixels", c.scans, c.width, c.height))
		require.Less(t, time.Since(start), time.Second)
		dicom := picture{syntax: jpegBaseline, allocated: 8, width: c.width, height: c.height, pixelData: fragments(data)}
		_, err = Decode(t.Context(), "bomb.dcm", dicom.file(), Limits{})
		require.ErrorIs(t, err, ErrTooLarge)
	}
}

// jpegs are files with everything that a walk over segments could stumble on.
func jpegs(t testing.TB) map[string][]byte {
	colour := image.NewRGBA(image.Rect(0, 0, 20, 18))
	fill(rand.New(rand.NewPCG(7, 8)), colour.Pix)
	gray := encodeJPEG(t, Phantom(1, 9, 7))
	behindSOI := func(insert ...byte) []byte { return slices.Insert(bytes.Clone(gray), 2, insert...) }
	restarts := slices.Insert(jpegStart(0xc0, 16, 8), 2, segment(0xdd, 0, 1)...) // an interval of one block
	restarts = append(restarts, segment(sos, 1, 1, 0, 0, 63, 0)...)
	restarts = append(restarts, 0x3f, 0xff, 0x00, 0xff, rst0, 0x3f, 0xff, 0x00, 0xff, rst7, 0xff, eoi)
	return map[string][]byte{
		"grey":            gray,
		"colour":          encodeJPEG(t, colour),
		"progressive":     progressive(9, 7, 5),
		"fill bytes":      behindSOI(0xff, 0xff, 0xff),
		"stray bytes":     behindSOI(0xdb, 0x00, 0xff, 0x00, 0x17),
		"SOS in a remark": behindSOI(segment(0xfe, 0xff, sos, 0, 8, 0xff, eoi)...),
		"empty remark":    behindSOI(segment(0xfe)...),
		"restarts":        restarts,
		"behind the end":  append(bytes.Clone(gray), 0xff, sos, 0xff, eoi),
	}
}

func reachesEOI(data []byte) bool {
	for marker := range segments(data) {
		if marker == eoi {
			return true
		}
	}
	return false
}

// The walk and image/jpeg find the end of a file at the same byte, so they
// agree on all that is before it.
func TestSegmentsAsLibrary(t *testing.T) {
	for name, data := range jpegs(t) {
		require.True(t, reachesEOI(data), name)
		for n := range len(data) + 1 {
			_, err := jpeg.Decode(bytes.NewReader(data[:n]))
			require.Equal(t, err == nil, reachesEOI(data[:n]), "%s cut to %d of %d bytes: %v", name, n, len(data), err)
		}
	}
}

func FuzzSegments(f *testing.F) {
	for _, data := range jpegs(f) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		end := sort.Search(len(data), func(n int) bool { return reachesEOI(data[:n]) })
		c, err := jpeg.DecodeConfig(bytes.NewReader(data))
		if err != nil || c.Width*c.Height > 1<<16 {
			return
		}
		if _, err := jpeg.Decode(bytes.NewReader(data)); err != nil {
			return
		}
		_, err = jpeg.Decode(bytes.NewReader(data[:end]))
		require.NoError(t, err)
		_, err = jpeg.Decode(bytes.NewReader(data[:end-1]))
		require.Error(t, err)
	})
}

// losslessJPEG is one of a row of two pixels, whose components are all 128 in
// the first and 228 in the second.
func losslessJPEG(components int) []byte {
	b := []byte{0xff, 0xd8}
	frame := []byte{8, 0, 1, 0, 2, byte(components)}
	scan := []byte{byte(components)}
	for c := range components {
		frame = append(frame, byte(c), 0x11, 0)
		scan = append(scan, byte(c), 0)
	}
	b = append(b, segment(0xc3, frame...)...)
	b = append(b, segment(dht, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7)...) // 0: no difference; 10: one of 7 bits
	b = append(b, segment(sos, append(scan, 1, 0, 0)...)...)
	bits, count := 0, 0
	put := func(v, n int) { bits, count = bits<<n|v, count+n }
	put(0, components)
	for range components {
		put(0b10<<7|100, 9)
	}
	for ; count%8 != 0; count++ {
		bits = bits<<1 | 1
	}
	for ; count > 0; count -= 8 {
		b = append(b, byte(bits>>(count-8)))
	}
	return append(b, 0xff, 0xd9)
}

// A JPEG that image/jpeg does not decode is turned as its EXIF data say, and of
// other colours than three refused.
func TestLosslessJPEGFile(t *testing.T) {
	r, err := Decode(t.Context(), "lossless", losslessJPEG(1), Limits{})
	require.NoError(t, err)
	require.Equal(t, []uint8{128, 228}, r.Pixels.Pix)
	mirrored := segment(app1, append([]byte("Exif\x00\x00"), exifData(binary.BigEndian, 2)...)...)
	r, err = Decode(t.Context(), "mirrored", slices.Insert(losslessJPEG(1), 2, mirrored...), Limits{})
	require.NoError(t, err)
	require.Equal(t, []uint8{228, 128}, r.Pixels.Pix)
	for _, components := range []int{2, 4} {
		_, err = Decode(t.Context(), "ink", losslessJPEG(components), Limits{})
		require.ErrorIs(t, err, ErrUnsupported)
		require.ErrorContains(t, err, fmt.Sprintf("%d samples a pixel", components))
	}
}
