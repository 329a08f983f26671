package command

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"fmt"

	"uarweb/weights"
)

// maxKey is the most bytes that a key's file has; one of Ed25519 has 119.
const maxKey = 64 << 10

// ReadPublicKey reads a public key of Ed25519: SubjectPublicKeyInfo in PEM, RFC
// 8410. Errors are marked as BadInput.
func ReadPublicKey(path string) (ed25519.PublicKey, error) {
	return readKey[ed25519.PublicKey](path, "PUBLIC KEY", x509.ParsePKIXPublicKey)
}

// ReadPrivateKey reads a private key of Ed25519: PKCS #8 in PEM, without a
// passphrase. Errors are marked as BadInput.
func ReadPrivateKey(path string) (ed25519.PrivateKey, error) {
	return readKey[ed25519.PrivateKey](path, "PRIVATE KEY", x509.ParsePKCS8PrivateKey)
}

func readKey[K any](path, kind string, parse func(der []byte) (any, error)) (K, error) {
	var none K
	text, err := ReadText(path, maxKey)
	if err != nil {
		return none, err
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != kind {
		return none, BadInput(fmt.Errorf("%s holds no %s in PEM", path, kind))
	}
	key, err := parse(block.Bytes)
	if err != nil {
		return none, BadInput(fmt.Errorf("%s: %w", path, err))
	}
	k, ok := key.(K)
	if !ok {
		return none, BadInput(fmt.Errorf("%s is no key of Ed25519", path))
	}
	return k, nil
}

// RequireKey returns an error unless one of the signatures that vouch for what it is, which
// hold or are nil, is by the public key in this file.
func RequireKey(path, what string, signatures ...*weights.Signature) error {
	key, err := ReadPublicKey(path)
	if err != nil {
		return err
	}
	found := "not signed"
	for _, s := range signatures {
		if s == nil {
			continue
		}
		if key.Equal(ed25519.PublicKey(s.Key)) {
			return nil
		}
		found = "signed by " + s.Signer()
	}
	return BadInput(fmt.Errorf("the %s is %s; the key %s is required", what, found, weights.Fingerprint(key)))
}
