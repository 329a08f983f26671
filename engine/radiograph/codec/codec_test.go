package codec

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/radiograph/internal/mutate"
)

var roomy = Limits{Samples: 1 << 20, Memory: MaxMemory, Time: time.Minute}

// read returns a stream of testdata, which make.py made, and its format.
func read(t testing.TB, name string) (Format, []byte) {
	t.Helper()
	stream, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return map[string]Format{".j2k": JPEG2000, ".jp2": JPEG2000, ".jls": JPEGLS, ".jpg": JPEG}[filepath.Ext(name)], stream
}

// picture is make.py's, less base.
func picture(bits, components, base int) []int {
	const width, height = 61, 47
	top := 1<<bits - 1
	var samples []int
	for y := range height {
		for x := range width {
			ramp := top * (x + 2*y) / (width + 2*height)
			for _, v := range []int{ramp, top - ramp, ramp / 2}[:components] {
				samples = append(samples, v^((7*x+13*y)&3&top)-base)
			}
		}
	}
	return samples
}

func TestDecode(t *testing.T) {
	for _, c := range []struct {
		name             string
		bits, components int
		base             int // of signed samples, half of their range
		bound            int // of the difference between a sample and the original
	}{
		{name: "lossless-2.j2k", bits: 2, components: 1},
		{name: "lossless-8.j2k", bits: 8, components: 1},
		{name: "lossless-12.j2k", bits: 12, components: 1},
		{name: "lossless-16.j2k", bits: 16, components: 1},
		{name: "signed-12.j2k", bits: 12, components: 1, base: 2048},
		{name: "rgb-8.j2k", bits: 8, components: 3},
		{name: "tiles-12.j2k", bits: 12, components: 1},
		{name: "lossless-12.jp2", bits: 12, components: 1},
		{name: "lossy-12.j2k", bits: 12, components: 1, bound: 40},
		{name: "ht-lossless-12.j2k", bits: 12, components: 1},
		{name: "ht-lossy-12.j2k", bits: 12, components: 1, bound: 8},
		{name: "lossless-2.jls", bits: 2, components: 1},
		{name: "lossless-8.jls", bits: 8, components: 1},
		{name: "lossless-12.jls", bits: 12, components: 1},
		{name: "lossless-16.jls", bits: 16, components: 1},
		{name: "rgb-8-planes.jls", bits: 8, components: 3},
		{name: "rgb-8-lines.jls", bits: 8, components: 3},
		{name: "rgb-8-pixels.jls", bits: 8, components: 3},
		{name: "rgb-12-planes.jls", bits: 12, components: 3},
		{name: "rgb-12-lines.jls", bits: 12, components: 3},
		{name: "rgb-12-pixels.jls", bits: 12, components: 3},
		{name: "near-12.jls", bits: 12, components: 1, bound: 3},
		{name: "dcmtk-8.jls", bits: 8, components: 1},
		{name: "dcmtk-12.jls", bits: 12, components: 1},
		{name: "sequential-12.jpg", bits: 12, components: 1, bound: 10},
		{name: "progressive-12.jpg", bits: 12, components: 1, bound: 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			format, stream := read(t, c.name)
			frame, err := Decode(t.Context(), format, stream, roomy)
			require.NoError(t, err)
			want := picture(c.bits, c.components, c.base)
			require.Len(t, frame.Samples, len(want))
			worst := 0
			for i, s := range frame.Samples {
				value := int(s)
				if frame.Signed {
					value = int(int16(s))
				}
				worst = max(worst, value-want[i], want[i]-value)
			}
			assert.LessOrEqual(t, worst, c.bound)
			if c.bound > 0 {
				assert.Positive(t, worst, "nothing was lost")
			}
			frame.Samples = nil
			bits := c.bits
			if c.name == "dcmtk-12.jls" {
				bits = 16 // as DCMTK says, whatever a sample has
			}
			assert.Equal(t, Frame{Width: 61, Height: 47, Components: c.components, Bits: bits, Signed: c.base != 0}, frame)
		})
	}
}

// A picture of the wrong kind is refused by what it is.
func TestUnsupported(t *testing.T) {
	for name, message := range map[string]string{
		"subsampled-8.j2k": "its components differ in size or bits, or have not the size of the picture",
		"baseline-8.jpg":   "Unsupported JPEG data precision 8",
	} {
		format, stream := read(t, name)
		_, err := Decode(t.Context(), format, stream, roomy)
		require.ErrorIs(t, err, ErrUnsupported, name)
		assert.EqualError(t, err, fmt.Sprintf("codec: %s: %v: %s", format, ErrUnsupported, message))
	}
}

// What libjpeg warns of and touches no pixel is no damage.
func TestHarmless(t *testing.T) {
	format, whole := read(t, "sequential-12.jpg")
	want, err := Decode(t.Context(), format, whole, roomy)
	require.NoError(t, err)
	insert := func(at int, b string) []byte { return slices.Insert(bytes.Clone(whole), at, []byte(b)...) }
	first := bytes.Index(whole, []byte{0xff, 0xdb}) // of the segments
	scan := bytes.Clone(whole)
	copy(scan[bytes.Index(whole, []byte{0xff, 0xda})+2+5:], "\x00\x00\x00") // behind a length, a count, and the one component
	for name, stream := range map[string][]byte{
		"a scan header of zeros":  scan,
		"bytes between segments":  insert(first, "bytes"),
		"JFIF of another version": insert(2, "\xff\xe0\x00\x10JFIF\x00\x09\x09\x00\x00\x01\x00\x01\x00\x00"),
	} {
		require.NotEqual(t, whole, stream, name)
		got, err := Decode(t.Context(), format, stream, roomy)
		require.NoError(t, err, name)
		require.Equal(t, want, got, name)
	}
}

// A stream that ends early never gives a picture, whatever is painted of it.
func TestCutOff(t *testing.T) {
	t.Attr("hostile", "code streams that are cut off")
	for _, name := range []string{"lossless-12.j2k", "tiles-12.j2k", "lossless-12.jp2", "ht-lossless-12.j2k", "rgb-8-planes.jls", "lossless-12.jls", "sequential-12.jpg", "progressive-12.jpg"} {
		t.Run(name, func(t *testing.T) {
			format, stream := read(t, name)
			for length := 0; length < len(stream)-2; length += 1 + length/2 {
				_, err := Decode(t.Context(), format, stream[:length], roomy)
				assert.Error(t, err, "%d of %d bytes", length, len(stream))
				assert.NotErrorIs(t, err, ErrTooSlow, "%d of %d bytes", length, len(stream))
			}
			_, err := Decode(t.Context(), format, stream[:len(stream)-3], roomy)
			assert.ErrorIs(t, err, ErrDamaged)
		})
	}
}

// A tile that is not there is no black tile, and one that is there twice does
// not stand for another.
func TestTiles(t *testing.T) {
	_, stream := read(t, "tiles-12.j2k")
	begins := []int{}
	for i := range stream[:len(stream)-12] {
		if bytes.HasPrefix(stream[i:], []byte{0xff, 0x90, 0, 10}) { // SOT
			begins = append(begins, i)
		}
	}
	require.Len(t, begins, 4)
	second := stream[begins[1]:begins[2]]

	missing := bytes.Replace(stream, second, nil, 1)
	_, err := Decode(t.Context(), JPEG2000, missing, roomy)
	assert.ErrorIs(t, err, ErrDamaged)
	assert.ErrorContains(t, err, "tiles are missing")

	twice := bytes.Replace(stream, second, stream[begins[0]:begins[1]], 1)
	_, err = Decode(t.Context(), JPEG2000, twice, roomy)
	assert.ErrorIs(t, err, ErrDamaged)
}

// Sizes are checked before anything is decoded.
func TestLimits(t *testing.T) {
	t.Attr("hostile", "code streams that claim too much")
	for _, name := range []string{"lossless-12.j2k", "lossless-12.jls", "sequential-12.jpg"} {
		format, stream := read(t, name)
		_, err := Decode(t.Context(), format, stream, Limits{Samples: 61*47 - 1, Memory: MaxMemory, Time: time.Minute})
		assert.ErrorIs(t, err, ErrTooLarge, name)
		assert.ErrorContains(t, err, "61*47 pixels of 1 samples, the limit is 2866 samples in all", name)
		_, err = Decode(t.Context(), format, stream, Limits{Samples: 61 * 47, Memory: MaxMemory, Time: time.Minute})
		assert.NoError(t, err, name)

		// The least memory that a decoder begins with does for none of them.
		_, err = Decode(t.Context(), format, stream, Limits{Samples: 61 * 47, Memory: 64 << 10, Time: time.Minute})
		assert.ErrorIs(t, err, ErrTooLarge, name)
		assert.ErrorContains(t, err, "it takes more memory than a decoder may have", name)
	}

	// Claims of 4 GiB and more in a few bytes, behind the marker that has the size.
	for _, c := range []struct {
		name, marker string
		offset       int
		size         any
	}{
		{"lossless-12.j2k", "\xff\x51", 6, []uint32{1 << 31, 1 << 31, 0, 0, 1 << 31, 1 << 31}},
		{"lossless-16.jls", "\xff\xf7", 5, []uint16{65535, 65535}},
		{"sequential-12.jpg", "\xff\xc1", 5, []uint16{65500, 65500}},
	} {
		t.Run(c.name+" of 4 GiB", func(t *testing.T) {
			format, stream := read(t, c.name)
			_, err := binary.Encode(stream[bytes.Index(stream, []byte(c.marker))+c.offset:], binary.BigEndian, c.size)
			require.NoError(t, err)
			_, err = Decode(t.Context(), format, stream, roomy)
			assert.ErrorIs(t, err, ErrTooLarge)
		})
	}
}

// A decode ends when it is told to: 340 bytes hold 64 Mi pixels.
func TestTime(t *testing.T) {
	format, bomb := read(t, "bomb.j2k")
	limits := Limits{Samples: 64 << 20, Memory: MaxMemory, Time: 50 * time.Millisecond}
	_, err := Decode(t.Context(), format, bomb, limits)
	assert.ErrorIs(t, err, ErrTooSlow)
	assert.ErrorContains(t, err, "the limit is 50ms")

	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	limits.Time = time.Minute
	_, err = Decode(ctx, format, bomb, limits)
	assert.ErrorIs(t, err, context.Canceled)
	assert.NotErrorIs(t, err, ErrTooSlow)

	_, err = Decode(t.Context(), format, bomb, roomy)
	assert.ErrorIs(t, err, ErrTooLarge)
}

// What a module says is checked as well.
func TestHeader(t *testing.T) {
	whole := header{Width: 4, Height: 3, Components: 2, Bits: 12, Signed: 1}
	frame, err := whole.frame(24)
	require.NoError(t, err)
	assert.Equal(t, Frame{Width: 4, Height: 3, Components: 2, Bits: 12, Signed: true, Samples: make([]uint16, 24)}, frame)
	for _, h := range []header{
		{Width: 0, Height: 3, Components: 2, Bits: 12},
		{Width: 5, Height: 3, Components: 2, Bits: 12},
		{Width: 4, Height: 3, Components: 0, Bits: 12},
		{Width: 1, Height: 1, Components: 5, Bits: 12},
		{Width: 4, Height: 3, Components: 2, Bits: 0},
		{Width: 4, Height: 3, Components: 2, Bits: 17},
		{Width: 1<<32 - 1, Height: 1<<32 - 1, Components: 4, Bits: 12},
	} {
		_, err := h.frame(24)
		assert.ErrorIs(t, err, ErrDamaged, "%+v", h)
	}
}

// A reason is of those there are, and a trap that no library meant is damage.
func TestFailure(t *testing.T) {
	trap := errors.New("unreachable\nstack")
	assert.EqualError(t, failure(1, "text\n", trap), ErrUnsupported.Error()+": text")
	assert.EqualError(t, failure(9, "text", trap), ErrDamaged.Error()+": text")
	assert.EqualError(t, failure(1, "", trap), ErrDamaged.Error()+": the decoder failed: unreachable")
}

// Whatever a stream holds, there is in time a frame within the limits or one of
// the errors.
func fuzz(f *testing.F, format Format, seeds ...string) {
	for _, name := range seeds {
		_, stream := read(f, name)
		f.Add(stream)
	}
	f.Fuzz(mutate.Seeds(func(t *testing.T, stream []byte) {
		frame, err := Decode(t.Context(), format, stream, Limits{Samples: 1 << 18, Memory: MaxMemory, Time: 5 * time.Second})
		if err != nil {
			assert.True(t, slices.ContainsFunc(append(reasons, ErrTooSlow), func(reason error) bool { return errors.Is(err, reason) }), err)
			return
		}
		assert.Len(t, frame.Samples, frame.Width*frame.Height*frame.Components)
		assert.LessOrEqual(t, len(frame.Samples), 1<<18)
	}))
}

func FuzzJPEG2000(f *testing.F) {
	fuzz(f, JPEG2000, "lossless-12.j2k", "signed-12.j2k", "rgb-8.j2k", "tiles-12.j2k", "lossless-12.jp2", "lossy-12.j2k", "ht-lossless-12.j2k", "ht-lossy-12.j2k")
}

func FuzzJPEGLS(f *testing.F) {
	fuzz(f, JPEGLS, "lossless-2.jls", "lossless-16.jls", "rgb-8-planes.jls", "rgb-12-lines.jls", "rgb-8-pixels.jls", "near-12.jls")
}

func FuzzJPEG(f *testing.F) { fuzz(f, JPEG, "sequential-12.jpg", "progressive-12.jpg") }
