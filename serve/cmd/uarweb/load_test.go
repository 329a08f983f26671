package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/netutil"

	"uarweb/serve"
)

// shardName is that of a file which is larger than what a connection holds on its
// way.
const (
	shardName = "0123456789abcdef.safetensors"
	shardSize = 8 << 20

	programSize = 1 << 20
)

// heavy is a handler of a site like the product's: a program and a shard.
func heavy(t *testing.T) http.Handler {
	t.Helper()
	h, err := serve.Handler(
		fstest.MapFS{"index.html": {Data: []byte("<!doctype html>")}, "app.wasm": {Data: make([]byte, programSize)}, "app.wasm.br": {Data: []byte("br")}},
		fstest.MapFS{"manifest.json": {Data: []byte("{}")}, shardName: {Data: make([]byte, shardSize)}})
	require.NoError(t, err)
	return h
}

// serving serves as the command does, until stop is called or the test ends.
func serving(t *testing.T, server *http.Server) (address string, stop func() error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- serveUntil(ctx, netutil.LimitListener(listener, maxConnections), server) }()
	stop = sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() { _ = stop() })
	return listener.Addr().String(), stop
}

// held is what this program holds in its heap and stacks, in bytes.
func held() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}

// growth is by how much that is more while f runs, at most.
func growth(f func()) uint64 {
	runtime.GC()
	before := held()
	most, done := make(chan uint64), make(chan struct{})
	go func() {
		high := before
		for {
			select {
			case <-done:
				most <- high
				return
			case <-time.After(5 * time.Millisecond):
				high = max(high, held())
			}
		}
	}()
	f()
	close(done)
	return <-most - before
}

// dial opens connections that each send these bytes and then wait.
func dial(t *testing.T, address string, connections int, text string) []net.Conn {
	t.Helper()
	var all []net.Conn
	for range connections {
		c, err := net.Dial("tcp", address)
		require.NoError(t, err)
		t.Cleanup(func() { _ = c.Close() })
		_, err = c.Write([]byte(text))
		require.NoError(t, err)
		all = append(all, c)
	}
	return all
}

// 500 visitors come at once. Each gets all, and the server's memory does not grow
// by what they load: no file is copied for a visit.
func TestVisitors(t *testing.T) {
	const visitors = 500
	address, _ := serving(t, newServer(heavy(t)))
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}
	var loaded, failed atomic.Int64
	grown := growth(func() {
		var all sync.WaitGroup
		for range visitors {
			all.Go(func() {
				for _, path := range []string{"", "app.wasm", "model/manifest.json"} {
					r, err := client.Get("http://" + address + "/" + path)
					if err != nil {
						failed.Add(1)
						continue
					}
					n, err := io.Copy(io.Discard, r.Body)
					loaded.Add(n)
					if err != nil || r.StatusCode != http.StatusOK || r.Body.Close() != nil {
						failed.Add(1)
					}
				}
			})
		}
		all.Wait()
	})
	assert.Zero(t, failed.Load())
	assert.EqualValues(t, visitors*(15+programSize+2), loaded.Load())
	assert.Less(t, grown, uint64(visitors*programSize/4))
	t.Attr("load", fmt.Sprintf("%d visits at once, %.1f GB: %d errors, %.0f MB of memory for server and visitors", visitors, float64(loaded.Load())/1e9, failed.Load(), float64(grown)/1e6))
}

// Clients that read nothing, begin no request or send headers without an end are
// many and hold little, and another visitor is served as if there were none. Those
// that begin no request are sent away in the end.
func TestSlowClients(t *testing.T) {
	const clients = 100
	for _, c := range []struct {
		name, sends string
		sentAway    bool
	}{
		{"slow clients", "GET /model/" + shardName + " HTTP/1.1\r\nHost: a\r\n\r\n", false},
		{"half-open connections", "", true},
		{"unfinished requests", "GET / HTTP/1.1\r\nHost: ", true},
		{"header floods", "GET / HTTP/1.1\r\n" + strings.Repeat("A: "+strings.Repeat("a", 1000)+"\r\n", 60), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := newServer(heavy(t))
			server.ReadHeaderTimeout = time.Second
			address, _ := serving(t, server)
			grown := growth(func() {
				connections := dial(t, address, clients, c.sends)
				r, err := http.Get("http://" + address + "/model/" + shardName)
				require.NoError(t, err)
				defer r.Body.Close()
				n, err := io.Copy(io.Discard, r.Body)
				require.NoError(t, err)
				assert.EqualValues(t, shardSize, n)
				if c.sentAway {
					for _, connection := range connections {
						require.NoError(t, connection.SetReadDeadline(time.Now().Add(time.Minute)))
						_, err := io.Copy(io.Discard, connection)
						assert.NotErrorIs(t, err, os.ErrDeadlineExceeded, "it is still held")
					}
				}
			})
			const each = 256 << 10 // with the race detector, and what this test itself holds
			assert.Less(t, grown, uint64(clients*each))
			t.Attr("load", fmt.Sprintf("%d %s: a visitor is served, %.0f kB of memory for each", clients, c.name, float64(grown)/clients/1e3))
		})
	}
}

// A header that is too long is refused with a number, and the server goes on.
func TestLongHeader(t *testing.T) {
	address, _ := serving(t, newServer(heavy(t)))
	r, err := http.NewRequest("GET", "http://"+address+"/", nil)
	require.NoError(t, err)
	r.Header.Set("A", strings.Repeat("a", 1<<20))
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	assert.Equal(t, http.StatusRequestHeaderFieldsTooLarge, answer.StatusCode)
	t.Attr("load", "a header of 1 MiB: refused with 431")
}

// Whoever stops the server lets a download that is under way come to its end.
func TestStopDuringDownload(t *testing.T) {
	address, stop := serving(t, newServer(heavy(t)))
	r, err := http.Get("http://" + address + "/model/" + shardName)
	require.NoError(t, err)
	defer r.Body.Close()
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", address)
		if err == nil {
			c.Close()
		}
		return err != nil
	}, time.Minute, time.Millisecond, "it still takes visitors")
	n, err := io.Copy(io.Discard, r.Body)
	require.NoError(t, err)
	assert.EqualValues(t, shardSize, n)
	assert.NoError(t, <-stopped)
	t.Attr("load", "stopped during a download: it comes to its end")
}

// Behind a proxy that has the site in a folder, answers are what they are without.
func TestBehindProxy(t *testing.T) {
	h := heavy(t)
	direct := httptest.NewServer(h)
	defer direct.Close()
	to, err := url.Parse(direct.URL)
	require.NoError(t, err)
	proxy := httptest.NewServer(http.StripPrefix("/some/folder", httputil.NewSingleHostReverseProxy(to)))
	defer proxy.Close()
	for _, c := range []struct {
		path   string
		header http.Header
	}{
		{"/", nil},
		{"/app.wasm", http.Header{"Accept-Encoding": {"br"}}},
		{"/model/" + shardName, http.Header{"Range": {"bytes=5-7"}}},
		{"/model/" + shardName, http.Header{"Range": {"bytes=99999999-"}}},
		{"/missing", nil},
	} {
		var answers [2]*http.Response
		var bodies [2][]byte
		for i, base := range []string{direct.URL, proxy.URL + "/some/folder"} {
			r, err := http.NewRequest("GET", base+c.path, nil)
			require.NoError(t, err)
			if c.header != nil {
				r.Header = c.header.Clone()
			}
			answers[i], err = http.DefaultTransport.RoundTrip(r)
			require.NoError(t, err)
			bodies[i], err = io.ReadAll(answers[i].Body)
			require.NoError(t, err)
			require.NoError(t, answers[i].Body.Close())
			answers[i].Header.Del("Date")
		}
		assert.Equal(t, answers[0].StatusCode, answers[1].StatusCode, c.path)
		assert.Equal(t, answers[0].Header, answers[1].Header, c.path)
		assert.True(t, bytes.Equal(bodies[0], bodies[1]), c.path)
	}
	t.Attr("load", "behind a proxy, in a folder: the same answers")
}
