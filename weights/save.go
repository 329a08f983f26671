package weights

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// ManifestName is the name WriteShards gives the manifest.
const ManifestName = "manifest.json"

// Save writes the checkpoint to a file, as Write and WriteFile do.
func (c *Checkpoint) Save(path string) error {
	return WriteFile(path, c.Write)
}

// WriteShards writes the bytes Write would write as shards of MaxShard bytes,
// the last of what is left, and then manifest.json, into dir, which it makes if
// need be. Each file is written as WriteFile does, the manifest last; nothing is
// removed. More than MaxShards are an ErrManifest, and nothing is written. A
// signature of c stays if it holds for these shards.
func WriteShards(dir string, c *Checkpoint) (*Manifest, error) {
	return writeShards(dir, c, MaxShard)
}

func writeShards(dir string, c *Checkpoint, limit int) (*Manifest, error) {
	if n := (c.Size() + int64(limit) - 1) / int64(limit); n > MaxShards {
		return nil, fmt.Errorf("%w: %d shards of %d bytes, %d are allowed", ErrManifest, n, limit, MaxShards)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	file, w := io.Pipe()
	defer file.Close() // lets Write fail if nobody reads on
	go func() { w.CloseWithError(c.Write(w)) }()

	m, hash, buffer := &Manifest{Format: ManifestFormat}, sha256.New(), make([]byte, limit)
	for {
		n, err := io.ReadFull(file, buffer)
		if err == io.EOF {
			break
		}
		if err != nil && err != io.ErrUnexpectedEOF {
			return nil, err
		}
		data := buffer[:n]
		hash.Write(data)
		s := newShard(data)
		if err := writeBytes(filepath.Join(dir, s.Name), data); err != nil {
			return nil, err
		}
		m.Shards = append(m.Shards, s)
		m.Size += s.Size
	}
	m.SHA256 = hex.EncodeToString(hash.Sum(nil))
	m.Signature = c.Signature
	if holds, _ := m.Verify(); !holds {
		m.Signature = nil
	}
	return m, m.Save(filepath.Join(dir, ManifestName))
}

// Save writes the manifest to a file, as WriteFile does. One that ParseManifest
// would refuse is not written.
func (m *Manifest) Save(path string) error {
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return fmt.Errorf("weights: %w", err)
	}
	if _, err := ParseManifest(text); err != nil {
		return err
	}
	return writeBytes(path, append(text, '\n'))
}

// newShard describes the shard of these bytes. Its name tells a server that it
// never changes.
func newShard(data []byte) Shard {
	hash := sha256.Sum256(data)
	sum := hex.EncodeToString(hash[:])
	return Shard{Name: sum[:16] + ".safetensors", Size: int64(len(data)), SHA256: sum}
}

// WriteFile writes a file with what write writes, whole or not at all: under
// another name in the same folder first. The errors of write are returned
// wrapped.
func WriteFile(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("weights: %w", err)
	}
	defer os.Remove(f.Name()) // nothing is left of that name once renamed
	if err := errors.Join(write(f), f.Chmod(0o644), f.Close()); err != nil {
		return fmt.Errorf("weights: write %s: %w", path, err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("weights: %w", err)
	}
	return nil
}

func writeBytes(path string, data []byte) error {
	return WriteFile(path, func(w io.Writer) error { _, err := w.Write(data); return err })
}
