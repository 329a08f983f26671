package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var long = strings.Repeat("compressible ", 100)

// directory writes files into a new directory.
func directory(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	}
	return dir
}

func read(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			b, err := os.ReadFile(filepath.Join(dir, name))
			require.NoError(t, err)
			files[name] = string(b)
		}
		return err
	}))
	return files
}

func TestAssemble(t *testing.T) {
	page := directory(t, map[string]string{
		"index.html": "<!doctype html>" + long, "boot.js": `run("app.wasm", './worker.wasm'); "myapp.wasm"; app.wasm`, ".hidden": "x", "icons/a.svg": "<svg/>",
	})
	built := directory(t, map[string]string{"app.wasm": "app" + long, "worker.wasm": "worker"})
	out := directory(t, map[string]string{".gitignore": "*", "old.js": "gone", "old.js.br": "gone", "sub/old.gz": "gone"})
	require.NoError(t, assemble(out, []string{page, built}, false))

	got := read(t, out)
	names := slices.Sorted(maps.Keys(got))
	hash := regexp.MustCompile(`\.[0-9a-f]{64}\.`)
	for i, name := range names {
		names[i] = hash.ReplaceAllString(name, ".HASH.")
	}
	assert.Equal(t, []string{
		".gitignore", "app.HASH.wasm", "app.HASH.wasm.br", "app.HASH.wasm.gz", "boot.js", "boot.js.br", "boot.js.gz",
		"icons/a.svg", "index.html", "index.html.br", "index.html.gz", "worker.HASH.wasm",
	}, names)

	for name, content := range got {
		if source, ok := strings.CutSuffix(name, ".br"); ok {
			b, err := io.ReadAll(brotli.NewReader(strings.NewReader(content)))
			require.NoError(t, err)
			assert.Equal(t, got[source], string(b), name)
			assert.Less(t, len(content), len(b), name)
		}
		if source, ok := strings.CutSuffix(name, ".gz"); ok {
			r, err := gzip.NewReader(strings.NewReader(content))
			require.NoError(t, err)
			b, err := io.ReadAll(r)
			require.NoError(t, err)
			assert.Equal(t, got[source], string(b), name)
			assert.Less(t, len(content), len(b), name)
		}
	}
	assert.Regexp(t, `^run\("app\.[0-9a-f]{64}\.wasm", '\./worker\.[0-9a-f]{64}\.wasm'\); "myapp\.wasm"; app\.wasm$`, got["boot.js"])
}

// The document names scripts and style by their hash, with the names in them
// changed already.
func TestPin(t *testing.T) {
	out := t.TempDir()
	require.NoError(t, assemble(out, []string{directory(t, map[string]string{
		"index.html": `<link rel="icon" href="a.svg"><link rel="stylesheet" href="app.css"><script src="boot.js" defer></script>`,
		"other.html": `<script src="boot.js" defer></script>`,
		"app.css":    "body{}", "boot.js": `run("app.wasm"); load("b.js", "sha256 of b.js")`, "b.js": "b", "app.wasm": "x", "a.svg": "<svg/>",
	})}, false))
	files := read(t, out)
	integrity := func(name string) string {
		sum := sha256.Sum256([]byte(files[name]))
		return base64.StdEncoding.EncodeToString(sum[:])
	}
	assert.NotContains(t, files["boot.js"], `"app.wasm"`)
	assert.Contains(t, files["boot.js"], `load("b.js", "sha256-`+integrity("b.js")+`")`)
	assert.ErrorContains(t, assemble(t.TempDir(), []string{directory(t, map[string]string{"index.html": "", "a.js": `"sha256 of b.js"`})}, false), "a.js: no b.js")
	assert.Equal(t, `<link rel="icon" href="a.svg"><link rel="stylesheet" href="app.css" integrity="sha256-`+integrity("app.css")+
		`"><script src="boot.js" integrity="sha256-`+integrity("boot.js")+`" defer></script>`, files["index.html"])
	assert.Equal(t, `<script src="boot.js" integrity="sha256-`+integrity("boot.js")+`" defer></script>`, files["other.html"])
	assert.EqualError(t, assemble(out, []string{directory(t, map[string]string{"index.html": long, "other.html": `<script src="gone.js">`})}, false), "other.html: no gone.js")
}

// Files that did not change are not written again; those that did are, with
// their compressed forms.
func TestAssembleAgain(t *testing.T) {
	page := directory(t, map[string]string{"index.html": long, "app.css": long})
	out := t.TempDir()
	require.NoError(t, assemble(out, []string{page}, false))
	past := time.Now().Add(-time.Hour).Truncate(time.Second)
	for name := range read(t, out) {
		require.NoError(t, os.Chtimes(filepath.Join(out, name), past, past))
	}
	require.NoError(t, os.WriteFile(filepath.Join(page, "app.css"), []byte("short"), 0o644))
	require.NoError(t, assemble(out, []string{page}, false))

	got := read(t, out)
	assert.Equal(t, []string{"app.css", "index.html", "index.html.br", "index.html.gz"}, slices.Sorted(maps.Keys(got)))
	for name := range got {
		info, err := os.Stat(filepath.Join(out, name))
		require.NoError(t, err)
		assert.Equal(t, name != "app.css", info.ModTime().Equal(past), name)
	}

	// What is to be compressed best is compressed anew.
	require.NoError(t, os.WriteFile(filepath.Join(out, "index.html.br"), []byte("of a build before"), 0o644))
	require.NoError(t, assemble(out, []string{page}, true))
	content, err := io.ReadAll(brotli.NewReader(strings.NewReader(read(t, out)["index.html.br"])))
	require.NoError(t, err)
	assert.Equal(t, long, string(content))
}

func TestErrors(t *testing.T) {
	index := map[string]string{"index.html": "x"}
	assert.EqualError(t, assemble(t.TempDir(), []string{directory(t, nil)}, false), "no index.html")
	assert.EqualError(t, assemble(t.TempDir(), []string{directory(t, map[string]string{"index.html": "x", "app.wasm": "x", "boot.js": "run(app.wasm)"})}, false),
		`no script names "app.wasm"`)
	assert.EqualError(t, assemble(t.TempDir(), []string{directory(t, map[string]string{"index.html": `<script src="boot.js" defer></script>`})}, false), "index.html: no boot.js")
	assert.ErrorContains(t, assemble(t.TempDir(), []string{directory(t, index), directory(t, index)}, false), "index.html is there twice")
	assert.ErrorIs(t, assemble(filepath.Join(t.TempDir(), "missing"), []string{directory(t, index)}, false), fs.ErrNotExist)
}

// What does not shrink has no compressed form, also where an older one is left.
func TestWriteCompressed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.gz")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o644))
	require.NoError(t, writeCompressed(path, []byte("x"), compressors[1].writer, false))
	assert.NoFileExists(t, path)
	require.NoError(t, writeCompressed(path, bytes.Repeat([]byte("x"), 1000), compressors[1].writer, false))
	assert.FileExists(t, path)
}
