//go:build !js

package weights

import "crypto/sha256"

// sum256 is the SHA-256 of a shard.
func sum256(shard []byte) [sha256.Size]byte { return sha256.Sum256(shard) }
