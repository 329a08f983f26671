package serve

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Export writes all that [Handler] serves into dir, for any server of files, in
// any folder of its host, and beside it the headers as three servers are told of
// them: _headers (Netlify and Cloudflare Pages, at the root of a host), headers.caddy and headers.nginx. A
// server that sends none of them does, too, from the second visit on: the service
// worker adds them. dir is made, or must be empty. embedders are as in Handler.
func Export(dir string, site, model fs.FS, embedders ...string) error {
	h, m, err := collect(site, model, embedders)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("serve: export: %w", err)
	}
	if entries, err := os.ReadDir(dir); err != nil {
		return fmt.Errorf("serve: export: %w", err)
	} else if len(entries) > 0 {
		return fmt.Errorf("serve: export: %s is not empty", dir)
	}
	for _, path := range slices.Sorted(maps.Keys(h)) {
		if strings.HasSuffix(path, "/") {
			continue // the index.html of that folder
		}
		for coding, stored := range h[path].files {
			if err := stored.writeTo(filepath.Join(dir, filepath.FromSlash(path)+suffixes[coding])); err != nil {
				return fmt.Errorf("serve: export: %w", err)
			}
		}
	}
	for name, text := range headerFiles(m) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return fmt.Errorf("serve: export: %w", err)
		}
	}
	return nil
}

// writeTo copies the file to a new one.
func (f storedFile) writeTo(name string) error {
	from, err := f.open()
	if err != nil {
		return err
	}
	defer from.Close()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	to, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}

// headerFiles are the files that tell servers of the headers, by name.
func headerFiles(m *Manifest) map[string]string {
	return map[string]string{"_headers": underscoreHeaders(m), "headers.caddy": caddyHeaders(m.headers()), "headers.nginx": nginxHeaders(m.headers())}
}

// underscoreHeaders names each file, since what several rules say of one header is put
// together: the folder must be the root of its host.
func underscoreHeaders(m *Manifest) string {
	text := "/*\n"
	for _, kv := range m.headers() {
		text += fmt.Sprintf("  %s: %s\n", kv[0], kv[1])
	}
	rule := func(path, contentType string) {
		text += fmt.Sprintf("%s\n  Cache-Control: %s\n  Content-Type: %s\n", path, cacheControl(path), contentType)
	}
	for _, f := range m.Files {
		rule("/"+f.Path, f.Type)
		if folder, ok := strings.CutSuffix("/"+f.Path, "index.html"); ok {
			rule(folder, f.Type)
		}
	}
	for _, path := range []string{manifestPath, serviceWorkerPath} {
		rule(path, contentTypes[filepath.Ext(path)])
	}
	return text
}

// pinned matches the addresses of files that are named by their hash, as
// hashNamed does.
const pinned = `[/.][0-9a-f]{16,64}\.[a-z0-9]+$`

func caddyHeaders(headers [][2]string) string {
	text := "# Within the site's block: import headers.caddy, then file_server with precompressed br gzip.\nheader {\n"
	for _, kv := range headers {
		text += fmt.Sprintf("\t%s \"%s\"\n", kv[0], kv[1])
	}
	// "?" is only where nothing else sets it: what has a matcher comes first.
	return text + "\t?Cache-Control no-cache\n}\n@pinned path_regexp " + pinned + "\nheader @pinned Cache-Control \"public, max-age=31536000, immutable\"\n"
}

func nginxHeaders(headers [][2]string) string {
	text := "# Within the location of the site: include headers.nginx;\n"
	for _, kv := range headers {
		text += fmt.Sprintf("add_header %s \"%s\" always;\n", kv[0], kv[1])
	}
	return text + "expires -1;\nif ($uri ~ \"" + pinned + "\") {\n\texpires max;\n}\ngzip_static on;\ngzip_vary on;\n"
}
