//go:build !js

package e2e

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"uarweb/engine/radiograph"
	"uarweb/engine/report"
)

// write makes a file of that name.
func write(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, content, 0o644))
	return path
}

func writePNG(t *testing.T, name string, m image.Image) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, m))
	return write(t, name, b.Bytes())
}

// phantoms makes a frontal and a lateral PNG of one synthetic patient.
func phantoms(t *testing.T) (frontal, lateral string) {
	t.Helper()
	return writePNG(t, "frontal.png", radiograph.Phantom(7, 640, 512)), writePNG(t, "lateral.png", radiograph.PhantomLateral(7, 512, 600))
}

// command is what the native command makes of the arguments of uar report, with
// the arithmetic that the page has if nothing hinders it.
func command(t *testing.T, arguments ...string) report.Report {
	t.Helper()
	return commandOn(t, "simd", arguments...)
}

func commandOn(t *testing.T, backend string, arguments ...string) report.Report {
	t.Helper()
	run := exec.Command("go", append([]string{"run", "uarweb/engine/cmd/uar", "report", "-json", "-backend", backend}, arguments...)...)
	run.Stderr = os.Stderr
	out, err := run.Output()
	require.NoError(t, err)
	var r report.Report
	require.NoError(t, json.Unmarshal(out, &r))
	return r
}

// example makes PNGs of the page's own example, which the worker draws.
func example(t *testing.T) []string {
	t.Helper()
	const patient, size = 1, 768
	return []string{
		writePNG(t, "frontal.png", radiograph.Phantom(patient, size, size)),
		writePNG(t, "lateral.png", radiograph.PhantomLateral(patient, size, size)),
	}
}
