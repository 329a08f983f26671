package weights

import (
	"crypto/sha256"
	"syscall/js"
)

// sum256 is the SHA-256 of a shard, by the browser, which computes it as fast as the
// processor can. Without encryption the browser does not, and Go does. It waits
// for a promise, so no callback may call it.
func sum256(shard []byte) (sum [sha256.Size]byte) {
	if subtle := js.Global().Get("crypto").Get("subtle"); !subtle.IsUndefined() {
		if digest, err := await(subtle.Call("digest", "SHA-256", array(shard))); err == nil {
			js.CopyBytesToGo(sum[:], js.Global().Get("Uint8Array").New(digest))
			return sum
		}
	}
	return sha256.Sum256(shard)
}
