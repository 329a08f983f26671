package serve

import (
	"bytes"
	gz "compress/gzip"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"

	br "github.com/andybalholm/brotli"

	"uarweb/weights"
)

// ErrFolder says that a folder is not what its manifest says.
var ErrFolder = errors.New("serve: not the folder of its manifest")

// Sign checks a folder as [Verify] does and signs its manifest, in place of whoever
// had: in files.json and in service-worker.js.
func Sign(dir string, key ed25519.PrivateKey) (*Manifest, error) {
	m, source, err := verify(os.DirFS(dir))
	if err != nil {
		return nil, err
	}
	m.Signature = weights.Sign(key, m.Signed())
	for path, text := range map[string][]byte{manifestPath: m.text(), serviceWorkerPath: serviceWorker(m.text(), source)} {
		if err := os.WriteFile(filepath.Join(dir, path), text, 0o644); err != nil {
			return nil, fmt.Errorf("serve: sign: %w", err)
		}
	}
	return m, nil
}

// Verify checks a folder that [Export] wrote: that it holds every file of its manifest,
// in all forms, the service worker and the headers for other servers, as the manifest
// has them, and no other file; and that its signature holds, if it has one. Errors are
// an ErrManifest, an ErrFolder, an ErrSignature of weights or of the file system.
func Verify(dir fs.FS) (*Manifest, error) {
	m, _, err := verify(dir)
	return m, err
}

// verify is Verify, which also returns the service worker's script without the manifest
// before it.
func verify(dir fs.FS) (m *Manifest, source []byte, err error) {
	text, err := readAtMost(dir, manifestPath[1:], maxManifest)
	if err != nil {
		return nil, nil, err
	}
	if m, err = parseManifest(text); err != nil {
		return nil, nil, err
	}
	if _, err := m.Signature.Verify(m.Signed()); err != nil {
		return nil, nil, fmt.Errorf("serve: %w", err)
	}
	script, err := readAtMost(dir, serviceWorkerPath[1:], 2*maxManifest)
	if err != nil {
		return nil, nil, err
	}
	source, ok := bytes.CutPrefix(script, serviceWorker(text, nil))
	if !ok || fmt.Sprintf("%x", sha256.Sum256(source)) != m.ServiceWorker {
		return nil, nil, fmt.Errorf("%w: %s is another", ErrFolder, serviceWorkerPath[1:])
	}

	listed := map[string]File{}
	for _, f := range m.Files {
		info, err := fs.Stat(dir, f.Path)
		if err != nil {
			return nil, nil, fmt.Errorf("serve: %w", err)
		}
		if !info.Mode().IsRegular() {
			return nil, nil, fmt.Errorf("%w: %s is no file", ErrFolder, f.Path)
		}
		listed[f.Path] = f
	}
	others := map[string]string{manifestPath[1:]: string(text), serviceWorkerPath[1:]: string(script)}
	maps.Copy(others, headerFiles(m))
	for name := range others {
		if _, err := fs.Stat(dir, name); err != nil {
			return nil, nil, fmt.Errorf("serve: %w", err)
		}
	}
	return m, source, fs.WalkDir(dir, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if f, ok := listed[name]; ok {
			return f.verify(dir, name, identity)
		}
		if want, ok := others[name]; ok {
			if found, err := readAtMost(dir, name, int64(len(want))); err != nil || string(found) != want {
				return fmt.Errorf("%w: %s is another", ErrFolder, name)
			}
			return nil
		}
		for coding, suffix := range suffixes {
			source, cut := strings.CutSuffix(name, suffix)
			if f, ok := listed[source]; cut && ok {
				return f.verify(dir, name, coding)
			}
		}
		return fmt.Errorf("%w: %s is not in the list", ErrFolder, name)
	})
}

// verify checks that what is stored in a coding as name is the file.
func (f File) verify(dir fs.FS, name, coding string) error {
	stored, err := dir.Open(name)
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	defer stored.Close()
	content := io.Reader(stored)
	switch coding {
	case brotli:
		content = br.NewReader(stored)
	case gzip:
		if content, err = gz.NewReader(stored); err != nil {
			return fmt.Errorf("%w: %s: %w", ErrFolder, name, err)
		}
	}
	sum := sha256.New()
	n, err := io.Copy(sum, io.LimitReader(content, f.Size+1))
	if err != nil {
		return fmt.Errorf("%w: %s: %w", ErrFolder, name, err)
	}
	if n != f.Size || fmt.Sprintf("%x", sum.Sum(nil)) != f.SHA256 {
		return fmt.Errorf("%w: %s is another", ErrFolder, name)
	}
	return nil
}

// readAtMost reads a file that has no more bytes than that.
func readAtMost(dir fs.FS, name string, most int64) ([]byte, error) {
	file, err := dir.Open(name)
	if err != nil {
		return nil, fmt.Errorf("serve: %w", err)
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, most+1))
	if err != nil {
		return nil, fmt.Errorf("serve: %w", err)
	}
	if int64(len(content)) > most {
		return nil, fmt.Errorf("%w: %s has more than %d bytes", ErrFolder, name, most)
	}
	return content, nil
}
