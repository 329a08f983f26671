//go:build !js

package weights

import "crypto/ed25519"

// Sign signs m, in place of whoever had.
func (m *Manifest) Sign(key ed25519.PrivateKey) { m.Signature = Sign(key, m.Signed()) }

// Sign returns a signature of these bytes.
func Sign(key ed25519.PrivateKey, signed []byte) *Signature {
	return &Signature{Key: key.Public().(ed25519.PublicKey), Value: ed25519.Sign(key, signed)}
}

// verify says whether s is a signature of these bytes.
func verify(s *Signature, signed []byte) (bool, error) {
	return ed25519.Verify(s.Key, signed, s.Value), nil
}
