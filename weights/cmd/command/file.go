package command

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"sync"

	"uarweb/weights"
)

// ReadFile reads a regular file of at most limit bytes. Anything else is refused
// before it is opened, which would wait for a pipe's writer, and a larger file
// before it is read. Errors are marked as BadInput.
func ReadFile(path string, limit int64) ([]byte, error) {
	return readFile(path, limit, os.Stat, os.Open)
}

// ReadFileIn is ReadFile for a file in a folder that its name may not lead out of.
func ReadFileIn(folder *os.Root, name string, limit int64) ([]byte, error) {
	return readFile(name, limit, folder.Stat, folder.Open)
}

// ReadText is ReadFile for text, without the byte order mark that programs on
// Windows begin it with.
func ReadText(path string, limit int64) ([]byte, error) {
	text, err := ReadFile(path, limit)
	return bytes.TrimPrefix(text, []byte("\ufeff")), err
}

func readFile(name string, limit int64, stat func(string) (fs.FileInfo, error), open func(string) (*os.File, error)) (_ []byte, err error) {
	defer func() { err = BadInput(err) }()
	info, err := stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", name)
	}
	tooLarge := fmt.Errorf("%s has more than %d bytes, the most that are read", name, limit)
	if info.Size() > limit {
		return nil, tooLarge
	}
	file, err := open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	// Memory is taken once: growing step by step takes a large file twice.
	data := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead))
	if _, err := data.ReadFrom(io.LimitReader(file, limit+1)); err != nil { // it may have grown
		return nil, err
	}
	if int64(data.Len()) > limit {
		return nil, tooLarge
	}
	return data.Bytes(), nil
}

// SHA256 is the hash of the running program in hex, or empty if its file cannot be
// read.
var SHA256 = sync.OnceValue(func() string {
	path, err := os.Executable()
	if runtime.GOOS == "linux" {
		path, err = "/proc/self/exe", nil // also once another file has its name
	}
	if err != nil {
		return ""
	}
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return ""
	}
	return hex.EncodeToString(hash.Sum(nil))
})

// OpenWeights is weights.Open with its errors marked as BadInput.
func OpenWeights(ctx context.Context, path string) (*weights.Checkpoint, error) {
	c, err := weights.Open(ctx, path)
	return c, BadInput(err)
}
