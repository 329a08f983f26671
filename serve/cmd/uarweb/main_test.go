package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/weights"
	"uarweb/weights/model"
	"uarweb/weights/tensor"
	"uarweb/weights/version"
)

var builtSite = fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}}

// start runs the command until stop is called, which returns its exit code.
func start(t *testing.T, args ...string) (url string, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	done := make(chan int, 1)
	go func() {
		code := program(builtSite).Execute(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), in, in)
		in.Close()
		done <- code
	}()
	lines := bufio.NewReader(out)
	line, err := lines.ReadString('\n')
	require.NoError(t, err)
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	url, _, ok := strings.Cut(strings.TrimPrefix(line, "uarweb: "), " ")
	require.True(t, ok, line)
	return url, func() int { cancel(); return <-done }
}

func TestServe(t *testing.T) {
	if !model.Included {
		t.Skip("built without the model that is served by default")
	}
	url, stop := start(t)
	for _, path := range []string{"", "model/manifest.json"} {
		r, err := http.Get(url + path)
		require.NoError(t, err)
		require.NoError(t, r.Body.Close())
		assert.Equal(t, http.StatusOK, r.StatusCode, path)
		assert.Equal(t, "same-origin", r.Header.Get("Cross-Origin-Opener-Policy"), path)
	}

	assert.Zero(t, stop())
	_, err := http.Get(url)
	assert.Error(t, err, "the server still answers")
}

func TestReachable(t *testing.T) {
	for addr, want := range map[string]string{
		"0.0.0.0:8080":   "localhost:8080",
		"[::]:8080":      "localhost:8080",
		"[::1]:8080":     "[::1]:8080",
		"127.0.0.1:8080": "127.0.0.1:8080",
		"192.0.2.7:8080": "192.0.2.7:8080",
	} {
		a, err := net.ResolveTCPAddr("tcp", addr)
		require.NoError(t, err)
		assert.Equal(t, want, reachable(a), addr)
	}
}

// save writes a checkpoint of one tensor into dir.
func save(t *testing.T, dir string) (checkpoint *weights.Checkpoint, file string) {
	t.Helper()
	checkpoint, err := weights.Build(map[string]string{"format": "pt"}, []tensor.Tensor{tensor.FromFloats("a", []int{2}, []float32{1, 2})})
	require.NoError(t, err)
	file = filepath.Join(dir, "a.safetensors")
	require.NoError(t, checkpoint.Save(file))
	return checkpoint, file
}

// A safetensors file and a directory of shards are served as the same shards.
func TestWeights(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	dir := t.TempDir()
	checkpoint, file := save(t, dir)
	manifest, err := weights.WriteShards(dir, checkpoint)
	require.NoError(t, err)

	for _, path := range []string{file, dir, filepath.Join(dir, "manifest.json")} {
		url, stop := start(t, "-weights", path)
		served, err := weights.LoadManifest(t.Context(), fetch(t, url+"model/manifest.json"), func(_ context.Context, name string) (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(fetch(t, url+"model/"+name))), nil
		}, nil)
		require.NoError(t, err)
		assert.Equal(t, checkpoint.Names(), served.Names(), path)
		assert.Zero(t, stop())
	}
	left, err := os.ReadDir(os.TempDir())
	require.NoError(t, err)
	assert.Empty(t, left, "shards stay behind")

	require.NoError(t, os.Truncate(file, 20))
	require.NoError(t, os.Truncate(filepath.Join(dir, manifest.Shards[0].Name), 20))
	for path, want := range map[string]string{file: "a.safetensors", dir: manifest.Shards[0].Name, filepath.Join(dir, "missing"): "missing"} {
		code, errs := fail(t, builtSite, "-addr", "127.0.0.1:0", "-weights", path)
		assert.Equal(t, 2, code)
		assert.Contains(t, errs, want)
	}
}

// Under -require-key no model is served, nor exported, but one that key signed.
func TestRequireKey(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	dir := t.TempDir()
	checkpoint, file := save(t, dir)
	m, err := weights.WriteShards(dir, checkpoint)
	require.NoError(t, err)
	public, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	info, err := x509.MarshalPKIXPublicKey(public)
	require.NoError(t, err)
	key := filepath.Join(dir, "key.pub")
	require.NoError(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: info}), 0o644))
	refused := func(path, want string) {
		for _, args := range [][]string{{"-addr", "127.0.0.1:0"}, {"export", filepath.Join(dir, "out")}} {
			code, errs := fail(t, builtSite, append(args, "-weights", path, "-require-key", key)...)
			assert.Equal(t, 2, code)
			assert.Contains(t, errs, want)
		}
		assert.NoDirExists(t, filepath.Join(dir, "out"))
	}
	refused(dir, "uarweb: the model is not signed; the key "+weights.Fingerprint(public)+" is required")

	_, other, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	m.Sign(other)
	require.NoError(t, m.Save(filepath.Join(dir, "manifest.json")))
	refused(dir, "uarweb: the model is signed by "+m.Signature.Signer()+"; the key "+weights.Fingerprint(public)+" is required")

	m.Sign(private)
	require.NoError(t, m.Save(filepath.Join(dir, "manifest.json")))
	refused(file, "uarweb: the model is not signed;")
	url, stop := start(t, "-weights", dir, "-require-key", key)
	served, err := weights.ParseManifest(fetch(t, url+"model/manifest.json"))
	require.NoError(t, err)
	assert.Equal(t, m, served, "with the signature")
	assert.Zero(t, stop())

	// Shards of other names are named anew, which no signature outlives.
	require.NoError(t, os.Rename(filepath.Join(dir, m.Shards[0].Name), filepath.Join(dir, "other")))
	m.Shards[0].Name = "other"
	m.Sign(private)
	require.NoError(t, m.Save(filepath.Join(dir, "manifest.json")))
	var errs bytes.Buffer
	require.Zero(t, program(builtSite).Execute(t.Context(), []string{"export", filepath.Join(dir, "named"), "-weights", dir}, io.Discard, &errs))
	assert.Contains(t, errs.String(), "manifest.json: the signature is left out")

	m.Size = 0
	text, err := json.Marshal(m)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "manifest.json"), text, 0o644))
	refused(dir, "manifest.json: weights: not a valid manifest")
}

// A folder is exported with a signature of all that is in it, and verified. A site with
// the list that was signed so is served where that key is required, whoever signed the
// model.
func TestSign(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	dir := t.TempDir()
	_, file := save(t, dir)
	_, private, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	write := func(name, kind string, der []byte, err error) string {
		require.NoError(t, err)
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
		return path
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	key := write("key", "PRIVATE KEY", der, err)
	der, err = x509.MarshalPKIXPublicKey(private.Public())
	public := write("key.pub", "PUBLIC KEY", der, err)
	signer := weights.Fingerprint(private.Public().(ed25519.PublicKey))

	site := fstest.MapFS{"index.html": builtSite["index.html"], "service-worker.js": {Data: []byte("// keeps\n")}}
	out := func(args ...string) string {
		t.Helper()
		var stdout, stderr bytes.Buffer
		require.Zero(t, program(site).Execute(t.Context(), args, &stdout, &stderr), stderr.String())
		return stdout.String()
	}
	refused := func(want string, args ...string) {
		t.Helper()
		code, errs := fail(t, site, args...)
		assert.Equal(t, 2, code)
		assert.Contains(t, errs, want)
	}
	folder := filepath.Join(dir, "signed")
	assert.Equal(t, folder+": signed by "+signer+"\n", out("export", folder, "-weights", file, "-sign", key))
	assert.Equal(t, folder+": 3 files, as its list says, signed by "+signer+"\n", out("verify", folder, "-require-key", public))

	unsigned := filepath.Join(dir, "unsigned")
	assert.Empty(t, out("export", unsigned, "-weights", file))
	assert.Equal(t, unsigned+": 3 files, as its list says, signed by nobody\n", out("verify", unsigned))
	refused("the folder is not signed; the key "+signer+" is required", "verify", unsigned, "-require-key", public)

	list, err := os.ReadFile(filepath.Join(folder, "files.json"))
	require.NoError(t, err)
	again := filepath.Join(dir, "again")
	refused("the model is not signed", "export", again, "-weights", file, "-require-key", public)
	site["files.json"] = &fstest.MapFile{Data: list}
	out("export", again, "-weights", file, "-require-key", public)
	refused("the model is not signed", "export", again, "-weights", file, "-require-key", public, "-embed", "https://example.org")

	require.NoError(t, os.WriteFile(filepath.Join(folder, "index.html"), []byte("<!doctype htm1>"), 0o644))
	refused("index.html is another", "verify", folder)
	refused("no PRIVATE KEY in PEM", "export", filepath.Join(dir, "third"), "-weights", file, "-sign", public)
	assert.NoDirExists(t, filepath.Join(dir, "third"))
	refused("-sign goes with export DIR", "-weights", file, "-sign", key)
}

// fail runs the command, which must fail with one line on standard error.
func fail(t *testing.T, site fs.FS, args ...string) (code int, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code = program(site).Execute(t.Context(), args, &stdout, &stderr)
	assert.Empty(t, stdout.String())
	errs, ended := strings.CutSuffix(stderr.String(), "\n")
	assert.True(t, ended)
	assert.NotContains(t, errs, "\n")
	return code, errs
}

func fetch(t *testing.T, url string) []byte {
	t.Helper()
	r, err := http.Get(url)
	require.NoError(t, err)
	defer r.Body.Close()
	require.Equal(t, http.StatusOK, r.StatusCode, url)
	b, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return b
}

func TestErrors(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer busy.Close()
	_, file := save(t, t.TempDir())
	for _, c := range []struct {
		args []string
		site fstest.MapFS
		code int
		want string
	}{
		{nil, fstest.MapFS{".gitignore": {}}, 1, "uarweb: the site is not built: run ./build.sh build"},
		{[]string{"-weights", file, "-addr", busy.Addr().String()}, builtSite, 2, "uarweb: " + busy.Addr().String() + " is in use by another program: choose another address with -addr"},
		{[]string{"-weights", file, "-addr", "nonsense"}, builtSite, 2, "uarweb: listen tcp: address nonsense: missing port in address"},
		{[]string{"-nonsense"}, builtSite, 2, "uarweb: flag provided but not defined: -nonsense; uarweb -h explains"},
		{[]string{"serve"}, builtSite, 2, "uarweb: arguments: uarweb takes none, export DIR or verify DIR; uarweb -h explains"},
		{[]string{"export"}, builtSite, 2, "uarweb: arguments: uarweb takes none, export DIR or verify DIR; uarweb -h explains"},
		{[]string{"-weights", file, "-embed", "https://a.example,b.example"}, builtSite, 2, `uarweb: serve: "b.example" is no origin, such as https://example.org`},
		{[]string{"-cert", file}, builtSite, 2, "uarweb: -cert and -key go together, with -lan; uarweb -h explains"},
		{[]string{"-cert", file, "-key", file}, builtSite, 2, "uarweb: -cert and -key go together, with -lan; uarweb -h explains"},
	} {
		code, errs := fail(t, c.site, c.args...)
		assert.Equal(t, []any{c.code, c.want}, []any{code, errs})
	}
}

func TestHelp(t *testing.T) {
	for flag, want := range map[string]string{
		"-h":       "usage: uarweb [-addr ADDRESS] [-lan [-cert FILE -key FILE]] [-open] [-weights PATH] [-require-key FILE]",
		"-version": "uarweb " + version.String(),
	} {
		var stdout, stderr bytes.Buffer
		assert.Zero(t, program(builtSite).Execute(t.Context(), []string{flag}, &stdout, &stderr))
		assert.Empty(t, stderr.String())
		assert.Contains(t, stdout.String(), want)
	}
}
