package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	"uarweb/weights"
)

func shard(ctx context.Context, c *call, args []string) error {
	asJSON := c.flags.Bool("json", false, "print the manifest")
	rest, err := c.parse(args, 2, "[-json] FILE FOLDER", "Cuts the weights file into shards of at most 16,000,000 bytes, with a\nmanifest.json that has the size and SHA-256 of each. Nothing in the folder is\nremoved.")
	if err != nil {
		return err
	}
	w, err := weights.Open(ctx, rest[0])
	if err != nil {
		return err
	}
	m, err := weights.WriteShards(rest[1], w)
	if err != nil {
		return internal(err)
	}
	if *asJSON {
		return internal(json.NewEncoder(c.out).Encode(m))
	}
	_, err = fmt.Fprintf(c.out, "%s: %d bytes, shards: %d\n", filepath.Join(rest[1], weights.ManifestName), m.Size, len(m.Shards))
	return internal(err)
}

func verify(ctx context.Context, c *call, args []string) error {
	asJSON := c.flags.Bool("json", false, "print JSON")
	rest, err := c.parse(args, 1, "[-json] FILE", "Checks sizes and checksums of shards, the rules of the format, that every\nquantized tensor has its scales, and that every value is one that weights may\nhave. Whether a model has all its tensors is known when it is loaded.")
	if err != nil {
		return err
	}
	w, err := weights.Open(ctx, rest[0])
	if err != nil {
		return err
	}
	names := w.Names()
	for i, name := range names {
		c.progress("tensor ", i+1, "/", len(names))
		if err := verifyTensor(w, name); err != nil {
			return fmt.Errorf("%s: %w", rest[0], err)
		}
	}
	c.progress()
	if *asJSON {
		return internal(json.NewEncoder(c.out).Encode(struct {
			SHA256     string `json:"sha256"`
			Bytes      int64  `json:"bytes"`
			Tensors    int    `json:"tensors"`
			Parameters int64  `json:"parameters"`
		}{w.SHA256, w.Size(), len(names), w.Parameters()}))
	}
	_, err = fmt.Fprintf(c.out, "%s: %d tensors, %d parameters, %d bytes, sha256 %s\n", rest[0], len(names), w.Parameters(), w.Size(), w.SHA256)
	return internal(err)
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
