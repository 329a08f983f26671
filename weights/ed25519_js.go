package weights

import (
	"errors"
	"fmt"
	"syscall/js"
)

// verify says whether s is a signature of these bytes. The browser knows how:
// crypto/ed25519 would make its worker 32 kB larger. It waits for a promise, so no
// callback may call it.
func verify(s *Signature, signed []byte) (bool, error) {
	subtle := js.Global().Get("crypto").Get("subtle")
	if subtle.IsUndefined() {
		return false, fmt.Errorf("weights: no encryption: %w", errors.ErrUnsupported)
	}
	key, err := await(subtle.Call("importKey", "raw", array(s.Key), "Ed25519", false, []any{"verify"}))
	if err != nil {
		return false, err
	}
	holds, err := await(subtle.Call("verify", "Ed25519", key, array(s.Value), array(signed)))
	return err == nil && holds.Bool(), err
}

func array(b []byte) js.Value {
	a := js.Global().Get("Uint8Array").New(len(b))
	js.CopyBytesToJS(a, b)
	return a
}

// await waits for a promise. What a browser does not know it refuses with a
// NotSupportedError.
func await(promise js.Value) (js.Value, error) {
	type outcome struct {
		value js.Value
		err   error
	}
	done := make(chan outcome, 1)
	kept := js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- outcome{value: args[0]}
		return nil
	})
	defer kept.Release()
	broken := js.FuncOf(func(_ js.Value, args []js.Value) any {
		err := fmt.Errorf("weights: %s", args[0].Get("message").String())
		if args[0].Get("name").String() == "NotSupportedError" {
			err = fmt.Errorf("%w: %w", err, errors.ErrUnsupported)
		}
		done <- outcome{err: err}
		return nil
	})
	defer broken.Release()
	promise.Call("then", kept, broken)
	o := <-done
	return o.value, o.err
}
