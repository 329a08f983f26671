package weights

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"uarweb/weights/safetensors"
)

// ManifestName is the name WriteShards gives the manifest.
const ManifestName = "manifest.json"

// shardSize is the most bytes WriteShards puts into a shard.
const shardSize = 16_000_000

// Save writes the checkpoint to a file, whole or not at all.
func (c *Checkpoint) Save(name string) error {
	return writeFile(name, c.Write)
}

// WriteShards writes the checkpoint as shards of at most 16,000,000 bytes and
// then manifest.json into dir, which it makes if need be. Each file is written
// whole or not at all; nothing is removed. Equal checkpoints give equal files.
// A tensor that is larger than a shard is an error.
func WriteShards(dir string, c *Checkpoint) (*Manifest, error) {
	return writeShards(dir, c, shardSize)
}

func writeShards(dir string, c *Checkpoint, limit int) (*Manifest, error) {
	files, err := split(c, limit)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	m := &Manifest{Format: ManifestFormat}
	for _, f := range files {
		var b bytes.Buffer
		if err := safetensors.Write(&b, f); err != nil {
			return nil, fmt.Errorf("weights: %w", err)
		}
		s := newShard(b.Bytes())
		if err := writeFile(filepath.Join(dir, s.Name), func(w io.Writer) error { _, err := b.WriteTo(w); return err }); err != nil {
			return nil, err
		}
		m.Shards = append(m.Shards, s)
		m.Size += s.Size
	}
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	if _, err := ParseManifest(text); err != nil {
		return nil, err
	}
	return m, writeFile(filepath.Join(dir, ManifestName), func(w io.Writer) error { _, err := w.Write(append(text, '\n')); return err })
}

// newShard describes the shard of these bytes.
func newShard(data []byte) Shard {
	hash := sha256.Sum256(data)
	sum := hex.EncodeToString(hash[:])
	return Shard{Name: sum[:16] + ".safetensors", Size: int64(len(data)), SHA256: sum}
}

// split fills one file after the other with tensors in the order of their
// names.
func split(c *Checkpoint, limit int) ([]*safetensors.File, error) {
	f := &safetensors.File{Metadata: c.Metadata}
	files := []*safetensors.File{f}
	size := fileOverhead
	for key, value := range c.Metadata {
		size += jsonSize(key) + jsonSize(value)
	}
	for _, e := range c.entries() {
		n := len(e.Data) + entryOverhead + jsonSize(e.Name)
		if size+n > limit && len(f.Entries) > 0 {
			f = new(safetensors.File)
			files = append(files, f)
			size = fileOverhead
		}
		if size+n > limit {
			return nil, fmt.Errorf("weights: %s with %d bytes is too large for a shard of %d", e.Name, len(e.Data), limit)
		}
		f.Entries = append(f.Entries, e)
		size += n
	}
	return files, nil
}

// What a header takes at most: around all members, and for a tensor besides its
// name.
const (
	fileOverhead  = 64
	entryOverhead = 64 + 20*(safetensors.MaxRank+2)
)

// jsonSize is the most bytes a string takes in JSON, with punctuation.
func jsonSize(s string) int { return 6*len(s) + 8 }

// writeFile writes a file whole or not at all.
func writeFile(name string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return fmt.Errorf("weights: %w", err)
	}
	defer os.Remove(f.Name()) // nothing is left of that name once renamed
	if err := errors.Join(write(f), f.Chmod(0o644), f.Close()); err != nil {
		return fmt.Errorf("weights: write %s: %w", name, err)
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return fmt.Errorf("weights: %w", err)
	}
	return nil
}
