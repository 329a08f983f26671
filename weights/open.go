package weights

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"uarweb/weights/safetensors"
)

// Open opens a weights file, or a manifest beside its shards; its content says
// which. It stops with ctx's error once ctx is cancelled.
func Open(ctx context.Context, path string) (*Checkpoint, error) {
	path = filepath.Clean(path)
	return openFS(ctx, os.DirFS(filepath.Dir(path)), filepath.Base(path), path)
}

// OpenFS is Open in a file system.
func OpenFS(ctx context.Context, fsys fs.FS, name string) (*Checkpoint, error) {
	return openFS(ctx, fsys, name, name)
}

// openFS opens name, which messages call display.
func openFS(ctx context.Context, fsys fs.FS, name, display string) (c *Checkpoint, err error) {
	defer func() {
		var p *fs.PathError
		if errors.As(err, &p) && p.Path == name {
			err = p.Err // display says more than its path
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", display, err)
		}
	}()
	file, size, err := openFile(fsys, name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	r := bufio.NewReaderSize(reader{ctx, file, func(int) {}}, 64<<10)
	if start, err := r.Peek(9); err != nil && err != io.EOF {
		return nil, err
	} else if isManifest(start) {
		manifest, err := io.ReadAll(io.LimitReader(r, MaxManifest+1))
		if err != nil {
			return nil, err
		}
		return LoadManifest(ctx, manifest, func(_ context.Context, shard string) (io.ReadCloser, error) {
			file, _, err := openFile(fsys, path.Join(path.Dir(name), shard))
			return file, err
		}, nil)
	}
	hash := sha256.New()
	f, err := safetensors.Read(io.TeeReader(r, hash), size)
	if err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	return fromFile(f, hex.EncodeToString(hash.Sum(nil)), size)
}

// openFile opens a regular file and says how many bytes it has. Anything else it
// does not even open: a pipe would keep it waiting for somebody to write.
func openFile(fsys fs.FS, name string) (io.ReadCloser, int64, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, 0, err
	}
	if !info.Mode().IsRegular() {
		return nil, 0, errors.New("weights: not a file")
	}
	file, err := fsys.Open(name)
	return file, info.Size(), err
}

// isManifest tells JSON from safetensors, whose header begins at byte 8.
func isManifest(start []byte) bool {
	return len(start) > 0 && start[0] == '{' && (len(start) < 9 || start[8] != '{')
}
