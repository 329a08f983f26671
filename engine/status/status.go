// Package status is what engine, command, messages and page say alike of work:
// its stages, how far they are, and what kinds of errors there are. It lies on the
// ground: it imports nothing of uarweb, and all may import it.
//
// An error carries its kind from where it arises. CodeOf reads it wherever
// somebody must act on it, through any number of wrappings.
package status

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Stage is a part of the work.
type Stage string

// The stages, in the order they are done: those of loading a model, then those of
// a report.
const (
	StageFetch    Stage = "fetch"    // weights over the network, a step is a byte
	StageLoad     Stage = "load"     // weights to the backend, CRA folded
	StageTokenize Stage = "tokenize" // dVAE, a step is a block of a view
	StageEncode   Stage = "encode"   // encoder, a step is a layer
	StageGenerate Stage = "generate" // decoder, a step is a word
)

// Progress says how far a stage is.
type Progress struct {
	Stage Stage  `json:"stage"`
	Done  int64  `json:"done"`           // steps
	Total int64  `json:"total"`          // of StageGenerate the most there can be
	Text  string `json:"text,omitempty"` // of StageGenerate: the best report so far, as shown to people
}

// Code is a kind of error.
type Code string

// The codes. Those of the first group lie in what the caller gave: files or
// arguments.
const (
	InvalidArgument  Code = "invalid-argument"  // options or ids outside their bounds, a view that is nil
	UnreadableFile   Code = "unreadable-file"   // the system does not give its bytes
	EmptyImage       Code = "empty-image"       // a file of no bytes
	UnknownImage     Code = "unknown-image"     // no image format that is read here
	LargeImage       Code = "large-image"       // more bytes or pixels than are allowed
	UnsupportedImage Code = "unsupported-image" // a kind of a known format that is not read here
	DamagedImage     Code = "damaged-image"     // broken or cut off
	BlankImage       Code = "blank-image"       // shows nothing, so that a report would be made up
	WrongViews       Code = "wrong-views"       // more images, or fewer, than the model takes
	BadWeights       Code = "bad-weights"       // no weights file, or a broken one
	BadConfiguration Code = "bad-configuration" // no UAR model, or one that asks for more than is allowed
	BadTensor        Code = "bad-tensor"        // missing, of a wrong shape or format, or not finite

	Cancelled   Code = "cancelled"     // the context was done
	Network     Code = "network"       // a file of the model could not be fetched
	NoDecoder   Code = "no-decoder"    // what reads an image of this kind could not be loaded
	NoModel     Code = "no-model"      // a report was asked for before a model was loaded
	NotFinite   Code = "not-finite"    // a result is NaN or infinite: the weights or what computes are faulty
	OutOfMemory Code = "out-of-memory" // what computes has no more
	NoBackend   Code = "no-backend"    // what was wished for cannot compute here
	BackendLost Code = "backend-lost"  // what computes has failed; another may do better
	Crashed     Code = "crashed"       // a fault of the program, which may be gone
	Internal    Code = "internal"      // anything else
)

// inputs are the codes of what the caller gave, others the rest.
var (
	inputs = []Code{
		InvalidArgument, UnreadableFile, EmptyImage, UnknownImage, LargeImage, UnsupportedImage, DamagedImage, BlankImage,
		WrongViews, BadWeights, BadConfiguration, BadTensor,
	}
	others = []Code{Cancelled, Network, NoDecoder, NoModel, NotFinite, OutOfMemory, NoBackend, BackendLost, Crashed, Internal}
)

// Codes returns all codes.
func Codes() []Code { return slices.Concat(inputs, others) }

// Input says whether errors of this kind lie in what the caller gave, files or
// arguments, and not in program or machine.
func (c Code) Input() bool { return slices.Contains(inputs, c) }

// Error is an error of a known kind.
type Error struct {
	Code   Code
	Err    error  // what happened, and where
	Reason string // for people, if it is known apart from Err; see Reason
}

// Error is the message of Err.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// Errorf is fmt.Errorf for an *Error.
func Errorf(code Code, format string, args ...any) error {
	return &Error{Code: code, Err: fmt.Errorf(format, args...)}
}

// Mark gives a code to an error that says none itself: that of a package which
// does not know this one. Nil stays nil.
func Mark(code Code, err error) error {
	if err == nil || CodeOf(err) != Internal {
		return err
	}
	return &Error{Code: code, Err: err}
}

// CodeOf is the kind of an error: Cancelled if the context's error is in it, else
// the code of the outermost Error, which knows most, else Internal.
func CodeOf(err error) Code {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return Cancelled
	}
	var known *Error
	if errors.As(err, &known) {
		return known.Code
	}
	return Internal
}

// Reason is what an error says to people behind the words of its kind: what was
// found, and what to do. Of "a.pdf: this kind of image is not supported: a PDF
// document; export the image in it" that is what stands behind the last colon. It
// is empty if the outermost Error is the whole message.
func Reason(err error) string {
	var known *Error
	if !errors.As(err, &known) {
		return ""
	}
	if known.Reason != "" {
		return known.Reason
	}
	_, reason, _ := strings.Cut(err.Error(), known.Error()+": ")
	return reason
}
