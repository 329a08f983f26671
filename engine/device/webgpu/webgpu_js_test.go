package webgpu

import (
	"context"
	"slices"
	"strings"
	"syscall/js"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/device"
	"uarweb/engine/device/internal/selftest"
	"uarweb/weights/tensor"
)

func TestNames(t *testing.T) {
	b := sharedBackend(t)
	assert.Equal(t, "webgpu", b.Name())
	assert.Regexp(t, `^WebGPU on [a-z].*, with (subgroups|plain shaders)$`, b.Description())
}

// TestSelfTest passes again and again, and reaches every program: one that it
// does not reach is not trusted by anything.
func TestSelfTest(t *testing.T) {
	for _, v := range []variant{plain, inSubgroups} {
		t.Run("variant "+string(v), func(t *testing.T) {
			b := sharedAs(t, v)
			var set []js.Value
			original := b.gpu.setPipelineAt
			recording := js.FuncOf(func(_ js.Value, args []js.Value) any {
				set = append(set, args[1])
				return original.Invoke(args[0], args[1])
			})
			defer recording.Release()
			b.gpu.setPipelineAt = recording.Value
			defer func() { b.gpu.setPipelineAt = original }()
			require.NoError(t, selftest.Run(t.Context(), b))
			for _, p := range allPrograms() {
				if p.variant != v && slices.Contains(shaders[p.shader].variants(), v) {
					continue // it has the place of one of v
				}
				k := b.kernels[p]
				assert.True(t, k != nil && slices.ContainsFunc(set, k.pipeline.Equal), "%v is not run", p)
			}
			require.NoError(t, selftest.Run(t.Context(), b), "again")
		})
	}
}

// TestPlain uses no more than every GPU has.
func TestPlain(t *testing.T) {
	needAdapter(t)
	used := map[variant]bool{}
	b, err := open(t.Context(), Options{Software: true, Plain: true}, func(name string, v variant) string {
		used[v] = true
		return source(name, v)
	})
	require.NoError(t, err)
	defer b.Close()
	assert.True(t, b.Plain())
	assert.Contains(t, b.Description(), ", with plain shaders")
	assert.Equal(t, map[variant]bool{plain: true}, used)
}

func TestAShaderThatIsRefused(t *testing.T) {
	needAdapter(t)
	broken := func(shader string) func(string, variant) string {
		return func(name string, v variant) string {
			if name == shader {
				return "fn main( {"
			}
			return source(name, v)
		}
	}
	_, err := open(t.Context(), Options{Software: true}, broken("gate"))
	require.ErrorContains(t, err, "webgpu: the GPU failed: it refuses the shader gate: 1:10: expected")

	b, err := open(t.Context(), Options{Software: true, Plain: true}, broken("vector"))
	require.NoError(t, err, "its pipeline is made for the first weight")
	defer b.Close()
	w, err := b.Matrix(tensor.FromFloats("weight", []int{1, 1}, []float32{1}))
	require.NoError(t, err)
	b.Linear(b.Floats(1), b.Floats(1), 1, w, nil, device.Epilogue{})
	assert.ErrorContains(t, b.Download(t.Context()), "webgpu: the GPU failed: it refuses the shader vector: 1:10: expected")
}

// work calls an operation and waits for the GPU.
func work(t *testing.T, b device.Backend) error {
	t.Helper()
	x, mean := b.Floats(4), b.Floats(2)
	defer x.Release()
	defer mean.Release()
	b.Upload(x, 0, []float32{1, 2, 3, 4})
	b.Mean(mean, x, 2, 2)
	return b.Download(t.Context(), device.Copy{From: mean, Floats: make([]float32, 2)})
}

func TestALostGPU(t *testing.T) {
	b := newBackend(t)
	require.NoError(t, work(t, b))
	b.gpu.destroyDevice.Invoke()
	assert.ErrorIs(t, work(t, b), ErrLost)
	assert.ErrorIs(t, b.Flush(t.Context()), ErrLost)
	assert.ErrorIs(t, b.Download(t.Context()), ErrLost)
	assert.ErrorIs(t, selftest.Run(t.Context(), b), ErrLost)

	// The browser gives another. That it is lost is told within the two Flushes
	// that may be under way.
	again := newBackend(t)
	assert.NoError(t, work(t, again))
	again.gpu.destroyDevice.Invoke()
	var err error
	for range 3 {
		if err = again.Flush(t.Context()); err != nil {
			break
		}
	}
	assert.ErrorIs(t, err, ErrLost)
}

func TestClosed(t *testing.T) {
	needAdapter(t)
	b, err := New(t.Context(), Options{Software: true})
	require.NoError(t, err)
	x := b.Floats(4)
	m, err := b.Matrix(tensor.FromFloats("weight", []int{1, 1}, []float32{1}))
	require.NoError(t, err)
	b.Close()
	assert.ErrorIs(t, b.Flush(t.Context()), errClosed)
	assert.ErrorIs(t, work(t, b), errClosed)
	x.Release()
	m.Release()
	b.Close()
}

// TestErrorsOfTheGPU become those of the next Flush or Download, and stay.
func TestErrorsOfTheGPU(t *testing.T) {
	b := sharedBackend(t)
	b.gpu.createBuffer.Invoke(map[string]any{"size": 4, "usage": 0x10000})
	require.ErrorContains(t, b.Download(t.Context()), "webgpu: the GPU failed: GPUValidationError: ")
	assert.ErrorContains(t, b.Flush(t.Context()), "webgpu: the GPU failed: GPUValidationError: ")
}

// TestOutOfMemory: no real GPU's memory is used up here, so its error scope
// answers with what the GPU would.
func TestOutOfMemory(t *testing.T) {
	b := sharedBackend(t)
	pop := b.gpu.popErrorScope
	calls := 0
	fake := js.FuncOf(func(js.Value, []js.Value) any {
		real := pop.Invoke()
		if calls++; calls != 2 { // validation, out-of-memory, internal
			return real
		}
		return resolved(js.Global().Get("GPUOutOfMemoryError").New("no memory for the buffer"))
	})
	defer fake.Release()
	b.gpu.popErrorScope = fake.Value
	defer func() { b.gpu.popErrorScope = pop }()
	require.EqualError(t, work(t, b), "webgpu: the GPU failed: GPUOutOfMemoryError: no memory for the buffer")
	assert.EqualError(t, b.Flush(t.Context()), "webgpu: the GPU failed: GPUOutOfMemoryError: no memory for the buffer")
}

// TestNoMemoryToMap is what a weight's upload meets, which is an exception.
func TestNoMemoryToMap(t *testing.T) {
	b := sharedBackend(t)
	create := b.gpu.createBuffer
	defer func() { b.gpu.createBuffer = create }()
	fixed := js.Global().Get("ArrayBuffer").New(1)
	b.gpu.createBuffer = fixed.Get("resize").Call("bind", fixed) // which throws
	_, err := b.Matrix(tensor.FromFloats("head.weight", []int{1, 1}, []float32{1}))
	assert.ErrorIs(t, err, ErrFailed)
	assert.Regexp(t, `^webgpu: the GPU failed: JavaScript error: .*, in head.weight$`, err)
}

func TestTooLarge(t *testing.T) {
	b := sharedBackend(t)
	x := b.Floats(maxBinding/4 + 1)
	defer x.Release()
	b.Upload(x, maxBinding/4, []float32{1})
	b.Copy(b.Floats(4), 0, x, 0, 4)
	const want = "webgpu: the GPU failed: a buffer takes 134217732 bytes, its buffers may have 134217728"
	assert.EqualError(t, b.Flush(t.Context()), want)
	assert.EqualError(t, b.Download(t.Context()), want)

	b.err = nil
	_, err := b.Matrix(tensor.Tensor{Name: "head.weight", Format: tensor.I8, Shape: []int{1 << 24, 1}, Data: make([]byte, 1<<24), Scale: make([]float32, 1<<24)})
	assert.EqualError(t, err, "webgpu: the GPU failed: head.weight takes 268435456 bytes, its buffers may have 134217728")
}

func TestMatrixRefuses(t *testing.T) {
	b := sharedBackend(t)
	for want, x := range map[string]tensor.Tensor{
		"webgpu: w has shape [3], a weight has 2 or 4 dimensions":   tensor.FromFloats("w", []int{3}, make([]float32, 3)),
		"webgpu: w has shape [1 2 3 1], a kernel is square and odd": tensor.FromFloats("w", []int{1, 2, 3, 1}, make([]float32, 6)),
		"webgpu: w has shape [1 1 2 2], a kernel is square and odd": tensor.FromFloats("w", []int{1, 1, 2, 2}, make([]float32, 4)),
		"tensor: w has 3 bytes, F32 [1 1] wants 4":                  {Name: "w", Format: tensor.F32, Shape: []int{1, 1}, Data: make([]byte, 3)},
	} {
		_, err := b.Matrix(x)
		assert.EqualError(t, err, want)
	}
}

// browser replaces navigator.gpu for one test.
func browser(t *testing.T, gpu js.Value) {
	t.Helper()
	navigator := js.Global().Get("navigator")
	js.Global().Get("Object").Call("defineProperty", navigator, "gpu", map[string]any{"value": gpu, "configurable": true})
	t.Cleanup(func() { js.Global().Get("Reflect").Call("deleteProperty", navigator, "gpu") })
}

// offering is a navigator.gpu whose requestAdapter has this outcome.
func offering(t *testing.T, outcome js.Value) js.Value {
	request := js.FuncOf(func(js.Value, []js.Value) any { return outcome })
	t.Cleanup(request.Release)
	return js.ValueOf(map[string]any{"requestAdapter": request})
}

func resolved(value any) js.Value { return js.Global().Get("Promise").Call("resolve", value) }

func rejected(message string) js.Value {
	return js.Global().Get("Promise").Call("reject", js.Global().Get("Error").New(message))
}

// adapter is a GPU with the limits that the backend needs, of which some may be
// smaller, and with this outcome of requestDevice.
func adapter(t *testing.T, info map[string]any, smaller map[string]any, device js.Value) js.Value {
	request := js.FuncOf(func(js.Value, []js.Value) any { return device })
	t.Cleanup(request.Release)
	offered := map[string]any{}
	for name, limit := range limits {
		offered[name] = limit
	}
	for name, limit := range smaller {
		offered[name] = limit
	}
	return js.ValueOf(map[string]any{"info": info, "limits": offered, "requestDevice": request})
}

func TestNoGPU(t *testing.T) {
	real := map[string]any{"vendor": "nvidia", "architecture": "hopper", "isFallbackAdapter": false}
	denied := js.Undefined()
	for name, test := range map[string]struct {
		gpu  func(t *testing.T) js.Value
		want string
	}{
		"no WebGPU": {func(*testing.T) js.Value { return js.Undefined() },
			"webgpu: this browser has no WebGPU"},
		"no adapter": {func(t *testing.T) js.Value { return offering(t, resolved(nil)) },
			"webgpu: the browser offers no GPU"},
		"failure": {func(t *testing.T) js.Value { return offering(t, rejected("the GPU process crashed")) },
			"webgpu: asking for an adapter: JavaScript error: the GPU process crashed"},
		"fallback": {func(t *testing.T) js.Value {
			return offering(t, resolved(adapter(t, map[string]any{"vendor": "acme", "description": "cpu", "isFallbackAdapter": true}, nil, denied)))
		}, "webgpu: the browser offers no GPU but a program that acts as one, acme cpu"},
		"llvmpipe": {func(t *testing.T) js.Value {
			return offering(t, resolved(adapter(t, map[string]any{"vendor": "mesa", "description": "llvmpipe (LLVM 15.0.6)"}, nil, denied)))
		}, "webgpu: the browser offers no GPU but a program that acts as one, mesa llvmpipe (LLVM 15.0.6)"},
		"small": {func(t *testing.T) js.Value {
			return offering(t, resolved(adapter(t, real, map[string]any{"maxComputeWorkgroupStorageSize": 8192}, denied)))
		}, "webgpu: the GPU is too small: its maxComputeWorkgroupStorageSize is below 16384"},
		"denied": {func(t *testing.T) js.Value {
			return offering(t, resolved(adapter(t, real, nil, rejected("blocked by the administrator"))))
		}, "webgpu: the browser denies the GPU: JavaScript error: blocked by the administrator"},
	} {
		t.Run(name, func(t *testing.T) {
			browser(t, test.gpu(t))
			_, err := New(t.Context(), Options{})
			assert.EqualError(t, err, test.want)
		})
	}
	t.Run("a hanging browser", func(t *testing.T) {
		never := js.FuncOf(func(js.Value, []js.Value) any { return nil })
		defer never.Release()
		browser(t, offering(t, js.Global().Get("Promise").New(never)))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		_, err := New(ctx, Options{})
		assert.ErrorIs(t, err, context.DeadlineExceeded)
	})
	t.Run("the software GPU", func(t *testing.T) {
		name := sharedBackend(t).gpu.name
		if !strings.Contains(name, "swiftshader") && !strings.Contains(name, "llvmpipe") {
			return // it is a real one
		}
		_, err := New(t.Context(), Options{})
		assert.EqualError(t, err, "webgpu: the browser offers no GPU but a program that acts as one, "+name)
	})
}

// BenchmarkRecord records as many operations as a word of a small model has.
func BenchmarkRecord(b *testing.B) {
	gpu := sharedBackend(b)
	x, y := gpu.Floats(4), gpu.Floats(4)
	for b.Loop() {
		for range 60 {
			gpu.Copy(y, 0, x, 0, 1)
		}
		b.StopTimer()
		require.NoError(b, gpu.Download(b.Context()))
		b.StartTimer()
	}
}
