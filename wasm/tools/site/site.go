package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
)

// files are the site's, by slash-separated path.
type files map[string][]byte

// collect reads every file of directories but those whose name begins with a
// dot.
func collect(directories ...string) (files, error) {
	all := files{}
	for _, directory := range directories {
		fsys := os.DirFS(directory)
		err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
			if err != nil || name != "." && strings.HasPrefix(entry.Name(), ".") || !entry.Type().IsRegular() {
				return err
			}
			if all[name] != nil {
				return fmt.Errorf("%s is there twice", name)
			}
			all[name], err = fs.ReadFile(fsys, name)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", directory, err)
		}
	}
	if all["index.html"] == nil {
		return nil, errors.New("no index.html")
	}
	return all, nil
}

// nameByHash renames every WebAssembly program x.wasm to x.<hash>.wasm, its
// SHA-256 in hexadecimal digits, and changes its name in the scripts to match. A
// program that no script names is an error.
func (f files) nameByHash() error {
	for _, name := range slices.Sorted(maps.Keys(f)) {
		stem, ok := strings.CutSuffix(name, ".wasm")
		if !ok {
			continue
		}
		content := f[name]
		hashed := fmt.Sprintf("%s.%x.wasm", stem, sha256.Sum256(content))
		delete(f, name)
		f[hashed] = content

		literal := regexp.MustCompile(`(["'/])` + regexp.QuoteMeta(name) + `(["'])`)
		named := false
		for script, source := range f {
			if filepath.Ext(script) == ".js" && literal.Match(source) {
				f[script] = literal.ReplaceAll(source, []byte("${1}"+hashed+"${2}"))
				named = true
			}
		}
		if !named {
			return fmt.Errorf("no script names %q", name)
		}
	}
	return nil
}

// hashOf matches where a script is to have the hash of another.
var hashOf = regexp.MustCompile(`"sha256 of ([^"]+)"`)

// vouch gives scripts the hashes of those that they load themselves, as browsers check
// them.
func (f files) vouch() error {
	var missing error
	for script, source := range f {
		if filepath.Ext(script) != ".js" {
			continue
		}
		f[script] = hashOf.ReplaceAllFunc(source, func(text []byte) []byte {
			name := string(hashOf.FindSubmatch(text)[1])
			content, ok := f[name]
			if !ok {
				missing = errors.Join(missing, fmt.Errorf("%s: no %s", script, name))
			}
			return fmt.Appendf(nil, "%q", integrity(content))
		})
	}
	return missing
}

// integrity is the hash of a file as browsers check it (Subresource Integrity).
func integrity(content []byte) string {
	sum := sha256.Sum256(content)
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// resource matches what the document loads: scripts and styles.
var resource = regexp.MustCompile(`<(?:script src|link rel="stylesheet" href)="([^"]+)"`)

// pin gives every script and style of the documents its hash.
func (f files) pin() error {
	var missing error
	for _, document := range slices.Sorted(maps.Keys(f)) {
		if filepath.Ext(document) != ".html" {
			continue
		}
		f[document] = resource.ReplaceAllFunc(f[document], func(tag []byte) []byte {
			name := string(resource.FindSubmatch(tag)[1])
			content, ok := f[name]
			if !ok {
				missing = errors.Join(missing, fmt.Errorf("%s: no %s", document, name))
			}
			return fmt.Appendf(slices.Clip(tag), ` integrity="%s"`, integrity(content))
		})
	}
	return missing
}

// write makes directory hold exactly these files and their compressed forms;
// names that begin with a dot are left alone. A file that is there already,
// with the same content, is not compressed again, but to be compressed best.
func (f files) write(directory string, best bool) error {
	if err := f.removeOthers(directory); err != nil {
		return err
	}
	var (
		wait   sync.WaitGroup
		tokens = make(chan struct{}, runtime.GOMAXPROCS(0))
		mu     sync.Mutex
		all    error
	)
	for name, content := range f {
		wait.Go(func() {
			tokens <- struct{}{}
			defer func() { <-tokens }()
			err := writeFile(filepath.Join(directory, filepath.FromSlash(name)), content, best)
			mu.Lock()
			defer mu.Unlock()
			all = errors.Join(all, err)
		})
	}
	wait.Wait()
	return all
}

// removeOthers removes the files that are not of the site.
func (f files) removeOthers(directory string) error {
	return filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(directory, path)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(relative)
		for _, c := range compressors {
			if source, ok := strings.CutSuffix(name, c.suffix); ok && f[name] == nil {
				name = source
			}
		}
		if entry.IsDir() || f[name] != nil || strings.HasPrefix(entry.Name(), ".") {
			return nil
		}
		return os.Remove(path)
	})
}

// writeFile writes path and its compressed forms. path itself is written last
// and removed first, so that a build that was interrupted leaves no file whose
// compressed forms are those of another content.
// With best its compressed forms are made anew even if it is there: they may be of a
// build without.
func writeFile(path string, content []byte, best bool) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, content) && !best {
		return nil
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	for _, c := range compressors {
		if err := writeCompressed(path+c.suffix, content, c.writer, best); err != nil {
			return err
		}
	}
	return os.WriteFile(path, content, 0o644)
}

// Brotli's best makes the programs 12 % smaller than what every build does, and takes
// fifteen times as long for it: a minute on a slow machine.
const brotliLevel, brotliBest = 9, 11

var compressors = []struct {
	suffix string
	writer func(w io.Writer, best bool) (io.WriteCloser, error)
}{
	{".br", func(w io.Writer, best bool) (io.WriteCloser, error) {
		if best {
			return brotli.NewWriterLevel(w, brotliBest), nil
		}
		return brotli.NewWriterLevel(w, brotliLevel), nil
	}},
	{".gz", func(w io.Writer, _ bool) (io.WriteCloser, error) { return gzip.NewWriterLevel(w, gzip.BestCompression) }},
}

// writeCompressed writes the compressed form of content to path, unless that
// is no smaller: then there is no such file.
func writeCompressed(path string, content []byte, compressor func(w io.Writer, best bool) (io.WriteCloser, error), best bool) error {
	var compressed bytes.Buffer
	w, err := compressor(&compressed, best)
	if err != nil {
		return err
	}
	if _, err := w.Write(content); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	if compressed.Len() >= len(content) {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	return os.WriteFile(path, compressed.Bytes(), 0o644)
}
