package desk

import (
	"context"

	"uarweb/engine/radiograph/phantom"
	"uarweb/engine/radiograph/voi"
	"uarweb/engine/report"
	"uarweb/engine/score/sweep"
	"uarweb/engine/status"
	"uarweb/engine/trace"
)

// Engine decodes images and runs the model. Its methods from Load to Measure wait
// and are called from goroutines. When ctx is cancelled they return soon, with
// ctx's error; others say with status.CodeOf what they are. After one that is
// status.BackendLost, a part of what computes has failed: the engine goes on
// without it, once the model is loaded again.
type Engine interface {
	// Watch has stopped called, in a goroutine of its own, when the engine has
	// stopped by a fault, whether something waits for it or not.
	Watch(stopped func(error))
	// Model is the one in use, or nil. It goes when the engine stops, for whatever
	// reason; views stay valid.
	Model() *Model

	// Load makes the weights in a file the model in use, or those that came
	// with the page if f is nil. If it fails the model before stays in use,
	// unless a cancel was not heeded and has ended the engine.
	Load(ctx context.Context, f File, progress func(status.Progress)) error
	// List finds the images in files, which may be archives, without decoding
	// them. If there is one file alone and it is no image, why is the error.
	List(ctx context.Context, files []File) (*Listing, error)
	// Open decodes an image: a file, or what List has found.
	Open(ctx context.Context, image Source) (*View, error)
	// Decode is Open for an image that nobody looks at: the view has no Preview.
	Decode(ctx context.Context, image Source) (*View, error)
	// Phantom draws a view of a chest, the frontal or the lateral, of so many pixels a
	// side.
	Phantom(ctx context.Context, c phantom.Chest, lateral bool, size int) (*View, error)
	// Close forgets a view.
	Close(v *View)
	// Report writes the report of one or two views, the frontal first. A cancel
	// that is not heeded ends the engine.
	Report(ctx context.Context, views []*View, progress func(status.Progress)) (*report.Report, error)

	// Rewrite writes the report of views otherwise. Of the views of the last report
	// it goes on from what the model saw. Otherwise it is as Report.
	Rewrite(ctx context.Context, views []*View, w Writing, progress func(status.Progress)) (*report.Report, error)
	// Sample draws so many reports of views from the model's distribution, at a
	// temperature of 1, and calls drawn with each as soon as it is done. Otherwise it
	// is as Rewrite.
	Sample(ctx context.Context, views []*View, reports int, seed uint64, drawn func(Drawn)) error

	// Show returns a part of what the model computes on the way to the report of one
	// or two views, the frontal first. The first of them takes as long as the report,
	// the others no time. Otherwise it is as Report.
	Show(ctx context.Context, views []*View, p trace.Part, progress func(status.Progress)) (trace.Shown, error)
	// Measure has the model read the phantoms of a value of a sweep, whose points do
	// not matter. Otherwise it is as Report.
	Measure(ctx context.Context, s sweep.Sweep, value float64) (sweep.Point, error)

	// Restart replaces an engine that has failed.
	Restart()
	// Processor says what the engine is to compute with.
	Processor() Processor
	// SetProcessor changes that, and ends the engine as it is.
	SetProcessor(p Processor)
	// Threads is the most threads the engine can compute on.
	Threads() int
}

// Writing is how a report is written. The zero value is that of Report.
type Writing struct {
	Beam       int   // width of the beam search; 0 is the engine's choice
	WithoutTIR bool  // leave out the text-to-image mask
	Prefix     []int // ids of the words that it begins with
	Cover      []int // patches to cover: places among the image tokens of all the model's views
}

// Drawn is a report that Sample has drawn.
type Drawn struct {
	Index   int // among all
	Report  report.Sample
	Cleaned string // its words (report.Clean)
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
	// Keep has the browser keep the page for when its server cannot be reached,
	// and calls changed with how the page stands, now and whenever that changes.
	// It does not wait.
	Keep(changed func(Standing))
	// Renew has the newer version of the page take over, which opens it anew. It
	// does not wait.
	Renew()
	// Lock lets nothing out of the page, or no longer. It does not wait.
	Lock(locked bool)
	// Log calls asked, in goroutines, with what the page and its workers have asked
	// for, from the first request on, and with more as it comes. It does not wait.
	Log(asked func([]Request))
	// Inspect finds what is stored in this browser, and reads and hashes each file of
	// the copy. It asks the network for nothing.
	Inspect() (*Inventory, error)
	// Erase takes the copy out of this browser. The page goes on as it is.
	Erase() error
	// Reopen opens the page anew, without all that is in its memory.
	Reopen()
	// Print opens the browser's dialogue to print the page.
	Print()

	// Speak has the document in a language, and returns the catalogue of its words (package
	// say), or nil in English.
	Speak(language string) (map[string]string, error)

	// Fill has the page fill the screen, or no longer. What the browser refuses is
	// no error.
	Fill(full bool)

	Archive
}

// Source is where an image comes from: a File, or a part of one that is an
// archive.
type Source interface {
	Name() string
	// Path is the name behind that of the folder or the archive that it lies in,
	// if it was not chosen by itself.
	Path() string
	// Size is the number of bytes.
	Size() int64
}

// File is a file that a person chose.
type File interface {
	Source
	// Head returns the first n bytes, fewer if the file is shorter. It waits.
	Head(n int) ([]byte, error)
}

// Listing is what is in files.
type Listing struct {
	Images []Found
	More   int // images beyond those
	Others int // files that are no images the engine can read
}

// Found is an image that can be opened, and what its file says of it.
type Found struct {
	Source     Source
	Format     string // "PNG", "JPEG", "DICOM", …
	View       string // "frontal", "lateral", or empty
	Laterality string // "L", "R", or empty
	Date       string // YYYY-MM-DD, or empty
	Modality   string // "DX", "CR", …
	Series     string // its description
	Study      string // the same of all images of a study, or empty
}

// View is an opened X-ray.
type View struct {
	Name          string
	Format        string     // "PNG", "JPEG", "DICOM", …; empty if Synthetic
	Notes         []string   // what the engine has decided for the user, in short sentences without a full stop
	Shows         int        // Frontal or Lateral, unless Known is ByOrder
	Known         Evidence   // by what
	RowsTo        string     // the patient's side that its rows run to, "L" or "R" of a frontal view; empty if nothing says so
	Width, Height int        // pixels of the original
	Preview       any        // the engine's, for whoever draws it; nothing to this package
	Scale         *voi.Scale // of what is in the Preview, nil without one
	Synthetic     bool
	Outlines      []phantom.Outline // of what a synthetic one has

	look    Look
	presets []Preset
	number  int // of the views that a report was written of, which a copy has too; or 0
}

// Model describes a loaded model.
type Model struct {
	Name       string // of the file; empty for the shipped model
	Format     string
	SHA256     string
	Signer     string // the fingerprint of the key that signed it, empty if none did
	Verified   bool   // the signature, by this browser
	Precision  string
	Engine     report.Engine // the program
	Backend    string
	Why        string // why this backend
	Parameters int64
	Bytes      int64
	Views      int
	ImageSize  int
	Words      int
	Card       Card
	Seconds    float64
}
