package webgpu

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"syscall/js"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/device"
	"uarweb/engine/device/portable"
	"uarweb/weights/tensor"
)

// needAdapter skips a test where the browser offers no GPU, not even one of
// software.
func needAdapter(t testing.TB) {
	t.Helper()
	gpu := js.Global().Get("navigator").Get("gpu")
	if gpu.IsUndefined() {
		t.Skip("this browser has no WebGPU; Chromium has a software GPU with --enable-unsafe-webgpu --use-webgpu-adapter=swiftshader")
	}
	adapter, err := await(t.Context(), gpu.Call("requestAdapter"))
	require.NoError(t, err)
	if adapter.IsNull() {
		t.Skip("the browser offers no GPU; Chromium has one of software with --enable-unsafe-webgpu --use-webgpu-adapter=swiftshader")
	}
}

// newBackend opens a backend for one test, which may lose it.
func newBackend(t testing.TB) *Backend {
	t.Helper()
	needAdapter(t)
	b, err := New(t.Context(), Options{Software: true})
	require.NoError(t, err)
	t.Cleanup(b.Close)
	return b
}

// shared is one backend for many tests: a software GPU takes long to make the
// pipelines, and keeps them. What it asks of the browser is counted.
var shared = sync.OnceValues(func() (*Backend, error) {
	defer count(&used)()
	return New(context.Background(), Options{Software: true})
})

// usage is what a backend has asked of the browser.
type usage struct{ buffers, alive, groups, submissions, read int }

var used usage // by the shared backend

// count has backends that are opened before stop is called count in u.
func count(u *usage) (stop func()) {
	var restore []func()
	on := func(class, method string, add func(args []js.Value)) {
		prototype := js.Global().Get(class).Get("prototype")
		original := prototype.Get(method)
		counting := js.FuncOf(func(this js.Value, args []js.Value) any {
			add(args)
			list := js.Global().Get("Array").New(len(args))
			for i, a := range args {
				list.SetIndex(i, a)
			}
			return js.Global().Get("Reflect").Call("apply", original, this, list)
		})
		prototype.Set(method, counting)
		restore = append(restore, func() { prototype.Set(method, original) })
	}
	on("GPUDevice", "createBuffer", func([]js.Value) { u.buffers++; u.alive++ })
	on("GPUBuffer", "destroy", func([]js.Value) { u.alive-- })
	on("GPUDevice", "createBindGroup", func([]js.Value) { u.groups++ })
	on("GPUQueue", "submit", func([]js.Value) { u.submissions++ })
	on("GPUBuffer", "mapAsync", func(args []js.Value) { u.read += args[2].Int() })
	return func() {
		for _, r := range restore {
			r()
		}
	}
}

// sharedBackend is the shared backend, or skips the test. What goes wrong with it
// in the test is forgotten afterwards.
func sharedBackend(t testing.TB) *Backend {
	t.Helper()
	needAdapter(t)
	b, err := shared()
	require.NoError(t, err)
	t.Cleanup(func() { b.err = nil })
	return b
}

// sharedAs is the shared backend, whose shaders are of a variant for the rest of
// the test.
func sharedAs(t testing.TB, v variant) *Backend {
	t.Helper()
	b := sharedBackend(t)
	before := b.gpu.subgroups
	if v == inSubgroups && !before {
		t.Skip("the GPU has no subgroups")
	}
	b.gpu.subgroups = v == inSubgroups
	t.Cleanup(func() { b.gpu.subgroups = before })
	return b
}

// trial runs the same operations on the GPU and on the reference.
type trial struct {
	t         *testing.T
	r         *rand.Rand
	gpu       device.Backend
	reference device.Backend
}

func newTrial(t *testing.T, seed uint64) *trial {
	t.Helper()
	return &trial{t: t, r: rand.New(rand.NewPCG(seed, 0)), gpu: sharedBackend(t), reference: portable.New()}
}

// eachWay runs a test of a shader with reduce with subgroups, where the GPU has
// them, and without.
func eachWay(t *testing.T, test func(t *testing.T, tr *trial)) {
	t.Helper()
	t.Run("as chosen", func(t *testing.T) { test(t, newTrial(t, 1)) })
	t.Run("plain", func(t *testing.T) {
		tr := newTrial(t, 1)
		tr.gpu = sharedAs(t, plain)
		test(t, tr)
	})
}

// pair is a buffer of both backends.
type pair struct{ gpu, reference device.Buffer }

// blank is a buffer of n elements that hold NaN. So does what lies behind them
// in the GPU's memory: no operation may take it for data.
func (tr *trial) blank(n int) pair {
	whole := tr.gpu.Floats(class(4*n) / 4)
	nan := slices.Repeat([]float32{float32(math.NaN())}, whole.Len())
	tr.gpu.Upload(whole, 0, nan)
	whole.(*buffer).n = n
	p := pair{whole, tr.reference.Floats(n)}
	tr.reference.Upload(p.reference, 0, nan[:n])
	tr.t.Cleanup(p.gpu.Release)
	return p
}

func (tr *trial) floats(values ...float32) pair {
	p := tr.blank(len(values))
	tr.gpu.Upload(p.gpu, 0, values)
	tr.reference.Upload(p.reference, 0, values)
	return p
}

// random has n normally distributed elements.
func (tr *trial) random(n int) pair {
	values := make([]float32, n)
	for i := range values {
		values[i] = float32(tr.r.NormFloat64())
	}
	return tr.floats(values...)
}

func (tr *trial) ints(values ...int32) pair {
	p := pair{tr.gpu.Ints(len(values)), tr.reference.Ints(len(values))}
	tr.gpu.UploadInts(p.gpu, 0, values)
	tr.reference.UploadInts(p.reference, 0, values)
	tr.t.Cleanup(p.gpu.Release)
	return p
}

// weight is a random weight of a shape in a format, in both backends.
func (tr *trial) weight(format tensor.Format, shape ...int) (gpu, reference device.Matrix) {
	w := tensor.Tensor{Name: "weight", Format: format, Shape: shape}
	for range w.Elements() {
		v := float32(tr.r.NormFloat64())
		switch format {
		case tensor.F32:
			w.Data = binary.LittleEndian.AppendUint32(w.Data, math.Float32bits(v))
		case tensor.F16:
			h, _ := tensor.EncodeF16(v)
			w.Data = binary.LittleEndian.AppendUint16(w.Data, h)
		case tensor.BF16:
			w.Data = binary.LittleEndian.AppendUint16(w.Data, uint16(math.Float32bits(v)>>16))
		case tensor.I8:
			w.Data = append(w.Data, byte(int8(tr.r.IntN(255)-127)))
		case tensor.U8:
			w.Data = append(w.Data, byte(tr.r.Uint32()))
		}
	}
	switch format {
	case tensor.I8:
		w.Scale = make([]float32, w.Rows())
	case tensor.U8:
		w.Data = w.Data[:w.Elements()/2]
		w.Scale = make([]float32, w.Elements()/tensor.GroupSize)
	}
	for i := range w.Scale {
		w.Scale[i] = 0.01 * (1 + tr.r.Float32())
	}
	gpu, err := tr.gpu.Matrix(w)
	require.NoError(tr.t, err)
	reference, err = tr.reference.Matrix(w)
	require.NoError(tr.t, err)
	tr.t.Cleanup(gpu.Release)
	return gpu, reference
}

// check compares two buffers, within tolerance times the largest magnitude.
func (tr *trial) check(p pair, tolerance float64) {
	tr.t.Helper()
	n := p.reference.Len()
	got, want := make([]float32, n), make([]float32, n)
	require.NoError(tr.t, tr.gpu.Download(tr.t.Context(), device.Copy{From: p.gpu, Floats: got}))
	require.NoError(tr.t, tr.reference.Download(tr.t.Context(), device.Copy{From: p.reference, Floats: want}))
	largest := 0.0
	for _, w := range want {
		largest = max(largest, math.Abs(float64(w)))
	}
	for i, w := range want {
		if w != w {
			require.True(tr.t, got[i] != got[i], "element %d is %v, should be NaN", i, got[i])
			continue
		}
		require.InDelta(tr.t, w, got[i], tolerance*largest, "element %d of %d", i, n)
	}
}

func (tr *trial) checkInts(p pair) {
	tr.t.Helper()
	n := p.reference.Len()
	got, want := make([]int32, n), make([]int32, n)
	require.NoError(tr.t, tr.gpu.Download(tr.t.Context(), device.Copy{From: p.gpu, Ints: got}))
	require.NoError(tr.t, tr.reference.Download(tr.t.Context(), device.Copy{From: p.reference, Ints: want}))
	require.Equal(tr.t, want, got)
}

// Tolerances: of sums in another order, and of exp and the like, whose last bits
// WGSL leaves open.
const (
	exact     = 0
	summed    = 3e-6
	transcend = 2e-5
)

// epilogues are all kinds; the last adds to dst itself.
func epilogues(residual pair) []func(dst pair) (gpu, reference device.Epilogue) {
	return []func(dst pair) (gpu, reference device.Epilogue){
		func(pair) (gpu, reference device.Epilogue) { return },
		func(pair) (gpu, reference device.Epilogue) {
			e := device.Epilogue{ReLU: true, Gain: 0.25}
			return e, e
		},
		func(pair) (gpu, reference device.Epilogue) {
			return device.Epilogue{Residual: residual.gpu}, device.Epilogue{Residual: residual.reference}
		},
		func(dst pair) (gpu, reference device.Epilogue) {
			return device.Epilogue{ReLU: true, Gain: 3, Residual: dst.gpu}, device.Epilogue{ReLU: true, Gain: 3, Residual: dst.reference}
		},
	}
}

var allFormats = []tensor.Format{tensor.F32, tensor.F16, tensor.BF16, tensor.I8, tensor.U8}

func TestLinear(t *testing.T) {
	for i, format := range allFormats {
		t.Run(string(format), func(t *testing.T) {
			tr := newTrial(t, uint64(i))
			for _, size := range [][3]int{ // rows, in, out
				{1, 1, 1}, {2, 3, 5}, {3, 12, 8}, {4, 16, 9}, {5, 33, 17}, {16, 64, 7}, // vector
				{17, 1, 1}, {17, 15, 63}, {64, 16, 64}, {65, 20, 65}, {70, 33, 130}, // product
				{1 + tr.r.IntN(5), 1 + tr.r.IntN(300), 1 + tr.r.IntN(40)}, {1 + tr.r.IntN(90), 1 + tr.r.IntN(70), 1 + tr.r.IntN(90)},
			} {
				rows, in, out := size[0], size[1], size[2]
				if format == tensor.U8 {
					in = (in + tensor.GroupSize - 1) / tensor.GroupSize * tensor.GroupSize
				}
				x, bias, residual := tr.random(rows*in), tr.random(out), tr.random(rows*out)
				w, reference := tr.weight(format, out, in)
				for n, epilogue := range epilogues(residual) {
					dst := tr.random(rows * out)
					e, expected := epilogue(dst)
					if n == 0 {
						tr.gpu.Linear(dst.gpu, x.gpu, rows, w, nil, e)
						tr.reference.Linear(dst.reference, x.reference, rows, reference, nil, expected)
					} else {
						tr.gpu.Linear(dst.gpu, x.gpu, rows, w, bias.gpu, e)
						tr.reference.Linear(dst.reference, x.reference, rows, reference, bias.reference, expected)
					}
					tr.check(dst, summed)
				}
			}
		})
	}
}

func TestConvolve(t *testing.T) {
	for i, format := range allFormats {
		t.Run(string(format), func(t *testing.T) {
			tr := newTrial(t, uint64(i))
			for _, c := range []struct{ height, width, in, out, kernel int }{
				{1, 1, 1, 1, 7}, {2, 3, 2, 3, 3}, {5, 4, 3, 9, 7}, {9, 8, 4, 6, 3}, {7, 11, 8, 65, 3}, {8, 8, 16, 5, 1}, {13, 5, 5, 4, 1},
				{1 + tr.r.IntN(9), 1 + tr.r.IntN(9), 1 + tr.r.IntN(20), 1 + tr.r.IntN(20), 3},
			} {
				if format == tensor.U8 {
					if c.kernel > 1 {
						continue // no such weights
					}
					c.in = tensor.GroupSize
				}
				n := c.height * c.width
				src, bias, residual := tr.random(n*c.in), tr.random(c.out), tr.random(n*c.out)
				w, reference := tr.weight(format, c.out, c.in, c.kernel, c.kernel)
				for n, epilogue := range epilogues(residual) {
					dst := tr.random(c.height * c.width * c.out)
					e, expected := epilogue(dst)
					tr.gpu.Convolve(dst.gpu, src.gpu, c.height, c.width, w, bias.gpu, n%2 == 0, e)
					tr.reference.Convolve(dst.reference, src.reference, c.height, c.width, reference, bias.reference, n%2 == 0, expected)
					tr.check(dst, summed)
				}
			}
		})
	}
}

// TestProductsKeepNaN: the ReLUs before and after must not hide it.
func TestProductsKeepNaN(t *testing.T) {
	tr := newTrial(t, 1)
	inf := float32(math.Inf(1))
	x := tr.floats(append(make([]float32, 16), inf, inf)...)
	weight := tensor.FromFloats("weight", []int{1, 2, 1, 1}, []float32{1, -1})
	w, err := tr.gpu.Matrix(weight)
	require.NoError(t, err)
	reference, err := tr.reference.Matrix(weight)
	require.NoError(t, err)
	dst, bias := tr.blank(9), tr.floats(0)
	tr.gpu.Convolve(dst.gpu, x.gpu, 3, 3, w, bias.gpu, true, device.Epilogue{ReLU: true})
	tr.reference.Convolve(dst.reference, x.reference, 3, 3, reference, bias.reference, true, device.Epilogue{ReLU: true})
	tr.check(dst, exact)
}

func TestAttention(t *testing.T) {
	for _, c := range []struct{ queries, keys, heads, width int }{
		{1, 1, 1, 1}, {3, 5, 2, 6}, {4, 128, 1, 128}, {5, 129, 3, 72}, {6, 300, 2, 8}, {2, 7, 1, 150}, {9, 40, 1, 260},
	} {
		for _, masked := range []bool{false, true} {
			for _, gathered := range []bool{false, true} {
				t.Run(fmt.Sprint(c, masked, gathered), func(t *testing.T) {
					eachWay(t, func(t *testing.T, tr *trial) {
						rows := c.keys + 4
						query, key, value := tr.random(c.queries*c.width), tr.random(rows*c.width), tr.random(rows*c.width)
						mean, dst := tr.blank(c.queries*c.keys), tr.blank(c.queries*c.width)
						a := device.Attention{
							Query: query.gpu, Key: key.gpu, Value: value.gpu, Mean: mean.gpu,
							Queries: c.queries, Keys: c.keys, Heads: c.heads, Width: c.width,
						}
						b := a
						b.Query, b.Key, b.Value, b.Mean = query.reference, key.reference, value.reference, mean.reference
						if masked {
							mask := tr.random(c.queries * c.keys)
							a.Mask, a.MaskScale = mask.gpu, 7
							b.Mask, b.MaskScale = mask.reference, 7
						}
						if gathered {
							list := make([]int32, c.queries*c.keys)
							for i := range list {
								list[i] = int32(tr.r.IntN(rows))
							}
							p := tr.ints(list...)
							a.KeyRows, b.KeyRows = p.gpu, p.reference
						}
						tr.gpu.Attention(dst.gpu, a)
						tr.reference.Attention(dst.reference, b)
						tr.check(dst, transcend)
						tr.check(mean, transcend)
					})
				})
			}
		}
	}
}

// TestAttentionInStrips has more weights than are kept at a time.
func TestAttentionInStrips(t *testing.T) {
	tr := newTrial(t, 1)
	const queries, keys, heads, width = 6, 70_000, 8, 8
	strip := 4 * (weightsSize / 4 / (4 * heads * keys))
	require.Less(t, strip, queries)
	query, key, value := tr.random(queries*width), tr.random(keys*width), tr.random(keys*width)
	dst, mean := tr.blank(queries*width), tr.blank(queries*keys)
	tr.gpu.Attention(dst.gpu, device.Attention{
		Query: query.gpu, Key: key.gpu, Value: value.gpu, Mean: mean.gpu, Queries: queries, Keys: keys, Heads: heads, Width: width,
	})
	tr.reference.Attention(dst.reference, device.Attention{
		Query: query.reference, Key: key.reference, Value: value.reference, Mean: mean.reference, Queries: queries, Keys: keys, Heads: heads, Width: width,
	})
	tr.check(dst, 1e-3) // sums of 70,000 terms
	tr.check(mean, 1e-4)
}

func TestMask(t *testing.T) {
	tr := newTrial(t, 1)
	for _, c := range [][3]int{{1, 1, 1}, {3, 50, 8}, {5, 33, 5}} {
		queries, keys, rank := c[0], c[1], c[2]
		dst := tr.blank(queries * keys)
		query, key, bias := tr.random(queries*rank), tr.random(keys*rank), tr.random(1)
		tr.gpu.Mask(dst.gpu, query.gpu, key.gpu, bias.gpu, queries, keys, rank)
		tr.reference.Mask(dst.reference, query.reference, key.reference, bias.reference, queries, keys, rank)
		tr.check(dst, transcend)
	}
	// Far out, where an exponential would overflow.
	dst, query, key, bias := tr.blank(4), tr.floats(1), tr.floats(-1000, 1000, -90, 90), tr.floats(0)
	tr.gpu.Mask(dst.gpu, query.gpu, key.gpu, bias.gpu, 1, 4, 1)
	tr.reference.Mask(dst.reference, query.reference, key.reference, bias.reference, 1, 4, 1)
	tr.check(dst, transcend)
}

func TestMaxPool(t *testing.T) {
	tr := newTrial(t, 1)
	for _, c := range [][3]int{{2, 2, 1}, {4, 6, 5}, {2, 8, 64}} {
		height, width, channels := c[0], c[1], c[2]
		dst, src := tr.blank(height*width*channels/4), tr.random(height*width*channels)
		tr.gpu.MaxPool(dst.gpu, src.gpu, height, width, channels)
		tr.reference.MaxPool(dst.reference, src.reference, height, width, channels)
		tr.check(dst, exact)
	}
	nan := float32(math.NaN())
	for at := range 4 {
		values := []float32{1, -2, 3, -4}
		values[at] = nan
		dst, src := tr.blank(1), tr.floats(values...)
		tr.gpu.MaxPool(dst.gpu, src.gpu, 2, 2, 1)
		tr.reference.MaxPool(dst.reference, src.reference, 2, 2, 1)
		tr.check(dst, exact)
	}
}

func TestLayerNorm(t *testing.T) {
	eachWay(t, func(t *testing.T, tr *trial) {
		for _, c := range [][2]int{{1, 1}, {3, 5}, {5, 128}, {2, 301}} {
			rows, columns := c[0], c[1]
			x, weight, bias := tr.random(rows*columns), tr.random(columns), tr.random(columns)
			dst := tr.blank(rows * columns)
			tr.gpu.LayerNorm(dst.gpu, x.gpu, rows, columns, weight.gpu, bias.gpu)
			tr.reference.LayerNorm(dst.reference, x.reference, rows, columns, weight.reference, bias.reference)
			tr.check(dst, transcend)
			tr.gpu.LayerNorm(x.gpu, x.gpu, rows, columns, weight.gpu, bias.gpu)
			tr.reference.LayerNorm(x.reference, x.reference, rows, columns, weight.reference, bias.reference)
			tr.check(x, transcend)
		}
	})
}

func TestGate(t *testing.T) {
	tr := newTrial(t, 1)
	for _, n := range []int{1, 127, 1000} {
		dst, e, f, input, forget := tr.blank(n), tr.random(n), tr.random(n), tr.random(n), tr.random(n)
		tr.gpu.Gate(dst.gpu, e.gpu, f.gpu, input.gpu, forget.gpu, n)
		tr.reference.Gate(dst.reference, e.reference, f.reference, input.reference, forget.reference, n)
		tr.check(dst, transcend)
	}
	dst, e, zero, far := tr.blank(2), tr.floats(500, -500), tr.floats(0, 0), tr.floats(500, -500)
	tr.gpu.Gate(dst.gpu, e.gpu, zero.gpu, far.gpu, far.gpu, 2)
	tr.reference.Gate(dst.reference, e.reference, zero.reference, far.reference, far.reference, 2)
	tr.check(dst, transcend)
}

func TestEmbed(t *testing.T) {
	tr := newTrial(t, 1)
	for _, columns := range []int{1, 7, 64} {
		table, ids := tr.random(5*columns), tr.ints(9, 4, 0, 2)
		dst := tr.random(3 * columns)
		for _, add := range []bool{true, false} {
			tr.gpu.Embed(dst.gpu, table.gpu, ids.gpu, 1, 3, columns, add)
			tr.reference.Embed(dst.reference, table.reference, ids.reference, 1, 3, columns, add)
			tr.check(dst, exact)
		}
	}
}

func TestMean(t *testing.T) {
	tr := newTrial(t, 1)
	for _, c := range [][2]int{{1, 1}, {7, 130}, {392, 3}} {
		dst, x := tr.blank(c[1]), tr.random(c[0]*c[1])
		tr.gpu.Mean(dst.gpu, x.gpu, c[0], c[1])
		tr.reference.Mean(dst.reference, x.reference, c[0], c[1])
		tr.check(dst, summed)
	}
}

func TestCopy(t *testing.T) {
	tr := newTrial(t, 1)
	dst, src := tr.random(300), tr.random(290)
	tr.gpu.Copy(dst.gpu, 3, src.gpu, 7, 280)
	tr.reference.Copy(dst.reference, 3, src.reference, 7, 280)
	tr.check(dst, exact)
	tr.gpu.Copy(dst.gpu, 0, src.gpu, 0, 0)
	tr.check(dst, exact)
}

func TestArgMax(t *testing.T) {
	eachWay(t, func(t *testing.T, tr *trial) {
		inf, nan := float32(math.Inf(1)), float32(math.NaN())
		const columns = 300
		for range 10 {
			const rows = 5
			values := make([]float32, rows*columns)
			for i := range values {
				values[i] = float32(tr.r.IntN(5) - 9) // many equals
			}
			values[3*columns+tr.r.IntN(columns)] = []float32{nan, inf, -inf}[tr.r.IntN(3)]
			x, dst := tr.floats(values...), tr.ints(make([]int32, rows+2)...)
			tr.gpu.ArgMax(dst.gpu, 1, x.gpu, rows, columns)
			tr.reference.ArgMax(dst.reference, 1, x.reference, rows, columns)
			tr.checkInts(dst)
		}
		x, dst := tr.floats(-math.MaxFloat32, -math.MaxFloat32), tr.ints(7, 7)
		tr.gpu.ArgMax(dst.gpu, 0, x.gpu, 2, 1)
		tr.reference.ArgMax(dst.reference, 0, x.reference, 2, 1)
		tr.checkInts(dst)
	})
}

func TestTopK(t *testing.T) {
	eachWay(t, func(t *testing.T, tr *trial) {
		for range 10 {
			rows, columns := 1+tr.r.IntN(4), 1+tr.r.IntN(400)
			k := 1 + tr.r.IntN(min(columns, 16))
			values := make([]float32, rows*columns)
			for i := range values {
				values[i] = float32(tr.r.IntN(40)) / 4
			}
			x, best, ids := tr.floats(values...), tr.blank(rows*k), tr.ints(make([]int32, rows*k)...)
			tr.gpu.TopK(best.gpu, ids.gpu, x.gpu, rows, columns, k)
			tr.reference.TopK(best.reference, ids.reference, x.reference, rows, columns, k)
			tr.checkInts(ids)
			tr.check(best, transcend)
		}
		for _, bad := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			x, best, ids := tr.floats(1, float32(bad), 3), tr.blank(2), tr.ints(0, 0)
			tr.gpu.TopK(best.gpu, ids.gpu, x.gpu, 1, 3, 2)
			got := make([]float32, 2)
			require.NoError(t, tr.gpu.Download(t.Context(), device.Copy{From: best.gpu, Floats: got}))
			assert.True(t, got[0] != got[0] && got[1] != got[1], "%v among the elements: %v", bad, got)
		}
	})
}

// TestOrder: an upload takes effect after the operations called before it, and
// a buffer's memory may be used again while they wait.
func TestOrder(t *testing.T) {
	tr := newTrial(t, 1)
	b := tr.gpu
	src, dst := tr.floats(1, 2, 3), tr.blank(9)
	for i := range 3 {
		b.Copy(dst.gpu, 3*i, src.gpu, 0, 3)
		b.Upload(src.gpu, 1, []float32{float32(10 * i)})
	}
	temporary := b.Floats(3)
	b.Copy(temporary, 0, dst.gpu, 0, 3)
	temporary.Release()
	again := b.Floats(3)
	defer again.Release()
	require.Same(t, temporary.(*buffer).backend, again.(*buffer).backend)
	b.Upload(again, 0, []float32{7, 7, 7})
	got := make([]float32, 9)
	require.NoError(t, b.Download(t.Context(), device.Copy{From: dst.gpu, Floats: got}))
	assert.Equal(t, []float32{1, 2, 3, 1, 0, 3, 1, 10, 3}, got)
}

// TestManyOperations fill several command buffers.
func TestManyOperations(t *testing.T) {
	tr := newTrial(t, 1)
	sum, one := tr.floats(0), tr.floats(1)
	ids := tr.ints(0)
	for range 2*slots + 5 {
		tr.gpu.Embed(sum.gpu, one.gpu, ids.gpu, 0, 1, 1, true)
	}
	got := make([]float32, 1)
	require.NoError(t, tr.gpu.Download(t.Context(), device.Copy{From: sum.gpu, Floats: got}))
	assert.Equal(t, []float32{2*slots + 5}, got)
}

func TestDownload(t *testing.T) {
	tr := newTrial(t, 1)
	b := tr.gpu
	x, n := tr.random(100_000), tr.ints(4, 5, 6)
	whole, part, ints, none := make([]float32, 100_000), make([]float32, 3), make([]int32, 2), []int32{}
	require.NoError(t, b.Download(t.Context(),
		device.Copy{From: n.gpu, Offset: 1, Ints: ints}, device.Copy{From: x.gpu, Floats: whole},
		device.Copy{From: n.gpu, Offset: 3, Ints: none}, device.Copy{From: x.gpu}, device.Copy{From: n.gpu}, device.Copy{From: x.gpu, Offset: 70_000, Floats: part}))
	assert.Equal(t, []int32{5, 6}, ints)
	want := make([]float32, 100_000)
	require.NoError(t, tr.reference.Download(t.Context(), device.Copy{From: x.reference, Floats: want}))
	assert.Equal(t, want, whole)
	assert.Equal(t, want[70_000:70_003], part)
}

func TestProgrammerErrors(t *testing.T) {
	tr := newTrial(t, 1)
	b, x, n := tr.gpu, tr.floats(1, 2), tr.ints(1, 2)
	gone := b.Floats(2)
	gone.Release()
	kernel, _ := tr.weight(tensor.F32, 1, 1, 3, 3)
	for want, call := range map[string]func(){
		"webgpu: use of a released buffer":                                       func() { b.Copy(x.gpu, 0, gone, 0, 1) },
		"webgpu: Release of a released buffer":                                   func() { gone.Release() },
		"webgpu: a buffer is too short":                                          func() { b.Copy(x.gpu, 1, x.gpu, 0, 2) },
		"webgpu: integers where floats are needed, or floats where integers are": func() { b.Mean(x.gpu, n.gpu, 1, 2) },
		"webgpu: Linear with the weight of a convolution":                        func() { b.Linear(x.gpu, x.gpu, 1, kernel, nil, device.Epilogue{}) },
		"webgpu: MaxPool of an odd size":                                         func() { b.MaxPool(x.gpu, x.gpu, 1, 2, 1) },
		"webgpu: TopK of more than the columns":                                  func() { b.TopK(x.gpu, n.gpu, x.gpu, 1, 1, 2) },
	} {
		assert.PanicsWithValue(t, want, call)
	}
}

func TestCancelled(t *testing.T) {
	tr := newTrial(t, 1)
	ctx, cancel := context.WithCancel(t.Context())
	require.NoError(t, tr.gpu.Flush(ctx))
	cancel()
	assert.ErrorIs(t, tr.gpu.Flush(ctx), context.Canceled)
	assert.ErrorIs(t, tr.gpu.Download(ctx), context.Canceled)
	assert.NoError(t, tr.gpu.Flush(t.Context()))
}

func TestClass(t *testing.T) {
	previous := 0
	for n := 1; n < 1<<20; n += 1 + n/50 {
		size := class(n)
		require.GreaterOrEqual(t, size, n)
		require.Equal(t, size, class(size))
		require.Zero(t, size%64)
		if n > 256 {
			require.LessOrEqual(t, float64(size), 1.25*float64(n), n)
		}
		require.GreaterOrEqual(t, size, previous)
		previous = size
	}
	assert.Equal(t, maxBinding, class(maxBinding))
}
