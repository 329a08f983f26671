package browser

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"syscall/js"
	"time"

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
				return n, &fs.PathError{Op: "read", Path: r.file.Path(), Err: err}
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

// Folder is a file system of files by their paths, which read nothing until they
// are read. Files whose path is none (fs.ValidPath) are left out.
func Folder(files map[string]File) fs.FS {
	root := folder{".": {name: "."}}
	for name, f := range files {
		if fs.ValidPath(name) && name != "." {
			root.add(name, &node{name: path.Base(name), file: &f})
		}
	}
	for _, n := range root {
		slices.SortFunc(n.children, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	}
	return root
}

// folder holds files and folders by their paths.
type folder map[string]*node

func (f folder) add(name string, n *node) {
	if f[name] != nil {
		return
	}
	f[name] = n
	parent := path.Dir(name)
	f.add(parent, &node{name: path.Base(parent)})
	f[parent].children = append(f[parent].children, n)
}

func (f folder) Open(name string) (fs.File, error) {
	n := f[name]
	switch {
	case n == nil:
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	case n.IsDir():
		return &openFolder{node: n}, nil
	}
	return &openFile{n, io.NewSectionReader(n.file.Reader(), 0, n.Size())}, nil
}

// node is a file or a folder, its fs.FileInfo and its fs.DirEntry.
type node struct {
	name     string
	file     *File // nil of a folder
	children []fs.DirEntry
}

func (n *node) Name() string { return n.name }
func (n *node) IsDir() bool  { return n.file == nil }
func (n *node) Size() int64 {
	if n.IsDir() {
		return 0
	}
	return n.file.Size()
}
func (n *node) Mode() fs.FileMode {
	if n.IsDir() {
		return fs.ModeDir
	}
	return 0
}
func (n *node) ModTime() time.Time         { return time.Time{} }
func (n *node) Sys() any                   { return nil }
func (n *node) Type() fs.FileMode          { return n.Mode().Type() }
func (n *node) Info() (fs.FileInfo, error) { return n, nil }

// openFile is an fs.File.
type openFile struct {
	node    *node
	content *io.SectionReader
}

func (o *openFile) Stat() (fs.FileInfo, error) { return o.node, nil }
func (o *openFile) Read(p []byte) (int, error) { return o.content.Read(p) }
func (o *openFile) Close() error               { return nil }

// openFolder is an fs.ReadDirFile.
type openFolder struct {
	node *node
	next int // of its children
}

func (o *openFolder) Stat() (fs.FileInfo, error) { return o.node, nil }
func (o *openFolder) Close() error               { return nil }
func (o *openFolder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: o.node.name, Err: errors.ErrUnsupported}
}

func (o *openFolder) ReadDir(n int) ([]fs.DirEntry, error) {
	rest := o.node.children[o.next:]
	switch {
	case n > 0 && len(rest) == 0:
		return nil, io.EOF
	case n > 0:
		rest = rest[:min(n, len(rest))]
	}
	o.next += len(rest)
	return slices.Clone(rest), nil
}
