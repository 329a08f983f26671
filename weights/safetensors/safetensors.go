// Package safetensors reads and writes safetensors files
// (github.com/huggingface/safetensors): 8 bytes of header length, a JSON header
// with the type, shape and place of every tensor, then their bytes.
//
// It exists because github.com/nlpodyssey/safetensors (bfb01cc, 2025-02-09)
// reads only whole files held in memory, accepts duplicate keys (the last one
// wins), a header of null and names that are not UTF-8, bounds neither the
// number of tensors nor their rank, and cannot write a scalar.
//
// Nothing is allocated by a length that a file declares before that many bytes
// were seen or are known to be left. Values are not looked at: NaN is legal.
package safetensors

import "errors"

// Limits. A file beyond one of them is refused with ErrLimit.
const (
	MaxHeader   = 100_000_000 // bytes of JSON, the limit of the reference implementation
	MaxMetadata = 1_024       // keys of the metadata
	MaxTensors  = 16_384      // some 40 times the paper's model with its scales
	MaxName     = 512         // bytes of a tensor's name
	MaxRank     = 8           // dimensions of a tensor
)

var (
	// ErrTruncated says that the file ends before the bytes it declares.
	ErrTruncated = errors.New("safetensors: truncated")
	// ErrFormat says that the bytes break a rule of the format.
	ErrFormat = errors.New("safetensors: not a valid file")
	// ErrDType says that a tensor has a type this package does not know.
	ErrDType = errors.New("safetensors: unknown dtype")
	// ErrLimit says that the file is larger than one of the limits.
	ErrLimit = errors.New("safetensors: over a limit")
)

// File is the content of a safetensors file.
type File struct {
	Metadata map[string]string // nil if there is none
	Entries  []Entry           // in the order of their bytes
}

// Entry is one tensor of a file.
type Entry struct {
	Name  string
	DType string // as safetensors spells it: "F32", "I8", …
	Shape []int  // empty for a scalar; a dimension may be 0
	Data  []byte // row-major, little endian
}

// dtypeSizes are the bytes of one element.
var dtypeSizes = map[string]int{
	"BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "F8_E8M0": 1,
	"U16": 2, "I16": 2, "F16": 2, "BF16": 2,
	"U32": 4, "I32": 4, "F32": 4,
	"U64": 8, "I64": 8, "F64": 8, "C64": 8,
}
