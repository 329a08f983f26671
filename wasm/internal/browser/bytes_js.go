package browser

import "syscall/js"

// Bytes copies a Uint8Array or Uint8ClampedArray. Undefined has none.
func Bytes(array js.Value) []byte {
	if array.IsUndefined() {
		return nil
	}
	b := make([]byte, array.Get("byteLength").Int())
	js.CopyBytesToGo(b, array)
	return b
}

// Uint8Array copies b to an array of its own buffer, which may be transferred.
func Uint8Array(b []byte) js.Value {
	array := js.Global().Get("Uint8Array").New(len(b))
	js.CopyBytesToJS(array, b)
	return array
}
