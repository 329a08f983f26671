package serve

import (
	"bytes"
	gz "compress/gzip"
	"crypto/ed25519"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	br "github.com/andybalholm/brotli"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/weights"
)

// coded is text in both codings.
func coded(t *testing.T, text string) (inBrotli, inGzip string) {
	t.Helper()
	var b, g bytes.Buffer
	bw, gw := br.NewWriter(&b), gz.NewWriter(&g)
	for _, w := range []interface {
		Write([]byte) (int, error)
		Close() error
	}{bw, gw} {
		_, err := w.Write([]byte(text))
		require.NoError(t, err)
		require.NoError(t, w.Close())
	}
	return b.String(), g.String()
}

// sites returns a site with a model and a new key.
func sites(t *testing.T) (site, model fstest.MapFS, key ed25519.PrivateKey) {
	t.Helper()
	b, g := coded(t, "<!doctype html>")
	site = fstest.MapFS{
		"index.html": file("<!doctype html>"), "index.html.br": file(b), "index.html.gz": file(g), program: file("wasm"), "service-worker.js": file("// keeps\n"),
	}
	model = fstest.MapFS{"manifest.json": file("{}"), shard: file("tensors")}
	_, key, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	return site, model, key
}

// A folder that was exported and signed is what its manifest says, until anything in
// it changes.
func TestVerify(t *testing.T) {
	site, model, key := sites(t)
	dir := filepath.Join(t.TempDir(), "exported")
	require.NoError(t, Export(dir, site, model))
	unsigned, err := Verify(os.DirFS(dir))
	require.NoError(t, err)
	assert.Nil(t, unsigned.Signature)
	m, err := Sign(dir, key)
	require.NoError(t, err)
	assert.Equal(t, unsigned.Signed(), m.Signed())
	verified, err := Verify(os.DirFS(dir))
	require.NoError(t, err)
	assert.Equal(t, m, verified)

	// What is signed is what jq -cj 'del(.signature)' leaves of files.json.
	text, err := os.ReadFile(filepath.Join(dir, "files.json"))
	require.NoError(t, err)
	var compact bytes.Buffer
	require.NoError(t, json.Compact(&compact, text))
	before, _, _ := strings.Cut(compact.String(), `,"signature":`)
	assert.Equal(t, before+"}", string(m.Signed()))

	long, _ := coded(t, strings.Repeat("<!doctype html>", 1000))
	for _, c := range []struct{ name, file, content, err string }{
		{"another page", "index.html", "<!doctype htm1>", "index.html is another"},
		{"a shorter page", "index.html", "", "index.html is another"},
		{"another page to who takes brotli", "index.html.br", long, "index.html.br is another"},
		{"no brotli", "index.html.br", "<!doctype html>", "index.html.br: brotli: "},
		{"no gzip", "index.html.gz", "<!doctype html>", "index.html.gz: gzip: invalid header"},
		{"another program", program, "WASM", program + " is another"},
		{"another shard", "model/" + shard, "tensorS", shard + " is another"},
		{"another model", "model/manifest.json", "[]", "model/manifest.json is another"},
		{"one file more", "more.js", "", "more.js is not in the list"},
		{"one form more", "files.json.br", "", "files.json.br is not in the list"},
		{"another policy", "_headers", "/*\n", "_headers is another"},
		{"a service worker that does not check", "service-worker.js", string(serviceWorker(text, []byte("// keeps all\n"))), "service-worker.js is another"},
		{"a service worker of another manifest", "service-worker.js", string(serviceWorker(unsigned.text(), []byte("// keeps\n"))), "service-worker.js is another"},
		{"a manifest of other files", "files.json", strings.Replace(string(text), `"size": 4`, `"size": 5`, 1), "the signature is not of this manifest by this key"},
		{"a manifest that is written otherwise", "files.json", compact.String(), "not a valid manifest of a site: not as it is written"},
		{"a manifest of a model", "files.json", "{}", `not a valid manifest of a site: format "", "uar-site/1" is wanted`},
		{"a manifest without end", "files.json", strings.Repeat(" ", maxManifest+1), "files.json has more than 1048576 bytes"},
	} {
		t.Run(c.name, func(t *testing.T) {
			altered := fstest.MapFS{c.file: file(c.content)}
			for _, f := range []string{"_headers", "headers.caddy", "headers.nginx", "files.json", "index.html", "index.html.br", "index.html.gz", program, "service-worker.js", "model/manifest.json", "model/" + shard} {
				if altered[f] == nil {
					content, err := os.ReadFile(filepath.Join(dir, f))
					require.NoError(t, err)
					altered[f] = file(string(content))
				}
			}
			_, err := Verify(altered)
			assert.ErrorContains(t, err, c.err)
		})
	}
	for _, name := range []string{"_headers", "headers.caddy", "headers.nginx"} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		require.NoError(t, os.Remove(filepath.Join(dir, name)))
		_, err = Verify(os.DirFS(dir))
		assert.ErrorIs(t, err, fs.ErrNotExist, name)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o644))
	}
	require.NoError(t, os.Remove(filepath.Join(dir, program)))
	_, err = Sign(dir, key)
	assert.ErrorIs(t, err, fs.ErrNotExist)
	require.NoError(t, os.Mkdir(filepath.Join(dir, program), 0o755))
	_, err = Sign(dir, key)
	assert.ErrorContains(t, err, program+" is no file")
}

// A site that holds the manifest that was signed of it is served with the signature,
// but not with another model, or to other pages.
func TestSignedSite(t *testing.T) {
	site, model, key := sites(t)
	dir := filepath.Join(t.TempDir(), "exported")
	require.NoError(t, Export(dir, site, model))
	signed, err := Sign(dir, key)
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join(dir, "files.json"))
	require.NoError(t, err)
	site["files.json"] = file(string(text))

	h, err := Handler(site, model)
	require.NoError(t, err)
	assert.Equal(t, string(text), body(t, get(h, "GET", "/files.json")))
	m, err := NewManifest(site, model)
	require.NoError(t, err)
	assert.Equal(t, signed, m)

	m, err = NewManifest(site, model, "https://example.org")
	require.NoError(t, err)
	assert.Nil(t, m.Signature, "of other headers")
	model[shard] = file("other tensors")
	m, err = NewManifest(site, model)
	require.NoError(t, err)
	assert.Nil(t, m.Signature, "of another model")

	site["files.json"] = file("{}")
	_, err = NewManifest(site, model)
	assert.ErrorIs(t, err, ErrManifest)
}

func FuzzParseManifest(f *testing.F) {
	m := Manifest{Format: ManifestFormat, Headers: map[string]string{"A": "b"}, Files: []File{{Path: "a", Type: "b", Size: 1, SHA256: "c"}}, ServiceWorker: "d"}
	f.Add(m.text())
	m.Signature = &weights.Signature{Key: make([]byte, 32), Value: make([]byte, 64)}
	f.Add(m.text())
	f.Add([]byte(`{"format":"uar-site/1","files":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := parseManifest(data)
		if err != nil {
			assert.ErrorIs(t, err, ErrManifest)
			return
		}
		assert.Equal(t, data, m.text())
		_, err = m.Signature.Verify(m.Signed())
		assert.True(t, err == nil || m.Signature != nil)
	})
}
