package weights

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"

	"uarweb/weights/proquint"
)

// ErrSignature says that a manifest is not what its signature was made of.
var ErrSignature = errors.New("weights: the signature is not of this manifest by this key")

// Signature says that the owner of a key vouches for a manifest, and so, by their
// hashes, for all that it names. It is of Ed25519, RFC 8032, and made of the manifest
// without a signature, as JSON without white space: of a model's that is what
// [Manifest.Signed] returns. Package serve signs a site's likewise.
type Signature struct {
	Key   []byte `json:"key"`   // public, 32 bytes
	Value []byte `json:"value"` // 64 bytes
}

// Signer is the fingerprint of the key, or empty without a signature.
func (s *Signature) Signer() string {
	if s == nil {
		return ""
	}
	return Fingerprint(s.Key)
}

// Sizes of Ed25519 in bytes.
const (
	keySize       = 32
	signatureSize = 64
)

// Signed returns the bytes that a signature of m is made of: m without one, as JSON
// without white space.
func (m *Manifest) Signed() []byte {
	bare := *m
	bare.Signature = nil
	text, err := json.Marshal(bare)
	if err != nil {
		panic("weights: a manifest is no JSON")
	}
	return text
}

// Verify says whether m has a signature that holds: see [Signature.Verify].
func (m *Manifest) Verify() (bool, error) { return m.Signature.Verify(m.Signed()) }

// Verify says whether s is a signature of these bytes, which none, nil, is not. One
// that does not hold is an ErrSignature. A browser that does not know Ed25519, or has a
// page that came without encryption, cannot tell: then it is false without an error.
func (s *Signature) Verify(signed []byte) (bool, error) {
	if s == nil {
		return false, nil
	}
	if len(s.Key) != keySize || len(s.Value) != signatureSize {
		return false, fmt.Errorf("%w: it is none of Ed25519", ErrSignature)
	}
	holds, err := verify(s, signed)
	if errors.Is(err, errors.ErrUnsupported) {
		return false, nil
	}
	if err == nil && !holds {
		err = fmt.Errorf("%w: %s", ErrSignature, Fingerprint(s.Key))
	}
	return holds, err
}

// Fingerprint tells a public key of Ed25519 by eight words, which are the first half
// of the SHA-256 of its SubjectPublicKeyInfo (RFC 8410): of what stands in a PUBLIC
// KEY of PEM.
func Fingerprint(key []byte) string {
	const info = "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"
	sum := sha256.Sum256(append([]byte(info), key...))
	return proquint.Encode(sum[:16])
}
