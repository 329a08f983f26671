// Package engine runs UAR: Load a checkpoint onto a backend, then ask the
// Model for reports.
package engine

import (
	"context"
	"errors"

	"uarweb/engine/device"
	"uarweb/engine/radiograph"
	"uarweb/engine/report"
	"uarweb/weights"
)

// Study is what one report is about: one or two views, the frontal first.
type Study struct {
	Views []*radiograph.Radiograph
}

// Options of a Report. The zero value is the default.
type Options struct {
	Beam       int            // width of the beam search, 1..MaxBeam; 0 means DefaultBeam
	WithoutTIR bool           // leave out the text-to-image mask (the paper's stage 1)
	Progress   func(Progress) // called on the caller's goroutine after each block and word; may be nil
}

// Stage is a part of the work, in the order it is done.
type Stage string

// The stages. StageLoad is Load's, the others are Report's.
const (
	StageLoad     Stage = "load"     // weights to the backend, CRA folded
	StageTokenize Stage = "tokenize" // dVAE, one step a block and view
	StageEncode   Stage = "encode"   // encoder, one step a layer
	StageGenerate Stage = "generate" // decoder, one step a word
)

// Progress says how far a stage is.
type Progress struct {
	Stage Stage
	Done  int
	Total int    // for StageGenerate the most there can be
	Text  string // StageGenerate: the best report so far, as shown to people
}

// LoadOptions of Load. The zero value is the default.
type LoadOptions struct {
	Progress func(Progress) // may be nil
}

// Model is a loaded model. Its methods may not be called concurrently.
type Model struct {
}

// Load puts a checkpoint's weights on a backend and folds CRA. It returns an
// error naming the tensor if one is missing, of a wrong shape, or holds
// NaN or infinity.
func Load(ctx context.Context, c *weights.Checkpoint, b device.Backend, o LoadOptions) (*Model, error) {
	return nil, errors.ErrUnsupported
}

// Report writes the report of a study.
func (m *Model) Report(ctx context.Context, s Study, o Options) (*report.Report, error) {
	return nil, errors.ErrUnsupported
}

// Close releases the model's and the backend's memory.
func (m *Model) Close() {}
