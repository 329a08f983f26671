package media

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"strings"

	"uarweb/engine/status"
)

// OpenZIP opens a ZIP archive of so many bytes (APPNOTE.TXT §4.3) as a medium.
// Its directory is read at once, its files when they are. Errors are ErrDamaged,
// ErrTooLarge, and those of the reader. The package archive/zip would
// make the page's worker 40 kB larger, with the writer that comes with it.
func OpenZIP(archived io.ReaderAt, size int64, limits Limits) (Medium, error) {
	files, err := readDirectory(archived, size, limits.orDefault())
	if err != nil {
		return nil, fmt.Errorf("media: %w", err)
	}
	return files, nil
}

// The sizes of the fixed parts of the records.
const (
	endSize     = 22 // end of central directory
	end64Size   = 56 // that of ZIP64
	locatorSize = 20 // of where that is
	entrySize   = 46 // entry of the directory
	localSize   = 30 // header of a file
)

func readDirectory(archived io.ReaderAt, size int64, limits Limits) (Medium, error) {
	const longName = 1 << 10                                   // bytes of an entry, on average at most
	tail := make([]byte, min(size, locatorSize+endSize+1<<16)) // with the longest comment
	if err := readAt(archived, tail, size-int64(len(tail))); err != nil {
		return nil, err
	}
	at := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if at < 0 || len(tail)-at < endSize {
		return nil, fmt.Errorf("%w: it has no directory", ErrDamaged)
	}
	length, start := uint64(binary.LittleEndian.Uint32(tail[at+12:])), uint64(binary.LittleEndian.Uint32(tail[at+16:]))
	behind := size - int64(len(tail)-at) // the directory
	if locator := tail[max(at-locatorSize, 0):at]; len(locator) == locatorSize && string(locator[:4]) == "PK\x06\x07" {
		behind = int64(min(binary.LittleEndian.Uint64(locator[8:]), uint64(size)))
		var end [end64Size]byte
		if err := readAt(archived, end[:], behind); err != nil {
			return nil, err
		}
		if string(end[:4]) != "PK\x06\x06" {
			return nil, fmt.Errorf("%w: the end of its directory is not where it says", ErrDamaged)
		}
		length, start = binary.LittleEndian.Uint64(end[40:]), binary.LittleEndian.Uint64(end[48:])
	}
	switch {
	case length > uint64(behind) || start > uint64(behind)-length:
		return nil, fmt.Errorf("%w: its directory lies outside", ErrDamaged)
	case length > longName*uint64(limits.Entries):
		return nil, fmt.Errorf("%w: its directory has %d bytes", ErrTooLarge, length)
	}
	base := behind - int64(length) - int64(start) // of what stands before the archive
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
		if f.size > limits.Bytes-total {
			return nil, fmt.Errorf("%w: it inflates to more than %d bytes", ErrTooLarge, limits.Bytes)
		}
		total += f.size
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
	extra := name + u16(30)
	end := extra + u16(32)
	if end > len(b) {
		return nil, nil, fmt.Errorf("%w: its directory is", ErrDamaged)
	}
	f = &zipped{
		name:   strings.ReplaceAll(strings.ToValidUTF8(string(b[entrySize:name]), "\ufffd"), `\`, "/"),
		flags:  uint16(u16(8)),
		method: uint16(u16(10)),
		sum:    u32(16),
		packed: int64(u32(20)),
		size:   int64(u32(24)),
		at:     int64(u32(42)),
	}
	// Those that do not fit stand in an extra field, one behind the other (§4.5.3).
	large := extraField(b[name:extra], 1)
	for _, v := range []*int64{&f.size, &f.packed, &f.at} {
		if *v != math.MaxUint32 || len(large) < 8 {
			continue
		}
		n := binary.LittleEndian.Uint64(large)
		if large = large[8:]; n > math.MaxInt64/2 {
			return nil, nil, fmt.Errorf("%w: %s has %d bytes, or lies as far behind", ErrDamaged, f.name, n)
		}
		*v = int64(n)
	}
	return f, b[end:], nil
}

// extraField is the first field with that number, nil if there is none.
func extraField(b []byte, number uint16) []byte {
	for len(b) >= 4 {
		n := int(binary.LittleEndian.Uint16(b[2:]))
		if n > len(b)-4 {
			return nil
		}
		if binary.LittleEndian.Uint16(b) == number {
			return b[4 : 4+n]
		}
		b = b[4+n:]
	}
	return nil
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
