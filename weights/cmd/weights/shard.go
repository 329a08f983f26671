package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"uarweb/weights"
	"uarweb/weights/cmd/command"
)

func shard(ctx context.Context, c *command.Call) error {
	asJSON := c.Flags.Bool("json", false, "print the manifest")
	files, err := c.Parse("[-json] FILE FOLDER", "Cuts the weights file into shards of at most 16,000,000 bytes, with a\nmanifest.json that has the size and SHA-256 of each. Nothing in the folder is\nremoved.", 2, 2)
	if err != nil {
		return err
	}
	w, err := command.OpenWeights(ctx, files[0])
	if err != nil {
		return err
	}
	m, err := weights.WriteShards(files[1], w)
	if err != nil {
		return command.BadPlace(err)
	}
	if *asJSON {
		return json.NewEncoder(c.Out).Encode(m)
	}
	_, err = fmt.Fprintf(c.Out, "%s: %d bytes, shards: %d\n", filepath.Join(files[1], weights.ManifestName), m.Size, len(m.Shards))
	return err
}

func verify(ctx context.Context, c *command.Call) error {
	asJSON := c.Flags.Bool("json", false, "print JSON")
	key := c.Flags.String("key", "", "the public key that must have signed the manifest: a `file` in PEM")
	files, err := c.Parse("[-json] [-key KEY] FILE", "Checks sizes and checksums of shards, the signature if there is one, the rules\nof the format, that every quantized tensor has its scales, and that every value\nis one that weights may have. Whether a model has all its tensors is known when\nit is loaded.", 1, 1)
	if err != nil {
		return err
	}
	w, err := command.OpenWeights(ctx, files[0])
	if err != nil {
		return err
	}
	if *key != "" {
		if err := command.RequireKey(*key, "model", w.Signature); err != nil {
			return command.BadInput(fmt.Errorf("%s: %w", files[0], err))
		}
	}
	names := w.Names()
	for i, name := range names {
		c.Progress("tensor %d/%d", i+1, len(names))
		if err := verifyTensor(w, name); err != nil {
			return command.BadInput(fmt.Errorf("%s: %w", files[0], err))
		}
	}
	if *asJSON {
		return json.NewEncoder(c.Out).Encode(struct {
			SHA256     string `json:"sha256"`
			Bytes      int64  `json:"bytes"`
			Tensors    int    `json:"tensors"`
			Parameters int64  `json:"parameters"`
			Signer     string `json:"signer,omitempty"`
		}{w.SHA256, w.Size(), len(names), w.Parameters(), w.Signature.Signer()})
	}
	signed := "not signed"
	if w.Signature != nil {
		signed = "signed by " + w.Signature.Signer()
	}
	_, err = fmt.Fprintf(c.Out, "%s: %d tensors, %d parameters, %d bytes, sha256 %s, %s\n", files[0], len(names), w.Parameters(), w.Size(), w.SHA256, signed)
	return err
}

func verifyTensor(c *weights.Checkpoint, name string) error {
	if of, ok := strings.CutSuffix(name, weights.ScaleSuffix); ok {
		return fmt.Errorf("%s belongs to no quantized tensor %s", name, of)
	}
	t, err := c.Tensor(name)
	if err != nil {
		return err
	}
	return t.Valid()
}
