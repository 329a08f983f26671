package serve

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// ContentSecurityPolicy lets the page run its own scripts and WebAssembly and
// talk to its own server, and nothing else: 'wasm-unsafe-eval' permits
// compiling WebAssembly but no eval, and connect-src 'self' is what keeps
// images on the reader's machine.
const ContentSecurityPolicy = policy + "'none'"

// policy is all of it but for who may show the page in a frame.
const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; " +
	"img-src 'self' blob: data:; style-src 'self'; font-src 'self'; manifest-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors "

// permissionsPolicy switches off what the page never asks for. A feature that
// is not listed stays on, hence the length.
const permissionsPolicy = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), encrypted-media=(), " +
	"geolocation=(), gyroscope=(), hid=(), identity-credentials-get=(), idle-detection=(), magnetometer=(), microphone=(), midi=(), " +
	"payment=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()"

// securityHeaders are those of every answer of a page that these origins may show in
// a frame, by name; see checkOrigins.
func securityHeaders(embedders []string) [][2]string {
	ancestors, resource := "'none'", "same-origin"
	if len(embedders) > 0 {
		// A page that is isolated itself shows in frames only what says this.
		ancestors, resource = strings.Join(embedders, " "), "cross-origin"
	}
	return [][2]string{
		{"Content-Security-Policy", policy + ancestors},
		// Opener and embedder policy together make the page cross-origin isolated,
		// which SharedArrayBuffer needs.
		{"Cross-Origin-Embedder-Policy", "require-corp"},
		{"Cross-Origin-Opener-Policy", "same-origin"},
		{"Cross-Origin-Resource-Policy", resource},
		{"Permissions-Policy", permissionsPolicy},
		{"Referrer-Policy", "no-referrer"},
		{"X-Content-Type-Options", "nosniff"},
		{"X-DNS-Prefetch-Control", "off"}, // no policy keeps a link from having a name looked up
	}
}

// ErrOrigin is in the errors of [Handler] and [Export] about an embedder that is no
// origin.
var ErrOrigin = errors.New("is no origin, such as https://example.org")

// checkOrigins checks that each is an origin as a browser writes it, and nothing that
// a policy would read as more than that.
func checkOrigins(origins []string) error {
	for _, origin := range origins {
		u, err := url.Parse(origin)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" ||
			u.Scheme+"://"+u.Host != origin || strings.ContainsFunc(u.Host, notOfHosts) {
			return fmt.Errorf("serve: %q %w", origin, ErrOrigin)
		}
	}
	return nil
}

// notOfHosts says whether a rune cannot be in a host and its port.
func notOfHosts(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || strings.ContainsRune("-.:[]", r))
}

// WithSecurityHeaders returns a handler that sets the product's security
// headers on every answer of h, errors included.
func WithSecurityHeaders(h http.Handler) http.Handler { return withHeaders(h, securityHeaders(nil)) }

func withHeaders(h http.Handler, headers [][2]string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, kv := range headers {
			w.Header().Set(kv[0], kv[1])
		}
		h.ServeHTTP(w, r)
	})
}
