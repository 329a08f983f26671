package serve

import (
	"bytes"
	"io"
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

const (
	program = "app.0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.wasm"
	shard   = "fedcba9876543210.safetensors"
)

func file(content string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(content)} }

func testHandler(t *testing.T) http.Handler {
	t.Helper()
	h, err := Handler(fstest.MapFS{
		".gitignore":    file("*"),
		".git/config":   file("secret"),
		"index.html":    file("<!doctype html>"),
		"app.css":       file("body { margin: 0 }"),
		"app.css.br":    file("brotli"),
		"app.css.gz":    file("gz"),
		program:         file("wasm"),
		program + ".br": file("brotlied wasm"),
		"icons/a.svg":   file("<svg/>"),
		"a.webmanifest": file("{}"),
		"lonely.gz":     file("an archive in its own right"),
	}, fstest.MapFS{
		"manifest.json": file(`{"format":"uar-shards/1"}`),
		shard:           file("tensors"),
		"embed.go":      file("package model"),
		"notes.txt":     file("private"),
	})
	require.NoError(t, err)
	return h
}

func get(h http.Handler, method, target string, header ...string) *http.Response {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return string(b)
}

// Every answer, errors included, carries the security headers to the letter.
func TestSecurityHeaders(t *testing.T) {
	h := testHandler(t)
	etag := get(h, "GET", "/").Header.Get("ETag")
	for _, c := range []struct {
		method, target string
		header         []string
		status         int
	}{
		{"GET", "/", nil, 200},
		{"HEAD", "/", nil, 200},
		{"GET", "/" + program, nil, 200},
		{"GET", "/model/manifest.json", nil, 200},
		{"GET", "/model/" + shard, []string{"Range", "bytes=1-2"}, 206},
		{"GET", "/model/" + shard, []string{"Range", "bytes=99-"}, 416},
		{"GET", "/", []string{"If-None-Match", etag}, 304},
		{"GET", "/missing", nil, 404},
		{"POST", "/", nil, 405},
	} {
		r := get(h, c.method, c.target, c.header...)
		name := c.method + " " + c.target
		assert.Equal(t, c.status, r.StatusCode, name)
		for key, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; " +
				"img-src 'self' blob: data:; style-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Embedder-Policy": "require-corp",
			"Cross-Origin-Resource-Policy": "same-origin",
			"X-Content-Type-Options":       "nosniff",
			"Referrer-Policy":              "no-referrer",
		} {
			assert.Equal(t, []string{want}, r.Header.Values(key), name)
		}
		assert.Contains(t, r.Header.Get("Permissions-Policy"), "camera=(), ", name)
	}
}

func TestFiles(t *testing.T) {
	const forever, ask = "public, max-age=31536000, immutable", "no-cache"
	h := testHandler(t)
	for _, c := range []struct{ target, contentType, cacheControl, body string }{
		{"/", "text/html; charset=utf-8", ask, "<!doctype html>"},
		{"/index.html", "text/html; charset=utf-8", ask, "<!doctype html>"},
		{"/app.css", "text/css; charset=utf-8", ask, "body { margin: 0 }"},
		{"/" + program, "application/wasm", forever, "wasm"},
		{"/icons/a.svg", "image/svg+xml", ask, "<svg/>"},
		{"/a.webmanifest", "application/manifest+json", ask, "{}"},
		{"/lonely.gz", "application/octet-stream", ask, "an archive in its own right"},
		{"/model/manifest.json", "application/json", ask, `{"format":"uar-shards/1"}`},
		{"/model/" + shard, "application/octet-stream", forever, "tensors"},
		{"/?query", "text/html; charset=utf-8", ask, "<!doctype html>"},
	} {
		r := get(h, "GET", c.target)
		assert.Equal(t, http.StatusOK, r.StatusCode, c.target)
		assert.Equal(t, c.contentType, r.Header.Get("Content-Type"), c.target)
		assert.Equal(t, c.cacheControl, r.Header.Get("Cache-Control"), c.target)
		assert.Equal(t, c.body, body(t, r), c.target)

		head := get(h, "HEAD", c.target)
		assert.Empty(t, body(t, head), c.target)
		assert.Equal(t, r.Header, head.Header, c.target)
	}
}

func TestNotServed(t *testing.T) {
	h := testHandler(t)
	for _, target := range []string{
		"/.gitignore", "/.git/config", "/icons", "/icons/", "/model", "/model/", "/model/embed.go", "/model/notes.txt",
		"/app.css.br", "/app.css.gz", "/" + program + ".br", "/./app.css", "//app.css", "/icons/../app.css", "/model/../app.css",
		"/%2e%2e/handler.go", "/..%2fhandler.go", "/app.css%00", "/app.css/", "/APP.CSS",
	} {
		r := get(h, "GET", target)
		assert.Equal(t, http.StatusNotFound, r.StatusCode, target)
		assert.Equal(t, "no-store", r.Header.Get("Cache-Control"), target)
		assert.Equal(t, "Not Found\n", body(t, r), target)
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW"} {
		r := get(h, method, "/")
		assert.Equal(t, http.StatusMethodNotAllowed, r.StatusCode, method)
		assert.Equal(t, "GET, HEAD", r.Header.Get("Allow"), method)
	}
}

func TestEncodings(t *testing.T) {
	h := testHandler(t)
	etags := map[string]string{}
	for _, c := range []struct{ target, accept, encoding, body string }{
		{"/app.css", "gzip, br", "br", "brotli"},
		{"/app.css", "gzip", "gzip", "gz"},
		{"/app.css", "br;q=0.1, gzip", "gzip", "gz"},
		{"/app.css", "identity", "", "body { margin: 0 }"},
		{"/app.css", "", "", "body { margin: 0 }"},
		{"/" + program, "gzip", "", "wasm"},
		{"/" + program, "gzip, br", "br", "brotlied wasm"},
	} {
		name := c.target + " " + c.accept
		r := get(h, "GET", c.target, "Accept-Encoding", c.accept)
		assert.Equal(t, c.encoding, r.Header.Get("Content-Encoding"), name)
		assert.Equal(t, "Accept-Encoding", r.Header.Get("Vary"), name)
		assert.EqualValues(t, len(c.body), r.ContentLength, name)
		assert.Equal(t, c.body, body(t, r), name)
		assert.NotContains(t, r.Header.Get("Content-Type"), "gzip", name)
		etags[c.target+c.encoding] = r.Header.Get("ETag")

		again := get(h, "GET", c.target, "Accept-Encoding", c.accept, "If-None-Match", r.Header.Get("ETag"))
		assert.Equal(t, http.StatusNotModified, again.StatusCode, name)
		assert.Empty(t, body(t, again), name)
		assert.Equal(t, "Accept-Encoding", again.Header.Get("Vary"), name)
		assert.Equal(t, r.Header.Get("ETag"), again.Header.Get("ETag"), name)
	}
	// Two headers are one list (RFC 9110 §5.3).
	assert.Equal(t, "br", get(h, "GET", "/app.css", "Accept-Encoding", "gzip", "Accept-Encoding", "br").Header.Get("Content-Encoding"))
	assert.Empty(t, get(h, "GET", "/").Header.Get("Vary"))
	// A tag names one coding of one file, and is strong.
	seen := map[string]bool{}
	for name, etag := range etags {
		assert.Regexp(t, `^"[0-9a-f]{32}"$`, etag, name)
		assert.False(t, seen[etag], name)
		seen[etag] = true
	}
	stale := get(h, "GET", "/app.css", "Accept-Encoding", "br", "If-None-Match", etags["/app.cssgzip"])
	assert.Equal(t, http.StatusOK, stale.StatusCode)
}

func TestRange(t *testing.T) {
	h := testHandler(t)
	r := get(h, "GET", "/model/"+shard, "Range", "bytes=2-4")
	assert.Equal(t, "bytes 2-4/7", r.Header.Get("Content-Range"))
	assert.Equal(t, "nso", body(t, r))
	r = get(h, "GET", "/app.css", "Range", "bytes=0-1", "Accept-Encoding", "br")
	assert.Equal(t, "br", body(t, r))
	assert.EqualValues(t, 2, r.ContentLength)
}

// A model on disk is served like an embedded one.
func TestDirectory(t *testing.T) {
	dir := t.TempDir()
	content := bytes.Repeat([]byte("x"), 1<<20)
	require.NoError(t, os.WriteFile(filepath.Join(dir, shard), content, 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "manifest.json"), []byte("{}"), 0o644))
	h, err := Handler(fstest.MapFS{}, os.DirFS(dir))
	require.NoError(t, err)
	assert.Equal(t, string(content), body(t, get(h, "GET", "/model/"+shard)))

	require.NoError(t, os.Remove(filepath.Join(dir, shard)))
	r := get(h, "GET", "/model/"+shard)
	assert.Equal(t, http.StatusInternalServerError, r.StatusCode)
	assert.Equal(t, "no-store", r.Header.Get("Cache-Control"))
}

func TestUnreadable(t *testing.T) {
	missing := os.DirFS(filepath.Join(t.TempDir(), "missing"))
	_, err := Handler(missing, fstest.MapFS{})
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.ErrorContains(t, err, "serve: site: ")
	_, err = Handler(fstest.MapFS{}, missing)
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.ErrorContains(t, err, "serve: model: ")
}

// FuzzPath: no path but those of the table answers with a file.
func FuzzPath(f *testing.F) {
	for _, p := range []string{"/", "/../x", "//", "/model/", "/.gitignore", "/model/%2e%2e"} {
		f.Add(p)
	}
	site := fstest.MapFS{"index.html": file("index"), ".hidden": file("hidden")}
	h, err := Handler(site, fstest.MapFS{shard: file("shard"), "secret": file("secret")})
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, path string) {
		r := httptest.NewRequest("GET", "/", nil)
		r.URL.Path = path
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		switch w.Code {
		case http.StatusOK:
			assert.Contains(t, []string{"/", "/index.html", "/model/" + shard}, path)
		default:
			assert.Equal(t, http.StatusNotFound, w.Code)
			assert.False(t, strings.Contains(w.Body.String(), "secret"))
		}
	})
}
