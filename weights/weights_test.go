package weights

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/weights/golden"
	"uarweb/weights/safetensors"
	"uarweb/weights/tensor"
)

// small is a checkpoint with a tensor of every format.
func small(t *testing.T) *Checkpoint {
	t.Helper()
	nibbles := make([]byte, 32)
	for i := range nibbles {
		nibbles[i] = byte(i * 37)
	}
	c, err := Build(map[string]string{"format": "pt", "uar.card": `{"data":"none"}`}, []tensor.Tensor{
		tensor.FromFloats("head.bias", []int{3}, []float32{1, 2, -3}),
		{Name: "cra.gain", Format: tensor.F16, Shape: []int{1, 2}, Data: []byte{0, 0x3c, 0, 0xc0}},
		{Name: "cra.bias", Format: tensor.BF16, Shape: []int{1, 1}, Data: []byte{0x80, 0x3f}},
		{Name: "dvae.input.weight", Format: tensor.I8, Shape: []int{2, 1, 3, 3}, Data: bytes.Repeat([]byte{1, 255}, 9), Scale: []float32{0.5, 3}},
		{Name: "dvae.output.weight", Format: tensor.U8, Shape: []int{2, 32, 1, 1}, Data: nibbles, Scale: []float32{0.25, 2}},
		{Name: "head.weight", Format: tensor.U8, Shape: []int{1, 64}, Data: nibbles, Scale: []float32{0.25, 2}},
	})
	require.NoError(t, err)
	return c
}

func encode(t *testing.T, c *Checkpoint) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, c.Write(&b))
	return b.Bytes()
}

// requireSame compares everything but identity and size.
func requireSame(t *testing.T, want, got *Checkpoint) {
	t.Helper()
	require.Equal(t, want.Metadata, got.Metadata)
	require.Equal(t, want.Names(), got.Names())
	for _, name := range want.Names() {
		w, err := want.Tensor(name)
		require.NoError(t, err)
		g, err := got.Tensor(name)
		require.NoError(t, err)
		require.Equal(t, w, g)
	}
}

func TestRoundTrip(t *testing.T) {
	built := small(t)
	data := encode(t, built)
	decoded, err := Decode(data)
	require.NoError(t, err)
	requireSame(t, built, decoded)
	assert.Equal(t, built.SHA256, decoded.SHA256)
	assert.Equal(t, int64(len(data)), built.Size())
	assert.Equal(t, built.Size(), decoded.Size())
	assert.Equal(t, data, encode(t, decoded))

	assert.Equal(t, []string{"cra.bias", "cra.gain", "dvae.input.weight", "dvae.output.weight", "head.bias", "head.weight"}, decoded.Names())
	assert.Equal(t, []tensor.Format{tensor.BF16, tensor.F16, tensor.F32, tensor.I8, tensor.U8}, decoded.Formats())
	assert.Equal(t, int64(1+2+18+64+3+64), decoded.Parameters())
	output, err := decoded.Tensor("dvae.output.weight")
	require.NoError(t, err)
	assert.Equal(t, []int{2, 32, 1, 1}, output.Shape)

	name := filepath.Join(t.TempDir(), "model.safetensors")
	require.NoError(t, built.Save(name))
	opened, err := Open(t.Context(), name)
	require.NoError(t, err)
	requireSame(t, built, opened)
	assert.Equal(t, []any{built.SHA256, built.Size()}, []any{opened.SHA256, opened.Size()})
}

func TestBuildRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		tensors []tensor.Tensor
		err     string
	}{
		"unfit":             {[]tensor.Tensor{{Name: "a", Format: tensor.F32, Shape: []int{2}, Data: []byte{0}}}, "tensor: a has 1 bytes"},
		"duplicate":         {[]tensor.Tensor{tensor.FromFloats("a", []int{1}, []float32{1}), tensor.FromFloats("a", []int{1}, []float32{2})}, `the key "a" twice`},
		"scale of no F16":   {[]tensor.Tensor{{Name: "a", Format: tensor.U8, Shape: []int{1, 32}, Data: make([]byte, 16), Scale: []float32{0.1}}}, "scale 0.1 of a at index 0 is no F16"},
		"scale beyond F16":  {[]tensor.Tensor{{Name: "a", Format: tensor.U8, Shape: []int{1, 32}, Data: make([]byte, 16), Scale: []float32{1e6}}}, "is no F16"},
		"name of the scale": {[]tensor.Tensor{{Name: "a", Format: tensor.I8, Shape: []int{1}, Data: []byte{0}, Scale: []float32{1}}, tensor.FromFloats("a_scale", []int{1}, []float32{1})}, `the key "a_scale" twice`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Build(nil, test.tensors)
			assert.ErrorContains(t, err, test.err)
		})
	}
}

func TestTensorErrors(t *testing.T) {
	four := func(dtype string, shape []int, n int) safetensors.Entry {
		return safetensors.Entry{Name: "a", DType: dtype, Shape: shape, Data: make([]byte, n)}
	}
	scale := func(dtype string, shape []int, n int) safetensors.Entry {
		e := four(dtype, shape, n)
		e.Name = "a_scale"
		return e
	}
	nan := scale("F32", []int{2}, 8)
	nan.Data[6], nan.Data[7] = 0xc0, 0x7f
	for name, test := range map[string]struct {
		entries []safetensors.Entry
		missing bool
		err     string
	}{
		"none":                 {nil, true, "no such tensor: a"},
		"int8 without scales":  {[]safetensors.Entry{four("I8", []int{2, 3}, 6)}, true, "no such tensor: a_scale"},
		"4-bit without scales": {[]safetensors.Entry{four("U8", []int{2, 16}, 32)}, true, "no such tensor: a_scale"},
		"scales of half size":  {[]safetensors.Entry{four("I8", []int{2, 3}, 6), scale("F16", []int{2}, 4)}, false, "a_scale is F16 [2], F32 [2] is wanted"},
		"scales in a matrix":   {[]safetensors.Entry{four("I8", []int{2, 3}, 6), scale("F32", []int{2, 1}, 8)}, false, "a_scale is F32 [2 1]"},
		"too few scales":       {[]safetensors.Entry{four("U8", []int{2, 32}, 64), scale("F16", []int{2, 1}, 4)}, false, "a_scale is F16 [2 1], F16 [2 2] is wanted"},
		"NaN scale":            {[]safetensors.Entry{four("I8", []int{2, 3}, 6), nan}, false, "a_scale is NaN or infinite at index 1"},
		"half a group":         {[]safetensors.Entry{four("U8", []int{1, 8}, 8), scale("F16", []int{1, 0}, 0)}, false, "shape [1 0]"},
		"other format":         {[]safetensors.Entry{four("I64", []int{1}, 8)}, false, `a has format "I64"`},
		"zero sized":           {[]safetensors.Entry{four("F32", []int{2, 0}, 0)}, false, "a has shape [2 0]"},
		"scalar":               {[]safetensors.Entry{four("I8", nil, 1)}, false, "a has 0 dimensions"},
		"huge and empty":       {[]safetensors.Entry{four("U8", []int{0, math.MaxInt}, 0)}, true, "a_scale"},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			require.NoError(t, safetensors.Write(&b, &safetensors.File{Entries: test.entries}))
			c, err := Decode(b.Bytes())
			require.NoError(t, err)
			_, err = c.Tensor("a")
			require.ErrorContains(t, err, test.err)
			require.ErrorContains(t, err, "weights: ")
			if test.missing {
				require.ErrorIs(t, err, ErrMissing)
			}
			c.Parameters()
		})
	}
}

// The patterns are about int8 matrices and 1×1 kernels alone; what is no list of
// patterns is refused, and so are too many.
func TestBytes(t *testing.T) {
	scale := func(n int) []float32 { return make([]float32, n) }
	tensors := []tensor.Tensor{
		{Name: "a.matrix", Format: tensor.I8, Shape: []int{2, 3}, Data: make([]byte, 6), Scale: scale(2)},
		{Name: "a.pointwise", Format: tensor.I8, Shape: []int{2, 3, 1, 1}, Data: make([]byte, 6), Scale: scale(2)},
		{Name: "a.kernel", Format: tensor.I8, Shape: []int{1, 1, 3, 3}, Data: make([]byte, 9), Scale: scale(1)},
		{Name: "a.floats", Format: tensor.F16, Shape: []int{1, 2}, Data: make([]byte, 4)},
		{Name: "b.matrix", Format: tensor.I8, Shape: []int{2, 3}, Data: make([]byte, 6), Scale: scale(2)},
	}
	metadata := map[string]string{}
	SetBytes(metadata, []string{"none", "a.*"})
	c, err := Build(metadata, tensors)
	require.NoError(t, err)
	var named []string
	for _, name := range c.Names() {
		got, err := c.Tensor(name)
		require.NoError(t, err)
		if got.Bytes {
			named = append(named, name)
		}
	}
	assert.Equal(t, []string{"a.matrix", "a.pointwise"}, named)
	SetBytes(metadata, nil)
	assert.Empty(t, metadata)
	for value, says := range map[string]string{
		"{}": "cannot unmarshal", "[1]": "cannot unmarshal", `["[a"]`: "syntax error in pattern", "[": "unexpected end",
		`["` + strings.Repeat("*", maxBytesValue) + `"]`: "4100 bytes, the limit is 4096",
	} {
		_, err := Build(map[string]string{BytesKey: value}, tensors)
		assert.ErrorContains(t, err, says)
		assert.ErrorContains(t, err, "weights: uar.bytes")
	}
}

func TestDecodeTruncated(t *testing.T) {
	data := encode(t, small(t))
	for _, n := range []int{0, 7, 100, len(data) - 1} {
		_, err := Decode(data[:n])
		assert.ErrorIs(t, err, safetensors.ErrTruncated)
	}
}

func TestOpenStopsWhenCancelled(t *testing.T) {
	_, dir, _, _ := sharded(t)
	file := filepath.Join(dir, "model.safetensors")
	require.NoError(t, small(t).Save(file))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, name := range []string{file, filepath.Join(dir, ManifestName)} {
		_, err := Open(ctx, name)
		assert.ErrorIs(t, err, context.Canceled)
		assert.ErrorContains(t, err, name)
	}
}

// Whatever goes wrong, the file is as it was and nothing is left beside it.
func TestWriteFileWritesAllOrNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	text := func(s string, err error) func(io.Writer) error {
		return func(w io.Writer) error {
			_, e := io.WriteString(w, s)
			return errors.Join(e, err)
		}
	}
	require.NoError(t, WriteFile(path, text("old", nil)))
	full := errors.New("the disk is full")
	err := WriteFile(path, text("ne", full))
	require.ErrorIs(t, err, full)
	require.ErrorContains(t, err, path)
	require.ErrorIs(t, WriteFile(filepath.Join(dir, "none", "a"), text("", nil)), os.ErrNotExist)
	require.NoError(t, os.Mkdir(filepath.Join(dir, "folder"), 0o755))
	require.Error(t, WriteFile(filepath.Join(dir, "folder"), text("", nil)))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "old", string(data))
	require.NoError(t, WriteFile(path, text("new", nil)))
	data, err = os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "new", string(data))
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, files, 2, "a and the folder")
}

func TestOpenNamesTheFile(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty")
	require.NoError(t, os.WriteFile(empty, nil, 0o644))
	none := filepath.Join(dir, "none")
	_, err := Open(t.Context(), none)
	assert.ErrorIs(t, err, os.ErrNotExist)
	assert.ErrorContains(t, err, none+": ")
	for name, want := range map[string]string{
		empty: "empty: weights: safetensors: truncated: 0 bytes are too few for a header",
		dir:   ": weights: not a file",
	} {
		_, err := Open(t.Context(), name)
		require.ErrorContains(t, err, want)
		require.ErrorContains(t, err, dir)
	}
}

// The golden models are whole, and every element of theirs is valid.
func TestGoldenModels(t *testing.T) {
	for _, name := range golden.Models {
		c, err := Open(t.Context(), golden.Path(t, name, "model.safetensors"))
		require.NoError(t, err)
		assert.NotEmpty(t, c.Metadata["uar.config"])
		data := int64(0)
		for _, name := range c.Names() {
			x, err := c.Tensor(name)
			require.NoError(t, err)
			require.NoError(t, x.Valid())
			data += int64(len(x.Data))
		}
		assert.Equal(t, 4*c.Parameters(), data)
	}
}

// A drained checkpoint has handed out what it held, and can still be counted.
func TestDraining(t *testing.T) {
	c, want := small(t), small(t)
	for _, name := range want.Names() {
		expected, err := want.Tensor(name)
		require.NoError(t, err)
		got, err := Draining{c}.Tensor(name)
		require.NoError(t, err)
		require.Equal(t, expected, got)
		_, err = c.Tensor(name)
		require.ErrorContains(t, err, name)
	}
	assert.Equal(t, want.Names(), c.Names())
	assert.Equal(t, want.Formats(), c.Formats())
	assert.Equal(t, want.Parameters(), c.Parameters())
	for name, e := range c.stored {
		assert.Nil(t, e.Data, name)
	}
	_, err := Draining{c}.Tensor("no such")
	assert.ErrorIs(t, err, ErrMissing)
}
