package serve

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Named origins alone may show the page in a frame, and nothing that is no origin
// comes into the policy.
func TestEmbedders(t *testing.T) {
	site, model := fstest.MapFS{"index.html": file("<!doctype html>"), "service-worker.js": file("// keeps\n")}, fstest.MapFS{}
	served := func(embedders ...string) http.Header {
		h, err := Handler(site, model, embedders...)
		require.NoError(t, err)
		return get(h, "GET", "/nothing").Header
	}
	closed, open := served(), served("https://a.example:8443", "http://[::1]:80")
	assert.Equal(t, ContentSecurityPolicy, closed.Get("Content-Security-Policy"))
	assert.Equal(t, strings.Replace(ContentSecurityPolicy, "frame-ancestors 'none'", "frame-ancestors https://a.example:8443 http://[::1]:80", 1), open.Get("Content-Security-Policy"))
	assert.Equal(t, []string{"same-origin", "cross-origin"}, []string{closed.Get("Cross-Origin-Resource-Policy"), open.Get("Cross-Origin-Resource-Policy")})
	for name := range closed {
		if !strings.HasSuffix(name, "-Policy") {
			assert.Equal(t, closed[name], open[name], name)
		}
	}
	for _, bad := range []string{"", "*", "'self'", "example.org", "https:", "https://", "https://*.example.org", "https://a.org/", "https://a.org/x", "https://a.org;script-src *",
		"https://a.org https://b.org", "https://a.org?x", "https://a.org#x", "https://u@a.org", "HTTPS://a.org", "https://A.org", "https://:80", "ftp://a.org", "data:x", "null", "https://a.org\n", "https://é.org"} {
		_, err := Handler(site, model, "https://good.example", bad)
		assert.ErrorContains(t, err, "is no origin", "%q", bad)
		assert.Error(t, Export(filepath.Join(t.TempDir(), "x"), site, model, bad), "%q", bad)
	}
}
