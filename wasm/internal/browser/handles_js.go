package browser

import (
	"errors"
	"fmt"
	"io"
	"syscall/js"

	"github.com/gowebapi/webapi/file"
)

// FileArray makes an Array of files, to send.
func FileArray(files ...File) js.Value {
	array := js.Global().Get("Array").New()
	for _, f := range files {
		array.Call("push", f.file.JSValue())
	}
	return array
}

// FilesOf returns the files of an Array, which lie at these paths.
func FilesOf(array js.Value, paths []string) ([]File, error) {
	if !array.InstanceOf(js.Global().Get("Array")) || array.Length() != len(paths) {
		return nil, errors.New("browser: no array of as many files as paths")
	}
	files := make([]File, len(paths))
	for i, p := range paths {
		if !array.Index(i).InstanceOf(js.Global().Get("File")) {
			return nil, errors.New("browser: an array of something else than files")
		}
		files[i] = File{file.FileFromJS(array.Index(i)), p}
	}
	return files, nil
}

// Open reads a file from its start.
func (f File) Open() (io.Reader, error) { return io.NewSectionReader(f.Reader(), 0, f.Size()), nil }

// Reader reads a file a block at a time. It is no use to two goroutines.
func (f File) Reader() io.ReaderAt { return &reader{file: f} }

type reader struct {
	file  File
	start int64 // of the block
	block []byte
}

// blockSize is how many bytes are read at a time: to get fewer takes the browser
// nearly as long.
const blockSize = 1 << 20

func (r *reader) ReadAt(p []byte, at int64) (n int, err error) {
	for n < len(p) {
		if at < r.start || at >= r.start+int64(len(r.block)) {
			if at >= r.file.Size() {
				return n, io.EOF
			}
			array, err := read(r.file.file.JSValue().Call("slice", at, at+blockSize))
			if err != nil {
				return n, fmt.Errorf("browser: read %s: %w", r.file.Name(), err)
			}
			if r.start, r.block = at, Bytes(array); len(r.block) == 0 {
				return n, io.ErrUnexpectedEOF
			}
		}
		copied := copy(p[n:], r.block[at-r.start:])
		n, at = n+copied, at+int64(copied)
	}
	return n, nil
}
