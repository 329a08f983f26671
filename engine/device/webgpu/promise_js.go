package webgpu

import (
	"context"
	"syscall/js"
	"unsafe"
)

// outcome is what became of a promise.
type outcome struct {
	value js.Value
	err   error // its reason, a js.Error
}

// then returns a channel that gets the outcome of a promise.
func then(promise js.Value) <-chan outcome {
	settled := make(chan outcome, 1)
	var fulfilled, rejected js.Func
	settle := func(o outcome) any {
		fulfilled.Release()
		rejected.Release()
		settled <- o
		return nil
	}
	fulfilled = js.FuncOf(func(_ js.Value, args []js.Value) any { return settle(outcome{value: args[0]}) })
	rejected = js.FuncOf(func(_ js.Value, args []js.Value) any { return settle(outcome{err: js.Error{Value: args[0]}}) })
	promise.Call("then", fulfilled, rejected)
	return settled
}

// await waits for a promise, or for ctx.
func await(ctx context.Context, promise js.Value) (js.Value, error) {
	select {
	case o := <-then(promise):
		return o.value, o.err
	case <-ctx.Done():
		return js.Value{}, ctx.Err()
	}
}

// bytesOf is the memory of x, which wasm keeps as WebGPU wants it: little endian.
func bytesOf[T float32 | int32 | uint32](x []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(x))), 4*len(x))
}
