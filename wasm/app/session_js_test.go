package app

import (
	"context"
	"syscall/js"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"uarweb/engine/radiograph/phantom"
	"uarweb/engine/radiograph/voi"
	"uarweb/engine/report"
	"uarweb/engine/status"
	"uarweb/ui/desk"
	"uarweb/wasm/internal/browser"
	"uarweb/wasm/internal/protocol"
)

// fakeWorker stands for a browser's: the test plays its program.
type fakeWorker struct {
	address string
	object  js.Value
	sent    chan protocol.Message
	ended   bool
}

// workers has the browser start fake workers, which come by the channel.
func workers(t *testing.T) chan *fakeWorker {
	started := make(chan *fakeWorker, 8)
	constructor := js.FuncOf(func(this js.Value, args []js.Value) any {
		w := &fakeWorker{address: args[0].String(), object: this, sent: make(chan protocol.Message, 8)}
		this.Set("postMessage", js.FuncOf(func(_ js.Value, args []js.Value) any {
			m, err := protocol.Decode([]byte(args[0].Get("text").String()))
			if err != nil {
				panic(err)
			}
			w.sent <- m
			return nil
		}))
		this.Set("terminate", js.FuncOf(func(js.Value, []js.Value) any {
			w.ended = true
			return nil
		}))
		started <- w
		return this
	})
	before := js.Global().Get("Worker")
	js.Global().Set("Worker", constructor)
	t.Cleanup(func() {
		js.Global().Set("Worker", before)
		constructor.Release()
	})
	return started
}

// say sends a message to the page, as the worker.
func (w *fakeWorker) say(t *testing.T, id int, body protocol.Body, data ...any) {
	t.Helper()
	text, err := protocol.Encode(protocol.Message{ID: id, Body: body})
	require.NoError(t, err)
	message := map[string]any{"text": string(text)}
	if len(data) > 0 {
		message["data"] = data[0]
	}
	w.post(message)
}

func (w *fakeWorker) post(message any) {
	if !w.ended {
		w.object.Get("onmessage").Invoke(map[string]any{"data": message})
	}
}

// bench is an engine whose workers the test plays.
type bench struct {
	*engine
	t       *testing.T
	started chan *fakeWorker
	faults  chan error
}

func newBench(t *testing.T, wish map[string]string) *bench {
	b := &bench{engine: newEngine("worker.js", "manifest.json", wish), t: t, started: workers(t), faults: make(chan error, 8)}
	b.Watch(func(err error) { b.faults <- err })
	return b
}

// begin does something that waits, in a goroutine.
func begin[T any](do func() (T, error)) (result chan T, failure chan error) {
	result, failure = make(chan T, 1), make(chan error, 1)
	go func() {
		v, err := do()
		result <- v
		failure <- err
	}()
	return result, failure
}

// worker is the next that is started, and ready.
func (b *bench) worker() *fakeWorker {
	b.t.Helper()
	w := <-b.started
	b.Model() // waits until the worker is the session's
	w.say(b.t, 0, protocol.Ready{})
	return w
}

// loaded brings the engine to a model on a backend.
func (b *bench) loaded(backend string) *fakeWorker {
	b.t.Helper()
	_, failure := begin(func() (any, error) { return nil, b.Load(b.t.Context(), nil, func(status.Progress) {}) })
	w := b.worker()
	w.say(b.t, (<-w.sent).ID, protocol.Loaded{Backend: backend, Views: 2})
	require.NoError(b.t, <-failure)
	require.Equal(b.t, backend, b.Model().Backend)
	return w
}

// opened brings a view to the desk.
func (b *bench) opened(w *fakeWorker) *desk.View {
	b.t.Helper()
	view, failure := begin(func() (*desk.View, error) { return b.Phantom(b.t.Context(), phantom.Chest{}, false, 64) })
	w.draw(b.t, <-w.sent)
	require.NoError(b.t, <-failure)
	return <-view
}

func (w *fakeWorker) draw(t *testing.T, request protocol.Message) {
	t.Helper()
	asked, ok := request.Body.(protocol.OpenPhantom)
	require.True(t, ok, "%T", request.Body)
	w.say(t, request.ID, protocol.Opened{View: asked.View, OriginalWidth: 1, OriginalHeight: 1, Width: 1, Height: 1, Scale: new(voi.Plain(8))}, js.Global().Get("Uint8Array").New(2))
}

func (b *bench) writing(ctx context.Context, v *desk.View) chan error {
	_, failure := begin(func() (*report.Report, error) { return b.Report(ctx, []*desk.View{v}, func(status.Progress) {}) })
	return failure
}

func TestReportIsWritten(t *testing.T) {
	b := newBench(t, nil)
	w := b.loaded("simd")
	v := b.opened(w)
	failure := b.writing(t.Context(), v)
	request := <-w.sent
	assert.Equal(t, protocol.WriteReport{Views: []int{1}}, request.Body)
	w.say(t, request.ID, protocol.Progress{Progress: status.Progress{Stage: status.StageEncode, Done: 1, Total: 2}})
	w.say(t, request.ID, protocol.Written{Report: &report.Report{}})
	require.NoError(t, <-failure)
	assert.Empty(t, b.session.calls)
	assert.False(t, w.ended)
}

// The worker that the page has started beside its program is taken, with what it has said
// since, if it computes as is wanted; otherwise it is ended.
func TestWorkerThatIsThereAlready(t *testing.T) {
	for _, c := range []struct {
		wish  map[string]string
		taken bool
	}{{nil, true}, {map[string]string{"threads": "2"}, false}} {
		b := newBench(t, c.wish)
		object := js.Global().Get("Worker").New("worker.js")
		early := <-b.started
		text, err := protocol.Encode(protocol.Message{Body: protocol.Ready{}})
		require.NoError(t, err)
		js.Global().Set("Engine", map[string]any{"worker": object, "address": "worker.js", "events": []any{
			map[string]any{"type": "message", "data": map[string]any{"text": string(text)}},
		}})
		_, failure := begin(func() (any, error) { return nil, b.Load(b.t.Context(), nil, func(status.Progress) {}) })
		if !c.taken {
			w := b.worker()
			assert.Equal(t, "worker.js?threads=2", w.address)
			assert.True(t, early.ended)
			early = w
		}
		early.say(t, (<-early.sent).ID, protocol.Loaded{})
		require.NoError(t, <-failure)
		assert.Empty(t, b.started)
		assert.True(t, js.Global().Get("Engine").IsUndefined())
	}
}

// A worker that fails while nothing waits takes the model along, and the page is
// told.
func TestIdleFault(t *testing.T) {
	b := newBench(t, nil)
	w := b.loaded("simd")
	v := b.opened(w)
	w.say(t, 0, protocol.Failed{Code: status.Crashed, Message: "a fault"})
	assert.EqualError(t, <-b.faults, "a fault")
	assert.True(t, w.ended)
	assert.Nil(t, b.Model())
	assert.Equal(t, status.NoModel, status.CodeOf(<-b.writing(t.Context(), v)))

	b.Restart()
	w = b.loaded("simd")
	assert.Equal(t, "worker.js?threads=1", w.address)
	failure := b.writing(t.Context(), v)
	w.draw(t, <-w.sent) // again
	w.say(t, (<-w.sent).ID, protocol.Written{Report: &report.Report{}})
	require.NoError(t, <-failure)
}

// What is no message, or comes out of turn, does not end the page.
func TestOddMessages(t *testing.T) {
	odd := []protocol.Body{protocol.Ready{}, protocol.Done{}, protocol.Cancel{}, protocol.LoadShipped{}, protocol.Loaded{}, protocol.Progress{}}
	b := newBench(t, nil)
	w := b.loaded("simd")
	for _, body := range odd {
		for _, id := range []int{-1, 0, 1, 99} {
			w.say(t, id, body)
		}
	}
	assert.NotNil(t, b.Model())
	view, failure := begin(func() (*desk.View, error) { return b.Phantom(t.Context(), phantom.Chest{}, false, 64) })
	w.say(t, (<-w.sent).ID, protocol.Done{})
	assert.ErrorContains(t, <-failure, "another question")
	assert.Nil(t, <-view)

	b.Restart()
	for _, message := range []any{nil, 1, "text", map[string]any{}, map[string]any{"text": "{"}, map[string]any{"text": `{"id":1,"kind":"done","body":{}}`, "data": 5}} {
		w := b.loaded("simd")
		w.post(message)
		assert.Equal(t, status.Crashed, status.CodeOf(<-b.faults), "%v", message)
		assert.True(t, w.ended)
	}
	w = b.loaded("simd")
	w.object.Get("onmessageerror").Invoke(map[string]any{})
	assert.Equal(t, status.Crashed, status.CodeOf(<-b.faults))
}

// A request that cannot be sent is an error, and nothing waits for its answer.
func TestSendFails(t *testing.T) {
	b := newBench(t, nil)
	w := b.loaded("simd")
	w.object.Set("postMessage", js.Global().Get("structuredClone").Call("bind", nil, js.Global().Call("Symbol"))) // which throws a DataCloneError
	_, err := b.Phantom(t.Context(), phantom.Chest{}, false, 64)
	assert.ErrorContains(t, err, "could not be cloned")
	assert.Empty(t, b.session.calls)
	assert.NotNil(t, b.Model())
}

// A cancel that is heeded leaves the worker, one that is not ends it. What else
// waits is done in the next.
func TestCancel(t *testing.T) {
	for _, c := range []struct{ backend, next string }{
		{"simd", "worker.js"},
		{"webgpu", "worker.js?shaders=plain"},
	} {
		b := newBench(t, nil)
		b.cancelPatience = time.Hour
		w := b.loaded(c.backend)
		v := b.opened(w)

		ctx, cancel := context.WithCancel(t.Context())
		failure := b.writing(ctx, v)
		request := <-w.sent
		cancel()
		stop := <-w.sent
		assert.Equal(t, protocol.Message{ID: request.ID, Body: protocol.Cancel{}}, stop)
		w.say(t, stop.ID, protocol.Failed{Code: status.Cancelled, Message: "cancelled"})
		assert.Equal(t, status.Cancelled, status.CodeOf(<-failure))
		assert.False(t, w.ended)

		b.cancelPatience = time.Millisecond
		ctx, cancel = context.WithCancel(t.Context())
		failure = b.writing(ctx, v)
		<-w.sent
		_, beside := begin(func() (*desk.View, error) { return b.Phantom(t.Context(), phantom.Chest{}, true, 64) })
		<-w.sent
		cancel()
		assert.ErrorIs(t, <-failure, context.Canceled)
		assert.True(t, w.ended)
		assert.Nil(t, b.Model())
		next := b.worker()
		assert.Equal(t, c.next, next.address)
		next.draw(t, <-next.sent)
		require.NoError(t, <-beside)
		assert.Empty(t, b.faults, "it is no fault")
	}
}

// A worker that never begins is ended by a cancel too, and the next one begins.
func TestCancelBeforeTheWorkerIsUp(t *testing.T) {
	b := newBench(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	_, failure := begin(func() (any, error) { return nil, b.Load(ctx, nil, func(status.Progress) {}) })
	w := <-b.started
	b.Model() // waits until the worker is the session's
	cancel()
	assert.ErrorIs(t, <-failure, context.Canceled)
	assert.True(t, w.ended)
	b.loaded("simd")
	assert.Empty(t, b.faults, "it is no fault")
}

// A GPU that is silent in the middle of a report is lost, whether the worker
// lives or not; a processor may take its time.
func TestSilence(t *testing.T) {
	for _, lives := range []bool{false, true} {
		b := newBench(t, map[string]string{"backend": "webgpu"})
		b.cancelPatience, b.gpuPatience = 20*time.Millisecond, 50*time.Millisecond
		w := b.loaded("webgpu")
		failure := b.writing(t.Context(), b.opened(w))
		<-w.sent
		stop := <-w.sent
		assert.Equal(t, protocol.Cancel{}, stop.Body)
		if lives {
			w.say(t, stop.ID, protocol.Failed{Code: status.Cancelled, Message: "cancelled"})
		}
		err := <-failure
		assert.Equal(t, status.BackendLost, status.CodeOf(err))
		assert.True(t, w.ended)
		w = b.loaded("webgpu")
		assert.Equal(t, "worker.js?backend=webgpu&shaders=plain", w.address)
		assert.Contains(t, b.Model().Why, "before: the GPU did not answer")
	}
	b := newBench(t, nil)
	b.gpuPatience = 10 * time.Millisecond
	w := b.loaded("simd")
	failure := b.writing(t.Context(), b.opened(w))
	request := <-w.sent
	time.Sleep(10 * b.gpuPatience)
	w.say(t, request.ID, protocol.Written{Report: &report.Report{}})
	require.NoError(t, <-failure)
}

// A view is open in the worker that has opened it, and in no other, however the
// answer and the worker's end fall together.
func TestViewIsOpenWhereItWasOpened(t *testing.T) {
	b := newBench(t, nil)
	w := b.loaded("simd")
	v := b.opened(w)
	first := b.session
	view, failure := begin(func() (*desk.View, error) { return b.Phantom(t.Context(), phantom.Chest{}, true, 64) })
	w.draw(t, <-w.sent)
	b.SetProcessor(desk.Processor{Threads: 2})
	next, _ := begin(func() (*desk.View, error) { return b.Phantom(t.Context(), phantom.Chest{}, false, 64) })
	second := b.worker()
	second.draw(t, <-second.sent)
	<-next
	require.NoError(t, <-failure)
	for _, opened := range []*desk.View{v, <-view} {
		assert.Same(t, first, b.views[opened].session)
		b.Close(opened) // which asks nothing of the new worker
	}
	assert.Empty(t, second.sent)
}

// An image that nobody looks at comes without a preview; one that is to be seen needs
// its own.
func TestDecode(t *testing.T) {
	files, err := browser.FilesOf(js.ValueOf([]any{js.Global().Get("File").New([]any{"x"}, "a.png")}), []string{"a.png"})
	require.NoError(t, err)
	b := newBench(t, nil)
	w := b.loaded("simd")
	for _, bare := range []bool{true, false} {
		open := b.Open
		if bare {
			open = b.Decode
		}
		view, failure := begin(func() (*desk.View, error) { return open(t.Context(), files[0]) })
		request := <-w.sent
		asked := request.Body.(protocol.OpenImage)
		assert.Equal(t, bare, asked.Bare)
		opened := protocol.Opened{View: asked.View, Format: "PNG", OriginalWidth: 8, OriginalHeight: 4}
		w.say(t, request.ID, opened)
		v := <-view
		if !bare {
			require.Error(t, <-failure)
			continue
		}
		require.NoError(t, <-failure)
		assert.Equal(t, []any{"PNG", 8, 4, nil}, []any{v.Format, v.Width, v.Height, v.Preview})
	}
}

// What comes as a preview is of the length that its message says, or none.
func TestPreviewOfAnotherLength(t *testing.T) {
	t.Attr("hostile", "previews")
	opened := protocol.Opened{Width: 4, Height: 2, Scale: new(voi.Plain(12))}
	bytes := func(n int) js.Value { return js.Global().Get("Uint8Array").New(n) }
	for _, length := range []int{0, 1, 15, 17, 32} {
		_, err := newPreview(bytes(length), opened)
		assert.Error(t, err, length)
	}
	_, err := newPreview(js.Undefined(), opened)
	assert.Error(t, err)
	p, err := newPreview(bytes(16), opened)
	require.NoError(t, err)
	assert.Equal(t, 8, p.levels.Length())
	opened.Scale = nil
	_, err = newPreview(bytes(16), opened)
	assert.Error(t, err)
}

// What computes and is lost is told to who asked; what waits beside is done again.
func TestBackendLost(t *testing.T) {
	b := newBench(t, nil)
	w := b.loaded("simd")
	v := b.opened(w)
	failure := b.writing(t.Context(), v)
	request := <-w.sent
	_, beside := begin(func() (*desk.View, error) { return b.Phantom(t.Context(), phantom.Chest{}, true, 64) })
	<-w.sent
	w.say(t, request.ID, protocol.Failed{Code: status.BackendLost, Message: "simd: a thread was lost"})
	assert.Equal(t, status.BackendLost, status.CodeOf(<-failure))
	next := b.worker()
	assert.Equal(t, "worker.js?threads=1", next.address)
	next.draw(t, <-next.sent)
	require.NoError(t, <-beside)
	assert.Nil(t, b.Model())
}

// What waits is done in the next worker as often as one is ended.
func TestEndedAgainAndAgain(t *testing.T) {
	b := newBench(t, nil)
	_, failure := begin(func() (*desk.View, error) { return b.Phantom(t.Context(), phantom.Chest{}, false, 64) })
	for range 3 {
		w := b.worker()
		<-w.sent
		b.SetProcessor(desk.Processor{})
		assert.True(t, w.ended)
	}
	w := b.worker()
	w.draw(t, <-w.sent)
	require.NoError(t, <-failure)
}

// What the worker has asked for is passed on, whenever it says so.
func TestAsked(t *testing.T) {
	b := newBench(t, nil)
	var asked []protocol.Request
	b.asked = func(more []protocol.Request) { asked = append(asked, more...) }
	_, failure := begin(func() (any, error) { return nil, b.Load(b.t.Context(), nil, func(status.Progress) {}) })
	w := <-b.started
	b.Model()
	early, late := protocol.Request{URL: "https://a.org/worker.js", At: 1}, protocol.Request{URL: "https://a.org/manifest.json", At: 2, Received: 3}
	w.say(t, 0, protocol.Asked{Requests: []protocol.Request{early}})
	w.say(t, 0, protocol.Ready{})
	w.say(t, 0, protocol.Asked{Requests: []protocol.Request{late}})
	w.say(t, (<-w.sent).ID, protocol.Loaded{Views: 2})
	require.NoError(t, <-failure)
	assert.Equal(t, []protocol.Request{early, late}, asked)
}
