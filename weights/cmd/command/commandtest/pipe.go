//go:build !windows

// Package commandtest is what tests of the commands share.
package commandtest

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// Pipe makes a pipe that nobody will ever write to: whoever opens it waits.
func Pipe(t *testing.T, path string) {
	t.Helper()
	require.NoError(t, syscall.Mkfifo(path, 0o600))
}
