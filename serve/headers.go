package serve

import "net/http"

// ContentSecurityPolicy lets the page run its own scripts and WebAssembly and
// talk to its own server, and nothing else: 'wasm-unsafe-eval' permits
// compiling WebAssembly but no eval, and connect-src 'self' is what keeps
// images on the reader's machine.
const ContentSecurityPolicy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; " +
	"img-src 'self' blob: data:; style-src 'self'; font-src 'self'; manifest-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// permissionsPolicy switches off what the page never asks for. A feature that
// is not listed stays on, hence the length.
const permissionsPolicy = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), display-capture=(), encrypted-media=(), " +
	"geolocation=(), gyroscope=(), hid=(), identity-credentials-get=(), idle-detection=(), magnetometer=(), microphone=(), midi=(), " +
	"payment=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()"

var securityHeaders = [][2]string{
	{"Content-Security-Policy", ContentSecurityPolicy},
	// Opener and embedder policy together make the page cross-origin isolated,
	// which SharedArrayBuffer needs.
	{"Cross-Origin-Opener-Policy", "same-origin"},
	{"Cross-Origin-Embedder-Policy", "require-corp"},
	{"Cross-Origin-Resource-Policy", "same-origin"},
	{"Permissions-Policy", permissionsPolicy},
	{"Referrer-Policy", "no-referrer"},
	{"X-Content-Type-Options", "nosniff"},
	{"X-DNS-Prefetch-Control", "off"}, // no policy keeps a link from having a name looked up
}

// WithSecurityHeaders returns a handler that sets the product's security
// headers on every answer of h, errors included.
func WithSecurityHeaders(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, kv := range securityHeaders {
			w.Header().Set(kv[0], kv[1])
		}
		h.ServeHTTP(w, r)
	})
}
