// Package weights opens UAR checkpoints: one safetensors file, or a manifest
// of shards with the size and SHA-256 of each (model.md §10).
package weights

import "uarweb/weights/tensor"

// Checkpoint is an open set of weights: metadata and tensors by name.
type Checkpoint struct {
	Metadata map[string]string // "uar.config", "uar.card", "format"
	SHA256   string            // of the file, or of the manifest
	tensors  map[string]tensor.Tensor
}
