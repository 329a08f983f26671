//go:build !js

package e2e

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"io/fs"
	"os"
	"regexp"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/weights"
	"uarweb/weights/model"
	"uarweb/weights/sharedtest"
	"uarweb/weights/tensor"
)

var fileName = regexp.MustCompile(`“[^”]*”`)

// Bad files of every kind give one clear sentence, and the page goes on.
func TestBadFiles(t *testing.T) {
	frontal, lateral := phantoms(t)
	shard := shippedFile(t)
	other, err := weights.Build(nil, []tensor.Tensor{tensor.FromFloats("a", []int{1}, []float32{1})})
	require.NoError(t, err)
	var otherFile bytes.Buffer
	require.NoError(t, other.Write(&otherFile))
	dicom := func(t *testing.T, name string, cut int64) string {
		path := sharedtest.Path(t, "samples", name)
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		if cut > 0 {
			content = content[:cut]
		}
		return write(t, name, content)
	}

	p := open(t)
	for _, c := range []struct {
		name, code string
		files      func(t *testing.T) []string
	}{
		{"empty file", "empty-image", func(t *testing.T) []string { return []string{write(t, "empty.png", nil)} }},
		{"text named .png", "unknown-image", func(t *testing.T) []string { return []string{write(t, "note.png", []byte("Dear colleague"))} }},
		{"huge PNG", "large-image", func(t *testing.T) []string { return []string{write(t, "huge.png", pngHeader(20_000, 20_000))} }},
		{"truncated PNG", "damaged-image", func(t *testing.T) []string {
			content, err := os.ReadFile(frontal)
			require.NoError(t, err)
			return []string{write(t, "half.png", content[:len(content)/2])}
		}},
		{"truncated DICOM", "damaged-image", func(t *testing.T) []string { return []string{dicom(t, "gdcm-CR-MONO1-10-chest.dcm", 20_000)} }},
		{"JPEG 2000 DICOM", "unsupported-image", func(t *testing.T) []string { return []string{dicom(t, "RG1_J2KI.dcm", 0)} }},
		{"three images", "too-many-images", func(t *testing.T) []string { return []string{frontal, lateral, frontal} }},
		{"truncated weights", "bad-weights", func(t *testing.T) []string { return []string{write(t, "cut.safetensors", shard[:len(shard)/2])} }},
		{"wrong weights", "bad-weights", func(t *testing.T) []string { return []string{write(t, "other.safetensors", otherFile.Bytes())} }},
		{"weights of NaN", "bad-weights", func(t *testing.T) []string { return []string{write(t, "nan.safetensors", withNaN(t))} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			p.clear()
			p.drop(c.files(t)...)
			p.wait(`!document.getElementById("error").hidden && document.getElementById("error").dataset.code === "` + c.code + `"`)
			sentence := p.text("error-text")
			t.Log(sentence)
			assert.Regexp(t, `^\S.*\.$`, sentence)
			assert.NotRegexp(t, `(?i)panic|goroutine|tensor|EOF|undefined|%!`, fileName.ReplaceAllString(sentence, ""))
			p.wait(`document.getElementById("alert").textContent === document.getElementById("error-text").textContent`)
			p.click("error-dismiss")
			p.wait(`document.getElementById("error").hidden && page.dataset.model === "ready"`)
		})
	}
	assert.Equal(t, command(t, frontal, lateral).Text, p.show(frontal, lateral), "after all that")
}

// A shipped model that does not arrive whole is said so, and a good one can be
// loaded afterwards.
func TestBadShippedModel(t *testing.T) {
	shards, err := fs.Glob(model.FS, "*.safetensors")
	require.NoError(t, err)
	for _, c := range []struct {
		name, code string
		spoil      func(files fstest.MapFS)
	}{
		{"flipped bit", "bad-shipped-weights", func(files fstest.MapFS) {
			last := files[shards[len(shards)-1]].Data
			last[len(last)/2] ^= 1
		}},
		{"truncated", "bad-shipped-weights", func(files fstest.MapFS) {
			last := files[shards[len(shards)-1]]
			last.Data = last.Data[:len(last.Data)/2]
		}},
		{"missing shard", "network", func(files fstest.MapFS) { delete(files, shards[0]) }},
		{"missing manifest", "network", func(files fstest.MapFS) { delete(files, model.Manifest) }},
		{"bad manifest", "bad-shipped-weights", func(files fstest.MapFS) { files[model.Manifest].Data = []byte("{}") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			files := fstest.MapFS{}
			for _, name := range append([]string{model.Manifest}, shards...) {
				content, err := model.FS.ReadFile(name)
				require.NoError(t, err)
				files[name] = &fstest.MapFile{Data: content}
			}
			c.spoil(files)
			p := openWith(t, product(t, files))
			p.wait(`page.dataset.model === "failed" && document.getElementById("error").dataset.code === "` + c.code + `"`)
			t.Log(p.text("error-text"))
		})
	}
}

// shippedFile is the shipped model as one file.
func shippedFile(t *testing.T) []byte {
	t.Helper()
	c, err := weights.OpenFS(t.Context(), model.FS, model.Manifest)
	require.NoError(t, err)
	var file bytes.Buffer
	require.NoError(t, c.Write(&file))
	return file.Bytes()
}

// withNaN is the shipped model with a NaN in the head's bias.
func withNaN(t *testing.T) []byte {
	t.Helper()
	shipped, err := weights.OpenFS(t.Context(), model.FS, model.Manifest)
	require.NoError(t, err)
	var tensors []tensor.Tensor
	for _, name := range shipped.Names() {
		x, err := shipped.Tensor(name)
		require.NoError(t, err)
		if name == "head.bias" {
			require.Contains(t, []tensor.Format{tensor.F32, tensor.F16, tensor.BF16}, x.Format)
			x.Data = bytes.Repeat([]byte{0xff}, len(x.Data))
		}
		tensors = append(tensors, x)
	}
	spoilt, err := weights.Build(shipped.Metadata, tensors)
	require.NoError(t, err)
	var file bytes.Buffer
	require.NoError(t, spoilt.Write(&file))
	return file.Bytes()
}

// pngHeader is a PNG of that size without its pixels.
func pngHeader(width, height uint32) []byte {
	ihdr := append([]byte("IHDR"), binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, width), height)...)
	ihdr = append(ihdr, 8, 0, 0, 0, 0) // 8-bit grey
	header := append([]byte("\x89PNG\r\n\x1a\n"), 0, 0, 0, 13)
	header = append(header, ihdr...)
	return binary.BigEndian.AppendUint32(header, crc32.ChecksumIEEE(ihdr))
}
