package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"uarweb/weights"
	"uarweb/weights/tensor"
)

func shard(c *call, args []string) error {
	asJSON := c.flags.Bool("json", false, "print the manifest")
	rest, err := c.parse(args, 2, "[-json] FILE FOLDER", "Writes the weights as shards of at most 16,000,000 bytes and a manifest.json\nwith the size and SHA-256 of each. Nothing in the folder is removed.")
	if err != nil {
		return err
	}
	w, err := weights.Open(rest[0])
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

func verify(c *call, args []string) error {
	asJSON := c.flags.Bool("json", false, "print JSON")
	rest, err := c.parse(args, 1, "[-json] FILE", "Checks sizes and checksums of shards, the rules of the format, that every\nquantized tensor has its scales, and that every value is finite. Whether a model\nhas all its tensors is known when it is loaded.")
	if err != nil {
		return err
	}
	w, err := weights.Open(rest[0])
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
	if err := t.Finite(); err != nil {
		return err
	}
	if i := slices.Index(t.Data, 0x80); t.Format == tensor.I8 && i >= 0 {
		return fmt.Errorf("%s is −128 at index %d, int8 is −127 to 127", name, i)
	}
	return nil
}
