package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"

	"uarweb/weights"
	"uarweb/weights/cmd/command"
)

func keygen(_ context.Context, c *command.Call) error {
	files, err := c.Parse("KEY", "Makes a key to sign with: the private one in the file KEY, which is to be kept\nsecret, and the public one in KEY.pub. Both are PEM, as openssl has them. No file\nis written over.", 1, 1)
	if err != nil {
		return err
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	info, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		return err
	}
	if err := writeNew(files[0], 0o600, &pem.Block{Type: "PRIVATE KEY", Bytes: secret}); err != nil {
		return err
	}
	if err := writeNew(files[0]+".pub", 0o644, &pem.Block{Type: "PUBLIC KEY", Bytes: info}); err != nil {
		return errors.Join(err, os.Remove(files[0]))
	}
	_, err = fmt.Fprintf(c.Out, "%s, %s.pub: %s\n", files[0], files[0], weights.Fingerprint(public))
	return err
}

// writeNew writes PEM to a file that was not there.
func writeNew(path string, mode os.FileMode, block *pem.Block) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return command.BadPlace(err)
	}
	return errors.Join(pem.Encode(file, block), file.Close())
}

func sign(ctx context.Context, c *command.Call) error {
	key := c.Flags.String("key", "", "the private key: a `file` of weights keygen, or PKCS #8 in PEM")
	files, err := c.Parse("-key KEY MANIFEST", "Checks a manifest and its shards, and signs the manifest: the signature is\nwritten into it, in place of one that is there.", 1, 1)
	if err != nil {
		return err
	}
	if err := c.Require("key"); err != nil {
		return err
	}
	private, err := command.ReadPrivateKey(*key)
	if err != nil {
		return err
	}
	if _, err := command.OpenWeights(ctx, files[0]); err != nil {
		return err
	}
	text, err := command.ReadFile(files[0], weights.MaxManifest)
	if err != nil {
		return err
	}
	m, err := weights.ParseManifest(text)
	if err != nil {
		return command.BadInput(fmt.Errorf("%s: %w", files[0], err))
	}
	m.Sign(private)
	if err := m.Save(files[0]); err != nil {
		return command.BadPlace(err)
	}
	_, err = fmt.Fprintf(c.Out, "%s: signed by %s\n", files[0], m.Signature.Signer())
	return err
}
