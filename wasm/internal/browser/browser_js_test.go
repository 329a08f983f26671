package browser

import (
	"bytes"
	"context"
	"image"
	"io"
	"path"
	"syscall/js"
	"testing"
	"time"

	"github.com/gowebapi/webapi/file"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func needWindow(t *testing.T) {
	if js.Global().Get("window").IsUndefined() {
		t.Skip("no window: this is no browser")
	}
}

func TestAwait(t *testing.T) {
	promise := js.Global().Get("Promise")
	v, err := Await(promise.Call("resolve", 7))
	require.NoError(t, err)
	assert.Equal(t, 7, v.Int())

	v, err = Await(js.ValueOf("no promise"))
	require.NoError(t, err)
	assert.Equal(t, "no promise", v.String())

	_, err = Await(promise.Call("reject", js.Global().Get("Error").New("the reason")))
	assert.ErrorContains(t, err, "the reason")
	for _, odd := range []any{"only text", nil, js.Undefined(), 5} {
		_, err = Await(promise.Call("reject", odd))
		require.Error(t, err)
		assert.NotPanics(t, func() { _ = err.Error() })
	}
}

func TestYieldLetsEventsIn(t *testing.T) {
	came := false
	f := js.FuncOf(func(js.Value, []js.Value) any {
		came = true
		return nil
	})
	defer f.Release()
	channel := js.Global().Get("MessageChannel").New()
	defer channel.Get("port1").Call("close")
	channel.Get("port1").Set("onmessage", f)
	channel.Get("port2").Call("postMessage", "hello")
	deadline := time.Now().Add(10 * time.Second)
	for !came && time.Now().Before(deadline) {
		Yield()
	}
	assert.True(t, came)
}

func TestBytes(t *testing.T) {
	for _, b := range [][]byte{{}, {1, 2, 255}} {
		assert.Equal(t, b, Bytes(Uint8Array(b)))
	}
}

func TestOpen(t *testing.T) {
	needWindow(t)
	script := js.Global().Get("document").Get("scripts").Index(0).Get("src").String()
	body, err := Open(t.Context(), script)
	require.NoError(t, err)
	defer body.Close()
	small := make([]byte, 10)
	_, err = io.ReadFull(body, small)
	require.NoError(t, err)
	rest, err := io.ReadAll(body)
	require.NoError(t, err)
	assert.Greater(t, len(rest), 1000)

	_, err = Open(t.Context(), URL("there/is/no/such/file"))
	assert.ErrorContains(t, err, "status 404")
	assert.ErrorIs(t, err, ErrFetch)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Open(ctx, script)
	assert.ErrorIs(t, err, context.Canceled)
}

func TestOpenCancelledWhileReading(t *testing.T) {
	needWindow(t)
	ctx, cancel := context.WithCancel(t.Context())
	body, err := Open(ctx, js.Global().Get("document").Get("scripts").Index(0).Get("src").String())
	require.NoError(t, err)
	cancel()
	_, err = io.ReadAll(body)
	assert.ErrorIs(t, err, context.Canceled)
	assert.NotErrorIs(t, err, ErrFetch)
	assert.NoError(t, body.Close())
}

// A body whose connection breaks goes on where it was broken off, whether the server
// knows of ranges or not.
func TestOpenResumes(t *testing.T) {
	defer func(real []time.Duration) { pauses = real }(pauses)
	pauses = []time.Duration{0, 0}
	fetch := js.Global().Get("fetch")
	// An answer of the server: a status and a text, of what part of the file, and
	// whether the connection breaks behind it. Without a status it does before.
	type answer struct {
		status int
		text   string
		part   string
		breaks bool
	}
	for _, c := range []struct {
		name      string
		answers   []answer
		want, err string
		ranges    []string
	}{
		{"ranges", []answer{{200, "abc", "", true}, {206, "de", "bytes 3-6/7", true}, {206, "fg", "bytes 5-6/7", false}}, "abcdefg", "", []string{"", "bytes=3-", "bytes=5-"}},
		{"no ranges", []answer{{200, "abc", "", true}, {200, "abcdefg", "", false}}, "abcdefg", "", []string{"", "bytes=3-"}},
		{"gone, then back", []answer{{200, "abc", "", true}, {}, {206, "defg", "bytes 3-6/7", false}}, "abcdefg", "", []string{"", "bytes=3-", "bytes=3-"}},
		{"gone", []answer{{200, "abc", "", true}, {}, {}}, "abc", "the network is gone", []string{"", "bytes=3-", "bytes=3-"}},
		{"gone at once", []answer{{}}, "", "the network is gone", []string{""}},
		{"another part", []answer{{200, "abc", "", true}, {206, "efg", "bytes 4-6/7", false}, {404, "", "", false}}, "abc", "status 404", []string{"", "bytes=3-", "bytes=3-"}},
		{"a part unasked for", []answer{{206, "abc", "bytes 0-2/7", false}}, "", "status 206", []string{""}},
		{"broken before the first byte", []answer{{200, "", "", true}, {200, "abc", "", false}}, "abc", "", []string{"", ""}},
	} {
		t.Run(c.name, func(t *testing.T) {
			const url = "https://example.org/shard"
			fault := func(text string) js.Value { return js.Global().Get("TypeError").New(text) }
			stream := func(a answer) js.Value {
				given := a.text == ""
				pull := js.FuncOf(func(_ js.Value, args []js.Value) any {
					switch controller := args[0]; {
					case !given:
						given = true
						controller.Call("enqueue", js.Global().Get("TextEncoder").New().Call("encode", a.text))
					case a.breaks:
						controller.Call("error", fault("broken"))
					default:
						controller.Call("close")
					}
					return nil
				})
				t.Cleanup(pull.Release)
				return js.Global().Get("ReadableStream").New(map[string]any{"pull": pull})
			}
			var asked []string
			served := js.FuncOf(func(_ js.Value, args []js.Value) any {
				if args[0].String() != url { // the tests' own
					return js.Global().Get("Reflect").Call("apply", fetch, js.Undefined(), js.Global().Get("Array").Call("of", anys(args)...))
				}
				asked = append(asked, "")
				if headers := args[1].Get("headers"); !headers.IsUndefined() {
					asked[len(asked)-1] = headers.Get("Range").String()
				}
				promise := js.Global().Get("Promise")
				a := c.answers[len(asked)-1]
				if a.status == 0 {
					return promise.Call("reject", fault("the network is gone"))
				}
				headers := map[string]any{}
				if a.part != "" {
					headers["Content-Range"] = a.part
				}
				return promise.Call("resolve", js.Global().Get("Response").New(stream(a), map[string]any{"status": a.status, "headers": headers}))
			})
			t.Cleanup(served.Release)
			js.Global().Set("fetch", served)
			defer js.Global().Set("fetch", fetch)
			body, err := Open(t.Context(), url)
			var got []byte
			if err == nil {
				got, err = io.ReadAll(body)
				assert.NoError(t, body.Close())
			}
			assert.Equal(t, c.want, string(got))
			if c.err == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, c.err)
				assert.ErrorIs(t, err, ErrFetch)
			}
			assert.Equal(t, c.ranges, asked)
		})
	}
}

func anys(values []js.Value) []any {
	all := make([]any, len(values))
	for i, v := range values {
		all[i] = v
	}
	return all
}

func TestFile(t *testing.T) {
	needWindow(t)
	transfer := js.Global().Get("DataTransfer").New()
	data := bytes.Repeat([]byte("0123456789"), 100)
	transfer.Get("items").Call("add", js.Global().Get("File").New([]any{Uint8Array(data)}, "chest.png"))
	event := js.Global().Get("DragEvent").New("drop", map[string]any{"dataTransfer": transfer})
	drop := Dropped(event)
	assert.False(t, drop.Empty())
	files, err := drop.Files(1)
	require.NoError(t, err)
	require.Len(t, files, 1)
	assert.Equal(t, "chest.png", files[0].Name())

	head, err := files[0].Head(4)
	require.NoError(t, err)
	assert.Equal(t, "0123", string(head))
	head, err = files[0].Head(5000)
	require.NoError(t, err)
	assert.Equal(t, data, head)
	array, err := files[0].Array()
	require.NoError(t, err)
	assert.Equal(t, data, Bytes(array))

	assert.Equal(t, "chest.png", files[0].Path())

	assert.True(t, Dropped(js.Global().Get("DragEvent").New("drop")).Empty())
	paste := js.Global().Get("ClipboardEvent").New("paste", map[string]any{"clipboardData": transfer})
	assert.Len(t, PastedFiles(paste), 1)
	assert.Empty(t, PastedFiles(js.Global().Get("ClipboardEvent").New("paste")))
}

// files are of these contents, at the paths of the keys.
func files(contents map[string][]byte) map[string]File {
	made := map[string]File{}
	for p, content := range contents {
		f := js.Global().Get("File").New([]any{Uint8Array(content)}, path.Base(p))
		made[p] = File{file.FileFromJS(f), p}
	}
	return made
}

func TestReader(t *testing.T) {
	needWindow(t)
	content := bytes.Repeat([]byte("0123456789"), 3*blockSize/10)
	r := files(map[string][]byte{"a": content})["a"].Reader()
	for _, at := range []int{0, blockSize - 5, 5, 2*blockSize + 3} {
		p := make([]byte, blockSize/2)
		_, err := r.ReadAt(p, int64(at))
		require.NoError(t, err)
		assert.True(t, bytes.Equal(content[at:][:len(p)], p), "at %d", at)
	}
	p := make([]byte, 10)
	n, err := r.ReadAt(p, int64(len(content)-4))
	assert.Equal(t, 4, n)
	assert.ErrorIs(t, err, io.EOF)
}

func TestFilesOf(t *testing.T) {
	needWindow(t)
	f := files(map[string][]byte{"b/x": []byte("x")})["b/x"]
	got, err := FilesOf(FileArray(f), []string{"b/x"})
	require.NoError(t, err)
	assert.Equal(t, "b/x", got[0].Path())
	assert.Equal(t, "x", got[0].Name())
	for _, odd := range []any{js.Undefined(), []any{}, []any{1}, "x"} {
		_, err := FilesOf(js.ValueOf(odd), []string{"b/x"})
		assert.Error(t, err, "%v", odd)
	}
}

func TestCanvas(t *testing.T) {
	needWindow(t)
	body := js.Global().Get("document").Get("body")
	host := js.Global().Get("document").Call("createElement", "div")
	host.Set("id", "host")
	body.Call("append", host)
	defer host.Call("remove")
	c := NewCanvas("xray")
	c.AppendTo(Element("host"))
	c.AppendTo(Element("host"))
	assert.Equal(t, 1, host.Get("childNodes").Length())

	pixel := func(x, y int) []byte {
		return Bytes(c.element.JSValue().Call("getContext", "2d").Call("getImageData", x, y, 1, 1).Get("data"))
	}
	heat := image.NewNRGBA(image.Rect(0, 0, 2, 1))
	copy(heat.Pix, []byte{0, 0, 0, 0, 255, 0, 0, 255})
	c.DrawNRGBA(heat)
	assert.Equal(t, []byte{255, 0, 0, 255}, pixel(1, 0))
	c.Clear()
	assert.Equal(t, []byte{0, 0, 0, 0}, pixel(0, 0))
	assert.Nil(t, Element("no such id"))
}

func TestParameters(t *testing.T) {
	needWindow(t)
	history := js.Global().Get("history")
	address := js.Global().Get("location").Get("href")
	defer history.Call("replaceState", nil, "", address)
	for query, want := range map[string]map[string]string{
		"?":                    {},
		"?threads=2&a=%C3%A4#": {"threads": "2", "a": "ä"},
		"?a=%zz&b=1&b=2":       {"a": "%zz", "b": "2"},
	} {
		history.Call("replaceState", nil, "", query)
		assert.Equal(t, want, Parameters(), query)
	}
	odd := map[string]string{"b": "1&c=2", "a": "ä ?"}
	assert.Equal(t, "a=%C3%A4+%3F&b=1%26c%3D2", Query(odd))
	history.Call("replaceState", nil, "", "?"+Query(odd))
	assert.Equal(t, odd, Parameters())
}

func TestThreads(t *testing.T) {
	needWindow(t)
	assert.Equal(t, min(8, js.Global().Get("navigator").Get("hardwareConcurrency").Int()), Threads())
}

func TestClosest(t *testing.T) {
	needWindow(t)
	seen := make(chan js.Value, 4)
	Listen("probe", func(e js.Value) { seen <- Closest(e, "body") })
	fire := func(target js.Value) js.Value {
		target.Call("dispatchEvent", js.Global().Get("Event").New("probe", map[string]any{"bubbles": true}))
		return <-seen
	}
	document := js.Global().Get("document")
	assert.True(t, fire(document.Get("body")).Equal(document.Get("body")))
	assert.True(t, fire(document).IsNull())
}
