// Package engine runs UAR: Load a checkpoint onto a backend, then ask the Model
// for a Report, or Open a study and write and sample many. An image walks once
// through the rooms below, in the order of the paper's Figure 2:
//
//	radiograph → dvae → cra → transformer (encoder) → transformer (decoder + TIR) ⇄ search → report
//
// Errors say with status.CodeOf what kind they are of.
package engine

import (
	"context"
	"fmt"
	"slices"

	"uarweb/engine/device"
	"uarweb/engine/dvae"
	"uarweb/engine/radiograph"
	"uarweb/engine/report"
	"uarweb/engine/status"
	"uarweb/engine/transformer"
)

// DefaultBeam is the width of the beam search.
const DefaultBeam = 3

// Study is what one report is about: one or two views, the frontal first.
type Study struct {
	Views []*radiograph.Radiograph
}

// Options of a Report. The zero value is the default.
type Options struct {
	Beam       int                   // width of the beam search, 1..Limits.Beam; 0 means DefaultBeam
	WithoutTIR bool                  // leave out the text-to-image mask (the paper's stage 1)
	Prefix     []int                 // the ids that the report begins with, without bos; after an eos it ends
	Progress   func(status.Progress) // called on the caller's goroutine after each block and word; may be nil
}

// Model is a loaded model. Its methods may not be called concurrently.
type Model struct {
	config     *Config
	limits     Limits
	vocabulary *report.Vocabulary
	identity   report.Model
	engine     report.Engine
	precision  string

	backend device.Backend
	dvae    *dvae.Encoder
	encoder *transformer.Encoder
	decoder *transformer.Decoder
	// CRA of every code [K, d] and every word [V, d].
	codes, words device.Buffer
	table        []float32 // of config.Surprisal; nil without
	kept         kept      // what CRA is made of
	tiles        [][]byte  // of the dictionary [K], nil where there is none; nil without config.Tiles
}

// Config is the model's shape.
func (m *Model) Config() *Config { return m.config }

// Vocabulary is the model's words.
func (m *Model) Vocabulary() *report.Vocabulary { return m.vocabulary }

// Identity names the weights.
func (m *Model) Identity() report.Model { return m.identity }

// Backend and Precision say what computes, and from which format of weights.
func (m *Model) Backend() string   { return m.backend.Name() }
func (m *Model) Precision() string { return m.precision }

// Close releases the model's and the backend's memory.
func (m *Model) Close() { m.backend.Close() }

// Report writes the report of a study: it opens a Session, writes one report on
// it and closes it. It returns ctx's error, wrapped, within one convolution block or
// one word of ctx being cancelled, and ErrNotFinite, wrapped, in place of a report
// that rests on NaN or infinity.
func (m *Model) Report(ctx context.Context, s Study, o Options) (*report.Report, error) {
	if _, err := m.complete(o); err != nil {
		return nil, fmt.Errorf("engine: %w", err) // before the study is looked at
	}
	session, err := m.Open(ctx, s, o.Progress)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	return session.Write(ctx, o)
}

// complete fills in the defaults of options and checks the rest.
func (m *Model) complete(o Options) (Options, error) {
	if o.Beam == 0 {
		o.Beam = min(DefaultBeam, m.limits.Beam)
	}
	if o.Beam < 1 || o.Beam > m.limits.Beam {
		return o, status.Errorf(status.InvalidArgument, "beam is %d, it must be 1 to %d", o.Beam, m.limits.Beam)
	}
	return o, m.checkPrefix(o.Prefix)
}

// checkPrefix checks the ids that a report is to begin with.
func (m *Model) checkPrefix(ids []int) error {
	if i := slices.Index(ids, m.config.EOS); i >= 0 && i < len(ids)-1 {
		return status.Errorf(status.InvalidArgument, "word %d of the beginning of a report is its end", i+1)
	}
	return m.checkIDs(ids)
}

// checkIDs checks the ids of a report, without bos.
func (m *Model) checkIDs(ids []int) error {
	if len(ids) > m.config.MaxTokens-1 {
		return status.Errorf(status.InvalidArgument, "a report of %d words, the model takes %d", len(ids), m.config.MaxTokens-1)
	}
	for _, id := range ids {
		if id < 0 || id >= len(m.config.Vocab) {
			return status.Errorf(status.InvalidArgument, "word %d is not in a vocabulary of %d", id, len(m.config.Vocab))
		}
	}
	return nil
}

// ErrNotFinite ends a run of weights whose products leave the range of f32, or of
// a backend that computes nonsense: silence would be a wrong report.
var ErrNotFinite = status.Errorf(status.NotFinite, "a result is not a finite number; the weights or the backend are faulty")

func finite(x []float32) bool {
	for _, v := range x {
		if v-v != 0 {
			return false
		}
	}
	return true
}

// steps returns a function that counts the steps of a stage into progress.
func steps(progress func(status.Progress), stage status.Stage, total int) func() {
	if progress == nil {
		return func() {}
	}
	p := status.Progress{Stage: stage, Total: int64(total)}
	return func() {
		p.Done++
		progress(p)
	}
}
