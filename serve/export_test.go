package serve

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// underscored are the headers that a file _headers gives a path, as Netlify and
// Cloudflare Pages document it: a line that is not indented is a path, with * for
// whatever follows; indented lines behind it are headers; all rules that match count, and
// values of one header are joined by commas.
func underscored(text, path string) http.Header {
	headers, matches := http.Header{}, false
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if !strings.HasPrefix(line, " ") {
			prefix, splat := strings.CutSuffix(line, "*")
			matches = line == path || splat && strings.HasPrefix(path, prefix)
			continue
		}
		if name, value, _ := strings.Cut(strings.TrimSpace(line), ": "); matches {
			headers.Set(name, strings.TrimPrefix(headers.Get(name)+", "+value, ", "))
		}
	}
	return headers
}

// A host that heeds _headers gives every file the headers that the handler gives.
func TestUnderscoreHeaders(t *testing.T) {
	site, model, _ := sites(t)
	site["docs/index.html"] = file("docs")
	dir := filepath.Join(t.TempDir(), "exported")
	require.NoError(t, Export(dir, site, model, "https://example.org"))
	text, err := os.ReadFile(filepath.Join(dir, "_headers"))
	require.NoError(t, err)
	h, err := Handler(site, model, "https://example.org")
	require.NoError(t, err)
	for _, path := range []string{"/", "/index.html", "/docs/", "/docs/index.html", "/" + program, "/files.json", "/service-worker.js", "/model/manifest.json", "/model/" + shard} {
		r := get(h, "GET", path)
		require.Equal(t, http.StatusOK, r.StatusCode, path)
		for _, own := range []string{"Accept-Ranges", "Content-Length", "Etag", "Vary"} { // which every server has of its own
			r.Header.Del(own)
		}
		assert.Equal(t, r.Header, underscored(string(text), path), path)
	}
}

// An exported folder has what the handler serves, byte for byte, and its headers
// for other servers.
func TestExport(t *testing.T) {
	site := fstest.MapFS{
		"index.html": file("<!doctype html>"), "index.html.br": file("br"), "a/b.svg": file("<svg/>"), ".gitignore": file("*"),
		program: file("wasm"), "service-worker.js": file("// keeps\n"),
	}
	model := fstest.MapFS{"manifest.json": file("{}"), shard: file("tensors"), "notes.txt": file("private")}
	dir := filepath.Join(t.TempDir(), "exported")
	require.NoError(t, Export(dir, site, model))

	h, err := Handler(site, model)
	require.NoError(t, err)
	plain := httptest.NewRecorder()
	var names []string
	require.NoError(t, fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		names = append(names, name)
		content, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		if r := get(h, "GET", "/"+name); r.StatusCode == http.StatusOK {
			assert.Equal(t, body(t, r), string(content), name)
		}
		return nil
	}))
	assert.ElementsMatch(t, []string{
		"_headers", "headers.caddy", "headers.nginx", "a/b.svg", program, "files.json", "index.html", "index.html.br",
		"model/" + shard, "model/manifest.json", "service-worker.js",
	}, names)
	WithSecurityHeaders(http.NotFoundHandler()).ServeHTTP(plain, httptest.NewRequest("GET", "/", nil))
	for _, c := range []struct{ name, line string }{
		{"_headers", "  %s: %s\n"}, {"headers.caddy", "\t%s \"%s\"\n"}, {"headers.nginx", "add_header %s \"%s\" always;\n"},
	} {
		text, err := os.ReadFile(filepath.Join(dir, c.name))
		require.NoError(t, err)
		for _, kv := range securityHeaders(nil) {
			assert.Contains(t, string(text), fmt.Sprintf(c.line, kv[0], plain.Header().Get(kv[0])))
		}
	}

	// Caddy sorts what has a matcher before what has none, which would set it again.
	caddy, err := os.ReadFile(filepath.Join(dir, "headers.caddy"))
	require.NoError(t, err)
	assert.Contains(t, string(caddy), "\t?Cache-Control no-cache\n")

	assert.ErrorContains(t, Export(dir, site, model), "exported is not empty")
	assert.ErrorContains(t, Export(filepath.Join(dir, "index.html"), site, model), "serve: export: ")
}
