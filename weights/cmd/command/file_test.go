package command

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/weights/cmd/command/commandtest"
)

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	require.NoError(t, os.WriteFile(in("text"), []byte("\ufefftext"), 0o600))
	require.NoError(t, os.WriteFile(in("huge"), nil, 0o600))
	require.NoError(t, os.Truncate(in("huge"), 1<<40)) // takes no room, and no time to refuse
	commandtest.Pipe(t, in("pipe"))
	folder, err := os.OpenRoot(dir)
	require.NoError(t, err)
	defer folder.Close()

	data, err := ReadFile(in("text"), 7)
	require.NoError(t, err)
	assert.Equal(t, "\ufefftext", string(data))
	data, err = ReadText(in("text"), 7)
	require.NoError(t, err)
	assert.Equal(t, "text", string(data))
	data, err = ReadFileIn(folder, "text", 7)
	require.NoError(t, err)
	assert.Equal(t, "\ufefftext", string(data))

	for name, want := range map[string]string{
		"text": "text has more than 6 bytes, the most that are read",
		"huge": "huge has more than 6 bytes, the most that are read",
		"pipe": "pipe is not a file", // nobody will ever write to it
		".":    " is not a file",
		"none": "none: no such file or directory",
	} {
		for _, read := range []func() ([]byte, error){
			func() ([]byte, error) { return ReadFile(in(name), 6) },
			func() ([]byte, error) { return ReadText(in(name), 6) },
			func() ([]byte, error) { return ReadFileIn(folder, name, 6) },
		} {
			data, err := read()
			assert.ErrorContains(t, err, want)
			assert.Empty(t, data)
			_, bad := errors.AsType[inputError](err)
			assert.True(t, bad, name)
		}
	}
	for _, name := range []string{"huge", "pipe"} { // are not even opened
		_, err := readFile(in(name), 6, os.Stat, func(string) (*os.File, error) { return nil, errors.New("opened") })
		assert.Error(t, err)
		assert.NotContains(t, err.Error(), "opened")
	}
	_, err = ReadFileIn(folder, "../"+filepath.Base(dir)+"/text", 7)
	assert.ErrorContains(t, err, "escapes")
}

func TestSHA256(t *testing.T) {
	program, err := os.ReadFile(os.Args[0])
	require.NoError(t, err)
	sum := sha256.Sum256(program)
	assert.Equal(t, hex.EncodeToString(sum[:]), SHA256())
}

// A file takes its size of memory, and little more.
func TestReadFileOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large")
	require.NoError(t, os.WriteFile(path, make([]byte, 1<<20), 0o600))
	data, err := ReadFile(path, 1<<21)
	require.NoError(t, err)
	require.Len(t, data, 1<<20)
	require.LessOrEqual(t, cap(data), 1<<20+1<<16)
}
