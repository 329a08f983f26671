package serve

import (
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// contentTypes of everything the site is made of. The machine's own tables
// are not asked, so that an answer is the same everywhere.
var contentTypes = map[string]string{
	".css":         "text/css; charset=utf-8",
	".html":        "text/html; charset=utf-8",
	".ico":         "image/x-icon",
	".js":          "text/javascript; charset=utf-8",
	".json":        "application/json",
	".png":         "image/png",
	".safetensors": "application/octet-stream",
	".svg":         "image/svg+xml",
	".ts":          "text/plain; charset=utf-8",
	".txt":         "text/plain; charset=utf-8",
	".wasm":        "application/wasm",
	".webmanifest": "application/manifest+json",
	".woff2":       "font/woff2",
}

// hashNamed matches a name with a content hash before its extension:
// app.<a SHA-256>.wasm, 0123456789abcdef.safetensors.
var hashNamed = regexp.MustCompile(`^(?:.+\.)?[0-9a-f]{16,64}\.[a-z0-9]+$`)

// modelFile matches what is served of a model: the manifest and its shards.
// A directory given by a user may hold other things too.
var modelFile = regexp.MustCompile(`^(?:manifest\.json|[0-9a-f]{16}\.safetensors)$`)

// asset is one file of the site in all its codings.
type asset struct {
	contentType  string
	cacheControl string
	codings      []string              // other than identity, the best first
	files        map[string]storedFile // by coding
}

// storedFile is one file in its file system, or in memory.
type storedFile struct {
	fsys    fs.FS // nil in memory
	name    string
	content []byte // in memory
	sha256  [sha256.Size]byte
	size    int64
}

// etag is long enough to tell any two files apart.
func (f storedFile) etag() string { return fmt.Sprintf(`"%x"`, f.sha256[:16]) }

type handler map[string]*asset // by URL path

// Handler serves site at / and the model's manifest and shards at /model/,
// with the headers of [WithSecurityHeaders]. A file x of site goes out as x.br
// or x.gz, where site holds them and the client takes them. Every answer has a
// strong ETag; a file named by its hash may be kept forever, all others must be
// asked for again. Only files that existed when Handler was called are served,
// by their exact path, and names that begin with a dot are not. All of
// it has its [Manifest], signed if the site holds the files.json that was signed of it.
//
// No page may show this one in a frame, but for those of the origins of embedders,
// such as https://example.org.
//
// The file systems are read once, for the ETags; the error names the file that
// could not be. Their files must implement [io.Seeker].
func Handler(site, model fs.FS, embedders ...string) (http.Handler, error) {
	h, m, err := collect(site, model, embedders)
	if err != nil {
		return nil, err
	}
	return withHeaders(h, m.headers()), nil
}

// NewManifest returns the manifest of what [Handler] would serve.
func NewManifest(site, model fs.FS, embedders ...string) (*Manifest, error) {
	_, m, err := collect(site, model, embedders)
	return m, err
}

// collect finds all that is served, and its manifest.
func collect(site, model fs.FS, embedders []string) (handler, *Manifest, error) {
	if err := checkOrigins(embedders); err != nil {
		return nil, nil, err
	}
	h := handler{}
	if err := h.addSite(site); err != nil {
		return nil, nil, err
	}
	if err := h.addModel(model); err != nil {
		return nil, nil, err
	}
	m, err := h.addManifest(securityHeaders(embedders))
	if err != nil {
		return nil, nil, err
	}
	return h, m, nil
}

func (h handler) addSite(site fs.FS) error {
	return fs.WalkDir(site, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("serve: site: %w", err)
		}
		if name != "." && strings.HasPrefix(entry.Name(), ".") {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if !entry.Type().IsRegular() || isEncoded(site, name) {
			return nil
		}
		a, err := newAsset(site, name)
		if err != nil {
			return fmt.Errorf("serve: site: %w", err)
		}
		h["/"+name] = a
		if path.Base(name) == "index.html" {
			h[strings.TrimSuffix("/"+name, "index.html")] = a
		}
		return nil
	})
}

func (h handler) addModel(model fs.FS) error {
	entries, err := fs.ReadDir(model, ".")
	if err != nil {
		return fmt.Errorf("serve: model: %w", err)
	}
	for _, entry := range entries {
		if !modelFile.MatchString(entry.Name()) {
			continue
		}
		a, err := newAsset(model, entry.Name())
		if err != nil {
			return fmt.Errorf("serve: model: %w", err)
		}
		h["/model/"+entry.Name()] = a
	}
	return nil
}

// isEncoded says whether name is the compressed form of another file.
func isEncoded(fsys fs.FS, name string) bool {
	for _, suffix := range suffixes {
		if source, ok := strings.CutSuffix(name, suffix); ok {
			if _, err := fs.Stat(fsys, source); err == nil {
				return true
			}
		}
	}
	return false
}

func newAsset(fsys fs.FS, name string) (*asset, error) {
	a := &asset{
		contentType:  contentTypes[path.Ext(name)],
		cacheControl: cacheControl(name),
		files:        map[string]storedFile{},
	}
	if a.contentType == "" {
		a.contentType = "application/octet-stream"
	}
	for _, coding := range []string{identity, brotli, gzip} {
		encoded := name + suffixes[coding]
		if _, err := fs.Stat(fsys, encoded); err != nil && coding != identity {
			continue
		}
		stored, err := store(fsys, encoded)
		if err != nil {
			return nil, err
		}
		a.files[coding] = stored
		if coding != identity {
			a.codings = append(a.codings, coding)
		}
	}
	return a, nil
}

// cacheControl lets a file that is named by its hash be kept forever.
func cacheControl(name string) string {
	if hashNamed.MatchString(path.Base(name)) {
		return "public, max-age=31536000, immutable"
	}
	return "no-cache"
}

// store hashes a file.
func store(fsys fs.FS, name string) (storedFile, error) {
	stored := storedFile{fsys: fsys, name: name}
	f, err := stored.open()
	if err != nil {
		return storedFile{}, err
	}
	defer f.Close()
	sum := sha256.New()
	if stored.size, err = io.Copy(sum, f); err != nil {
		return storedFile{}, fmt.Errorf("%s: %w", name, err)
	}
	sum.Sum(stored.sha256[:0])
	return stored, nil
}

// ServeHTTP answers GET and HEAD, conditional and range requests included.
func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		fail(w, http.StatusMethodNotAllowed)
		return
	}
	a, ok := h[r.URL.Path]
	if !ok {
		fail(w, http.StatusNotFound)
		return
	}
	header := w.Header()
	if len(a.codings) > 0 {
		header.Set("Vary", "Accept-Encoding")
	}
	coding := negotiate(strings.Join(r.Header.Values("Accept-Encoding"), ","), a.codings)
	stored := a.files[coding]
	f, err := stored.open()
	if err != nil {
		fail(w, http.StatusInternalServerError)
		return
	}
	defer f.Close()
	if coding != identity {
		header.Set("Content-Encoding", coding)
		// ServeContent leaves it out of encoded answers, and the page's
		// progress needs it.
		header.Set("Content-Length", strconv.FormatInt(stored.size, 10))
	}
	header.Set("Content-Type", a.contentType)
	header.Set("Cache-Control", a.cacheControl)
	header.Set("ETag", stored.etag())
	http.ServeContent(w, r, "", time.Time{}, f)
}

func fail(w http.ResponseWriter, status int) {
	w.Header().Set("Cache-Control", "no-store")
	http.Error(w, http.StatusText(status), status)
}
