//go:build !js

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TypeScript takes all that a page may do with uar.js, by uar.d.ts, and refuses the rest.
func TestTypes(t *testing.T) {
	t.Parallel()
	check := func(name string) (out string, err error) {
		tsc := exec.CommandContext(t.Context(), filepath.Join("node_modules", ".bin", "tsc"),
			"--noEmit", "--pretty", "false", "--strict", "--target", "es2022", "--module", "es2022", "--moduleResolution", "bundler", "--lib", "es2022,dom", "--types", "", name)
		text, err := tsc.CombinedOutput()
		return string(text), err
	}
	if _, err := os.Stat(filepath.Join("node_modules", ".bin", "tsc")); os.IsNotExist(err) {
		t.Skip("typescript is not there: run npm ci in wasm/e2e")
	}
	out, err := check(filepath.Join("testdata", "types", "uses.ts"))
	require.NoError(t, err, out)

	misuses := filepath.Join("testdata", "types", "misuses.ts")
	source, err := os.ReadFile(misuses)
	require.NoError(t, err)
	var wrong, refused []int
	for i, line := range strings.Split(string(source), "\n") {
		if strings.HasSuffix(line, "// wrong") {
			wrong = append(wrong, i+1)
		}
	}
	out, err = check(misuses)
	require.Error(t, err)
	for _, m := range regexp.MustCompile(`(?m)^.*misuses\.ts\((\d+),\d+\): error`).FindAllStringSubmatch(out, -1) {
		line, err := strconv.Atoi(m[1])
		require.NoError(t, err)
		refused = append(refused, line)
	}
	assert.Equal(t, wrong, refused, out)
}
