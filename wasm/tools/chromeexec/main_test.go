//go:build unix

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/wasm/tools/chrome"
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

func TestRun(t *testing.T) {
	if _, err := chrome.Path(); err != nil {
		t.Skip(err)
	}
	t.Chdir(filepath.Join("testdata", "probe"))
	binary := filepath.Join(t.TempDir(), "probe.wasm")
	build := exec.Command("go", "test", "-c", "-o", binary, ".")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))

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
			code, err := run(t.Context(), []string{binary, "-test.v", "-test.run=" + c.run}, &output)
			require.NoError(t, err)
			assert.Equal(t, c.code, code, output.String())
			for _, part := range c.output {
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
	code, err := run(t.Context(), []string{filepath.Join(t.TempDir(), "missing.wasm")}, &output)
	require.NoError(t, err)
	assert.Equal(t, 2, code)
	assert.NotEmpty(t, output.String())
}
