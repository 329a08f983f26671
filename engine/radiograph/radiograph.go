// Package radiograph turns files into grey pixels, the way engine/MODEL.md §1 says.
//
// Decode sniffs PNG, JPEG and DICOM by content, never by name, and brings each
// to 8-bit grey:
//
//   - colour becomes ITU-R 601 luma, (19595·R + 38470·G + 7471·B + 2¹⁵) >> 16;
//   - 16 bits become 8 by >> 8;
//   - alpha is composited over black;
//   - DICOM goes through its Modality LUT, then its VOI LUT or window (without
//     one, the image's own range), then the inversion of MONOCHROME1.
//
// Of DICOM it reads single images, uncompressed little endian or JPEG
// Baseline, grey of 8 or 16 bits or RGB of 8; every other transfer syntax is
// refused by its name.
//
// Of github.com/suyashkumar/dicom the product uses the names of tags and
// transfer syntaxes only; its parser, with the dictionary behind it, took 0.93
// of the 2.56 MB of the browser's worker (gzip) and 140 ms of its start. In the
// tests it is the independent reader that scan is compared with.
//
// Resize then brings a view to the model's size, bit for bit as Pillow's
// BILINEAR does. Phantom draws a synthetic chest for tests and examples.
//
// Files are hostile until proven otherwise: nothing is allocated by a length
// that was not checked first, and a file is refused when it is larger than
// MaxFileSize or its image has more than MaxPixels pixels.
package radiograph

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"time"

	"uarweb/engine/status"
)

// The limits of Decode.
const (
	MaxFileSize = 256 << 20 // bytes of a file
	MaxPixels   = 64 << 20  // width · height; a detector of today has about 16 Mi
)

// The reasons for which Decode refuses a file, for errors.Is or status.CodeOf. Decode adds the
// file's name and what was found where.
var (
	ErrEmpty         = status.Errorf(status.EmptyImage, "the file is empty")
	ErrUnknownFormat = status.Errorf(status.UnknownImage, "not a PNG, JPEG or DICOM image")
	ErrTooLarge      = status.Errorf(status.LargeImage, "the image is too large")
	ErrUnsupported   = status.Errorf(status.UnsupportedImage, "this kind of image is not supported")
	ErrDamaged       = status.Errorf(status.DamagedImage, "the file is damaged or cut off")
)

// Radiograph is one decoded view.
type Radiograph struct {
	Name       string        // as given to Decode, for messages
	Format     string        // "PNG", "JPEG" or "DICOM"
	Pixels     *image.Gray   // origin at (0, 0), Stride = width
	DecodeTime time.Duration // what Decode took
}

// Decode reads the image in data. The name is used in messages only. Errors
// are one of ErrEmpty, ErrUnknownFormat, ErrTooLarge, ErrUnsupported and
// ErrDamaged, or that of ctx when it is done before the image is, wrapped with
// the name and the details.
func Decode(ctx context.Context, name string, data []byte) (*Radiograph, error) {
	start := time.Now()
	format, decode, err := sniff(data)
	if err != nil {
		return nil, fmt.Errorf("radiograph: %s: %w", name, err)
	}
	pixels, err := decode(ctx, data)
	if err != nil {
		return nil, fmt.Errorf("radiograph: %s: %s: %w", name, format, err)
	}
	return &Radiograph{
		Name:       name,
		Format:     format,
		Pixels:     pixels,
		DecodeTime: time.Since(start),
	}, nil
}

// sniff chooses the decoder by the first bytes.
func sniff(data []byte) (format string, decode func(context.Context, []byte) (*image.Gray, error), err error) {
	switch {
	case len(data) == 0:
		return "", nil, ErrEmpty
	case len(data) > MaxFileSize:
		return "", nil, fmt.Errorf("%w: a file of %d bytes, the limit is %d", ErrTooLarge, len(data), MaxFileSize)
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		return "PNG", decodePNG, nil
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		return "JPEG", decodeJPEG, nil
	case isDICOM(data):
		return "DICOM", decodeDICOM, nil
	}
	return "", nil, ErrUnknownFormat
}

// pngPixels is the most pixels that a byte of a PNG can stand for: of 1 bit,
// deflated at the highest ratio.
const pngPixels = 8 * 1032

func decodePNG(ctx context.Context, data []byte) (*image.Gray, error) {
	if _, err := standardConfig(ctx, data, png.DecodeConfig, pngPixels); err != nil {
		return nil, err
	}
	return decodeStandard(ctx, data, png.Decode)
}

// standardConfig reads and checks the header for a decoder of the standard
// library. That allocates the picture before it reads the first pixel, so a
// header of a few bytes may not ask for more than its file can hold.
func standardConfig(ctx context.Context, data []byte, decode func(io.Reader) (image.Config, error), pixelsPerByte int64) (image.Config, error) {
	config, err := decode(newReader(ctx, data))
	if err != nil {
		return config, wrapDecoder(ctx, err)
	}
	if err := checkSize(config.Width, config.Height); err != nil {
		return config, err
	}
	if int64(config.Width)*int64(config.Height) > int64(len(data))*pixelsPerByte {
		return config, fmt.Errorf("%w: %d bytes cannot hold %d×%d pixels", ErrDamaged, len(data), config.Width, config.Height)
	}
	return config, nil
}

// decodeStandard runs a decoder of the standard library.
func decodeStandard(ctx context.Context, data []byte, decode func(io.Reader) (image.Image, error)) (*image.Gray, error) {
	m, err := decode(newReader(ctx, data))
	if err != nil {
		return nil, wrapDecoder(ctx, err)
	}
	return toGray(m), nil
}

// reader reads a file until ctx is done, which then is its error.
type reader struct {
	ctx  context.Context
	data *bytes.Reader
}

func newReader(ctx context.Context, data []byte) reader {
	return reader{ctx: ctx, data: bytes.NewReader(data)}
}

// Read gives little at a time, since a decoder can work long on a few bytes.
func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.data.Read(p[:min(len(p), 256)])
}

// checkSize refuses pictures of no or too many pixels.
func checkSize(width, height int) error {
	if width < 1 || height < 1 {
		return fmt.Errorf("%w: %d×%d pixels", ErrDamaged, width, height)
	}
	if int64(width)*int64(height) > MaxPixels {
		return fmt.Errorf("%w: %d×%d pixels, the limit is %d in all", ErrTooLarge, width, height, MaxPixels)
	}
	return nil
}

// wrapDecoder sorts an error of the standard decoders into ours, or into the
// one of ctx if that is done.
func wrapDecoder(ctx context.Context, err error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	reason := ErrDamaged
	var p png.UnsupportedError
	var j jpeg.UnsupportedError
	if errors.As(err, &p) || errors.As(err, &j) {
		reason = ErrUnsupported
	}
	return fmt.Errorf("%w: %w", reason, err)
}
