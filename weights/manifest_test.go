package weights

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/weights/safetensors"
	"uarweb/weights/tensor"
)

// sharded is a checkpoint, the folder with its shards of 300 bytes, and its
// manifest.
func sharded(t *testing.T) (c *Checkpoint, dir string, m *Manifest, text []byte) {
	t.Helper()
	c, dir = small(t), filepath.Join(t.TempDir(), "new", "folder")
	m, err := writeShards(dir, c, 300)
	require.NoError(t, err)
	require.Greater(t, len(m.Shards), 2)
	text, err = os.ReadFile(filepath.Join(dir, ManifestName))
	require.NoError(t, err)
	return c, dir, m, text
}

func from(dir string) func(context.Context, string) (io.ReadCloser, error) {
	return func(_ context.Context, name string) (io.ReadCloser, error) { return os.Open(filepath.Join(dir, name)) }
}

// Shards are the file, cut anywhere, and make the same checkpoint.
func TestShards(t *testing.T) {
	c := small(t)
	file := encode(t, c)
	decoded, err := Decode(file)
	require.NoError(t, err)
	limits := []int{100, len(file) - 1, len(file), len(file) + 1}
	if runtime.GOOS != "js" { // where every call on one of the many files is a request
		limits = append(limits, len(file)/MaxShards+1)
	}
	for _, limit := range limits {
		t.Run(strconv.Itoa(limit), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "new", "folder")
			m, err := writeShards(dir, c, limit)
			require.NoError(t, err)
			assert.Equal(t, []any{c.SHA256, c.Size()}, []any{m.SHA256, m.Size})
			var all []byte
			for i, s := range m.Shards {
				data, err := os.ReadFile(filepath.Join(dir, s.Name))
				require.NoError(t, err)
				assert.Equal(t, newShard(data), s)
				assert.LessOrEqual(t, len(data), limit)
				assert.True(t, len(data) == limit || i == len(m.Shards)-1)
				all = append(all, data...)
			}
			assert.Equal(t, file, all)

			text, err := os.ReadFile(filepath.Join(dir, ManifestName))
			require.NoError(t, err)
			var done []int64
			loaded, err := LoadManifest(t.Context(), text, from(dir), func(d, total int64) {
				done = append(done, d)
				assert.Equal(t, m.Size, total)
			})
			require.NoError(t, err)
			requireSame(t, c, loaded)
			assert.Equal(t, []any{c.SHA256, c.Size()}, []any{loaded.SHA256, loaded.Size()})
			assert.IsNonDecreasing(t, done)
			assert.Equal(t, m.Size, done[len(done)-1])

			opened, err := Open(t.Context(), filepath.Join(dir, ManifestName))
			require.NoError(t, err)
			assert.Equal(t, loaded, opened)
			embedded, err := OpenFS(t.Context(), os.DirFS(filepath.Dir(dir)), "folder/"+ManifestName)
			require.NoError(t, err)
			assert.Equal(t, loaded, embedded)
			assert.Equal(t, decoded.entries(), loaded.entries())
		})
	}
}

// A tensor may be larger than a shard, and equal shards share a file.
func TestEqualShards(t *testing.T) {
	c, err := Build(nil, []tensor.Tensor{tensor.FromFloats("a", []int{1000}, make([]float32, 1000))})
	require.NoError(t, err)
	dir := t.TempDir()
	m, err := writeShards(dir, c, 500)
	require.NoError(t, err)
	require.Equal(t, m.Shards[1], m.Shards[2])
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Less(t, len(files), len(m.Shards))
	loaded, err := Open(t.Context(), filepath.Join(dir, ManifestName))
	require.NoError(t, err)
	requireSame(t, c, loaded)
}

// Shards are open one at a time, and no more than one is held beyond the
// tensors.
func TestLoadManifestHoldsOneShard(t *testing.T) {
	const limit = 1 << 20
	var tensors []tensor.Tensor
	for i, rows := range []int{1, 1, 2, 4, 8} {
		values := make([]float32, rows<<18)
		values[0] = float32(i)
		tensors = append(tensors, tensor.FromFloats(strconv.Itoa(i), []int{len(values)}, values))
	}
	c, err := Build(nil, tensors)
	require.NoError(t, err)
	dir := t.TempDir()
	m, err := writeShards(dir, c, limit)
	require.NoError(t, err)
	text, err := json.Marshal(m)
	require.NoError(t, err)
	open := 0
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	loaded, err := LoadManifest(t.Context(), text, func(_ context.Context, name string) (io.ReadCloser, error) {
		open++
		assert.Equal(t, 1, open)
		f, err := os.Open(filepath.Join(dir, name))
		return closer{f, func() error { open--; return f.Close() }}, err
	}, nil)
	runtime.ReadMemStats(&after)
	require.NoError(t, err)
	assert.Zero(t, open)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(m.Size+limit+limit/2))
	requireSame(t, c, loaded)
}

type closer struct {
	io.Reader
	close func() error
}

func (c closer) Close() error { return c.close() }

func TestWriteShardsKeepsWhatItDidNotWrite(t *testing.T) {
	dir := t.TempDir()
	other := filepath.Join(dir, "0123456789abcdef.safetensors")
	require.NoError(t, os.WriteFile(other, []byte("mine"), 0o644))
	m, err := WriteShards(dir, small(t))
	require.NoError(t, err)
	assert.Len(t, m.Shards, 1)
	again, err := WriteShards(dir, small(t))
	require.NoError(t, err)
	assert.Equal(t, m, again)
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, files, 3, "one shard, the manifest and mine")
}

func TestWriteShardsRefusesTooMany(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	_, err := writeShards(dir, small(t), 1)
	require.ErrorIs(t, err, ErrManifest)
	assert.NoDirExists(t, dir)
}

// Damage to any byte of any shard is found, and the message says which shard
// and what happened to it.
func TestDamagedShards(t *testing.T) {
	_, dir, m, text := sharded(t)
	network := errors.New("the network is down")
	for _, s := range m.Shards {
		data, err := os.ReadFile(filepath.Join(dir, s.Name))
		require.NoError(t, err)
		flipped := func(i int) []byte {
			d := bytes.Clone(data)
			d[i] ^= 0x10
			return d
		}
		for name, test := range map[string]struct {
			body io.Reader
			is   error
			says string
		}{
			"first byte":   {bytes.NewReader(flipped(0)), ErrAltered, "altered"},
			"header":       {bytes.NewReader(flipped(9)), ErrAltered, "altered"},
			"last byte":    {bytes.NewReader(flipped(len(data) - 1)), ErrAltered, "altered"},
			"empty":        {bytes.NewReader(nil), safetensors.ErrTruncated, fmt.Sprintf("truncated: 0 bytes of %d", s.Size)},
			"one byte off": {bytes.NewReader(data[1:]), safetensors.ErrTruncated, fmt.Sprintf("truncated: %d bytes of %d", s.Size-1, s.Size)},
			"one more":     {iotest.OneByteReader(bytes.NewReader(append(data, 0))), ErrAltered, "more than"},
			"a web page":   {strings.NewReader("<!DOCTYPE html>"), safetensors.ErrTruncated, "truncated: 15 bytes"},
			"ended":        {io.MultiReader(bytes.NewReader(data[:9]), iotest.ErrReader(fmt.Errorf("get: %w", io.ErrUnexpectedEOF))), safetensors.ErrTruncated, "truncated: 9 bytes"},
			"broken off":   {io.MultiReader(bytes.NewReader(data[:9]), iotest.ErrReader(network)), network, "network"},
			"broken after": {io.MultiReader(bytes.NewReader(data), iotest.ErrReader(network)), network, "network"},
		} {
			t.Run(s.Name[:4]+" "+name, func(t *testing.T) {
				_, err := LoadManifest(t.Context(), text, func(_ context.Context, shard string) (io.ReadCloser, error) {
					if shard != s.Name {
						return from(dir)(nil, shard)
					}
					return io.NopCloser(test.body), nil
				}, nil)
				require.ErrorIs(t, err, test.is)
				require.ErrorContains(t, err, test.says)
				require.ErrorContains(t, err, s.Name)
			})
		}
		t.Run(s.Name[:4]+" not there", func(t *testing.T) {
			require.NoError(t, os.Rename(filepath.Join(dir, s.Name), filepath.Join(dir, "away")))
			_, err := Open(t.Context(), filepath.Join(dir, ManifestName))
			require.ErrorIs(t, err, os.ErrNotExist)
			require.ErrorContains(t, err, s.Name)
			require.NoError(t, os.Rename(filepath.Join(dir, "away"), filepath.Join(dir, s.Name)))
		})
	}
}

func TestLoadManifestStopsWhenCancelled(t *testing.T) {
	_, dir, _, text := sharded(t)
	ctx, cancel := context.WithCancel(t.Context())
	calls := 0
	_, err := LoadManifest(ctx, text, from(dir), func(int64, int64) { calls++; cancel() })
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, 1, calls)
}

// An error to open a shard is that shard's, whatever it wraps.
func TestLoadManifestReturnsTheOpenersError(t *testing.T) {
	_, _, m, text := sharded(t)
	for _, refused := range []error{os.ErrNotExist, io.EOF} {
		_, err := LoadManifest(t.Context(), text, func(context.Context, string) (io.ReadCloser, error) { return nil, refused }, nil)
		assert.ErrorIs(t, err, refused)
		assert.EqualError(t, err, "weights: shard "+m.Shards[0].Name+": "+refused.Error())
	}
}

// Shards that are what the manifest says may still not make its file.
func TestShardsThatMakeNoFile(t *testing.T) {
	file := encode(t, small(t))
	tail := len(file) - 16
	for name, test := range map[string]struct {
		shards [][]byte
		is     error
	}{
		"in order":       {[][]byte{file[:tail], file[tail : tail+8], file[tail+8:]}, nil},
		"swapped":        {[][]byte{file[:tail], file[tail+8:], file[tail : tail+8]}, ErrAltered},
		"header swapped": {[][]byte{file[tail:], file[:tail]}, safetensors.ErrLimit},
		"one missing":    {[][]byte{file[:tail]}, safetensors.ErrTruncated},
		"one more":       {[][]byte{file, file[tail:]}, safetensors.ErrFormat},
		"no header":      {[][]byte{[]byte("no safetensors file")}, safetensors.ErrLimit},
	} {
		t.Run(name, func(t *testing.T) {
			open, text := manifestOf(t, newShard(file).SHA256, test.shards...)
			_, err := LoadManifest(t.Context(), text, open, nil)
			require.ErrorIs(t, err, test.is)
		})
	}
}

// manifestOf is a manifest of these shards, which claim to make the file of that
// SHA-256.
func manifestOf(t *testing.T, sum string, shards ...[]byte) (func(context.Context, string) (io.ReadCloser, error), []byte) {
	t.Helper()
	m, files := Manifest{Format: ManifestFormat, SHA256: sum}, fstest.MapFS{}
	for _, data := range shards {
		s := newShard(data)
		files[s.Name] = &fstest.MapFile{Data: data}
		m.Shards = append(m.Shards, s)
		m.Size += s.Size
	}
	text, err := json.Marshal(m)
	require.NoError(t, err)
	return func(_ context.Context, name string) (io.ReadCloser, error) { return files.Open(name) }, text
}

const sum = "00000000000000000123456789abcdef0123456789abcdef0123456789abcdef"

func manifestJSON(size, shards string) string {
	return `{"format":"uar-shards/1","size":` + size + `,"sha256":"` + sum + `","shards":[` + shards + `]}`
}

func shardJSON(name, size string) string {
	return `{"name":"` + name + `","size":` + size + `,"sha256":"` + sum + `"}`
}

func manifestSigned(key, value string) string {
	return strings.TrimSuffix(manifestJSON("1", shardJSON("a", "1")), "}") + `,"signature":{"key":"` + key + `","value":"` + value + `"}}`
}

var hostileManifests = map[string]string{
	"empty":            ``,
	"null":             `null`,
	"array":            `[]`,
	"no keys":          `{}`,
	"two objects":      manifestJSON("1", shardJSON("a", "1")) + `{}`,
	"other format":     strings.Replace(manifestJSON("1", shardJSON("a", "1")), "/1", "/2", 1),
	"no shards":        manifestJSON("0", ""),
	"unknown key":      strings.Replace(manifestJSON("1", shardJSON("a", "1")), `{"format"`, `{"x":1,"format"`, 1),
	"unknown in shard": manifestJSON("1", strings.Replace(shardJSON("a", "1"), `{"name"`, `{"url":"//x","name"`, 1)),
	"key twice":        strings.Replace(manifestJSON("1", shardJSON("a", "1")), `"size":1,`, `"size":2,"size":1,`, 1),
	"key in capitals":  strings.Replace(manifestJSON("1", shardJSON("a", "1")), `"size":1,`, `"SIZE":1,`, 1),
	"wrong sum":        manifestJSON("3", shardJSON("a", "1")+","+shardJSON("b", "1")),
	"no name":          manifestJSON("1", shardJSON("", "1")),
	"slash":            manifestJSON("1", shardJSON("a/b", "1")),
	"root":             manifestJSON("1", shardJSON("/etc/passwd", "1")),
	"backslash":        manifestJSON("1", shardJSON(`a\\b`, "1")),
	"parent":           manifestJSON("1", shardJSON("..", "1")),
	"dot":              manifestJSON("1", shardJSON(".", "1")),
	"colon":            manifestJSON("1", shardJSON("c:", "1")),
	"escape":           manifestJSON("1", shardJSON("a%2fb", "1")),
	"new line":         manifestJSON("1", shardJSON(`a\n`, "1")),
	"zero byte":        manifestJSON("1", shardJSON(`a\u0000`, "1")),
	"long name":        manifestJSON("1", shardJSON(strings.Repeat("a", 129), "1")),
	"size 0":           manifestJSON("0", shardJSON("a", "0")),
	"size −1":          manifestJSON("-1", shardJSON("a", "-1")),
	"size a fraction":  manifestJSON("1", shardJSON("a", "1.5")),
	"size too large":   manifestJSON("16000001", shardJSON("a", "16000001")),
	"size overflows":   manifestJSON("1", shardJSON("a", "18446744073709551617")),
	"no sum":           strings.Replace(manifestJSON("1", shardJSON("a", "1")), `"sha256":"`+sum+`",`, "", 1),
	"short sum":        strings.Replace(manifestJSON("1", shardJSON("a", "1")), sum, sum[1:], 1),
	"sum in capitals":  strings.Replace(manifestJSON("1", shardJSON("a", "1")), sum, strings.ToUpper(sum), 1),
	"short in shard":   manifestJSON("1", strings.Replace(shardJSON("a", "1"), sum, sum[1:], 1)),
	"capital in shard": manifestJSON("1", strings.Replace(shardJSON("a", "1"), sum, strings.ToUpper(sum), 1)),
	"many shards":      manifestJSON("257", strings.Repeat(shardJSON("a", "1")+",", 256)+shardJSON("a", "1")),
	"short key":        manifestSigned("AAAA", opensslValue),
	"short signature":  manifestSigned(opensslKey, "AAAA"),
	"no signature":     manifestSigned("", ""),
	"null signature":   strings.TrimSuffix(manifestJSON("1", shardJSON("a", "1")), "}") + `,"signature":null}`,
	"lines in a key":   manifestSigned(`\n`+opensslKey, opensslValue),
	"large":            manifestJSON("1", shardJSON("a", "1")) + strings.Repeat(" ", MaxManifest),
	"deep":             strings.Repeat(`{"shards":[`, 100000),
}

func TestHostileManifests(t *testing.T) {
	t.Attr("hostile", "manifest of shards")
	for name, text := range hostileManifests {
		t.Run(name, func(t *testing.T) {
			_, err := ParseManifest([]byte(text))
			require.ErrorIs(t, err, ErrManifest)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
	m, err := ParseManifest([]byte(" " + manifestJSON("16000000", shardJSON(strings.Repeat("a", 128), "16000000")) + "\n"))
	require.NoError(t, err)
	assert.Equal(t, int64(MaxShard), m.Size)
}

// A manifest that is accepted says the same when it is written again.
func FuzzParseManifest(f *testing.F) {
	for _, text := range hostileManifests {
		if len(text) < 1000 {
			f.Add([]byte(text))
		}
	}
	f.Add([]byte(opensslManifest))
	f.Add([]byte(manifestJSON("2", shardJSON("a", "1")+","+shardJSON("b", "1"))))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := ParseManifest(data)
		if err != nil {
			require.ErrorIs(t, err, ErrManifest)
			return
		}
		text, err := json.Marshal(m)
		require.NoError(t, err)
		again, err := ParseManifest(text)
		require.NoError(t, err)
		require.Equal(t, m, again)
	})
}

// A model of more than two whole shards, as they are written for a server.
func TestWriteShards(t *testing.T) {
	values := make([]byte, 2*MaxShard)
	for i := range values {
		values[i] = byte(i % 251 % 128)
	}
	c, err := Build(nil, []tensor.Tensor{{Name: "head.weight", Format: tensor.I8, Shape: []int{2, MaxShard}, Data: values, Scale: []float32{0.5, 3}}})
	require.NoError(t, err)
	dir := t.TempDir()
	m, err := WriteShards(dir, c)
	require.NoError(t, err)
	require.Len(t, m.Shards, 3)
	assert.Equal(t, []int64{MaxShard, MaxShard}, []int64{m.Shards[0].Size, m.Shards[1].Size})
	loaded, err := Open(t.Context(), filepath.Join(dir, ManifestName))
	require.NoError(t, err)
	requireSame(t, c, loaded)
}

// The sum of the file is checked also where its only shard is all of it.
func TestOneShardOfAnotherFile(t *testing.T) {
	file := encode(t, small(t))
	open, text := manifestOf(t, newShard(file).SHA256, file)
	c, err := LoadManifest(t.Context(), text, open, nil)
	require.NoError(t, err)
	assert.Equal(t, newShard(file).SHA256, c.SHA256)
	open, text = manifestOf(t, newShard([]byte("other")).SHA256, file)
	_, err = LoadManifest(t.Context(), text, open, nil)
	require.ErrorIs(t, err, ErrAltered)
}
