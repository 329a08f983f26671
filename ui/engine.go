package ui

import (
	"context"
	"image"

	"uarweb/engine/report"
	"uarweb/engine/status"
)

// Engine decodes images and runs the model. Its methods to and with Report wait
// and are called from goroutines. When ctx is cancelled they return soon, with
// ctx's error; others say with status.CodeOf what they are. After one that is
// status.BackendLost, a part of what computes has failed: the engine goes on
// without it, once the model is loaded again.
type Engine interface {
	// Load makes the weights in a file the model in use, or those that came
	// with the page if f is nil. If it fails the model before stays in use.
	Load(ctx context.Context, f File, progress func(status.Progress)) (*Model, error)
	// Open decodes an image file.
	Open(ctx context.Context, f File) (*View, error)
	// Phantom draws a synthetic X-ray.
	Phantom(ctx context.Context, lateral bool) (*View, error)
	// Close forgets a view.
	Close(v *View)
	// Report writes the report of one or two views, the frontal first.
	Report(ctx context.Context, views []*View, progress func(status.Progress)) (*report.Report, error)
	// Restart replaces an engine that has crashed. Views stay valid; a model
	// must be loaded again.
	Restart()
	// Processor says what the engine is to compute with.
	Processor() Processor
	// SetProcessor changes that. What runs is ended, and a model must be loaded
	// again.
	SetProcessor(p Processor)
	// Threads is the most threads the engine can compute on.
	Threads() int
}

// Processor is what an engine is to compute with. The zero value leaves it the
// choice.
type Processor struct {
	Backend string // "webgpu", "simd" or "portable"
	Threads int
}

// Screen is what else the Desk asks of the browser. Its methods wait, too.
type Screen interface {
	// Copy puts text on the clipboard.
	Copy(text string) error
	// Save offers a file as a download.
	Save(name, mime string, data []byte)
}

// File is a file that a person chose.
type File interface {
	Name() string
	// Size is the number of bytes.
	Size() int64
	// Head returns the first n bytes, fewer if the file is shorter. It waits.
	Head(n int) ([]byte, error)
}

// View is an opened X-ray.
type View struct {
	Name          string
	Format        string      // "PNG", "JPEG" or "DICOM"; empty if Synthetic
	Width, Height int         // pixels of the original
	Preview       *image.Gray // of at most 1024 pixels on the long side
	Synthetic     bool
}

// Model describes a loaded model.
type Model struct {
	Name       string // of the file; empty for the shipped model
	Format     string
	SHA256     string
	Precision  string
	Backend    string
	Why        string // why this backend
	Parameters int64
	Bytes      int64
	Views      int
	ImageSize  int
	Words      int
	Card       string // JSON, maybe empty
	Seconds    float64
}
