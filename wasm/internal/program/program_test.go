package program

import (
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFlags(t *testing.T) {
	for _, c := range []struct {
		arguments []string
		want      Wish
	}{
		{nil, Wish{SIMD: true, Relaxed: true, Threads: 1}},
		{[]string{"-threads=2", "-relaxed=false"}, Wish{SIMD: true, Threads: 2}},
		{[]string{"-simd=false", "-threads", "0"}, Wish{Relaxed: true}},
	} {
		f := flag.NewFlagSet("", flag.ContinueOnError)
		w := Flags(f)
		require.NoError(t, f.Parse(c.arguments))
		assert.Equal(t, c.want, *w)
	}
}

func TestOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.wasm")
	_, err := Open(path)
	assert.ErrorIs(t, err, fs.ErrNotExist)
	for _, c := range []struct {
		content, want string
		kernels       bool
	}{
		{"", path + ": module: it does not begin as a module of version 1 does", false},
		{"\x00asm\x01\x00\x00\x00", "", false},
		{"\x00asm\x01\x00\x00\x00\x02\x0d\x01\x07kernels\x01f\x00\x00", path + ": module: memory section: there is none", false},
		{"\x00asm\x01\x00\x00\x00\x02\x0d\x01\x07kernels\x01f\x00\x00\x05\x03\x01\x00\x01", "", true},
	} {
		require.NoError(t, os.WriteFile(path, []byte(c.content), 0o600))
		p, err := Open(path)
		if c.want != "" {
			assert.EqualError(t, err, c.want)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, c.kernels, p.UsesKernels())
	}
}

func TestFind(t *testing.T) {
	files, err := Find(t.Context())
	require.NoError(t, err)
	assert.FileExists(t, files.WasmExec())
	assert.FileExists(t, filepath.Join(files.Page(), "kernels.js"))
	assert.FileExists(t, filepath.Join(files.Page(), "pool.js"))
	assert.FileExists(t, filepath.Join(files.Page(), "codec.js"))
	assert.FileExists(t, filepath.Join(files.Codecs(), "jpeg2000.wasm"))
	assert.FileExists(t, filepath.Join(files.Tool("nodeexec"), "run.js"))
	assert.FileExists(t, filepath.Join(files.Kernels(), "kernels-relaxed-shared.wasm"))
	t.Chdir(t.TempDir())
	_, err = Find(t.Context())
	assert.EqualError(t, err, "the working directory is in no module")
}
