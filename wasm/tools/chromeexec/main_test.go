//go:build unix

package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/wasm/internal/chrome"
	"uarweb/wasm/internal/program"
)

// buffer is a bytes.Buffer for several goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// build compiles the tests of a folder, which becomes the working
// directory.
func build(t *testing.T, folder string) string {
	t.Helper()
	if _, err := chrome.Path(); err != nil {
		t.Skip(err)
	}
	t.Chdir(folder)
	binary := filepath.Join(t.TempDir(), "test.wasm")
	build := exec.Command("go", "test", "-c", "-o", binary, ".")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	return binary
}

func TestRun(t *testing.T) {
	binary := build(t, filepath.Join("testdata", "probe"))
	for _, c := range []struct {
		name, run string
		code      int
		output    []string // parts of it
	}{
		{"pass", "Page|Read|Write", 0, []string{"--- PASS: TestPage", "--- PASS: TestRead", "--- PASS: TestWrite", "PASS\n"}},
		{"fail", "Fails", 1, []string{"--- FAIL: TestFails", "as it should", "FAIL\n"}},
		{"panic", "Panics", 2, []string{"panic: as it should", "goroutine "}},
		{"exit", "Exits", 7, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var output buffer
			code, err := run(t.Context(), program.Wish{}, []string{binary, "-test.v", "-test.run=" + c.run}, &output)
			require.NoError(t, err)
			assert.Equal(t, c.code, code, output.String())
			for _, part := range c.output {
				assert.Contains(t, output.String(), part)
			}
		})
	}
}

// A program that imports the kernels gets what is wished for.
func TestKernels(t *testing.T) {
	binary := build(t, filepath.Join("..", "..", "..", "engine", "device", "simd", "testdata", "kernels"))
	for _, c := range []struct {
		name      string
		wish      program.Wish
		arguments []string
	}{
		{"one thread", program.Wish{SIMD: true, Relaxed: true, Threads: 1}, []string{"-threads=1", "-relaxed"}},
		{"three threads", program.Wish{SIMD: true, Relaxed: true, Threads: 3}, []string{"-threads=3", "-relaxed"}},
		{"without relaxed SIMD", program.Wish{SIMD: true, Threads: 2}, []string{"-threads=2"}},
		{"without SIMD", program.Wish{Relaxed: true, Threads: 2}, []string{"-threads=0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var output buffer
			code, err := run(t.Context(), c.wish, append([]string{binary, "-test.v"}, c.arguments...), &output)
			require.NoError(t, err)
			assert.Equal(t, 0, code, output.String())
			for _, part := range []string{"--- PASS: TestKernels", "--- PASS: TestViews", "--- PASS: TestGrowth", "\nprinted\n", "\nby the runtime\n"} {
				assert.Contains(t, output.String(), part)
			}
		})
	}
}

func TestNoBinary(t *testing.T) {
	if _, err := chrome.Path(); err != nil {
		t.Skip(err)
	}
	var output buffer
	_, err := run(t.Context(), program.Wish{}, []string{filepath.Join(t.TempDir(), "missing.wasm")}, &output)
	assert.ErrorIs(t, err, fs.ErrNotExist)
}
