package browser

import (
	"context"
	"fmt"
	"io"
	"syscall/js"

	"github.com/gowebapi/webapi/dom/domcore"

	"uarweb/engine/status"
)

// ErrFetch is in every error of Open and of the body it returns, but for those
// of a cancelled context.
var ErrFetch = status.Errorf(status.Network, "fetch")

// Open fetches a URL and returns its body as it arrives. A status other than
// 200 is an error. When ctx is cancelled the request is aborted.
func Open(ctx context.Context, url string) (io.ReadCloser, error) {
	abort := domcore.NewAbortController()
	stop := context.AfterFunc(ctx, abort.Abort)
	fail := func(err error) (io.ReadCloser, error) {
		stop()
		return nil, failed(ctx, url, err)
	}
	response, err := Await(js.Global().Call("fetch", url, map[string]any{"signal": abort.Signal().JSValue()}))
	if err != nil {
		return fail(err)
	}
	if code := response.Get("status").Int(); code != 200 {
		abort.Abort()
		return fail(fmt.Errorf("status %d", code))
	}
	return &body{ctx: ctx, url: url, reader: response.Get("body").Call("getReader"), stop: stop}, nil
}

// failed says which fetch failed, or that it was cancelled.
func failed(ctx context.Context, url string, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("browser: fetch %s: %w", url, ctx.Err())
	}
	return fmt.Errorf("browser: %w %s: %w", ErrFetch, url, err)
}

// body reads a ReadableStream.
type body struct {
	ctx    context.Context
	url    string
	reader js.Value
	stop   func() bool
	chunk  js.Value // what has arrived and is not read, a Uint8Array
	length int      // of chunk
	done   bool
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
		if err != nil || b.ctx.Err() != nil {
			return 0, failed(b.ctx, b.url, err)
		}
		if b.done = next.Get("done").Bool(); !b.done {
			b.chunk = next.Get("value")
			b.length = b.chunk.Get("byteLength").Int()
		}
	}
	n := js.CopyBytesToGo(p, b.chunk)
	if b.length -= n; b.length > 0 {
		b.chunk = b.chunk.Call("subarray", n)
	}
	return n, nil
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
