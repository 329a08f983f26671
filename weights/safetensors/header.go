package safetensors

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math/bits"
	"slices"
	"strconv"
	"unicode/utf8"
)

// metadataKey is the header's only key that names no tensor.
const metadataKey = "__metadata__"

// place is a tensor of a header: an Entry without its data, which lies at
// [begin, end) of the bytes after the header.
type place struct {
	Entry
	begin, end uint64
}

// parseHeader parses a header whose file has left bytes after it, and checks
// every rule of the format. Places are in the order of their bytes.
func parseHeader(header []byte, left uint64) (map[string]string, []place, error) {
	if len(header) == 0 || header[0] != '{' {
		return nil, nil, fmt.Errorf("%w: the header does not begin with {", ErrFormat)
	}
	if !utf8.Valid(header) {
		return nil, nil, fmt.Errorf("%w: the header is not UTF-8", ErrFormat)
	}
	p := parser{json.NewDecoder(bytes.NewReader(header))}
	p.UseNumber()

	var metadata map[string]string
	var places []place
	err := p.object(func(key string) (err error) {
		if key == metadataKey {
			metadata, err = p.metadata()
			return err
		}
		if len(places) == MaxTensors {
			return fmt.Errorf("%w: more than %d tensors", ErrLimit, MaxTensors)
		}
		if len(key) > MaxName {
			return fmt.Errorf("%w: a tensor name of %d bytes, %d are allowed", ErrLimit, len(key), MaxName)
		}
		place, err := p.place(key)
		places = append(places, place)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if _, err := p.Token(); err != io.EOF {
		return nil, nil, fmt.Errorf("%w: something follows the header's object", ErrFormat)
	}

	slices.SortFunc(places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end), cmp.Compare(a.Name, b.Name))
	})
	next := uint64(0)
	for _, place := range places {
		if err := place.check(next); err != nil {
			return nil, nil, err
		}
		next = place.end
	}
	if next > left {
		return nil, nil, fmt.Errorf("%w: tensors end at byte %d of %d", ErrTruncated, next, left)
	}
	if next < left {
		return nil, nil, fmt.Errorf("%w: %d bytes after the last tensor", ErrFormat, left-next)
	}
	return metadata, places, nil
}

// check returns an error unless the place begins at begin and has as many bytes
// as its type and shape ask for.
func (p place) check(begin uint64) error {
	if p.begin != begin || p.end < p.begin {
		return fmt.Errorf("%w: tensor %q has offsets [%d, %d] where %d comes next", ErrFormat, p.Name, p.begin, p.end, begin)
	}
	size, ok := dtypeSizes[p.DType]
	if !ok {
		return fmt.Errorf("%w: %q of tensor %q", ErrDType, p.DType, p.Name)
	}
	want := uint64(size)
	for _, d := range p.Shape {
		hi, lo := bits.Mul64(want, uint64(d))
		if hi != 0 {
			return fmt.Errorf("%w: tensor %q has shape %v, whose size overflows", ErrFormat, p.Name, p.Shape)
		}
		want = lo
	}
	if p.end-p.begin != want {
		return fmt.Errorf("%w: tensor %q has %d bytes, %s %v wants %d", ErrFormat, p.Name, p.end-p.begin, p.DType, p.Shape, want)
	}
	return nil
}

// parser walks a header token by token, since json.Unmarshal would let a
// duplicate key win in silence.
type parser struct{ *json.Decoder }

// token is the next token. Punctuation the grammar does not allow is an error.
func (p parser) token() (json.Token, error) {
	t, err := p.Token()
	if err != nil {
		return nil, fmt.Errorf("%w: header: %v", ErrFormat, err)
	}
	return t, nil
}

func (p parser) delimiter(want json.Delim) error {
	t, err := p.token()
	if err == nil && t != want {
		err = fmt.Errorf("%w: header: %v where %v is wanted", ErrFormat, t, want)
	}
	return err
}

func (p parser) string() (string, error) {
	t, err := p.token()
	if err != nil {
		return "", err
	}
	s, ok := t.(string)
	if !ok {
		return "", fmt.Errorf("%w: header: %v where a string is wanted", ErrFormat, t)
	}
	return s, nil
}

// object calls member for every key, which must read the value.
func (p parser) object(member func(key string) error) error {
	if err := p.delimiter('{'); err != nil {
		return err
	}
	seen := map[string]bool{}
	for p.More() {
		key, err := p.string()
		if err != nil {
			return err
		}
		if seen[key] {
			return fmt.Errorf("%w: the key %q twice", ErrFormat, key)
		}
		seen[key] = true
		if err := member(key); err != nil {
			return err
		}
	}
	return p.delimiter('}')
}

// integers reads an array of at most limit numbers from 0 to the largest int.
func (p parser) integers(limit int) ([]int, error) {
	if err := p.delimiter('['); err != nil {
		return nil, err
	}
	var list []int
	for p.More() {
		if len(list) == limit {
			return nil, fmt.Errorf("%w: more than %d integers", ErrLimit, limit)
		}
		t, err := p.token()
		if err != nil {
			return nil, err
		}
		number, _ := t.(json.Number)
		n, err := strconv.ParseUint(string(number), 10, strconv.IntSize-1)
		if err != nil {
			return nil, fmt.Errorf("%w: header: %v where a non-negative integer is wanted", ErrFormat, t)
		}
		list = append(list, int(n))
	}
	return list, p.delimiter(']')
}

func (p parser) metadata() (map[string]string, error) {
	metadata := map[string]string{}
	err := p.object(func(key string) (err error) {
		if len(metadata) == MaxMetadata {
			return fmt.Errorf("%w: more than %d keys of metadata", ErrLimit, MaxMetadata)
		}
		metadata[key], err = p.string()
		return err
	})
	return metadata, err
}

func (p parser) place(name string) (place, error) {
	t := place{Entry: Entry{Name: name}}
	members := 0
	err := p.object(func(key string) (err error) {
		members++
		switch key {
		case "dtype":
			t.DType, err = p.string()
		case "shape":
			t.Shape, err = p.integers(MaxRank)
		case "data_offsets":
			var offsets []int
			offsets, err = p.integers(2)
			if err == nil && len(offsets) != 2 {
				err = fmt.Errorf("%w: %d data offsets", ErrFormat, len(offsets))
			}
			if err == nil {
				t.begin, t.end = uint64(offsets[0]), uint64(offsets[1])
			}
		default:
			err = fmt.Errorf("%w: the key %q", ErrFormat, key)
		}
		return err
	})
	if err == nil && members != 3 {
		err = fmt.Errorf("%w: dtype, shape and data_offsets are wanted", ErrFormat)
	}
	if err != nil {
		err = fmt.Errorf("%w in tensor %q", err, name)
	}
	return t, err
}
