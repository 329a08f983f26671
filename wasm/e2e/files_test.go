//go:build !js

package e2e

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"uarweb/engine/radiograph"
	"uarweb/engine/report"
	"uarweb/weights"
	"uarweb/weights/golden"
	"uarweb/weights/model"
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
	return write(t, name, encode(t, m))
}

func encode(t *testing.T, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, m))
	return b.Bytes()
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

// commandOn is command with a backend. The same is computed once: many tests ask
// for it.
func commandOn(t *testing.T, backend string, arguments ...string) report.Report {
	t.Helper()
	key := backend
	for _, a := range arguments {
		content, _ := os.ReadFile(a) // a flag is no file
		key += fmt.Sprintf("\n%s %x", filepath.Base(a), sha256.Sum256(content))
	}
	commands.Lock()
	defer commands.Unlock()
	if r, ok := commands.reports[key]; ok {
		return r
	}
	run := exec.Command("go", append([]string{"run", "uarweb/engine/cmd/uar", "report", "-json", "-backend", backend}, arguments...)...)
	run.Stderr = os.Stderr
	out, err := run.Output()
	require.NoError(t, err)
	var r report.Report
	require.NoError(t, json.Unmarshal(out, &r))
	commands.reports[key] = r
	return r
}

// commands are what the command has written so far, by its arguments and their
// contents.
var commands = struct {
	sync.Mutex
	reports map[string]report.Report
}{reports: map[string]report.Report{}}

// tiny is a random model, which has a report written at once: as shards that a
// server has, and as arguments with which the command writes the example's.
func tiny(t *testing.T) (shards fs.FS, arguments []string) {
	t.Helper()
	whole, err := weights.Open(t.Context(), golden.Path(t, "tiny_two_views", "model.safetensors"))
	require.NoError(t, err)
	folder := t.TempDir()
	_, err = weights.WriteShards(folder, whole)
	require.NoError(t, err)
	return os.DirFS(folder), append([]string{"-weights", filepath.Join(folder, weights.ManifestName)}, example(t)...)
}

// sign is shards whose manifest a key has signed, and the key's fingerprint.
func sign(t *testing.T, shards fs.FS) (signed fstest.MapFS, signer string) {
	t.Helper()
	signed = fstest.MapFS{}
	entries, err := fs.ReadDir(shards, ".")
	require.NoError(t, err)
	for _, entry := range entries {
		content, err := fs.ReadFile(shards, entry.Name())
		require.NoError(t, err)
		signed[entry.Name()] = &fstest.MapFile{Data: content}
	}
	m, err := weights.ParseManifest(signed[model.Manifest].Data)
	require.NoError(t, err)
	m.Sign(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))
	signed[model.Manifest].Data, err = json.Marshal(m)
	require.NoError(t, err)
	return signed, m.Signature.Signer()
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

// writeZIP makes a ZIP of files.
func writeZIP(t *testing.T, name string, files map[string][]byte) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, path := range slices.Sorted(maps.Keys(files)) {
		f, err := w.Create(path)
		require.NoError(t, err)
		_, err = f.Write(files[path])
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return write(t, name, b.Bytes())
}

// element is one of a DICOM data set, in explicit VR little endian.
func element(tag uint32, vr string, value []byte) []byte {
	b := binary.LittleEndian.AppendUint16(nil, uint16(tag>>16))
	b = append(binary.LittleEndian.AppendUint16(b, uint16(tag)), vr...)
	value = append(value, bytes.Repeat([]byte{' '}, len(value)%2)...)
	if vr == "OW" || vr == "OB" || vr == "SQ" {
		b = binary.LittleEndian.AppendUint32(append(b, 0, 0), uint32(len(value)))
	} else {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(value)))
	}
	return append(b, value...)
}

func dicom(elements ...[]byte) []byte {
	return slices.Concat(make([]byte, 128), []byte("DICM"), slices.Concat(elements...))
}

// radiographDICOM is an image of DICOM that says which view it is.
func radiographDICOM(m *image.Gray, view string) []byte { return studyDICOM(m, view, "") }

// studyDICOM is radiographDICOM of a study of that UID.
func studyDICOM(m *image.Gray, view, study string) []byte {
	number := func(n int) []byte { return binary.LittleEndian.AppendUint16(nil, uint16(n)) }
	size := m.Rect.Size()
	return dicom(
		element(0x0008_0020, "DA", []byte("20210304")), element(0x0008_0060, "CS", []byte("DX")),
		element(0x0018_5101, "CS", []byte(view)), element(0x0020_000d, "UI", []byte(study)), element(0x0028_0002, "US", number(1)), element(0x0028_0004, "CS", []byte("MONOCHROME2")),
		element(0x0028_0010, "US", number(size.Y)), element(0x0028_0011, "US", number(size.X)),
		element(0x0028_0100, "US", number(8)), element(0x0028_0101, "US", number(8)), element(0x0028_0102, "US", number(7)), element(0x0028_0103, "US", number(0)),
		element(0x0028_1050, "DS", []byte("128")), element(0x0028_1051, "DS", []byte("256")),
		element(0x7fe0_0010, "OB", slices.Clone(m.Pix)))
}

// dicomdir is the index of a CD with images at these paths.
func dicomdir(paths ...string) []byte {
	var records []byte
	for _, p := range paths {
		record := slices.Concat(element(0x0004_1430, "CS", []byte("IMAGE")), element(0x0004_1500, "CS", []byte(p)))
		records = append(binary.LittleEndian.AppendUint32(append(records, 0xfe, 0xff, 0, 0xe0), uint32(len(record))), record...)
	}
	return dicom(element(0x0004_1220, "SQ", records))
}

// intake is the path of a file of the image decoder's tests.
func intake(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", "engine", "radiograph", "testdata", "intake", name))
	require.NoError(t, err)
	return path
}

// bomb is a JPEG 2000 in DICOM whose few bytes say that they are 3,600 megapixels.
func bomb(t *testing.T) []byte {
	t.Helper()
	content, err := os.ReadFile(intake(t, "missing-jpeg2000-lossless-90.dcm"))
	require.NoError(t, err)
	size := bytes.Index(content, []byte("\xff\x51")) // SIZ
	require.Positive(t, size)
	for _, at := range []int{size + 6, size + 10, size + 22, size + 26} { // Xsiz, Ysiz, and those of a tile
		binary.BigEndian.PutUint32(content[at:], 60_000)
	}
	return content
}
