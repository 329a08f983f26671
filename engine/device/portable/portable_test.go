package portable

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/device"
	"uarweb/weights/tensor"
)

// The tests compare each operation with its formula, computed naively in
// float64, at sizes around the strips and at sizes that fit nothing.

func random(r *rand.Rand, n int) floats {
	x := make(floats, n)
	for i := range x {
		x[i] = float32(r.NormFloat64())
	}
	return x
}

// A copy with neither slice copies nothing, of either kind of buffer.
func TestDownloadOfNothing(t *testing.T) {
	b := New()
	got := make([]int32, 2)
	x, n := b.Floats(2), b.Ints(2)
	b.UploadInts(n, 0, []int32{4, 5})
	require.NoError(t, b.Download(t.Context(), device.Copy{From: x, Offset: 1}, device.Copy{From: n}, device.Copy{From: n, Ints: got}))
	assert.Equal(t, []int32{4, 5}, got)
}

func upload(t *testing.T, b device.Backend, values floats, shape ...int) device.Matrix {
	t.Helper()
	m, err := b.Matrix(tensor.FromFloats("weight", shape, values))
	require.NoError(t, err)
	return m
}

func near(t *testing.T, want []float64, got floats) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		require.InDelta(t, want[i], float64(got[i]), 1e-4*(1+math.Abs(want[i])), "element %d", i)
	}
}

func TestLinear(t *testing.T) {
	b, r := New(), rand.New(rand.NewPCG(1, 1))
	for _, size := range [][3]int{{1, 1, 1}, {3, 5, 7}, {stripRows, 16, 8}, {stripRows + 1, 33, 65}, {2*stripRows + 5, 9, 3}} {
		rows, in, out := size[0], size[1], size[2]
		x, w, bias, residual := random(r, rows*in), random(r, out*in), random(r, out), random(r, rows*out)
		m := upload(t, b, w, out, in)
		for _, e := range []device.Epilogue{{}, {ReLU: true}, {Gain: 0.25}, {ReLU: true, Gain: 3, Residual: residual}, {Residual: residual}} {
			t.Run(fmt.Sprint(size, e.ReLU, e.Gain, e.Residual != nil), func(t *testing.T) {
				want := make([]float64, rows*out)
				for i := range rows {
					for o := range out {
						sum := float64(bias[o])
						for c := range in {
							sum += float64(x[i*in+c]) * float64(w[o*in+c])
						}
						want[i*out+o] = epilogue(sum, e, i*out+o)
					}
				}
				dst := make(floats, rows*out)
				b.Linear(dst, x, rows, m, bias, e)
				near(t, want, dst)
				if e.Residual != nil { // in place
					copy(dst, residual)
					e.Residual = dst
					b.Linear(dst, x, rows, m, bias, e)
					near(t, want, dst)
				}
			})
		}
	}
	dst := floats{7}
	b.Linear(dst, floats{2, 3}, 1, upload(t, b, floats{5, 7}, 1, 2), nil, device.Epilogue{})
	assert.Equal(t, floats{31}, dst, "no bias")
}

func epilogue(v float64, e device.Epilogue, at int) float64 {
	if e.ReLU {
		v = max(v, 0)
	}
	if e.Gain != 0 {
		v *= float64(e.Gain)
	}
	if e.Residual != nil {
		v += float64(e.Residual.(floats)[at])
	}
	return v
}

func TestConvolve(t *testing.T) {
	b, r := New(), rand.New(rand.NewPCG(2, 2))
	for _, c := range []struct{ height, width, in, out, kernel int }{
		{1, 1, 1, 1, 7}, {2, 3, 2, 3, 3}, {5, 4, 3, 2, 7}, {14, 14, 5, 9, 3}, {13, 11, 4, 6, 1},
	} {
		for _, relu := range []bool{false, true} {
			t.Run(fmt.Sprint(c, relu), func(t *testing.T) {
				src, w := random(r, c.height*c.width*c.in), random(r, c.out*c.in*c.kernel*c.kernel)
				bias, residual := random(r, c.out), random(r, c.height*c.width*c.out)
				e := device.Epilogue{Gain: 0.5, Residual: residual}
				want := make([]float64, c.height*c.width*c.out)
				for y := range c.height {
					for x := range c.width {
						for o := range c.out {
							sum := float64(bias[o])
							for i := range c.kernel {
								for j := range c.kernel {
									sy, sx := y+i-c.kernel/2, x+j-c.kernel/2
									if sy < 0 || sy >= c.height || sx < 0 || sx >= c.width {
										continue
									}
									for ch := range c.in {
										v := float64(src[(sy*c.width+sx)*c.in+ch])
										if relu {
											v = max(v, 0)
										}
										sum += v * float64(w[((o*c.in+ch)*c.kernel+i)*c.kernel+j])
									}
								}
							}
							at := (y*c.width+x)*c.out + o
							want[at] = epilogue(sum, e, at)
						}
					}
				}
				dst := make(floats, len(want))
				b.Convolve(dst, src, c.height, c.width, upload(t, b, w, c.out, c.in, c.kernel, c.kernel), bias, relu, e)
				near(t, want, dst)
			})
		}
	}
}

func TestAttention(t *testing.T) {
	b, r := New(), rand.New(rand.NewPCG(3, 3))
	for _, c := range []struct{ queries, keys, heads, width int }{{1, 1, 1, 1}, {3, 5, 2, 6}, {stripRows + 2, 19, 3, 12}} {
		for _, masked := range []bool{false, true} {
			for _, gathered := range []bool{false, true} {
				t.Run(fmt.Sprint(c, masked, gathered), func(t *testing.T) {
					rows := c.keys + 4
					a := device.Attention{
						Query: random(r, c.queries*c.width), Key: random(r, rows*c.width), Value: random(r, rows*c.width),
						Queries: c.queries, Keys: c.keys, Heads: c.heads, Width: c.width, Mean: random(r, c.queries*c.keys),
					}
					if masked {
						a.Mask, a.MaskScale = random(r, c.queries*c.keys), 7
					}
					if gathered {
						list := make(ints, c.queries*c.keys)
						for i := range list {
							list[i] = int32(r.IntN(rows))
						}
						a.KeyRows = list
					}
					out, mean := naiveAttention(a)
					dst := make(floats, c.queries*c.width)
					b.Attention(dst, a)
					near(t, out, dst)
					near(t, mean, a.Mean.(floats))
				})
			}
		}
	}
}

func naiveAttention(a device.Attention) (out, mean []float64) {
	out, mean = make([]float64, a.Queries*a.Width), make([]float64, a.Queries*a.Keys)
	head := a.Width / a.Heads
	for i := range a.Queries {
		row := func(j int) int {
			if a.KeyRows != nil {
				return int(a.KeyRows.(ints)[i*a.Keys+j])
			}
			return j
		}
		for h := range a.Heads {
			weights, sum := make([]float64, a.Keys), 0.0
			for j := range weights {
				score := 0.0
				for c := h * head; c < (h+1)*head; c++ {
					score += float64(a.Query.(floats)[i*a.Width+c]) * float64(a.Key.(floats)[row(j)*a.Width+c])
				}
				if a.Mask != nil {
					score += float64(a.MaskScale) * float64(a.Mask.(floats)[i*a.Keys+j])
				}
				weights[j] = math.Exp(score / math.Sqrt(float64(head)))
				sum += weights[j]
			}
			for j, w := range weights {
				mean[i*a.Keys+j] += w / sum / float64(a.Heads)
				for c := h * head; c < (h+1)*head; c++ {
					out[i*a.Width+c] += w / sum * float64(a.Value.(floats)[row(j)*a.Width+c])
				}
			}
		}
	}
	return out, mean
}

func TestMask(t *testing.T) {
	dst := make(floats, 2)
	New().Mask(dst, floats{1, 2}, floats{3, 4, -5, 1}, floats{0.5}, 1, 2, 2)
	near(t, []float64{1 / (1 + math.Exp(-(11/math.Sqrt2 + 0.5))), 1 / (1 + math.Exp(-(-3/math.Sqrt2 + 0.5)))}, dst)
}

func TestMaxPool(t *testing.T) {
	dst := make(floats, 4)
	New().MaxPool(dst, floats{
		1, -1, 2, -2, 9, 0, 0, 9,
		3, -3, 0, -4, 1, 1, 1, 1,
	}, 2, 4, 2)
	assert.Equal(t, floats{3, -1, 9, 9}, dst)
}

func TestLayerNorm(t *testing.T) {
	x := floats{1, 2, 3, 6, 5, 5, 5, 5}
	New().LayerNorm(x, x, 2, 4, floats{1, 1, 1, 2}, floats{0, 0, 0, 1})
	s := math.Sqrt(3.5 + 1e-5)
	near(t, []float64{-2 / s, -1 / s, 0, 2*3/s + 1, 0, 0, 0, 1}, x)
}

func TestGate(t *testing.T) {
	dst := make(floats, 1)
	New().Gate(dst, floats{0.5}, floats{-0.25}, floats{1}, floats{-2}, 1)
	near(t, []float64{math.Tanh(0.25)/(1+math.Exp(-1)) + 0.5/(1+math.Exp(2)) - 0.25}, dst)
}

func TestEmbedAndMean(t *testing.T) {
	b, table := New(), floats{1, 2, 3, 4, 5, 6}
	dst := make(floats, 4)
	b.Embed(dst, table, ints{9, 2, 0}, 1, 2, 2, false)
	assert.Equal(t, floats{5, 6, 1, 2}, dst)
	b.Embed(dst, table, ints{1, 1}, 0, 2, 2, true)
	assert.Equal(t, floats{8, 10, 4, 6}, dst)
	mean := make(floats, 2)
	b.Mean(mean, dst, 2, 2)
	assert.Equal(t, floats{6, 8}, mean)
}

func TestArgMaxTakesTheLowestOfEquals(t *testing.T) {
	dst := make(ints, 3)
	New().ArgMax(dst, 1, floats{1, 3, 3, -2, -1, -1}, 2, 3)
	assert.Equal(t, ints{0, 1, 1}, dst)
	infinite, nan := float32(math.Inf(1)), float32(math.NaN())
	New().ArgMax(dst, 0, floats{1, nan, 3, infinite, 0, 0, 1, 2, -infinite}, 3, 3)
	assert.Equal(t, ints{-1, -1, -1}, dst)
}

func TestTopK(t *testing.T) {
	values, ids := make(floats, 3), make(ints, 3)
	New().TopK(values, ids, floats{1, 5, 3, 5, 3}, 1, 5, 3)
	assert.Equal(t, ints{1, 3, 2}, ids)
	sum := math.Log(math.Exp(-4) + 2 + 2*math.Exp(-2))
	near(t, []float64{-sum, -sum, -2 - sum}, values)

	// A large shift changes nothing, and nothing overflows.
	shifted := make(floats, 3)
	New().TopK(shifted, ids, floats{1001, 1005, 1003, 1005, 1003}, 1, 5, 3)
	assert.Equal(t, values, shifted)
}

func TestTopKAgainstSorting(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for range 200 {
		row := make(floats, 1+r.IntN(12))
		for i := range row {
			row[i] = float32(r.IntN(4))
		}
		k := 1 + r.IntN(len(row))
		best := make([]int32, k)
		topK(best, row)
		taken := map[int32]bool{}
		for _, id := range best {
			for j, v := range row {
				if !taken[int32(j)] {
					require.True(t, v < row[id] || v == row[id] && int32(j) >= id, "%v %v", row, best)
				}
			}
			taken[id] = true
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.ErrorIs(t, New().Flush(ctx), context.Canceled)
	assert.ErrorIs(t, New().Download(ctx), context.Canceled)
}

func TestStripsCoverEveryRowOnce(t *testing.T) {
	for _, rows := range []int{0, 1, stripRows - 1, stripRows, stripRows + 1, 5*stripRows + 3} {
		seen := make([]int32, rows)
		strips(rows, func(first, n int) {
			for i := range n {
				seen[first+i]++
			}
		})
		for i, n := range seen {
			require.EqualValues(t, 1, n, "row %d of %d", i, rows)
		}
	}
}
