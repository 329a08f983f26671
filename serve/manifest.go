package serve

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// ManifestFormat is the format a site's manifest declares.
const ManifestFormat = "uar-site/1"

// Manifest pins everything a browser gets: each file, and the headers that go
// with it. It is served as files.json, and the service worker has it in itself.
type Manifest struct {
	Format  string            `json:"format"`  // ManifestFormat
	Headers map[string]string `json:"headers"` // of every answer
	Files   []File            `json:"files"`   // by path
}

// File is a file of the site or of its model.
type File struct {
	Path   string `json:"path"` // relative to the site's folder
	Type   string `json:"type"` // Content-Type
	Size   int64  `json:"size"` // bytes, not compressed
	SHA256 string `json:"sha256"`
}

// The paths that are not in the manifest, since they hold it.
const (
	manifestPath      = "/files.json"
	serviceWorkerPath = "/service-worker.js"
)

// addManifest adds the manifest of all files, and puts it before the service
// worker's script: so the script differs from that of any other version, which
// is how a browser comes to know of a new one, and every version is a whole.
// A site without that script has no manifest.
func (h handler) addManifest(headers [][2]string) error {
	worker, ok := h[serviceWorkerPath]
	if !ok {
		return nil
	}
	script, err := worker.files[identity].read()
	if err != nil {
		return fmt.Errorf("serve: site: %w", err)
	}
	delete(h, serviceWorkerPath)

	m := Manifest{Format: ManifestFormat, Headers: map[string]string{}}
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
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		panic("serve: the manifest is no JSON")
	}
	text = append(text, '\n')
	version := sha256.Sum256(append(bytes.Clone(text), script...))
	h[manifestPath] = inMemory(".json", text)
	h[serviceWorkerPath] = inMemory(".js", fmt.Appendf(nil, "\"use strict\";\n\nconst version = \"%x\";\nconst manifest = %s\n%s", version, text, script))
	return nil
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
