package kernels

import (
	"bytes"
	"crypto/rand"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall/js"
	"testing"
	"time"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/device/simd/internal/kernel"
)

//go:wasmimport kernels start
func start(control unsafe.Pointer) int32

//go:wasmimport kernels relaxed
func relaxed() int32

//go:wasmimport kernels layout
func layout() int32

//go:wasmimport kernels run
//go:noescape
func run(kernel, n, step int32, args, control unsafe.Pointer) int32

var (
	threads     = flag.Int("threads", 1, "how many there should be; 0 is no SIMD")
	wantRelaxed = flag.Bool("relaxed", false, "whether relaxed SIMD should be there")
)

var control [kernel.ControlWords]int32

// remaining is the control block's count of blocks that nobody has claimed.
// Every thread that looks for one in vain takes it one further below 0.
const remaining = 1

// pool has the kernels halve an image of that many lines, and checks the result.
func pool(t *testing.T, height int) {
	t.Helper()
	const width, channels = 8, 5
	src := make([]float32, height*width*channels)
	for i := range src {
		src[i] = float32(i % 1013)
	}
	dst := make([]float32, len(src)/4)
	address := func(s []float32) uint32 { return uint32(uintptr(unsafe.Pointer(unsafe.SliceData(s)))) }
	arguments := &kernel.Pool{Dst: address(dst), Src: address(src), Width: width / 2, Channels: channels}
	require.Zero(t, run(int32(kernel.MaxPool), int32(height/2), 1, unsafe.Pointer(arguments), unsafe.Pointer(&control)))
	for i, got := range dst {
		c, x, y := i%channels, i/channels%(width/2), i/channels/(width/2)
		at := func(y, x int) float32 { return src[(y*width+x)*channels+c] }
		want := max(at(2*y, 2*x), at(2*y, 2*x+1), at(2*y+1, 2*x), at(2*y+1, 2*x+1))
		require.Equal(t, want, got, "element %d", i)
	}
	runtime.KeepAlive(src)
}

// The kernels compute, and every thread takes part in it, although this program
// lets no event in after it has started them.
func TestKernels(t *testing.T) {
	require.EqualValues(t, *threads, start(unsafe.Pointer(&control)))
	assert.Equal(t, *wantRelaxed, relaxed() == 1)
	if *threads == 0 {
		return
	}
	assert.Equal(t, kernel.Layout(), layout())
	pool(t, 64)
	for deadline := time.Now().Add(10 * time.Second); *threads > 1 && control[remaining] > -int32(*threads); pool(t, 64) {
		require.True(t, time.Now().Before(deadline), "not all threads take part")
	}
}

// What Go passes to functions that refuse a view of shared memory.
func TestViews(t *testing.T) {
	random := make([]byte, 100_000)
	_, err := rand.Read(random)
	require.NoError(t, err)
	assert.NotEqual(t, make([]byte, 100), random[len(random)-100:])

	text := strings.Repeat("Größe", 1000)
	js.Global().Set("probe", text)
	assert.Equal(t, text, js.Global().Get("probe").String())

	array := js.Global().Get("Uint8Array").New(len(random))
	assert.Equal(t, len(random), js.CopyBytesToJS(array, random))
	back := make([]byte, len(random))
	js.CopyBytesToGo(back, array)
	assert.Equal(t, random, back)

	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, random, 0o600))
	file, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(random, file))

	_, err = fmt.Fprintln(io.MultiWriter(os.Stdout, os.Stderr), "printed")
	assert.NoError(t, err)
	println("by the runtime")
}

// The memory grows under the kernels and the views.
func TestGrowth(t *testing.T) {
	var kept [][]byte
	for i := range 12 {
		kept = append(kept, bytes.Repeat([]byte{byte(i)}, 16<<20))
		if *threads > 0 {
			pool(t, 64)
		}
		assert.Equal(t, "grown", js.ValueOf("grown").String())
	}
	for i, b := range kept {
		assert.False(t, slices.ContainsFunc(b, func(v byte) bool { return v != byte(i) }), i)
	}
}
