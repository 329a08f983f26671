// Package codec decodes the compressed pixel data of DICOM that Go's standard
// library does not: JPEG 2000 and HTJ2K, JPEG-LS, and JPEG of 12 bits.
package codec

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Format is a family of code streams.
type Format string

// The formats.
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

// Limits bound one decode; both must be above 0.
type Limits struct {
	Samples int           // of the frame: Width·Height·Components
	Time    time.Duration // that the decode may take
}

// The reasons for which Decode refuses a stream, for errors.Is.
var (
	ErrDamaged     = errors.New("the compressed pixel data are damaged or cut off")
	ErrUnsupported = errors.New("this kind of compressed pixel data is not supported")
	ErrTooLarge    = errors.New("the compressed picture is too large")
	ErrTooSlow     = errors.New("the compressed picture takes too long to decode")
	ErrUnavailable = errors.New("the decoder cannot be loaded")
)

// Decode decodes the one picture of a code stream. Errors are one of
// ErrDamaged, ErrUnsupported, ErrTooLarge, ErrTooSlow and ErrUnavailable, or that
// of ctx when it is done before the picture is, wrapped with the format and the
// details.
func Decode(ctx context.Context, format Format, stream []byte, limits Limits) (Frame, error) {
	return Frame{}, fmt.Errorf("codec: %s: %w", format, ErrUnavailable)
}
