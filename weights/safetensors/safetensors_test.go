package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/weights/golden"
)

// file is a safetensors file of this header and so many zero bytes.
func file(header string, size int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, size)...)
}

func tensorJSON(name, dtype, shape string, begin, end uint64) string {
	return fmt.Sprintf(`"%s":{"dtype":"%s","shape":%s,"data_offsets":[%d,%d]}`, name, dtype, shape, begin, end)
}

// hostile are the files that must be refused. The cases are those of the
// safetensors crate's tests and attacks folder and of llama.cpp's
// tests/test-gguf.cpp, as far as the format has what they abuse.
var hostile = []struct {
	name string
	data []byte
	err  error
}{
	{"empty", nil, ErrTruncated},
	{"header too small", []byte{1, 2, 3, 4, 5, 6, 7}, ErrTruncated},
	{"header too large", []byte("<\x00\x00\x00\x00\xff\xff\xff{}"), ErrLimit},
	{"header length −1", []byte("\xff\xff\xff\xff\xff\xff\xff\xff{}"), ErrLimit},
	{"header length over the end", []byte("<\x00\x00\x00\x00\x00\x00\x00"), ErrTruncated},
	{"header length one over the end", []byte("\x03\x00\x00\x00\x00\x00\x00\x00{}"), ErrTruncated},
	{"header length zero", file("", 0), ErrFormat},
	{"not UTF-8", file("\xff", 0), ErrFormat},
	{"name not UTF-8", file("{\"\xff\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]}}", 1), ErrFormat},
	{"not JSON", file("{", 0), ErrFormat},
	{"null", file("null", 0), ErrFormat},
	{"array", file("[]", 0), ErrFormat},
	{"space first", file(" {}", 0), ErrFormat},
	{"byte order mark", file("\ufeff{}", 0), ErrFormat},
	{"two objects", file("{}{}", 0), ErrFormat},
	{"zero bytes as padding", file("{}\x00\x00", 0), ErrFormat},
	{"comma missing", file(`{"a":{"dtype":"U8","shape":[0]"data_offsets":[0,0]}}`, 0), ErrFormat},
	{"comma last", file(`{"__metadata__":{"a":"b",}}`, 0), ErrFormat},
	{"a picture", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"), ErrLimit},
	{"duplicate tensor", file("{"+tensorJSON("a", "U8", "[1]", 0, 1)+","+tensorJSON("a", "U8", "[1]", 1, 2)+"}", 2), ErrFormat},
	{"duplicate tensor by escape", file("{"+tensorJSON("a", "U8", "[1]", 0, 1)+","+tensorJSON(`\u0061`, "U8", "[1]", 1, 2)+"}", 2), ErrFormat},
	{"duplicate metadata", file(`{"__metadata__":{},"__metadata__":{}}`, 0), ErrFormat},
	{"duplicate key in metadata", file(`{"__metadata__":{"a":"1","a":"2"}}`, 0), ErrFormat},
	{"duplicate dtype", file(`{"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}}`, 1), ErrFormat},
	{"metadata a number", file(`{"__metadata__":{"a":1}}`, 0), ErrFormat},
	{"metadata null", file(`{"__metadata__":null}`, 0), ErrFormat},
	{"metadata nested", file(`{"__metadata__":{"a":{"b":"c"}}}`, 0), ErrFormat},
	{"deep nesting", file(`{"a":`+strings.Repeat("[", 1<<20), 0), ErrFormat},
	{"tensor null", file(`{"a":null}`, 0), ErrFormat},
	{"tensor empty", file(`{"a":{}}`, 0), ErrFormat},
	{"no dtype", file(`{"a":{"shape":[1],"data_offsets":[0,1]}}`, 1), ErrFormat},
	{"no shape", file(`{"a":{"dtype":"U8","data_offsets":[0,1]}}`, 1), ErrFormat},
	{"no offsets", file(`{"a":{"dtype":"U8","shape":[0]}}`, 0), ErrFormat},
	{"unknown key", file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"b":0}}`, 1), ErrFormat},
	{"key in capitals", file(`{"a":{"DType":"U8","shape":[1],"data_offsets":[0,1]}}`, 1), ErrFormat},
	{"unknown dtype", file("{"+tensorJSON("a", "F31", "[1]", 0, 4)+"}", 4), ErrDType},
	{"dtype a number", file(`{"a":{"dtype":0,"shape":[1],"data_offsets":[0,1]}}`, 1), ErrFormat},
	{"shape a number", file(`{"a":{"dtype":"U8","shape":1,"data_offsets":[0,1]}}`, 1), ErrFormat},
	{"shape negative", file("{"+tensorJSON("a", "U8", "[-1]", 0, 1)+"}", 1), ErrFormat},
	{"shape fraction", file("{"+tensorJSON("a", "U8", "[1.0]", 0, 1)+"}", 1), ErrFormat},
	{"shape exponent", file("{"+tensorJSON("a", "U8", "[1e0]", 0, 1)+"}", 1), ErrFormat},
	{"shape strings", file("{"+tensorJSON("a", "U8", `["1"]`, 0, 1)+"}", 1), ErrFormat},
	{"shape over 64 bits", file("{"+tensorJSON("a", "U8", "[18446744073709551617]", 0, 1)+"}", 1), ErrFormat},
	{"shape of rank 9", file("{"+tensorJSON("a", "U8", "[1,1,1,1,1,1,1,1,1]", 0, 1)+"}", 1), ErrLimit},
	{"shape overflows", file("{"+tensorJSON("a", "U8", "[4294967296,4294967296]", 0, 0)+"}", 0), ErrFormat},
	{"size overflows", file("{"+tensorJSON("a", "F64", "[2305843009213693952]", 0, 0)+"}", 0), ErrFormat},
	{"shape larger than data", file("{"+tensorJSON("a", "F32", "[2,2]", 0, 12)+"}", 12), ErrFormat},
	{"shape smaller than data", file("{"+tensorJSON("a", "F32", "[2,2]", 0, 20)+"}", 20), ErrFormat},
	{"one offset", file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[1]}}`, 1), ErrFormat},
	{"three offsets", file(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,1]}}`, 1), ErrLimit},
	{"offsets backwards", file("{"+tensorJSON("a", "U8", "[1]", 0, 1)+","+tensorJSON("b", "U8", "[1]", 1, 0)+"}", 1), ErrFormat},
	{"hole at the start", file("{"+tensorJSON("a", "U8", "[1]", 1, 2)+"}", 2), ErrFormat},
	{"hole", file("{"+tensorJSON("a", "U8", "[1]", 0, 1)+","+tensorJSON("b", "U8", "[1]", 2, 3)+"}", 3), ErrFormat},
	{"overlap", file("{"+tensorJSON("a", "U8", "[2]", 0, 2)+","+tensorJSON("b", "U8", "[2]", 1, 3)+"}", 3), ErrFormat},
	{"the same bytes twice", file("{"+tensorJSON("a", "U8", "[2]", 0, 2)+","+tensorJSON("b", "U8", "[2]", 0, 2)+"}", 2), ErrFormat},
	{"a 1 TiB tensor", file("{"+tensorJSON("a", "U8", "[1099511627776]", 0, 1<<40)+"}", 1), ErrTruncated},
	{"one byte short", file("{"+tensorJSON("a", "F32", "[2]", 0, 8)+"}", 7), ErrTruncated},
	{"one byte more", file("{"+tensorJSON("a", "F32", "[2]", 0, 8)+"}", 9), ErrFormat},
	{"bytes without a tensor", file("{}", 1), ErrFormat},
	{"long name", file("{"+tensorJSON(strings.Repeat("a", MaxName+1), "U8", "[1]", 0, 1)+"}", 1), ErrLimit},
	{"many tensors", manyTensors(MaxTensors + 1), ErrLimit},
	{"many keys of metadata", manyKeys(MaxMetadata + 1), ErrLimit},
}

func manyTensors(n int) []byte {
	tensors := make([]string, n)
	for i := range tensors {
		tensors[i] = tensorJSON(fmt.Sprint(i), "U8", "[0]", 0, 0)
	}
	return file("{"+strings.Join(tensors, ",")+"}", 0)
}

func manyKeys(n int) []byte {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprintf(`"%d":""`, i)
	}
	return file(`{"__metadata__":{`+strings.Join(keys, ",")+`}}`, 0)
}

func TestHostile(t *testing.T) {
	t.Attr("hostile", "safetensors")
	for _, test := range hostile {
		t.Run(test.name, func(t *testing.T) {
			_, err := Decode(test.data)
			assert.ErrorIs(t, err, test.err)
			_, err = Read(bytes.NewReader(test.data), int64(len(test.data)))
			assert.ErrorIs(t, err, test.err)
		})
	}
}

func TestLegal(t *testing.T) {
	tests := []struct {
		name string
		data []byte
		want File
	}{
		{"nothing", file("{}", 0), File{Entries: []Entry{}}},
		{"padded with spaces", file("{}      \n", 0), File{Entries: []Entry{}}},
		{"metadata only", file(`{"__metadata__":{"framework":"pt"}}`, 0), File{Metadata: map[string]string{"framework": "pt"}, Entries: []Entry{}}},
		{"scalar", file("{"+tensorJSON("a", "F32", "[]", 0, 4)+"}", 4), File{Entries: []Entry{{"a", "F32", nil, make([]byte, 4)}}}},
		{"zero sized", file("{"+tensorJSON("a", "F32", "[2,0]", 0, 0)+"}", 0), File{Entries: []Entry{{"a", "F32", []int{2, 0}, []byte{}}}}},
		{"not in order", file("{"+tensorJSON("b", "U8", "[1]", 1, 2)+","+tensorJSON("a", "I8", "[1]", 0, 1)+"}", 2),
			File{Entries: []Entry{{"a", "I8", []int{1}, []byte{0}}, {"b", "U8", []int{1}, []byte{0}}}}},
		{"as many as allowed", manyTensors(MaxTensors), File{Entries: make([]Entry, MaxTensors)}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			decoded, err := Decode(test.data)
			require.NoError(t, err)
			read, err := Read(iotest.HalfReader(bytes.NewReader(test.data)), int64(len(test.data)))
			require.NoError(t, err)
			require.Len(t, decoded.Entries, len(test.want.Entries))
			requireSame(t, decoded, read)
			if len(test.want.Entries) < MaxTensors {
				requireSame(t, &test.want, decoded)
			}
		})
	}
}

// requireSame compares files; nil and empty data are the same.
func requireSame(t *testing.T, want, got *File) {
	t.Helper()
	require.Equal(t, len(want.Metadata), len(got.Metadata))
	for key, value := range want.Metadata {
		require.Equal(t, value, got.Metadata[key])
	}
	require.Len(t, got.Entries, len(want.Entries))
	for i, w := range want.Entries {
		g := got.Entries[i]
		require.True(t, w.Name == g.Name && w.DType == g.DType && fmt.Sprint(w.Shape) == fmt.Sprint(g.Shape) && bytes.Equal(w.Data, g.Data), w.Name)
	}
}

// A size that lies in either direction is found, and memory follows the bytes
// that come, not the size.
func TestReadWithALyingSize(t *testing.T) {
	huge := file("{"+tensorJSON("a", "U8", "[1099511627776]", 0, 1<<40)+"}", 100)
	_, err := Read(bytes.NewReader(huge), int64(len(huge))-100+1<<40)
	assert.ErrorIs(t, err, ErrTruncated)
	assert.ErrorContains(t, err, `tensor "a"`)

	_, err = Read(bytes.NewReader([]byte("\x00\xe1\xf5\x05\x00\x00\x00\x00{}")), 1<<40)
	assert.ErrorIs(t, err, ErrTruncated)

	_, err = Read(strings.NewReader(""), -1)
	assert.ErrorIs(t, err, ErrFormat)

	r := bytes.NewReader(append(file("{}", 0), "rest"...))
	_, err = Read(r, 10)
	require.NoError(t, err)
	assert.Equal(t, 4, r.Len(), "bytes after the size are not read")
}

func TestReadReturnsTheReadersError(t *testing.T) {
	broken := errors.New("the disk is gone")
	data := file("{"+tensorJSON("a", "U8", "[9]", 0, 9)+"}", 9)
	for n := range len(data) - 1 {
		r := io.MultiReader(bytes.NewReader(data[:n]), iotest.ErrReader(broken))
		_, err := Read(r, int64(len(data)))
		require.ErrorIs(t, err, broken, n)
	}
}

// Every prefix of a file is truncated, and says so.
func TestEveryPrefixIsTruncated(t *testing.T) {
	data := file("{"+tensorJSON("a", "U8", "[9]", 0, 9)+"}", 9)
	for n := range data {
		_, err := Decode(data[:n])
		require.ErrorIs(t, err, ErrTruncated, n)
		_, err = Read(bytes.NewReader(data[:n]), int64(len(data)))
		require.ErrorIs(t, err, ErrTruncated, n)
	}
}

func TestDecodeDoesNotCopy(t *testing.T) {
	data := file("{"+tensorJSON("a", "U8", "[1]", 0, 1)+","+tensorJSON("b", "U8", "[1]", 1, 2)+"}", 2)
	f, err := Decode(data)
	require.NoError(t, err)
	data[len(data)-1] = 7
	assert.Equal(t, byte(7), f.Entries[1].Data[0])
	_ = append(f.Entries[0].Data, 9)
	assert.Equal(t, byte(7), data[len(data)-1], "appending must not run into the next tensor")
}

func TestWriteIsDeterministicAndAligned(t *testing.T) {
	entries := []Entry{
		{"z", "I8", []int{3}, []byte{1, 2, 3}},
		{"s", "F32", nil, []byte{1, 2, 3, 4}},
		{"h", "F16", []int{1}, []byte{5, 6}},
		{"a", "I8", []int{0}, nil},
		{"b", "F32", []int{1, 1}, []byte{7, 8, 9, 10}},
	}
	metadata := map[string]string{"uar.config": `{"vocab":["<bos>"]}`, "format": "pt"}
	var want bytes.Buffer
	require.NoError(t, Write(&want, &File{metadata, entries}))
	assert.Zero(t, binary.LittleEndian.Uint64(want.Bytes())%8)

	f, err := Decode(want.Bytes())
	require.NoError(t, err)
	assert.Equal(t, metadata, f.Metadata)
	var names []string
	for _, e := range f.Entries {
		names = append(names, e.Name)
	}
	assert.Equal(t, []string{"b", "s", "h", "a", "z"}, names)

	for range 10 {
		rand.Shuffle(len(entries), func(i, j int) { entries[i], entries[j] = entries[j], entries[i] })
		var got bytes.Buffer
		require.NoError(t, Write(&got, &File{metadata, entries}))
		require.Equal(t, want.Bytes(), got.Bytes())
	}
}

func TestWriteRefusesWhatReadWould(t *testing.T) {
	one := []byte{0}
	for name, f := range map[string]*File{
		"duplicate":         {Entries: []Entry{{"a", "U8", []int{1}, one}, {"a", "U8", []int{1}, one}}},
		"dtype":             {Entries: []Entry{{"a", "F4", []int{1}, one}}},
		"size":              {Entries: []Entry{{"a", "F32", []int{1}, one}}},
		"negative":          {Entries: []Entry{{"a", "U8", []int{-1}, one}}},
		"rank":              {Entries: []Entry{{"a", "U8", make([]int, MaxRank+1), nil}}},
		"name":              {Entries: []Entry{{strings.Repeat("a", MaxName+1), "U8", []int{1}, one}}},
		"metadata's name":   {Entries: []Entry{{metadataKey, "U8", []int{1}, one}}},
		"name not UTF-8":    {Entries: []Entry{{"\xff", "U8", []int{1}, one}}},
		"metadata not UTF8": {Metadata: map[string]string{"a": "\xff"}},
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			assert.Error(t, Write(&b, f))
			assert.Zero(t, b.Len())
		})
	}
}

type failingWriter struct{ left int }

func (w *failingWriter) Write(p []byte) (int, error) {
	if w.left--; w.left < 0 {
		return 0, io.ErrClosedPipe
	}
	return len(p), nil
}

func TestWriteReturnsTheWritersError(t *testing.T) {
	f := &File{Entries: []Entry{{"a", "U8", []int{1}, []byte{0}}}}
	for n := range 2 {
		assert.ErrorIs(t, Write(&failingWriter{n}, f), io.ErrClosedPipe)
	}
	assert.NoError(t, Write(&failingWriter{2}, f))
}

// What PyTorch wrote is read, written and read again unchanged.
func TestGoldenModels(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(golden.Path(t), "*", "model.safetensors"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		f, err := Decode(data)
		require.NoError(t, err)
		assert.NotEmpty(t, f.Metadata["uar.config"])
		var b bytes.Buffer
		require.NoError(t, Write(&b, f))
		back, err := Read(&b, int64(b.Len()))
		require.NoError(t, err)
		require.Equal(t, f.Metadata, back.Metadata)
		entries := map[string]Entry{}
		for _, e := range f.Entries {
			entries[e.Name] = e
		}
		require.Len(t, back.Entries, len(entries))
		for _, e := range back.Entries {
			require.Equal(t, entries[e.Name], e)
		}
	}
}
