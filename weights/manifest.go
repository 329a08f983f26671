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
	"strings"

	"uarweb/weights/safetensors"
)

// ManifestFormat is the format a manifest declares.
const ManifestFormat = "uar-shards/1"

// Limits of a manifest.
const (
	MaxManifest = 1 << 20    // bytes of JSON; a shard takes about 130
	MaxShard    = 16_000_000 // bytes of a shard
	MaxShards   = 256        // 4 GB, what a wasm program can address
)

var (
	// ErrManifest says that a manifest breaks a rule.
	ErrManifest = errors.New("weights: not a valid manifest")
	// ErrAltered says that a shard, or the file the shards make, is not the one
	// its manifest names.
	ErrAltered = errors.New("altered, its checksum differs from the manifest's")
)

// Manifest says how a safetensors file was cut into shards: their bytes, one
// after the other, are the file. A cut may fall anywhere, within a tensor too.
type Manifest struct {
	Format string  `json:"format"` // ManifestFormat
	Size   int64   `json:"size"`   // bytes of the file
	SHA256 string  `json:"sha256"` // of the file
	Shards []Shard `json:"shards"` // in order; equal shards may share a name

	Signature *Signature `json:"signature,omitempty"` // nil if nobody signed it
}

// Shard is a part of the file, beside the manifest.
type Shard struct {
	Name   string `json:"name"`   // of its file; WriteShards makes it of the SHA256
	Size   int64  `json:"size"`   // bytes
	SHA256 string `json:"sha256"` // of the part
}

// isPlainName keeps a manifest from naming a file anywhere but beside it.
// Package regexp would say this and isSHA256 in a line, and be a thirtieth of
// the browser's worker.
func isPlainName(name string) bool {
	for _, c := range []byte(name) {
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && !('0' <= c && c <= '9') && c != '_' && c != '-' && c != '.' {
			return false
		}
	}
	return 1 <= len(name) && len(name) <= 128 && name[0] != '.'
}

// isSHA256 recognizes a hash in lower-case hexadecimal digits.
func isSHA256(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}

// ParseManifest parses a manifest strictly: what Marshal of the result would
// write, white space apart, is the only way to say it. Every error is an
// ErrManifest. Whether a signature holds is not looked at: see Verify.
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
	if !isSHA256(m.SHA256) {
		return nil, fmt.Errorf("%w: the SHA-256 of the file is no 64 hex digits", ErrManifest)
	}
	size := int64(0)
	for _, s := range m.Shards {
		switch {
		case !isPlainName(s.Name):
			return nil, fmt.Errorf("%w: %q is no plain file name", ErrManifest, s.Name)
		case s.Size < 1 || s.Size > MaxShard:
			return nil, fmt.Errorf("%w: shard %s has %d bytes, 1 to %d are allowed", ErrManifest, s.Name, s.Size, MaxShard)
		case !isSHA256(s.SHA256):
			return nil, fmt.Errorf("%w: the SHA-256 of shard %s is no 64 hex digits", ErrManifest, s.Name)
		}
		size += s.Size
	}
	if size != m.Size {
		return nil, fmt.Errorf("%w: shards have %d bytes, size says %d", ErrManifest, size, m.Size)
	}
	if s := m.Signature; s != nil && (len(s.Key) != keySize || len(s.Value) != signatureSize) {
		return nil, fmt.Errorf("%w: no signature of Ed25519", ErrManifest)
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
// shard, which is closed after use; its errors are returned wrapped. Shards are
// opened one after the other, each is held whole, and none of its bytes is
// looked at before its size and SHA-256 were found right. progress, which may be
// nil, is told the bytes read so far and of all shards.
//
// A signature that does not hold is an ErrSignature, before any shard is opened.
// All other errors name the shard: safetensors.ErrTruncated if it ends early, ErrAltered
// if it is longer or other than the manifest says, ctx's error once ctx is
// cancelled. Shards that are right but do not make the file the manifest says
// are an error of safetensors or ErrAltered.
func LoadManifest(ctx context.Context, manifest []byte, open func(ctx context.Context, name string) (io.ReadCloser, error), progress func(done, total int64)) (*Checkpoint, error) {
	m, err := ParseManifest(manifest)
	if err != nil {
		return nil, err
	}
	verified, err := m.Verify()
	if err != nil {
		return nil, err
	}
	done := int64(0)
	shards := &shardReader{ctx: ctx, shards: m.Shards, open: open, count: func(n int) {
		done += int64(n)
		if progress != nil {
			progress(done, m.Size)
		}
	}}
	// The only shard is the file, and its sum is checked already.
	file, sum := io.Reader(shards), func() string { return m.Shards[0].SHA256 }
	if len(m.Shards) > 1 {
		hash := sha256.New()
		file, sum = io.TeeReader(shards, hash), func() string { return hex.EncodeToString(hash.Sum(nil)) }
	}
	f, err := safetensors.Read(file, m.Size)
	if shards.err != nil {
		return nil, fmt.Errorf("weights: %w", shards.err)
	}
	if err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	if sum() != m.SHA256 {
		return nil, fmt.Errorf("weights: the file the shards make: %w", ErrAltered)
	}
	c, err := fromFile(f, m.SHA256, m.Size)
	if err != nil {
		return nil, err
	}
	c.Signature, c.Verified = m.Signature, verified
	return c, nil
}

// shardReader reads the bytes of shards that were found right, one shard after
// the other.
type shardReader struct {
	ctx    context.Context
	shards []Shard // not opened yet
	open   func(ctx context.Context, name string) (io.ReadCloser, error)
	count  func(int)

	buffer []byte // holds one shard
	rest   []byte // of it, not read yet
	err    error  // of a shard, with its name
}

func (r *shardReader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	if len(r.rest) == 0 {
		if len(r.shards) == 0 {
			return 0, io.EOF
		}
		s := r.shards[0]
		r.shards = r.shards[1:]
		if r.err = r.load(s); r.err != nil {
			r.err = fmt.Errorf("shard %s: %w", s.Name, r.err)
			return 0, r.err
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// load makes s, which it reads and verifies, the shard to be read from.
func (r *shardReader) load(s Shard) error {
	body, err := r.open(r.ctx, s.Name)
	if err != nil {
		return err
	}
	defer body.Close()
	if int64(cap(r.buffer)) < s.Size {
		r.buffer = make([]byte, s.Size) // at most MaxShard
	}
	data := r.buffer[:s.Size]
	if n, err := io.ReadFull(reader{r.ctx, body, r.count}, data); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: %d bytes of %d", safetensors.ErrTruncated, n, s.Size)
	} else if err != nil {
		return err
	}
	if n, err := io.ReadFull(body, make([]byte, 1)); n > 0 {
		return fmt.Errorf("%w: more than %d bytes", ErrAltered, s.Size)
	} else if err != io.EOF {
		return err
	}
	if sum := sum256(data); hex.EncodeToString(sum[:]) != s.SHA256 {
		return ErrAltered
	}
	r.rest = data
	return nil
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
