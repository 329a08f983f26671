// Package codec decodes the compressed pixel data of DICOM that Go's standard
// library does not: JPEG 2000 and HTJ2K, JPEG-LS, and JPEG of 12 bits.
//
// It runs C and C++ libraries that the field relies on, OpenJPEG, CharLS and
// libjpeg-turbo, each compiled to a WebAssembly module (source/build.sh) that
// imports nothing: it can reach its own memory and nothing else, so that a
// stream that finds a fault in one spoils at most its own picture. Decoders in
// Go would be part of the page's first load, and less trodden; a module is
// fetched by the file that needs it. NOTICE.txt has the licences.
//
// Natively the modules are embedded and run in wazero (module_other.go); in the
// browser each runs in a worker of its own (module_js.go, wasm/page/codec.js).
// Every decode has a new instance, and ends with ctx or at Limits.Time, whatever
// the stream has the decoder do.
package codec

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Format is a family of code streams.
type Format string

// The formats. Each has the module of its name.
const (
	JPEG2000 Format = "jpeg2000" // and HTJ2K; a bare code stream or a JP2 file
	JPEGLS   Format = "jpegls"
	JPEG     Format = "jpeg" // sequential or progressive DCT of 12 bits, not of 8
)

// Frame is a decoded picture.
type Frame struct {
	Width, Height int // pixels, at least 1
	Components    int // 1 to 4
	Bits          int // of a sample that count, 1 to 16
	Signed        bool
	// Samples are Width·Height·Components, row by row from the top left, those of
	// a pixel together. Signed ones are sign-extended: int16(sample) is the value.
	// Colour is as the stream stores it (Y, Cb and Cr of a JPEG), but for the
	// transforms that JPEG 2000 and JPEG-LS define themselves, which are undone.
	Samples []uint16
}

// Limits bound one decode; all must be above 0.
type Limits struct {
	Samples int           // of the frame: Width·Height·Components
	Memory  int           // bytes of the decoder and the frame together; a decoder has MaxMemory at most
	Time    time.Duration // that the decode may take
}

// MaxMemory is the most bytes that a decoder may have, whatever the limit: what
// JPEG 2000 takes for 64 Mi samples.
const MaxMemory = 768 << 20

// The reasons for which Decode refuses a stream, for errors.Is.
var (
	ErrDamaged     = errors.New("the compressed pixel data are damaged or cut off")
	ErrUnsupported = errors.New("this kind of compressed pixel data is not supported")
	ErrTooLarge    = errors.New("the compressed picture is too large")
	ErrTooSlow     = errors.New("the compressed picture takes too long to decode")
	ErrUnavailable = errors.New("the decoder cannot be loaded")
)

// reasons are those that a module tells, by its numbers (source/module.h).
var reasons = []error{ErrDamaged, ErrUnsupported, ErrTooLarge}

// Decode decodes the one picture of a code stream. Errors are one of
// ErrDamaged, ErrUnsupported, ErrTooLarge, ErrTooSlow and ErrUnavailable, or that
// of ctx when it is done before the picture is, wrapped with the format and the
// details.
func Decode(ctx context.Context, format Format, stream []byte, limits Limits) (Frame, error) {
	limits.Samples = min(limits.Samples, MaxMemory/2) // a sample takes two bytes of it
	limited, cancel := context.WithTimeoutCause(ctx, limits.Time, fmt.Errorf("%w: the limit is %v", ErrTooSlow, limits.Time))
	defer cancel()
	frame, err := decode(limited, format, stream, limits)
	if limited.Err() != nil {
		err = context.Cause(limited)
	}
	if err != nil {
		return Frame{}, fmt.Errorf("codec: %s: %w", format, err)
	}
	return frame, nil
}

// header is what a module says about the frame it made, in the order of
// source/module.h.
type header struct {
	Width, Height, Components, Bits, Signed uint32
}

// frame makes room for the samples. What a module says is checked as if the
// stream had said it, for a stream that finds a fault in a library may well have.
func (h header) frame(limit int) (Frame, error) {
	pixels := uint64(h.Width) * uint64(h.Height)
	if pixels == 0 || pixels > uint64(limit) || h.Components-1 >= 4 || h.Bits-1 >= 16 || pixels*uint64(h.Components) > uint64(limit) {
		return Frame{}, fmt.Errorf("%w: the decoder failed: a frame of %+v", ErrDamaged, h)
	}
	return Frame{
		Width:      int(h.Width),
		Height:     int(h.Height),
		Components: int(h.Components),
		Bits:       int(h.Bits),
		Signed:     h.Signed != 0,
		Samples:    make([]uint16, pixels*uint64(h.Components)),
	}, nil
}

// failure is the error for what a module says about its failure. A trap without
// a text is one the library did not foresee; of that the first line is for
// people, and the others are wazero's stack.
func failure(reason uint32, text string, trap error) error {
	if text == "" {
		what, _, _ := strings.Cut(trap.Error(), "\n")
		return fmt.Errorf("%w: the decoder failed: %s", ErrDamaged, what)
	}
	if int(reason) >= len(reasons) {
		reason = 0
	}
	return fmt.Errorf("%w: %s", reasons[reason], strings.TrimSpace(text))
}
