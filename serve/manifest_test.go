package serve

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The manifest names all that is served, as it is served, and the service worker
// has the same in it.
func TestManifest(t *testing.T) {
	site := fstest.MapFS{
		"index.html": file("<!doctype html>"), "index.html.br": file("br"), "docs/index.html": file("docs"),
		program: file("wasm"), "service-worker.js": file("// keeps\n"), "service-worker.js.gz": file("gz"),
	}
	model := fstest.MapFS{"manifest.json": file("{}"), shard: file("tensors"), "notes.txt": file("private")}
	h, err := Handler(site, model)
	require.NoError(t, err)

	r := get(h, "GET", "/files.json")
	assert.Equal(t, "application/json", r.Header.Get("Content-Type"))
	text := body(t, r)
	var m Manifest
	require.NoError(t, json.Unmarshal([]byte(text), &m))
	assert.Equal(t, ManifestFormat, m.Format)
	var paths []string
	for _, f := range m.Files {
		paths = append(paths, f.Path)
		served := get(h, "GET", "/"+f.Path)
		content := body(t, served)
		assert.Equal(t, []any{f.Type, f.Size, f.SHA256}, []any{served.Header.Get("Content-Type"), int64(len(content)), fmt.Sprintf("%x", sha256.Sum256([]byte(content)))}, f.Path)
		for key, value := range m.Headers {
			assert.Equal(t, value, served.Header.Get(key), key)
		}
	}
	assert.Equal(t, []string{program, "docs/index.html", "index.html", "model/" + shard, "model/manifest.json"}, paths)
	assert.Equal(t, "require-corp", m.Headers["Cross-Origin-Embedder-Policy"])

	r = get(h, "GET", "/service-worker.js", "Accept-Encoding", "gzip, br")
	assert.Equal(t, "no-cache", r.Header.Get("Cache-Control"))
	assert.Empty(t, r.Header.Get("Content-Encoding"))
	script := body(t, r)
	assert.Regexp(t, `^"use strict";\n\nconst version = "[0-9a-f]{64}";\nconst manifest = \{`, script)
	assert.True(t, strings.HasSuffix(script, text+"\n// keeps\n"))
	assert.Equal(t, http.StatusNotModified, get(h, "GET", "/service-worker.js", "If-None-Match", r.Header.Get("ETag")).StatusCode)

	// Whatever changes, makes another version.
	versions := map[string]bool{script: true}
	for _, change := range []func(){
		func() { model[shard] = file("other tensors") },
		func() { site["index.html"] = file("other") },
		func() { site["service-worker.js"] = file("// other\n") },
	} {
		change()
		h, err := Handler(site, model)
		require.NoError(t, err)
		line := strings.SplitN(body(t, get(h, "GET", "/service-worker.js")), "\n", 4)[2]
		assert.False(t, versions[line])
		versions[line] = true
	}
}
