package safetensors

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

// Write writes a file. Equal files give equal bytes: entries are ordered by the
// size of an element, the largest first, then by name, so that with the header
// padded to 8 bytes every tensor is aligned to its element; metadata is ordered
// by key. A file that Read would refuse is an error and nothing is written.
func Write(w io.Writer, f *File) error {
	entries := slices.Clone(f.Entries)
	slices.SortStableFunc(entries, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(dtypeSizes[b.DType], dtypeSizes[a.DType]), cmp.Compare(a.Name, b.Name))
	})
	if err := checkUTF8(f.Metadata, entries); err != nil {
		return err
	}
	header, size := appendHeader(make([]byte, prefix), f.Metadata, entries)
	n := uint64(len(header) - prefix)
	binary.LittleEndian.PutUint64(header, n)
	if _, err := headerLength(header, prefix+n+size); err != nil {
		return err
	}
	// The reader knows the rules.
	if _, _, err := parseHeader(header[prefix:], size); err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return fmt.Errorf("safetensors: write: %w", err)
	}
	for _, e := range entries {
		if _, err := w.Write(e.Data); err != nil {
			return fmt.Errorf("safetensors: write tensor %q: %w", e.Name, err)
		}
	}
	return nil
}

// checkUTF8 finds the strings that encoding/json would change in silence.
func checkUTF8(metadata map[string]string, entries []Entry) error {
	for key, value := range metadata {
		if !utf8.ValidString(key) || !utf8.ValidString(value) {
			return fmt.Errorf("%w: metadata %q is not UTF-8", ErrFormat, key)
		}
	}
	for _, e := range entries {
		if !utf8.ValidString(e.Name) {
			return fmt.Errorf("%w: the tensor name %q is not UTF-8", ErrFormat, e.Name)
		}
	}
	return nil
}

// appendHeader appends the header's JSON, padded, and returns the number of
// bytes of all entries' data.
func appendHeader(b []byte, metadata map[string]string, entries []Entry) ([]byte, uint64) {
	member := func(key string, value any) {
		if b[len(b)-1] != '{' {
			b = append(b, ',')
		}
		k, _ := json.Marshal(key)   // strings, integers and maps of strings
		v, _ := json.Marshal(value) // cannot fail
		b = append(append(append(b, k...), ':'), v...)
	}
	b = append(b, '{')
	if len(metadata) > 0 {
		member(metadataKey, metadata)
	}
	offset := uint64(0)
	for _, e := range entries {
		end := offset + uint64(len(e.Data))
		member(e.Name, struct {
			DType   string    `json:"dtype"`
			Shape   []int     `json:"shape"`
			Offsets [2]uint64 `json:"data_offsets"`
		}{e.DType, append([]int{}, e.Shape...), [2]uint64{offset, end}})
		offset = end
	}
	b = append(b, '}')
	for len(b)%8 != 0 {
		b = append(b, ' ')
	}
	return b, offset
}
