package serve

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"uarweb/weights"
)

// ManifestFormat is the format a site's manifest declares.
const ManifestFormat = "uar-site/1"

// Manifest pins everything a browser gets: each file, the headers that go with it, and
// the service worker, which has the manifest in itself. It is served as files.json.
// Its signature vouches for all of it, the model too.
type Manifest struct {
	Format  string            `json:"format"`  // ManifestFormat
	Headers map[string]string `json:"headers"` // of every answer
	Files   []File            `json:"files"`   // by path

	// ServiceWorker is the SHA-256 of service-worker.js without the manifest that
	// stands before it.
	ServiceWorker string `json:"service_worker"`

	Signature *weights.Signature `json:"signature,omitempty"` // nil if nobody signed it
}

// File is a file of the site or of its model.
type File struct {
	Path   string `json:"path"` // relative to the site's folder
	Type   string `json:"type"` // Content-Type
	Size   int64  `json:"size"` // bytes, not compressed
	SHA256 string `json:"sha256"`
}

// Signed returns the bytes that a signature of m is made of, as of a model's
// manifest: m without one, as JSON without white space.
func (m *Manifest) Signed() []byte {
	bare := *m
	bare.Signature = nil
	return bytes.TrimSuffix(encode(&bare, ""), []byte("\n"))
}

// headers are those of every answer, by name.
func (m *Manifest) headers() [][2]string {
	var all [][2]string
	for _, name := range slices.Sorted(maps.Keys(m.Headers)) {
		all = append(all, [2]string{name, m.Headers[name]})
	}
	return all
}

// text is m as it is served.
func (m *Manifest) text() []byte { return encode(m, " ") }

// encode writes m as JavaScript does, too: without escapes for HTML.
func encode(m *Manifest, indent string) []byte {
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(m); err != nil {
		panic("serve: the manifest is no JSON")
	}
	return text.Bytes()
}

// serviceWorker is the script of a manifest: behind the manifest's text, and the
// SHA-256 of that as the name of its version, stands what the script is made of.
func serviceWorker(manifest, source []byte) []byte {
	return fmt.Appendf(nil, "\"use strict\";\n\nconst version = \"%x\";\nconst manifest = %s\n%s", sha256.Sum256(manifest), manifest, source)
}

// maxManifest is the most bytes of a manifest; a file takes about 250.
const maxManifest = 1 << 20

// ErrManifest says that a site's manifest breaks a rule.
var ErrManifest = errors.New("serve: not a valid manifest of a site")

// parseManifest parses a manifest strictly: what text returns is the only way to say
// it. Every error is an ErrManifest.
func parseManifest(data []byte) (*Manifest, error) {
	if len(data) > maxManifest {
		return nil, fmt.Errorf("%w: %d bytes, %d are allowed", ErrManifest, len(data), maxManifest)
	}
	m := new(Manifest)
	if err := json.Unmarshal(data, m); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrManifest, err)
	}
	if m.Format != ManifestFormat {
		return nil, fmt.Errorf("%w: format %q, %q is wanted", ErrManifest, m.Format, ManifestFormat)
	}
	if !bytes.Equal(data, m.text()) {
		return nil, fmt.Errorf("%w: not as it is written", ErrManifest)
	}
	return m, nil
}

// The paths that are not among the manifest's files, since they hold it.
const (
	manifestPath      = "/files.json"
	serviceWorkerPath = "/service-worker.js"
)

// addManifest adds the manifest of all files, and puts it before the service
// worker's script: so the script differs from that of any other version, which
// is how a browser comes to know of a new one, and every version is a whole.
//
// A site that was signed when it was built holds that manifest. Its signature is kept
// as long as it is one of what is served: not with another model or other headers.
func (h handler) addManifest(headers [][2]string) (*Manifest, error) {
	var source []byte
	worker := h[serviceWorkerPath]
	if worker != nil {
		var err error
		if source, err = worker.files[identity].read(); err != nil {
			return nil, fmt.Errorf("serve: site: %w", err)
		}
	}
	before := h[manifestPath]
	delete(h, serviceWorkerPath)
	delete(h, manifestPath)

	m := &Manifest{Format: ManifestFormat, Headers: map[string]string{}, ServiceWorker: fmt.Sprintf("%x", sha256.Sum256(source))}
	for _, kv := range headers {
		m.Headers[kv[0]] = kv[1]
	}
	for _, path := range slices.Sorted(maps.Keys(h)) {
		if strings.HasSuffix(path, "/") {
			continue // the index.html of that folder
		}
		a := h[path]
		whole := a.files[identity]
		m.Files = append(m.Files, File{Path: path[1:], Type: a.contentType, Size: whole.size, SHA256: fmt.Sprintf("%x", whole.sha256)})
	}
	if before != nil {
		text, err := before.files[identity].read()
		if err != nil {
			return nil, fmt.Errorf("serve: site: %w", err)
		}
		built, err := parseManifest(text)
		if err != nil {
			return nil, err
		}
		if _, err := built.Signature.Verify(m.Signed()); err == nil {
			m.Signature = built.Signature
		}
	}
	h[manifestPath] = inMemory(".json", m.text())
	if worker != nil {
		h[serviceWorkerPath] = inMemory(".js", serviceWorker(m.text(), source))
	}
	return m, nil
}

// inMemory is an asset that is no file.
func inMemory(extension string, content []byte) *asset {
	return &asset{
		contentType:  contentTypes[extension],
		cacheControl: "no-cache",
		files:        map[string]storedFile{identity: {content: content, sha256: sha256.Sum256(content), size: int64(len(content))}},
	}
}

// memory is an open file that is none.
type memory struct{ *bytes.Reader }

func (memory) Close() error { return nil }

// read reads the file whole.
func (f storedFile) read() ([]byte, error) {
	r, err := f.open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// open opens the file. Its reader seeks.
func (f storedFile) open() (io.ReadSeekCloser, error) {
	if f.fsys == nil {
		return memory{bytes.NewReader(f.content)}, nil
	}
	opened, err := f.fsys.Open(f.name)
	if err != nil {
		return nil, err
	}
	seeker, ok := opened.(io.ReadSeekCloser)
	if !ok {
		opened.Close()
		return nil, fmt.Errorf("%s: the file cannot seek", f.name)
	}
	return seeker, nil
}
