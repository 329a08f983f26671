//go:build unix

package main

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strconv"
	"sync"
	"syscall"
)

// disk answers the file-system calls of a test binary, named and shaped as in
// Node's fs module, which is what Go's js port calls. Numbers and paths are
// query parameters; the bytes of a read or a write are the body; everything
// else is JSON. An error is its code, "ENOENT", in a header: a status of its own
// would have the browser write to the console.
type disk struct {
	mu     sync.Mutex
	files  map[int]*os.File
	next   int       // file descriptor
	output io.Writer // for descriptors 1 and 2
}

func newDisk(output io.Writer) *disk {
	return &disk{files: map[int]*os.File{}, next: 3, output: output}
}

func (d *disk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, err := d.call(r)
	if err != nil {
		w.Header().Set("Error-Code", code(err))
		return
	}
	if b, ok := answer.([]byte); ok {
		_, _ = w.Write(b)
		return
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// call makes one call. Its answer is bytes for read, else fit for JSON.
func (d *disk) call(r *http.Request) (any, error) {
	query := r.URL.Query()
	number := func(name string) int {
		n, err := strconv.Atoi(query.Get(name))
		if err != nil {
			return -1
		}
		return n
	}
	path, fd := query.Get("path"), number("fd")
	switch r.PathValue("call") {
	case "open":
		return d.open(path, number("flags"), fs.FileMode(number("mode")))
	case "stat":
		return status(os.Stat(path))
	case "lstat":
		return status(os.Lstat(path))
	case "readdir":
		entries, err := os.ReadDir(path)
		names := make([]string, len(entries))
		for i, entry := range entries {
			names[i] = entry.Name()
		}
		return names, err
	case "mkdir":
		return nil, os.Mkdir(path, fs.FileMode(number("mode")))
	case "rmdir":
		return nil, syscall.Rmdir(path)
	case "unlink":
		return nil, syscall.Unlink(path)
	case "rename":
		return nil, os.Rename(path, query.Get("to"))
	case "chmod":
		return nil, os.Chmod(path, fs.FileMode(number("mode")))
	case "truncate":
		return nil, os.Truncate(path, int64(number("length")))
	case "write":
		return nil, d.write(fd, number("position"), r.Body)
	}

	file, ok := d.file(fd)
	if !ok {
		return nil, syscall.EBADF
	}
	switch r.PathValue("call") {
	case "fstat":
		return status(file.Stat())
	case "read":
		return read(file, number("length"), number("position"))
	case "fchmod":
		return nil, file.Chmod(fs.FileMode(number("mode")))
	case "ftruncate":
		return nil, file.Truncate(int64(number("length")))
	case "close":
		d.mu.Lock()
		delete(d.files, fd)
		d.mu.Unlock()
		return nil, file.Close()
	}
	return nil, syscall.ENOSYS
}

func (d *disk) file(fd int) (*os.File, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	file, ok := d.files[fd]
	return file, ok
}

func (d *disk) open(path string, flags int, mode fs.FileMode) (fd int, err error) {
	file, err := os.OpenFile(path, flags, mode.Perm())
	if err != nil {
		return 0, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	fd = d.next
	d.next++
	d.files[fd] = file
	return fd, nil
}

// read reads at position, or at the file's own if that is negative. The answer
// is shorter than length at the end of the file.
func read(file *os.File, length, position int) ([]byte, error) {
	if length < 0 {
		return nil, syscall.EINVAL
	}
	var source io.Reader = file
	if position >= 0 {
		source = io.NewSectionReader(file, int64(position), int64(length))
	}
	return io.ReadAll(io.LimitReader(source, int64(length)))
}

func (d *disk) write(fd, position int, body io.Reader) error {
	var target io.Writer
	switch file, ok := d.file(fd); {
	case ok && position >= 0:
		target = io.NewOffsetWriter(file, int64(position))
	case ok:
		target = file
	case fd == 1, fd == 2:
		target = d.output
	default:
		return syscall.EBADF
	}
	_, err := io.Copy(target, body)
	return err
}

// status is what Node calls Stats. Go's js port insists on every field.
func status(info fs.FileInfo, err error) (map[string]int64, error) {
	if err != nil {
		return nil, err
	}
	mode := int64(info.Mode().Perm())
	switch info.Mode().Type() {
	case 0:
		mode |= syscall.S_IFREG
	case fs.ModeDir:
		mode |= syscall.S_IFDIR
	case fs.ModeSymlink:
		mode |= syscall.S_IFLNK
	}
	modified := info.ModTime().UnixMilli()
	return map[string]int64{
		"mode": mode, "size": info.Size(), "mtimeMs": modified, "atimeMs": modified, "ctimeMs": modified,
		"dev": 0, "ino": 0, "nlink": 1, "uid": 0, "gid": 0, "rdev": 0, "blksize": 4096, "blocks": (info.Size() + 511) / 512,
	}, nil
}

// codes are Node's names of the errors that tests meet.
var codes = map[syscall.Errno]string{
	syscall.EACCES: "EACCES", syscall.EBADF: "EBADF", syscall.EEXIST: "EEXIST", syscall.EINVAL: "EINVAL", syscall.EISDIR: "EISDIR",
	syscall.ENOENT: "ENOENT", syscall.ENOSYS: "ENOSYS", syscall.ENOTDIR: "ENOTDIR", syscall.ENOTEMPTY: "ENOTEMPTY", syscall.EPERM: "EPERM",
}

func code(err error) string {
	var errno syscall.Errno
	if errors.As(err, &errno) && codes[errno] != "" {
		return codes[errno]
	}
	return "EIO"
}
