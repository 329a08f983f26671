package simd

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"uarweb/engine/device"
)

// attentionCase is one Attention, on both backends.
type attentionCase struct {
	queries, keys, heads, width int
	masked, gathered            bool
	gain                        float32 // of the queries; 0 means 1
}

func (c attentionCase) String() string {
	return fmt.Sprintf("%d queries, %d keys, %d×%d, masked %t, gathered %t",
		c.queries, c.keys, c.heads, c.width/c.heads, c.masked, c.gathered)
}

// attend returns the results of a case and the weights' means.
func (r *rig) attend(c attentionCase) (dst, mean pair) {
	rows := c.keys
	var got, want device.Attention
	got = device.Attention{Queries: c.queries, Keys: c.keys, Heads: c.heads, Width: c.width}
	if c.masked {
		got.MaskScale = 100
	}
	want = got
	set := func(p pair, field func(*device.Attention) *device.Buffer) {
		*field(&got), *field(&want) = p.got, p.want
	}
	if c.gathered {
		rows += 3
		list := make([]int32, c.queries*c.keys)
		for i := range list {
			list[i] = r.random.Int32N(int32(rows)) // some more than once
		}
		set(r.uploadInts(list), func(a *device.Attention) *device.Buffer { return &a.KeyRows })
	}
	query := r.values(c.queries * c.width)
	if c.gain != 0 {
		for i := range query {
			query[i] *= c.gain
		}
	}
	set(r.upload(query), func(a *device.Attention) *device.Buffer { return &a.Query })
	set(r.upload(r.values(rows*c.width)), func(a *device.Attention) *device.Buffer { return &a.Key })
	set(r.upload(r.values(rows*c.width)), func(a *device.Attention) *device.Buffer { return &a.Value })
	if c.masked {
		set(r.upload(r.values(c.queries*c.keys)), func(a *device.Attention) *device.Buffer { return &a.Mask })
	}
	dst, mean = r.floats(c.queries*c.width), r.floats(c.queries*c.keys)
	r.backend.Attention(dst.got, got)
	reference.Attention(dst.want, want)
	without := r.download(dst)
	set(mean, func(a *device.Attention) *device.Buffer { return &a.Mean })
	r.backend.Attention(dst.got, got)
	reference.Attention(dst.want, want)
	require.Equal(r, bits(without), bits(r.download(dst)), "with Mean and without")
	return dst, mean
}

// bits makes floats comparable, NaN and all.
func bits(values []float32) []uint32 {
	b := make([]uint32, len(values))
	for i, v := range values {
		b[i] = math.Float32bits(v)
	}
	return b
}

func TestAttention(t *testing.T) {
	r := newRig(t)
	for _, size := range []int{1, 3, 4, 7, 16, 64} {
		for _, keys := range []int{1, 3, 4, 5, 7, 8, 9, 19, 60} {
			for _, queries := range []int{1, 3, 5, 7, 8, 9, 33} {
				for _, gathered := range []bool{false, true} {
					heads := []int{1, 2, 3, 8}[r.random.IntN(4)]
					c := attentionCase{queries, keys, heads, heads * size, r.random.IntN(2) == 0, gathered, 0}
					dst, mean := r.attend(c)
					r.requireNear(dst, 1e-5)
					r.requireNear(mean, 1e-5)
					r.guarded = nil
				}
			}
		}
	}
}

func TestAttentionOfRealSizes(t *testing.T) {
	r := newRig(t)
	for _, c := range []attentionCase{
		{3, 392, 8, 512, true, false, 0},
		{5, 60, 8, 512, false, true, 0},
		{196, 196, 8, 512, false, false, 0},
		{37, 2048, 4, 256, false, false, 0},
		{392, 391, 4, 256, false, false, 8}, // scores up to ±80
	} {
		dst, mean := r.attend(c)
		r.requireNear(dst, 2e-5)
		r.requireNear(mean, 2e-5)
	}
}

// FuzzAttention compares with the reference at any size.
func FuzzAttention(f *testing.F) {
	backend, err := New()
	require.NoError(f, err)
	f.Cleanup(backend.Close)
	f.Add(uint8(4), uint8(149), uint8(1), uint8(13), uint8(0), uint64(1)) // few queries
	f.Add(uint8(20), uint8(22), uint8(1), uint8(12), uint8(1), uint64(2)) // many, and a mask
	f.Add(uint8(2), uint8(4), uint8(3), uint8(15), uint8(3), uint64(3))   // of chosen rows
	f.Fuzz(func(t *testing.T, queries, keys, heads, size, options uint8, seed uint64) {
		r := &rig{T: t, random: rand.New(rand.NewPCG(seed, 0)), backend: backend}
		c := attentionCase{queries: 1 + int(queries)%40, keys: 1 + int(keys), heads: 1 + int(heads)%8, masked: options&1 > 0, gathered: options&2 > 0}
		c.width = c.heads * (1 + int(size)%72)
		dst, mean := r.attend(c)
		r.requireNear(dst, 2e-5)
		r.requireNear(mean, 2e-5)
		r.release()
	})
}

// Whatever the number of threads, the bits are the same.
func TestAttentionOnOtherThreads(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var results [2][]uint32
	for i := range results {
		runtime.GOMAXPROCS(i + 1)
		r := newRig(t)
		for _, c := range []attentionCase{
			{3, 392, 8, 512, true, false, 0},
			{100, 191, 8, 512, true, false, 0},
		} {
			dst, mean := r.attend(c)
			results[i] = append(append(results[i], bits(r.download(dst))...), bits(r.download(mean))...)
		}
	}
	require.Equal(t, results[0], results[1])
}

func TestAttentionOfExtremes(t *testing.T) {
	r := newRig(t)
	nan, infinite := float32(math.NaN()), float32(math.Inf(1))
	for _, queries := range []int{1, 16} {
		const keys, width = 21, 8
		ones := make([]float32, queries*width)
		for i := range ones {
			ones[i] = 1
		}
		values := r.values(keys * width)
		for _, c := range []struct {
			score float32 // of key 17; the others' are 0
			want  func(j int) float32
		}{
			{1e30, func(j int) float32 { return values[17*width+j] }},
			{80 * 2.83, func(j int) float32 { return values[17*width+j] }},
			{infinite, func(int) float32 { return nan }},
			{nan, func(int) float32 { return nan }},
		} {
			key := make([]float32, keys*width)
			key[17*width] = c.score
			query, k, v, dst := r.upload(ones), r.upload(key), r.upload(values), r.floats(queries*width)
			r.backend.Attention(dst.got, device.Attention{
				Query: query.got, Key: k.got, Value: v.got, Queries: queries, Keys: keys, Heads: 1, Width: width,
			})
			for i, got := range r.download(dst) {
				if want := c.want(i % width); want != want {
					require.True(t, got != got, "score %g, element %d: %g", c.score, i, got)
				} else {
					require.InDelta(t, want, got, 1e-6, "score %g, element %d", c.score, i)
				}
			}
		}
	}
}

func TestAttentionChecksKeyRows(t *testing.T) {
	r := newRig(t)
	x := r.upload([]float32{1, 2, 3, 4}).got
	for _, row := range []int32{-1, 2} {
		require.PanicsWithValue(t, "simd: Attention to a row outside the keys", func() {
			r.backend.Attention(r.floats(2).got, device.Attention{
				Query: x, Key: x, Value: x, KeyRows: r.uploadInts([]int32{row}).got, Queries: 1, Keys: 1, Heads: 1, Width: 2,
			})
		})
	}
}
