// Package protocol is what the page and the engine's worker say to each other:
// typed messages in a JSON envelope, and what travels beside it: a block of bytes
// (weights, or a preview's samples), which is transferred, not copied, or files,
// whose bytes stay with the browser until they are read.
//
// The page sends requests with an id of its choice; the worker answers each
// with any number of Progress and Drawn and then exactly one of the other answers. Views
// are named by numbers that the page chooses, so that it can offer its files
// again to a new worker when one has died.
package protocol

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"uarweb/engine/radiograph/phantom"
	"uarweb/engine/radiograph/voi"
	"uarweb/engine/report"
	"uarweb/engine/score/sweep"
	"uarweb/engine/status"
	"uarweb/engine/trace"
)

// PreviewSize is the most pixels a preview has on its long side.
const PreviewSize = 2048

// The most bytes that an envelope may have, and what a body may have in it that
// grows with the model: the worker loads none that could exceed them.
const (
	MaxEnvelope = 16 << 20
	MaxReport   = MaxEnvelope - 4<<10 // of a report as JSON; one of two views and 60 words has half a megabyte
	MaxCard     = 1 << 20             // of a card, of which JSON makes up to six times as much
	MaxFailure  = 64 << 10            // of what is told of an error
	MaxFiles    = 10_000              // of a ListImages: media.MaxEntries
	MaxListed   = 200                 // images of a Listed: more are no list for people
)

// Body is the content of a Message: one of this package's structs.
type Body interface {
	kind() string
}

// checked is a body whose fields have bounds beyond their types.
type checked interface {
	check() error
}

// Message is a body with the id of the request it is or answers.
type Message struct {
	ID   int
	Body Body
}

// Requests, page to worker.
type (
	// LoadShipped loads the model that a manifest describes. Answer: Loaded.
	LoadShipped struct {
		Manifest string `json:"manifest"` // absolute URL; shards lie beside it
	}
	// LoadFile loads the safetensors file in the bytes. Answer: Loaded.
	LoadFile struct {
		Name string `json:"name"`
	}
	// ListImages finds the images in the files beside it. Answer: Listed.
	ListImages struct {
		Paths []string `json:"paths"` // of the files
	}
	// OpenImage decodes the image in the file beside it. Answer: Opened.
	OpenImage struct {
		View  int    `json:"view"`
		Name  string `json:"name"`
		Entry string `json:"entry,omitempty"` // its path in the file, if that is an archive
		Bare  bool   `json:"bare,omitempty"`  // without a preview
	}
	// OpenPhantom draws a synthetic radiograph. Answer: Opened.
	OpenPhantom struct {
		View    int           `json:"view"`
		Chest   phantom.Chest `json:"chest"`
		Lateral bool          `json:"lateral"`
		Size    int           `json:"size"` // pixels a side
	}
	// CloseView forgets a view. Answer: Done.
	CloseView struct {
		View int `json:"view"`
	}
	// WriteReport runs the model on one or two open views, the frontal first.
	// Answer: Written. The worker keeps what it saw of them for the two requests
	// that follow, which look anew only at other views.
	WriteReport struct {
		Views []int `json:"views"`
	}
	// RewriteReport writes the report of one or two open views otherwise. Answer:
	// Written.
	RewriteReport struct {
		Views      []int `json:"views"`
		Beam       int   `json:"beam,omitempty"` // 0: the engine's default
		WithoutTIR bool  `json:"without_tir,omitempty"`
		Prefix     []int `json:"prefix,omitempty"` // ids of the words that it begins with
		Cover      []int `json:"cover,omitempty"`  // patches: places among the image tokens of all views
	}
	// SampleReports draws reports of one or two open views. Drawn come, and then the
	// answer: Done.
	SampleReports struct {
		Views       []int   `json:"views"`
		Reports     int     `json:"reports"`
		Temperature float64 `json:"temperature,omitempty"` // 0: the engine's default
		TopP        float64 `json:"top_p,omitempty"`       // likewise
		Seed        uint64  `json:"seed"`
	}
	// ShowTrace has the model look at one or two open views, the frontal first, and
	// write their report, and shows a part of what it computed on the way. Answer:
	// Shown. The worker keeps that until it is asked for something else of views.
	ShowTrace struct {
		Views []int      `json:"views"`
		Part  trace.Part `json:"part"`
	}
	// MeasurePoint has the model read the phantoms of one value of a sweep, whose
	// points do not matter. Answer: Measured.
	MeasurePoint struct {
		Sweep sweep.Sweep `json:"sweep"`
		Value float64     `json:"value"`
	}
	// Cancel stops the request of the message's id, which then answers Failed
	// with status.Cancelled. It has no answer of its own.
	Cancel struct{}
)

// Answers, worker to page.
type (
	// Ready is the engine's first message, of id 0.
	Ready struct{}
	// Asked tells what the worker has asked for, of id 0. Its script says so, also
	// before Ready.
	Asked struct {
		Requests []Request `json:"requests"`
	}
	// Progress says how far a stage of a request is.
	Progress struct {
		status.Progress
	}
	// Loaded describes the model that is in use from now on.
	Loaded struct {
		Name       string        `json:"name"` // of the file; empty for the shipped model
		Format     string        `json:"format"`
		SHA256     string        `json:"sha256"`
		Signer     string        `json:"signer,omitempty"` // the fingerprint of the key that signed it, empty if none did
		Verified   bool          `json:"verified"`         // by this browser
		Precision  string        `json:"precision"`
		Engine     report.Engine `json:"engine"`
		Backend    string        `json:"backend"`
		Why        string        `json:"why"` // why this backend
		Parameters int64         `json:"parameters"`
		Bytes      int64         `json:"bytes"`
		Views      int           `json:"views"`
		ImageSize  int           `json:"image_size"`
		Words      int           `json:"words"`
		Card       string        `json:"card"` // the "uar.card" metadata as it is, maybe empty
		Seconds    float64       `json:"seconds"`
	}
	// Listed are the images that were found.
	Listed struct {
		Images []ListedImage `json:"images"` // MaxListed at most
		More   int           `json:"more"`   // beyond those
		Others int           `json:"others"` // files that are no images
	}
	// Opened describes a view; the bytes are its preview, if that was asked for:
	// Width·Height samples of 16 bits, little endian, levels of the scale.
	Opened struct {
		View           int               `json:"view"`
		Format         string            `json:"format"`
		Notes          []string          `json:"notes"`
		Shows          string            `json:"shows"`      // "frontal" or "lateral", if that is known
		ByPicture      bool              `json:"by_picture"` // by the look of it, not by the file
		RowsTo         string            `json:"rows_to"`    // radiograph.Facts.RowsTo
		OriginalWidth  int               `json:"original_width"`
		OriginalHeight int               `json:"original_height"`
		Width          int               `json:"width"`
		Height         int               `json:"height"`
		Scale          *voi.Scale        `json:"scale,omitempty"` // of the preview
		Seconds        float64           `json:"seconds"`
		Outlines       []phantom.Outline `json:"outlines,omitempty"` // of what a phantom has
	}
	// Written is a finished report.
	Written struct {
		Report *report.Report `json:"report"`
	}
	// Drawn is one of the reports of a SampleReports, as soon as it is done.
	Drawn struct {
		Index   int           `json:"index"` // among all
		Report  report.Sample `json:"report"`
		Cleaned string        `json:"cleaned"` // its words (report.Clean)
	}
	// Shown is a part of a trace.
	Shown struct {
		trace.Shown
	}
	// Measured is a point of a sweep.
	Measured struct {
		Point sweep.Point `json:"point"`
	}
	// Done answers what has no other answer.
	Done struct{}
	// Failed ends a request, or, of id 0, the worker.
	Failed struct {
		Code    status.Code `json:"code"`
		Message string      `json:"message"`           // for people who know the engine
		Reason  string      `json:"reason,omitempty"`  // status.Reason's, for all people
		Backend string      `json:"backend,omitempty"` // of status.BackendLost: "webgpu" if that is the one
	}
)

// ListedImage is an image that OpenImage can open, and what its file says of it.
type ListedImage struct {
	File       int    `json:"file"`            // the index of the file that is it or holds it
	Entry      string `json:"entry,omitempty"` // its path in that, if it is an archive
	Size       int64  `json:"size"`            // bytes
	Format     string `json:"format"`
	View       string `json:"view,omitempty"` // "frontal" or "lateral"
	Laterality string `json:"laterality,omitempty"`
	Date       string `json:"date,omitempty"` // YYYY-MM-DD
	Modality   string `json:"modality,omitempty"`
	Series     string `json:"series,omitempty"`
	Study      string `json:"study,omitempty"` // the same of all images of a study
}

// Request is something that a page or a worker has asked for.
type Request struct {
	URL      string `json:"url"`
	At       int64  `json:"at"`       // milliseconds since 1970
	Body     int    `json:"body"`     // bytes that went along
	Received int64  `json:"received"` // bytes of the answer as they came, with its headers
	Local    bool   `json:"local"`    // answered in the browser
	Refused  string `json:"refused"`  // what refused it, a directive of the policy or the lock, or empty
}

// NewFailed is the answer to a request that ended with err, whose message may
// quote a file and is cut to MaxFailure.
func NewFailed(err error) Failed {
	return Failed{Code: status.CodeOf(err), Message: cut(err.Error()), Reason: cut(status.Reason(err))}
}

func cut(message string) string {
	if len(message) <= MaxFailure {
		return message
	}
	return strings.ToValidUTF8(message[:MaxFailure], "") + "…"
}

func (LoadShipped) kind() string   { return "load-shipped" }
func (LoadFile) kind() string      { return "load-file" }
func (ListImages) kind() string    { return "list-images" }
func (OpenImage) kind() string     { return "open-image" }
func (OpenPhantom) kind() string   { return "open-phantom" }
func (CloseView) kind() string     { return "close-view" }
func (WriteReport) kind() string   { return "write-report" }
func (RewriteReport) kind() string { return "rewrite-report" }
func (SampleReports) kind() string { return "sample-reports" }
func (ShowTrace) kind() string     { return "show-trace" }
func (MeasurePoint) kind() string  { return "measure-point" }
func (Cancel) kind() string        { return "cancel" }
func (Ready) kind() string         { return "ready" }
func (Asked) kind() string         { return "asked" }
func (Progress) kind() string      { return "progress" }
func (Loaded) kind() string        { return "loaded" }
func (Listed) kind() string        { return "listed" }
func (Opened) kind() string        { return "opened" }
func (Written) kind() string       { return "written" }
func (Drawn) kind() string         { return "drawn" }
func (Shown) kind() string         { return "shown" }
func (Measured) kind() string      { return "measured" }
func (Done) kind() string          { return "done" }
func (Failed) kind() string        { return "failed" }

func (l ListImages) check() error {
	if len(l.Paths) < 1 || len(l.Paths) > MaxFiles {
		return errors.New("a list of no or too many files")
	}
	return nil
}

func (o OpenPhantom) check() error {
	if o.Size < 1 || o.Size > PreviewSize {
		return errors.New("phantom of an impossible size")
	}
	return o.Chest.Check()
}

func (m MeasurePoint) check() error { return m.Sweep.Check(m.Value) }

func (s ShowTrace) check() error { return errors.Join(checkViews(s.Views), s.Part.Check()) }

func (w WriteReport) check() error { return checkViews(w.Views) }

func (r RewriteReport) check() error { return checkViews(r.Views) }

func (s SampleReports) check() error { return checkViews(s.Views) }

func checkViews(views []int) error {
	if len(views) < 1 || len(views) > 2 {
		return errors.New("a report needs one or two views")
	}
	return nil
}

func (d Drawn) check() error {
	if d.Index < 0 {
		return errors.New("a report before the first")
	}
	return nil
}

func (a Asked) check() error {
	for _, r := range a.Requests {
		if r.At < 0 || r.Body < 0 || r.Received < 0 {
			return errors.New("a request of less than nothing")
		}
	}
	return nil
}

func (p Progress) check() error {
	if p.Done < 0 || p.Total < p.Done {
		return errors.New("progress outside its total")
	}
	return nil
}

func (o Opened) check() error {
	none := o.Width == 0 && o.Height == 0
	if !none && (min(o.Width, o.Height) < 1 || max(o.Width, o.Height) > PreviewSize) {
		return errors.New("preview of an impossible size")
	}
	if none != (o.Scale == nil) {
		return errors.New("preview without a scale, or a scale without a preview")
	}
	if o.Scale != nil {
		if err := o.Scale.Check(); err != nil {
			return err
		}
	}
	if o.OriginalWidth < 1 || o.OriginalHeight < 1 {
		return errors.New("image of an impossible size")
	}
	return nil
}

func (w Written) check() error {
	if w.Report == nil {
		return errors.New("no report")
	}
	return nil
}

func (s Shown) check() error {
	parts := 0
	for _, there := range []bool{s.Study != nil, s.Patch != nil, s.Word != nil, s.Reports != nil, s.Search != nil} {
		if there {
			parts++
		}
	}
	if parts != 1 {
		return fmt.Errorf("%d parts of a trace, want one", parts)
	}
	return nil
}

// envelope is a Message as JSON.
type envelope struct {
	ID   int             `json:"id"`
	Kind string          `json:"kind"`
	Body json.RawMessage `json:"body"`
}

var errEnvelope = errors.New("envelope over its limit")

// Encode returns m's envelope. One over MaxEnvelope is an error, as it is to
// Decode.
func Encode(m Message) ([]byte, error) {
	body, err := json.Marshal(m.Body)
	if err != nil {
		return nil, fmt.Errorf("protocol: %s: %w", m.Body.kind(), err)
	}
	data, err := json.Marshal(envelope{m.ID, m.Body.kind(), body})
	if err == nil && len(data) > MaxEnvelope {
		err = errEnvelope
	}
	if err != nil {
		return nil, fmt.Errorf("protocol: %s: %w", m.Body.kind(), err)
	}
	return data, nil
}

// Decode reads an envelope. It returns an error for anything but a message
// this package knows whose fields are within their bounds.
func Decode(data []byte) (Message, error) {
	if len(data) > MaxEnvelope {
		return Message{}, fmt.Errorf("protocol: %w", errEnvelope)
	}
	var e envelope
	if err := json.Unmarshal(data, &e); err != nil {
		return Message{}, fmt.Errorf("protocol: envelope: %w", err)
	}
	read, known := readers[e.Kind]
	if !known {
		return Message{}, fmt.Errorf("protocol: unknown kind %.40q", e.Kind)
	}
	body, err := read(e.Body)
	if err != nil {
		return Message{}, fmt.Errorf("protocol: %s: %w", e.Kind, err)
	}
	return Message{e.ID, body}, nil
}

var readers = map[string]func([]byte) (Body, error){}

func init() {
	register[LoadShipped]()
	register[LoadFile]()
	register[ListImages]()
	register[OpenImage]()
	register[OpenPhantom]()
	register[CloseView]()
	register[WriteReport]()
	register[RewriteReport]()
	register[SampleReports]()
	register[ShowTrace]()
	register[MeasurePoint]()
	register[Cancel]()
	register[Ready]()
	register[Asked]()
	register[Progress]()
	register[Loaded]()
	register[Listed]()
	register[Opened]()
	register[Written]()
	register[Drawn]()
	register[Shown]()
	register[Measured]()
	register[Done]()
	register[Failed]()
}

func register[B Body]() {
	var zero B
	readers[zero.kind()] = func(data []byte) (Body, error) {
		var b B
		d := json.NewDecoder(bytes.NewReader(data))
		d.DisallowUnknownFields()
		if err := d.Decode(&b); err != nil {
			return nil, err
		}
		if c, ok := any(b).(checked); ok {
			return b, c.check()
		}
		return b, nil
	}
}
