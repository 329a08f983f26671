package safetensors

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// chunk is what Read may allocate before it has read anything, and the most it
// asks its reader for at once.
const chunk = 1 << 20

// prefix is the size of the header's length.
const prefix = 8

// Decode parses the bytes of a whole file. Entries' data are slices of data,
// not copies.
func Decode(data []byte) (*File, error) {
	n, err := headerLength(data, uint64(len(data)))
	if err != nil {
		return nil, err
	}
	header, body := data[prefix:prefix+n], data[prefix+n:]
	metadata, places, err := parseHeader(header, uint64(len(body)))
	if err != nil {
		return nil, err
	}
	file := &File{Metadata: metadata, Entries: make([]Entry, len(places))}
	for i, place := range places {
		place.Data = body[place.begin:place.end:place.end]
		file.Entries[i] = place.Entry
	}
	return file, nil
}

// Read reads a file of size bytes from r, and not a byte more. The header is
// checked against size before a tensor is read; memory grows only with what has
// been read, to about twice as much at a time, whatever size says. The errors of
// r are returned wrapped.
func Read(r io.Reader, size int64) (*File, error) {
	if size < 0 {
		return nil, fmt.Errorf("%w: a size of %d bytes", ErrFormat, size)
	}
	length, err := readExactly(r, min(uint64(size), prefix), 0)
	if err != nil {
		return nil, err
	}
	n, err := headerLength(length, uint64(size))
	if err != nil {
		return nil, err
	}
	header, err := readExactly(r, n, 0)
	if err != nil {
		return nil, err
	}
	metadata, places, err := parseHeader(header, uint64(size)-prefix-n)
	if err != nil {
		return nil, err
	}
	file := &File{Metadata: metadata, Entries: make([]Entry, len(places))}
	for i, place := range places {
		if place.Data, err = readExactly(r, place.end-place.begin, place.begin); err != nil {
			return nil, fmt.Errorf("%w in tensor %q", err, place.Name)
		}
		file.Entries[i] = place.Entry
	}
	return file, nil
}

// headerLength is the length a file of size bytes declares in its first ones.
func headerLength(start []byte, size uint64) (uint64, error) {
	if len(start) < prefix {
		return 0, fmt.Errorf("%w: %d bytes are too few for a header", ErrTruncated, size)
	}
	n := binary.LittleEndian.Uint64(start)
	if n > MaxHeader {
		return 0, fmt.Errorf("%w: a header of %d bytes, %d are allowed; is this a safetensors file?", ErrLimit, n, MaxHeader)
	}
	if n > size-prefix {
		return 0, fmt.Errorf("%w: a header of %d bytes where %d are left", ErrTruncated, n, size-prefix)
	}
	return n, nil
}

// readExactly reads n bytes into memory that grows with what has been read, here
// and before: a tensor no larger than all before it is allocated once, a larger
// one to twice as much at a time.
func readExactly(r io.Reader, n, before uint64) ([]byte, error) {
	var data []byte
	for uint64(len(data)) < n {
		have := len(data)
		next := min(max(2*uint64(have), before, chunk), n)
		grown := make([]byte, next)
		copy(grown, data)
		data = grown
		// Parts of at most a chunk let r check for cancellation between them.
		for have < len(data) {
			m, err := io.ReadFull(r, data[have:min(have+chunk, len(data))])
			have += m
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return nil, fmt.Errorf("%w: the data ends %d bytes early", ErrTruncated, n-uint64(have))
			}
			if err != nil {
				return nil, fmt.Errorf("safetensors: read: %w", err)
			}
		}
	}
	return data, nil
}
