package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The certificate stays, until it ends or the machine gets another address.
func TestSelfSigned(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config", "lan.pem")
	now := time.Now()
	here := []net.IP{net.IPv4(192, 0, 2, 7), net.IPv6loopback}
	first, err := selfSigned(file, here, now)
	require.NoError(t, err)
	info, err := os.Stat(file)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode())
	roots := x509.NewCertPool()
	roots.AddCert(first.Leaf)
	_, err = first.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: "192.0.2.7"})
	assert.NoError(t, err, "whoever trusts it")

	again, err := selfSigned(file, here[:1], now.AddDate(1, 0, 0))
	require.NoError(t, err)
	assert.Equal(t, first.Certificate, again.Certificate)
	for name, renew := range map[string]func() (tls.Certificate, error){
		"ends":    func() (tls.Certificate, error) { return selfSigned(file, here, now.AddDate(2, 0, -1)) },
		"address": func() (tls.Certificate, error) { return selfSigned(file, []net.IP{net.IPv4(192, 0, 2, 8)}, now) },
	} {
		before, err := os.ReadFile(file)
		require.NoError(t, err)
		_, err = renew()
		require.NoError(t, err, name)
		after, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.NotEqual(t, before, after, name)
	}

	require.NoError(t, os.WriteFile(file, []byte("not PEM"), 0o600))
	_, err = selfSigned(file, here, now)
	assert.ErrorContains(t, err, "lan.pem", "what stands there is not written over")
}

func TestAnnounce(t *testing.T) {
	c, err := selfSigned(filepath.Join(t.TempDir(), "lan.pem"), nil, time.Now())
	require.NoError(t, err)
	var out bytes.Buffer
	announce(&out, []net.IP{net.IPv4(192, 0, 2, 7), net.ParseIP("2001:db8::1")}, "8443", c)
	assert.Regexp(t, regexp.MustCompile(`^uarweb: https://192\.0\.2\.7:8443/\nuarweb: https://\[2001:db8::1\]:8443/\ncertificate, SHA-256: [0-9A-F]{2}( [0-9A-F]{2}){31}\nin words: [a-z]{5}( [a-z]{5}){7}\n$`), out.String())
}

// A network is served with TLS, by the user's own certificate too.
func TestLAN(t *testing.T) {
	t.Attr("load", "a network by TLS: HTTP/2")
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("HOME", t.TempDir())
	_, weights := save(t, t.TempDir())
	own := filepath.Join(t.TempDir(), "own.pem")
	_, err := selfSigned(own, nil, time.Now())
	require.NoError(t, err)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, ForceAttemptHTTP2: true}}
	for _, args := range [][]string{nil, {"-cert", own, "-key", own}} {
		url, stop := start(t, append([]string{"-lan", "-weights", weights}, args...)...)
		r, err := client.Get(url)
		require.NoError(t, err)
		require.NoError(t, r.Body.Close())
		assert.Equal(t, http.StatusOK, r.StatusCode)
		assert.Equal(t, "HTTP/2.0", r.Proto)
		client.CloseIdleConnections()
		assert.Zero(t, stop())
	}
}

// Where the usual port is taken another will do, unless it was asked for.
func TestListen(t *testing.T) {
	first, err := listen("", false)
	require.NoError(t, err)
	defer first.Close()
	second, err := listen("", false)
	require.NoError(t, err)
	defer second.Close()
	assert.NotEqual(t, first.Addr().String(), second.Addr().String())
	assert.True(t, second.Addr().(*net.TCPAddr).IP.IsLoopback())
	_, err = listen(second.Addr().String(), false)
	assert.ErrorContains(t, err, "is in use by another program")
}
