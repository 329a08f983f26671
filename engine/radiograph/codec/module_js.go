package codec

import (
	"context"
	"fmt"
	"syscall/js"
	"unsafe"
)

// decode has a worker run the module (wasm/page/codec.js). It takes the thread
// that computes nothing of the engine's, and ends at once when it is told to.
func decode(ctx context.Context, format Format, stream []byte, limits Limits) (Frame, error) {
	worker := js.Global().Get("Worker").New("codec.js", map[string]any{"name": string(format)})
	defer worker.Call("terminate")

	answers := make(chan js.Value, 1)
	answered := js.FuncOf(func(_ js.Value, args []js.Value) any {
		args[0].Call("preventDefault") // an error ends this worker, not the one that started it
		if data := args[0].Get("data"); !data.IsUndefined() && !data.Get("asked").IsUndefined() {
			// What the worker has fetched, the page lists (wasm/page/worker.js).
			if tell := js.Global().Get("tellRequests"); !tell.IsUndefined() {
				tell.Invoke(data.Get("asked"))
			}
			return nil
		}
		select {
		case answers <- args[0]:
		default: // there is one already
		}
		return nil
	})
	defer answered.Release()
	worker.Set("onmessage", answered)
	worker.Set("onerror", answered)

	bytes := js.Global().Get("Uint8Array").New(len(stream))
	js.CopyBytesToJS(bytes, stream)
	request := map[string]any{"format": string(format), "stream": bytes, "samples": limits.Samples, "memory": min(limits.Memory, MaxMemory)}
	worker.Call("postMessage", request, []any{bytes.Get("buffer")})

	var event js.Value
	select {
	case event = <-answers:
	case <-ctx.Done():
		return Frame{}, ctx.Err()
	}
	answer := event.Get("data")
	if event.Get("type").String() == "error" {
		return Frame{}, fmt.Errorf("%w: codec.js: %s", ErrUnavailable, event.Get("message"))
	}
	if why := answer.Get("unavailable"); !why.IsUndefined() {
		return Frame{}, fmt.Errorf("%w: %s", ErrUnavailable, why)
	}
	if trap := answer.Get("trap"); !trap.IsUndefined() {
		return Frame{}, failure(uint32(answer.Get("reason").Int()), answer.Get("text").String(), js.Error{Value: trap})
	}
	word := func(i int) uint32 { return uint32(answer.Get("header").Index(i).Int()) }
	frame, err := header{Width: word(0), Height: word(1), Components: word(2), Bits: word(3), Signed: word(4)}.frame(limits.Samples)
	if err != nil {
		return Frame{}, err
	}
	samples := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(frame.Samples))), 2*len(frame.Samples))
	js.CopyBytesToGo(samples, answer.Get("samples"))
	return frame, nil
}
