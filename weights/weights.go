// Package weights opens UAR checkpoints: a safetensors file, or a manifest and
// the shards the file was cut into, with the size and SHA-256 of each (engine/MODEL.md
// §10), which whoever vouches for them may have signed.
package weights

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"uarweb/weights/safetensors"
	"uarweb/weights/tensor"
)

// ErrMissing says that a checkpoint has no tensor of a name.
var ErrMissing = errors.New("weights: no such tensor")

// ScaleSuffix makes a quantized tensor's name that of its scales.
const ScaleSuffix = "_scale"

// BytesKey is the metadata under which a checkpoint says which layers do with 8
// bits of what they are multiplied with: a JSON array of patterns (path.Match, in
// which * also spans dots) of names of tensors, maxBytesValue long at most. It is about
// those of them that are I8 matrices or 1×1 kernels.
const BytesKey = "uar.bytes"

// maxBytesValue is how long the value of BytesKey may be: each pattern is matched with each
// name.
const maxBytesValue = 4 << 10

// Checkpoint is a set of weights: metadata and tensors by name.
type Checkpoint struct {
	Metadata map[string]string // "uar.config", "uar.card", BytesKey, "format"
	SHA256   string            // hex, of the safetensors file, in shards or not

	// Signature is that of the manifest it was opened from, nil without one. Verified
	// says that it was found to hold, which not every browser can.
	Signature *Signature
	Verified  bool

	size   int64
	stored map[string]safetensors.Entry
	bytes  []string // the patterns of BytesKey
}

// Decode opens the bytes of one safetensors file, which it keeps.
func Decode(data []byte) (*Checkpoint, error) {
	file, err := safetensors.Decode(data)
	if err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	sum := sha256.Sum256(data)
	return fromFile(file, hex.EncodeToString(sum[:]), int64(len(data)))
}

func fromFile(f *safetensors.File, sum string, size int64) (*Checkpoint, error) {
	c := &Checkpoint{Metadata: f.Metadata, SHA256: sum, size: size, stored: make(map[string]safetensors.Entry, len(f.Entries))}
	for _, e := range f.Entries {
		c.stored[e.Name] = e
	}
	var err error
	if c.bytes, err = bytesPatterns(f.Metadata[BytesKey]); err != nil {
		return nil, fmt.Errorf("weights: %s: %w", BytesKey, err)
	}
	return c, nil
}

// SetBytes puts the patterns of BytesKey into a checkpoint's metadata, or takes those
// that are there away if there are none.
func SetBytes(metadata map[string]string, patterns []string) {
	if len(patterns) == 0 {
		delete(metadata, BytesKey)
		return
	}
	text, err := json.Marshal(patterns)
	if err != nil {
		panic("weights: strings that are no JSON") // there are none
	}
	metadata[BytesKey] = string(text)
}

// bytesPatterns reads the value of BytesKey; there are none in "".
func bytesPatterns(text string) (patterns []string, err error) {
	if text == "" {
		return nil, nil
	}
	if len(text) > maxBytesValue {
		return nil, fmt.Errorf("%d bytes, the limit is %d", len(text), maxBytesValue)
	}
	if err := json.Unmarshal([]byte(text), &patterns); err != nil {
		return nil, err
	}
	for _, p := range patterns {
		if _, err := path.Match(p, ""); err != nil {
			return nil, fmt.Errorf("pattern %q: %w", p, err)
		}
	}
	return patterns, nil
}

// Build makes a checkpoint of tensors, whose data it keeps. Its SHA256 and Size
// are those of the file Write would write.
func Build(metadata map[string]string, tensors []tensor.Tensor) (*Checkpoint, error) {
	f := &safetensors.File{Metadata: metadata}
	for _, t := range tensors {
		entries, err := toEntries(t)
		if err != nil {
			return nil, fmt.Errorf("weights: %w", err)
		}
		f.Entries = append(f.Entries, entries...)
	}
	hash, size := sha256.New(), counter(0)
	if err := safetensors.Write(io.MultiWriter(hash, &size), f); err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	return fromFile(f, hex.EncodeToString(hash.Sum(nil)), int64(size))
}

// counter counts the bytes written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// Tensor is the tensor of that name, with the scales of a quantized one. It
// returns ErrMissing, wrapped with the name, if the tensor or its scales are
// not there, and the error of Tensor.Check if they do not fit each other.
// Elements are not looked at: see Tensor.Valid.
func (c *Checkpoint) Tensor(name string) (tensor.Tensor, error) {
	e, err := c.Entry(name)
	if err != nil {
		return tensor.Tensor{}, err
	}
	t := tensor.Tensor{Name: name, Format: tensor.Format(e.DType), Shape: slices.Clone(e.Shape), Data: e.Data}
	switch t.Format {
	case tensor.I8:
		if len(t.Shape) > 0 {
			t.Scale, err = c.scales(name, tensor.F32, []int{t.Rows()})
			t.Bytes = t.IsMatrix() && slices.ContainsFunc(c.bytes, func(pattern string) bool {
				ok, _ := path.Match(pattern, name)
				return ok
			})
		}
	case tensor.U8:
		if len(t.Shape) > 1 {
			t.Shape[1] *= 2
			t.Scale, err = c.scales(name, tensor.F16, []int{t.Rows(), t.Columns() / tensor.GroupSize})
		}
	}
	if err != nil {
		return tensor.Tensor{}, err
	}
	if err := t.Check(); err != nil {
		return tensor.Tensor{}, fmt.Errorf("weights: %w", err)
	}
	return t, nil
}

// Draining is a source of the checkpoint's tensors that forgets the bytes of each
// as it hands it out, so that a checkpoint and what is made of it need not be in
// memory both. Names, shapes and all that is counted from them stay.
type Draining struct{ *Checkpoint }

// Tensor is Checkpoint.Tensor, once: its error the second time is that of a
// tensor without bytes.
func (d Draining) Tensor(name string) (tensor.Tensor, error) {
	t, err := d.Checkpoint.Tensor(name)
	if err != nil {
		return tensor.Tensor{}, err
	}
	for _, stored := range []string{name, name + ScaleSuffix} {
		if e, ok := d.stored[stored]; ok {
			e.Data = nil
			d.stored[stored] = e
		}
	}
	return t, nil
}

// Entry is the tensor of that name as the file holds it, whatever its type. It
// returns ErrMissing, wrapped with the name, if it is not there.
func (c *Checkpoint) Entry(name string) (safetensors.Entry, error) {
	e, ok := c.stored[name]
	if !ok {
		return safetensors.Entry{}, fmt.Errorf("%w: %s", ErrMissing, name)
	}
	return e, nil
}

// scales are the scales of a quantized tensor.
func (c *Checkpoint) scales(name string, format tensor.Format, shape []int) ([]float32, error) {
	e, err := c.Entry(name + ScaleSuffix)
	if err != nil {
		return nil, err
	}
	if tensor.Format(e.DType) != format || !slices.Equal(e.Shape, shape) {
		return nil, fmt.Errorf("weights: %s is %s %v, %s %v is wanted", e.Name, e.DType, e.Shape, format, shape)
	}
	scale, err := tensor.Tensor{Name: e.Name, Format: format, Shape: shape, Data: e.Data}.Floats()
	if err != nil {
		return nil, fmt.Errorf("weights: %w", err)
	}
	return scale, nil
}

// toEntries is how a tensor is stored: itself and, if quantized, its scales.
func toEntries(t tensor.Tensor) ([]safetensors.Entry, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	e := safetensors.Entry{Name: t.Name, DType: string(t.Format), Shape: t.Shape, Data: t.Data}
	scale := safetensors.Entry{Name: t.Name + ScaleSuffix}
	switch t.Format {
	case tensor.I8:
		scale.DType, scale.Shape = string(tensor.F32), []int{t.Rows()}
		scale.Data = tensor.FromFloats("", scale.Shape, t.Scale).Data
	case tensor.U8:
		e.Shape = slices.Clone(t.Shape)
		e.Shape[1] /= 2
		scale.DType, scale.Shape = string(tensor.F16), []int{t.Rows(), t.Columns() / tensor.GroupSize}
		for i, s := range t.Scale {
			h, _ := tensor.EncodeF16(s)
			if tensor.DecodeF16(h) != s {
				return nil, fmt.Errorf("scale %v of %s at index %d is no F16", s, t.Name, i)
			}
			scale.Data = append(scale.Data, byte(h), byte(h>>8))
		}
	default:
		return []safetensors.Entry{e}, nil
	}
	return []safetensors.Entry{e, scale}, nil
}

// isScale says whether a stored name holds the scales of another tensor.
func (c *Checkpoint) isScale(name string) bool {
	of, ok := strings.CutSuffix(name, ScaleSuffix)
	format := tensor.Format(c.stored[of].DType)
	return ok && (format == tensor.I8 || format == tensor.U8)
}

// Names are the names Tensor knows, sorted.
func (c *Checkpoint) Names() []string {
	names := make([]string, 0, len(c.stored))
	for name := range c.stored {
		if !c.isScale(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Formats are the formats of the tensors, each once, sorted by name.
func (c *Checkpoint) Formats() []tensor.Format {
	var formats []tensor.Format
	for _, name := range c.Names() {
		formats = append(formats, tensor.Format(c.stored[name].DType))
	}
	slices.Sort(formats)
	return slices.Compact(formats)
}

// Parameters is the number of elements of all tensors; scales do not count.
func (c *Checkpoint) Parameters() int64 {
	total := int64(0)
	for _, name := range c.Names() {
		n := int64(1)
		for _, d := range c.stored[name].Shape {
			n *= int64(d)
		}
		if tensor.Format(c.stored[name].DType) == tensor.U8 {
			n *= 2
		}
		total += n
	}
	return total
}

// Size is the size of the safetensors file, in shards or not, in bytes.
func (c *Checkpoint) Size() int64 { return c.size }

// Write writes the checkpoint as one safetensors file, equal bytes for equal
// checkpoints.
func (c *Checkpoint) Write(w io.Writer) error {
	if err := safetensors.Write(w, &safetensors.File{Metadata: c.Metadata, Entries: c.entries()}); err != nil {
		return fmt.Errorf("weights: %w", err)
	}
	return nil
}

// entries are the stored tensors by name, so that scales follow what they scale.
func (c *Checkpoint) entries() []safetensors.Entry {
	entries := make([]safetensors.Entry, 0, len(c.stored))
	for _, e := range c.stored {
		entries = append(entries, e)
	}
	slices.SortFunc(entries, func(a, b safetensors.Entry) int { return strings.Compare(a.Name, b.Name) })
	return entries
}
