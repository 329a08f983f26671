package weights

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"

	"uarweb/weights/safetensors"
)

// ManifestFormat is the format a manifest declares.
const ManifestFormat = "uar-shards/1"

// Limits of a manifest.
const (
	MaxManifest = 1 << 20  // bytes of JSON; a shard takes about 130
	MaxShard    = 16 << 20 // bytes of a shard
	MaxShards   = 256      // 4 GiB, what a wasm program can address
)

var (
	// ErrManifest says that a manifest breaks a rule.
	ErrManifest = errors.New("weights: not a valid manifest")
	// ErrAltered says that a shard is not the one its manifest names.
	ErrAltered = errors.New("altered, its checksum differs from the manifest's")
)

// Manifest names the shards of a checkpoint, in the order they are read. Each
// is a safetensors file of whole tensors; the first holds the metadata.
type Manifest struct {
	Format string  `json:"format"` // ManifestFormat
	Size   int64   `json:"size"`   // bytes of all shards
	Shards []Shard `json:"shards"`
}

// Shard is a file beside the manifest.
type Shard struct {
	Name   string `json:"name"` // the first 16 digits of SHA256 and ".safetensors"
	Size   int64  `json:"size"` // bytes
	SHA256 string `json:"sha256"`
}

var (
	// plainName keeps a manifest from naming a file anywhere but beside it.
	plainName = regexp.MustCompile(`^[0-9A-Za-z_-][0-9A-Za-z._-]{0,127}$`)
	hexSHA256 = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// ParseManifest parses a manifest strictly: what Marshal of the result would
// write, white space apart, is the only way to say it. Every error is an
// ErrManifest.
func ParseManifest(data []byte) (*Manifest, error) {
	if len(data) > MaxManifest {
		return nil, fmt.Errorf("%w: %d bytes, %d are allowed", ErrManifest, len(data), MaxManifest)
	}
	m := new(Manifest)
	if err := json.Unmarshal(data, m); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrManifest, err)
	}
	if m.Format != ManifestFormat {
		return nil, fmt.Errorf("%w: format %q, %q is wanted", ErrManifest, m.Format, ManifestFormat)
	}
	if len(m.Shards) == 0 || len(m.Shards) > MaxShards {
		return nil, fmt.Errorf("%w: %d shards, 1 to %d are allowed", ErrManifest, len(m.Shards), MaxShards)
	}
	seen, size := map[string]bool{}, int64(0)
	for _, s := range m.Shards {
		switch {
		case !plainName.MatchString(s.Name):
			return nil, fmt.Errorf("%w: %q is no plain file name", ErrManifest, s.Name)
		case seen[s.Name]:
			return nil, fmt.Errorf("%w: shard %s twice", ErrManifest, s.Name)
		case s.Size < 1 || s.Size > MaxShard:
			return nil, fmt.Errorf("%w: shard %s has %d bytes, 1 to %d are allowed", ErrManifest, s.Name, s.Size, MaxShard)
		case !hexSHA256.MatchString(s.SHA256):
			return nil, fmt.Errorf("%w: the SHA-256 of shard %s is no 64 hex digits", ErrManifest, s.Name)
		}
		seen[s.Name] = true
		size += s.Size
	}
	if size != m.Size {
		return nil, fmt.Errorf("%w: shards have %d bytes, size says %d", ErrManifest, size, m.Size)
	}
	// encoding/json lets unknown and duplicate keys and other capitals pass.
	canonical, _ := json.Marshal(m)
	var given bytes.Buffer
	if err := json.Compact(&given, data); err != nil || !bytes.Equal(given.Bytes(), canonical) {
		return nil, fmt.Errorf("%w: keys unknown, twice, missing or in another order", ErrManifest)
	}
	return m, nil
}

// LoadManifest opens a checkpoint in shards. open returns the content of a
// shard, which is closed after use; its errors are returned wrapped. A shard is
// looked at only after its size and SHA-256 were found right. progress, which
// may be nil, is told the bytes read so far and of all shards.
//
// Errors name the shard: safetensors.ErrTruncated if it ends early, ErrAltered
// if it is longer or other than the manifest says, ctx's error once ctx is
// cancelled. SHA256 of the checkpoint is that of the manifest's bytes.
func LoadManifest(ctx context.Context, manifest []byte, open func(ctx context.Context, name string) (io.ReadCloser, error), progress func(done, total int64)) (*Checkpoint, error) {
	m, err := ParseManifest(manifest)
	if err != nil {
		return nil, err
	}
	all := new(safetensors.File)
	owner := map[string]string{}
	done := int64(0)
	count := func(n int) {
		done += int64(n)
		if progress != nil {
			progress(done, m.Size)
		}
	}
	for i, s := range m.Shards {
		f, err := s.load(ctx, open, count)
		if err != nil {
			return nil, fmt.Errorf("weights: shard %s: %w", s.Name, err)
		}
		if i == 0 {
			all.Metadata = f.Metadata
		}
		for _, e := range f.Entries {
			if first, ok := owner[e.Name]; ok {
				return nil, fmt.Errorf("weights: tensor %s is in shards %s and %s", e.Name, first, s.Name)
			}
			owner[e.Name] = s.Name
		}
		all.Entries = append(all.Entries, f.Entries...)
	}
	sum := sha256.Sum256(manifest)
	return fromFile(all, hex.EncodeToString(sum[:]), m.Size), nil
}

// load reads, verifies and decodes a shard.
func (s Shard) load(ctx context.Context, open func(context.Context, string) (io.ReadCloser, error), count func(int)) (*safetensors.File, error) {
	body, err := open(ctx, s.Name)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	r := reader{ctx, body, count}
	data := make([]byte, s.Size) // at most MaxShard
	if n, err := io.ReadFull(r, data); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("%w: %d bytes of %d", safetensors.ErrTruncated, n, s.Size)
	} else if err != nil {
		return nil, err
	}
	if n, err := io.ReadFull(body, make([]byte, 1)); n > 0 {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrAltered, s.Size)
	} else if err != io.EOF {
		return nil, err
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != s.SHA256 {
		return nil, ErrAltered
	}
	return safetensors.Decode(data)
}

// reader reads in steps, between which it sees cancellation and counts.
type reader struct {
	ctx   context.Context
	r     io.Reader
	count func(int)
}

func (r reader) Read(p []byte) (int, error) {
	const step = 256 << 10
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := r.r.Read(p[:min(len(p), step)])
	r.count(n)
	return n, err
}
