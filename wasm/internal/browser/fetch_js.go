package browser

import (
	"context"
	"fmt"
	"io"
	"strings"
	"syscall/js"
	"time"

	"github.com/gowebapi/webapi/dom/domcore"

	"uarweb/engine/status"
)

// ErrFetch is in every error of Open and of the body it returns, but for those
// of a cancelled context.
var ErrFetch = status.Errorf(status.Network, "fetch")

// pauses are how long to wait before what a broken connection left out is asked for,
// again and again until some of it comes.
var pauses = []time.Duration{0, time.Second, 3 * time.Second, 10 * time.Second}

// Open fetches a URL and returns its body as it arrives. A status other than
// 200 is an error. When ctx is cancelled the request is aborted. If the connection
// breaks on the way, the rest is fetched, by its range.
func Open(ctx context.Context, url string) (io.ReadCloser, error) {
	b := &body{ctx: ctx, url: url}
	if err := b.request(); err != nil {
		return nil, failed(ctx, url, err)
	}
	return b, nil
}

// failed says which fetch failed, or that it was cancelled.
func failed(ctx context.Context, url string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("browser: fetch %s: %w", url, ctx.Err())
	}
	return fmt.Errorf("browser: %w %s: %w", ErrFetch, url, err)
}

// body reads a ReadableStream, or one after the other.
type body struct {
	ctx    context.Context
	url    string
	reader js.Value
	stop   func() bool
	chunk  js.Value // what has arrived and is not read, a Uint8Array
	length int      // of chunk
	came   int64    // bytes so far
	skip   int64    // bytes that came before and come again
	done   bool
}

// request asks for what has not come yet.
func (b *body) request() error {
	abort := domcore.NewAbortController()
	b.stop = context.AfterFunc(b.ctx, abort.Abort)
	options := map[string]any{"signal": abort.Signal().JSValue()}
	if b.came > 0 {
		options["headers"] = map[string]any{"Range": fmt.Sprintf("bytes=%d-", b.came)}
	}
	response, err := Await(js.Global().Call("fetch", b.url, options))
	if err != nil {
		b.stop()
		return err
	}
	b.skip = 0
	switch code := response.Get("status").Int(); {
	case code == 200:
		b.skip = b.came
	case code == 206 && b.came > 0 && b.continues(response):
	default:
		b.stop()
		abort.Abort()
		return fmt.Errorf("status %d", code)
	}
	b.reader = response.Get("body").Call("getReader")
	return nil
}

// continues says whether a part begins where the one before was broken off.
func (b *body) continues(response js.Value) bool {
	part := response.Get("headers").Call("get", "Content-Range")
	return part.Type() == js.TypeString && strings.HasPrefix(part.String(), fmt.Sprintf("bytes %d-", b.came))
}

// resume asks for the rest after a broken connection, and returns why none will
// come.
func (b *body) resume() (err error) {
	b.stop()
	for _, pause := range pauses {
		select {
		case <-time.After(pause):
		case <-b.ctx.Done():
			return b.ctx.Err()
		}
		if err = b.request(); err == nil {
			return nil
		}
	}
	return err
}

func (b *body) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for b.length == 0 {
		if b.done {
			return 0, io.EOF
		}
		next, err := Await(b.reader.Call("read"))
		if err != nil && b.ctx.Err() == nil {
			if err = b.resume(); err == nil {
				continue
			}
		}
		if err != nil || b.ctx.Err() != nil {
			return 0, failed(b.ctx, b.url, err)
		}
		if b.done = next.Get("done").Bool(); !b.done {
			b.take(next.Get("value"))
		}
	}
	n := js.CopyBytesToGo(p, b.chunk)
	if b.length -= n; b.length > 0 {
		b.chunk = b.chunk.Call("subarray", n)
	}
	return n, nil
}

// take makes a Uint8Array what has arrived, without what had come before.
func (b *body) take(chunk js.Value) {
	length := int64(chunk.Get("byteLength").Int())
	again := min(length, b.skip)
	b.skip -= again
	b.came += length - again
	b.chunk, b.length = chunk.Call("subarray", again), int(length-again)
}

func (b *body) Close() error {
	b.stop()
	if !b.done {
		// Nobody waits for a stream that is dropped, nor could a Func be
		// released in time. Function.prototype does nothing.
		b.reader.Call("cancel").Call("catch", js.Global().Get("Function").Get("prototype"))
	}
	return nil
}
