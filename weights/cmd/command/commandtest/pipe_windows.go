package commandtest

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// Pipe makes a folder, which is no file either: Windows has no pipes in folders.
func Pipe(t *testing.T, path string) {
	t.Helper()
	require.NoError(t, os.Mkdir(path, 0o700))
}
