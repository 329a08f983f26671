// Package sharedtest finds the golden cases and data that lie beside a developer's
// checkout, in ../shared. They are not on a user's machine: tests that need
// them say so and are skipped elsewhere.
package sharedtest

import (
	"os"
	"path/filepath"
	"testing"
)

// Path returns the path of a file or folder of ../shared, or skips the test.
func Path(t testing.TB, elements ...string) string {
	t.Helper()
	folder, err := os.Getwd()
	if err != nil {
		t.Skip("no working directory to find ../shared from: ", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			break
		}
		parent := filepath.Dir(folder)
		if parent == folder {
			t.Skip("not in a checkout, so ../shared cannot be found")
		}
		folder = parent
	}
	path := filepath.Join(append([]string{filepath.Dir(folder), "shared"}, elements...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("needs ../shared/%s", filepath.ToSlash(filepath.Join(elements...)))
	}
	return path
}
