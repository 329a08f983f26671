package media

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"strings"

	"uarweb/engine/status"
)

// OpenZIP opens a ZIP archive of so many bytes (APPNOTE.TXT §4.3) as a medium.
// Its directory is read at once, its files when they are. Errors are ErrDamaged,
// ErrTooLarge and ErrLarge64, and those of the reader. The package archive/zip would
// make the page's worker 40 kB larger, with the writer that comes with it.
func OpenZIP(archived io.ReaderAt, size int64, limits Limits) (Medium, error) {
	files, err := readDirectory(archived, size, limits.orDefault())
	if err != nil {
		return nil, fmt.Errorf("media: %w", err)
	}
	return files, nil
}

// ErrLarge64 is of archives with the records for more than 4 GiB (ZIP64).
var ErrLarge64 = status.Errorf(status.UnsupportedImage, "an archive of more than 4 GiB; unpack it, and choose the folder")

// The sizes of the fixed parts of the records.
const (
	endSize   = 22 // end of central directory
	entrySize = 46 // entry of it
	localSize = 30 // header of a file
)

func readDirectory(archived io.ReaderAt, size int64, limits Limits) (Medium, error) {
	const longName = 1 << 10 // bytes of an entry, on average at most
	tail := make([]byte, min(size, endSize+1<<16))
	if err := readAt(archived, tail, size-int64(len(tail))); err != nil {
		return nil, err
	}
	at := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if at < 0 || len(tail)-at < endSize {
		return nil, fmt.Errorf("%w: it has no directory", ErrDamaged)
	}
	end := tail[at:]
	count, length, start := binary.LittleEndian.Uint16(end[10:]), binary.LittleEndian.Uint32(end[12:]), binary.LittleEndian.Uint32(end[16:])
	base := size - int64(len(tail)-at) - int64(length) - int64(start) // of what stands before the archive
	switch {
	case count == 0xffff || start == 0xffffffff:
		return nil, ErrLarge64
	case base < 0:
		return nil, fmt.Errorf("%w: its directory lies outside", ErrDamaged)
	case int64(length) > longName*int64(limits.Entries):
		return nil, fmt.Errorf("%w: its directory has %d bytes", ErrTooLarge, length)
	}
	directory := make([]byte, length)
	if err := readAt(archived, directory, base+int64(start)); err != nil {
		return nil, err
	}
	files := Medium{}
	total := int64(0)
	for n := 1; len(directory) > 0; n++ {
		f, rest, err := readEntry(directory)
		if err != nil {
			return nil, err
		}
		directory = rest
		if n > limits.Entries {
			return nil, fmt.Errorf("%w: more than %d files", ErrTooLarge, limits.Entries)
		}
		if total += f.size; total > limits.Bytes {
			return nil, fmt.Errorf("%w: it inflates to more than %d bytes", ErrTooLarge, limits.Bytes)
		}
		f.archived, f.at = archived, f.at+base
		if !strings.HasSuffix(f.name, "/") && files[f.name] == nil {
			files[f.name] = f
		}
	}
	return files, nil
}

// readAt fills p, or says why not; that the archive is shorter is damage.
func readAt(r io.ReaderAt, p []byte, at int64) error {
	n, err := r.ReadAt(p, at)
	switch {
	case n == len(p):
		return nil
	case errors.Is(err, io.EOF):
		return fmt.Errorf("%w: it ends at byte %d", ErrDamaged, at+int64(n))
	}
	return err
}

// zipped is a file of an archive.
type zipped struct {
	archived      io.ReaderAt
	at            int64 // of its header
	name          string
	flags, method uint16
	sum           uint32 // CRC-32
	packed, size  int64
}

// readEntry reads the first entry of a directory.
func readEntry(b []byte) (f *zipped, rest []byte, err error) {
	if len(b) < entrySize || string(b[:4]) != "PK\x01\x02" {
		return nil, nil, fmt.Errorf("%w: its directory is", ErrDamaged)
	}
	u16 := func(at int) int { return int(binary.LittleEndian.Uint16(b[at:])) }
	u32 := func(at int) uint32 { return binary.LittleEndian.Uint32(b[at:]) }
	name := entrySize + u16(28)
	end := name + u16(30) + u16(32)
	if end > len(b) {
		return nil, nil, fmt.Errorf("%w: its directory is", ErrDamaged)
	}
	return &zipped{
		name:   strings.ReplaceAll(strings.ToValidUTF8(string(b[entrySize:name]), "\ufffd"), `\`, "/"),
		flags:  uint16(u16(8)),
		method: uint16(u16(10)),
		sum:    u32(16),
		packed: int64(u32(20)),
		size:   int64(u32(24)),
		at:     int64(u32(42)),
	}, b[end:], nil
}

func (f *zipped) Size() int64 { return f.size }

func (f *zipped) Open() (io.Reader, error) {
	const encrypted, stored, deflated = 1, 0, 8
	if f.flags&encrypted != 0 {
		return nil, ErrEncrypted
	}
	var header [localSize]byte
	if err := readAt(f.archived, header[:], f.at); err != nil {
		return nil, err
	}
	if string(header[:4]) != "PK\x03\x04" {
		return nil, fmt.Errorf("%w: %s is not where the directory says", ErrDamaged, f.name)
	}
	start := f.at + localSize + int64(binary.LittleEndian.Uint16(header[26:])) + int64(binary.LittleEndian.Uint16(header[28:]))
	var content io.Reader = io.NewSectionReader(f.archived, start, f.packed)
	switch f.method {
	case stored:
	case deflated:
		content = flate.NewReader(content)
	default:
		return nil, status.Errorf(status.UnsupportedImage, "%s is compressed by method %d; unpack the archive", f.name, f.method)
	}
	return &checked{file: f, content: content}, nil
}

// checked reads a file and compares it with what the directory says.
type checked struct {
	file    *zipped
	content io.Reader
	read    int64
	sum     uint32
}

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.content.Read(p)
	c.read += int64(n)
	c.sum = crc32.Update(c.sum, crc32.IEEETable, p[:n])
	if c.read > c.file.size || err == io.EOF && (c.read < c.file.size || c.sum != c.file.sum) {
		return n, fmt.Errorf("%w: %s is not what the directory says", ErrDamaged, c.file.name)
	}
	return n, err
}
