package serve

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestNegotiate(t *testing.T) {
	both := []string{brotli, gzip}
	for _, c := range []struct {
		accept string
		have   []string
		want   string
	}{
		{"", both, identity},
		{"gzip, deflate, br, zstd", both, brotli},
		{"gzip, deflate", both, gzip},
		{"GZIP", both, gzip},
		{"br", []string{gzip}, identity},
		{"br, gzip", nil, identity},
		{"br;q=0.5, gzip;q=0.8", both, gzip},
		{"br;q=0.8,gzip;q=0.8", both, brotli},
		{"br;q=0, gzip", both, gzip},
		{"br;q=0.001", both, brotli},
		{"br ; q=1.000", both, brotli},
		{"br;Q=0.5", both, brotli},
		{"*", both, brotli},
		{"*;q=0.5, br;q=0", both, gzip},
		{"*;q=0, gzip", both, gzip},
		{"identity", both, identity},
		{"identity;q=1, gzip;q=0.5", both, identity},
		{"identity;q=0.5, gzip;q=0.5", both, gzip},
		{"identity;q=0", both, identity}, // nothing else is acceptable either
		{"identity;q=0, *", both, brotli},
		{"br;q=1.5", both, identity},
		{"br;q=NaN", both, identity},
		{"br;q=1e0", both, identity},
		{"br;q=", both, identity},
		{"br;q=0.0001", both, identity},
		{"br;q=-1", both, identity},
		{"br;level=5", both, identity},
		{",;,=;q, br", both, brotli},
		{"brotli", both, identity},
	} {
		assert.Equal(t, c.want, negotiate(c.accept, c.have), "%q %v", c.accept, c.have)
	}
}

func FuzzNegotiate(f *testing.F) {
	for _, accept := range []string{"", "gzip, br;q=0.5", "*;q=0,identity", ";q=1", "br;q=.", "\x00,\xff;q=0.1", "br;q=1;q=0"} {
		f.Add(accept)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		for _, w := range acceptedCodings(accept) {
			assert.True(t, 0 <= w && w <= 1000, "weight %d", w)
		}
		got := negotiate(accept, []string{brotli, gzip})
		assert.Contains(t, []string{brotli, gzip, identity}, got)
		// A coding is only ever chosen because the client named it, or "*".
		if got != identity && !strings.Contains(accept, "*") {
			assert.Contains(t, strings.ToLower(accept), got)
		}
	})
}
