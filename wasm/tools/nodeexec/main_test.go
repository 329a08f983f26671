//go:build unix

package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/wasm/internal/program"
)

// build compiles the tests of a folder, which becomes the working directory.
func build(t *testing.T, folder string) string {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
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
	binary := build(t, filepath.Join("..", "chromeexec", "testdata", "probe"))
	for _, c := range []struct {
		name, run string
		code      int
		output    []string // parts of it
	}{
		{"pass", "Read|Write", 0, []string{"--- PASS: TestRead", "--- PASS: TestWrite", "PASS\n"}},
		{"fail", "Fails", 1, []string{"--- FAIL: TestFails", "as it should", "FAIL\n"}},
		{"panic", "Panics", 2, []string{"panic: as it should", "goroutine "}},
		{"exit", "Exits", 7, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var output bytes.Buffer
			code, err := run(t.Context(), program.Wish{}, false, []string{binary, "-test.v", "-test.run=" + c.run}, &output, &output)
			require.NoError(t, err)
			assert.Equal(t, c.code, code, output.String())
			for _, part := range c.output {
				assert.Contains(t, output.String(), part)
			}
		})
	}
}

// A program that imports the kernels gets what is wished for. Relaxed SIMD is
// left out: which versions of Node have it differs.
func TestKernels(t *testing.T) {
	binary := build(t, filepath.Join("..", "..", "..", "engine", "device", "simd", "testdata", "kernels"))
	for _, c := range []struct {
		name     string
		wish     program.Wish
		argument string
	}{
		{"one thread", program.Wish{SIMD: true, Threads: 1}, "-threads=1"},
		{"two threads", program.Wish{SIMD: true, Threads: 2}, "-threads=2"},
		{"without SIMD", program.Wish{Threads: 2}, "-threads=0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var output bytes.Buffer
			code, err := run(t.Context(), c.wish, false, []string{binary, "-test.v", c.argument}, &output, &output)
			require.NoError(t, err)
			assert.Equal(t, 0, code, output.String())
			for _, part := range []string{"--- PASS: TestKernels", "--- PASS: TestViews", "--- PASS: TestGrowth"} {
				assert.Contains(t, output.String(), part)
			}
		})
	}
}

// A program gets WebGPU, though perhaps no GPU.
func TestWebGPU(t *testing.T) {
	files, err := program.Find(t.Context())
	require.NoError(t, err)
	if _, err := os.Stat(files.Dawn()); err != nil && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	binary := build(t, filepath.Join("..", "..", "..", "engine", "device", "webgpu"))
	var output bytes.Buffer
	code, err := run(t.Context(), program.Wish{}, true, []string{binary, "-test.v", "-test.run=NoGPU"}, &output, &output)
	require.NoError(t, err)
	assert.Equal(t, 0, code, output.String())
	assert.Contains(t, output.String(), "--- PASS: TestNoGPU/no_adapter")
}

func TestNoBinary(t *testing.T) {
	_, err := run(t.Context(), program.Wish{}, false, []string{filepath.Join(t.TempDir(), "missing.wasm")}, nil, nil)
	assert.ErrorIs(t, err, fs.ErrNotExist)
}
