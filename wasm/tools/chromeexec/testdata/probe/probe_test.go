package probe

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall/js"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPage(t *testing.T) {
	assert.True(t, js.Global().Get("crossOriginIsolated").Bool())
	assert.Panics(t, func() { js.Global().Call("eval", "1") }, "the Content-Security-Policy is not there")
}

func TestRead(t *testing.T) {
	b, err := os.ReadFile("probe.go")
	require.NoError(t, err)
	assert.Contains(t, string(b), "package probe")

	_, err = os.ReadFile("missing")
	assert.ErrorIs(t, err, fs.ErrNotExist)

	f, err := os.Open("probe.go")
	require.NoError(t, err)
	defer f.Close()
	_, err = f.Seek(3, io.SeekStart)
	require.NoError(t, err)
	part := make([]byte, 7)
	_, err = io.ReadFull(f, part)
	require.NoError(t, err)
	assert.Equal(t, b[3:10], part)
	_, err = f.ReadAt(part, int64(len(b)-2))
	assert.ErrorIs(t, err, io.EOF)

	entries, err := os.ReadDir("..")
	require.NoError(t, err)
	require.Len(t, entries, 1)
	assert.Equal(t, "probe", entries[0].Name())
	assert.True(t, entries[0].IsDir())
}

func TestWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	want := bytes.Repeat([]byte("0123456789"), 1<<20)
	require.NoError(t, os.WriteFile(path, want, 0o600))
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(want, got))
	assert.ErrorIs(t, os.Mkdir(path, 0o700), fs.ErrExist)
	require.NoError(t, os.Truncate(path, 5))
	require.NoError(t, os.Chmod(path, 0o400))
	require.NoError(t, os.Rename(path, path+"b"))
	info, err := os.Stat(path + "b")
	require.NoError(t, err)
	assert.EqualValues(t, 5, info.Size())
	assert.Equal(t, fs.FileMode(0o400), info.Mode())
}

func TestFails(t *testing.T)  { t.Error("as it should") }
func TestPanics(t *testing.T) { panic(errors.New("as it should")) }
func TestExits(t *testing.T)  { os.Exit(7) }
