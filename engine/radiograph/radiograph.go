// Package radiograph turns files into grey pixels, the way engine/MODEL.md §1 says.
//
// Decode sniffs the format by content, never by name, and brings a picture to
// 8-bit grey:
//
//   - colour becomes ITU-R 601 luma, (19595·R + 38470·G + 7471·B + 2¹⁵) >> 16;
//   - 16 bits become 8 by a shift: by 8, or by fewer if the values end below
//     2¹⁴, as 12-bit values in 16 do;
//   - alpha is composited over black;
//   - the orientation that a camera or a program wrote (EXIF, XMP) is obeyed;
//   - DICOM goes through its Modality LUT, then its VOI LUT or window (without
//     one, or with one that leaves nothing to be seen, the image's own range),
//     then the inversion of MONOCHROME1 or of its presentation LUT.
//
// What it decides that a person should know is a note on the picture. A picture
// of one grey is ErrBlank: a report of it would be made up.
//
// PNG, TIFF, JPEG and DICOM of 8 and 16 bits are read here. Of DICOM that is
// every transfer syntax with one picture a code stream, of which package codec
// decodes JPEG 2000, JPEG-LS and JPEG of 12 bits. BMP, GIF and WebP are read by
// golang.org/x/image and the standard library, in a browser by the browser,
// which saves 60 kB of its worker and reads HEIC where the system does.
//
// DecodeGreys keeps, for people to look at, the values that a window of 8 bits leaves
// out.
//
// Resize then brings a view to the model's size, bit for bit as Pillow's
// BILINEAR does. Phantom draws a synthetic chest for tests and examples.
//
// Files are hostile until proven otherwise: nothing is allocated by a length
// that was not checked first, and a file is refused when it, its picture, or
// the memory to decode it is larger than Limits.
package radiograph

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"sync/atomic"
	"time"

	"uarweb/engine/radiograph/codec"
	"uarweb/engine/status"
)

// The limits of Decode unless Limits says otherwise.
const (
	MaxFileSize = 256 << 20 // bytes of a file
	MaxPixels   = 64 << 20  // width · height; a detector of today has about 16 Mi
	MaxMemory   = 1 << 30   // bytes; a progressive JPEG of MaxPixels in colour takes them
)

// Limits bound what a file may ask for. A field that is 0 stands for its
// default.
type Limits struct {
	// FileSize is the most bytes of a file, and of what a deflated one
	// inflates to: 1 and up, by default MaxFileSize.
	FileSize int
	// Pixels is the most pixels of a picture: 1 and up, by default MaxPixels.
	Pixels int
	// Memory is the most bytes that may be taken at a time to decode a picture,
	// the picture among them, the file and what it inflates to not. Each format
	// reckons from its header what it takes at its peak, a decoder of package codec
	// is held to it while it runs, and a browser's decoder is reckoned without what
	// it has for itself: 1 and up, by default MaxMemory.
	Memory int
}

func (l Limits) orDefault() Limits {
	or := func(v *int, absent int) {
		if *v <= 0 {
			*v = absent
		}
	}
	or(&l.FileSize, MaxFileSize)
	or(&l.Pixels, MaxPixels)
	or(&l.Memory, MaxMemory)
	return l
}

// The reasons for which Decode refuses a file, for errors.Is or status.CodeOf.
// Decode adds the file's name, what was found where, and what to do.
var (
	ErrEmpty         = status.Errorf(status.EmptyImage, "the file is empty")
	ErrUnknownFormat = status.Errorf(status.UnknownImage, "not a PNG, JPEG, DICOM, TIFF, BMP, GIF or WebP image")
	ErrTooLarge      = status.Errorf(status.LargeImage, "the image is too large")
	ErrUnsupported   = status.Errorf(status.UnsupportedImage, "this kind of image is not supported")
	ErrDamaged       = status.Errorf(status.DamagedImage, "the file is damaged or cut off")
	ErrNoDecoder     = status.Errorf(status.NoDecoder, "what reads such an image could not be loaded")
	ErrBlank         = status.Errorf(status.BlankImage, "the picture shows nothing")
)

// Radiograph is one decoded view.
type Radiograph struct {
	Name       string        // as given to Decode, for messages
	Format     string        // "PNG", "JPEG", "DICOM", "TIFF", …
	SHA256     string        // of the file, in hexadecimal digits
	Pixels     *image.Gray   // origin at (0, 0), Stride = width
	Facts      Facts         // what the file says of the picture
	Notes      []string      // what was decided for the user, in short sentences without a full stop
	DecodeTime time.Duration // what Decode took

	square atomic.Pointer[square]
}

// square is a picture resized, and what of.
type square struct{ from, to *image.Gray }

// Square returns the picture at size×size pixels. The last is kept, since a model takes
// the same each time that it looks. Callers must not change it.
func (r *Radiograph) Square(size int) *image.Gray {
	if s := r.square.Load(); s != nil && s.from == r.Pixels && s.to.Rect.Dx() == size {
		return s.to
	}
	s := &square{r.Pixels, Resize(r.Pixels, size, size)}
	r.square.Store(s)
	return s.to
}

// Decode reads the image in data. The name is used in messages only. Errors
// are one of ErrEmpty, ErrUnknownFormat, ErrTooLarge, ErrUnsupported,
// ErrDamaged, ErrBlank and ErrNoDecoder, or that of ctx when it is done before
// the image is, wrapped with the name and the details.
func Decode(ctx context.Context, name string, data []byte, limits Limits) (*Radiograph, error) {
	d := &decoder{ctx: ctx, limits: limits.orDefault()}
	return d.decode(name, data)
}

func (d *decoder) decode(name string, data []byte) (*Radiograph, error) {
	start := time.Now()
	format, err := d.sniff(data)
	if err != nil {
		return nil, fmt.Errorf("radiograph: %s: %w", name, err)
	}
	pixels, err := format.decode(d, data)
	if err == nil {
		err = checkContent(pixels)
	}
	if err != nil {
		return nil, fmt.Errorf("radiograph: %s: %s: %w", name, format.name, err)
	}
	hash := sha256.Sum256(data)
	return &Radiograph{
		Name:       name,
		Format:     format.name,
		SHA256:     hex.EncodeToString(hash[:]),
		Pixels:     pixels,
		Facts:      d.facts,
		Notes:      d.notes,
		DecodeTime: time.Since(start),
	}, nil
}

// Inspect says what the file is and what it says of its picture, without
// decoding it. Errors are those of Decode that need no pixels.
func Inspect(ctx context.Context, name string, data []byte, limits Limits) (format string, facts Facts, err error) {
	d := &decoder{ctx: ctx, limits: limits.orDefault()}
	f, err := d.sniff(data)
	if err == nil && f.name == formatDICOM {
		var c *contents
		if c, err = scan(ctx, data, d.limits.FileSize); err == nil {
			facts = c.attributes.facts()
			err = c.holdsImage()
		}
	}
	if err != nil {
		return "", Facts{}, fmt.Errorf("radiograph: %s: %w", name, err)
	}
	return f.name, facts, nil
}

// decoder decodes one file.
type decoder struct {
	ctx    context.Context
	limits Limits
	facts  Facts
	notes  []string
	side   int    // pixels on the longer side of greys at most, 0 if nobody wants them
	greys  *Greys // if they are wanted, of a picture of more than 8 bits
	// reserved are the bytes that are taken before a picture is decoded or will be
	// taken behind that, when the decoder's may not have been collected yet.
	reserved int64
}

func (d *decoder) note(format string, args ...any) {
	d.notes = append(d.notes, fmt.Sprintf(format, args...))
}

// checkContent refuses a picture without content: a step of one grey is what
// rounding leaves of none.
func checkContent(m *image.Gray) error {
	low, high := m.Pix[0], m.Pix[0]
	for _, v := range m.Pix {
		low, high = min(low, v), max(high, v)
	}
	if high-low > 1 {
		return nil
	}
	what := "every pixel has the same grey"
	if high <= 1 {
		what = "every pixel is black"
	}
	return fmt.Errorf("%w: %d×%d pixels, and %s; export it again, or choose another", ErrBlank, m.Rect.Dx(), m.Rect.Dy(), what)
}

// checkSize refuses pictures of no or too many pixels.
func (d *decoder) checkSize(width, height int) error {
	if width < 1 || height < 1 {
		return fmt.Errorf("%w: %d×%d pixels", ErrDamaged, width, height)
	}
	if height > d.limits.Pixels/width { // their product may be more than an int can hold
		return fmt.Errorf("%w: %d×%d pixels, the limit is %d in all", ErrTooLarge, width, height, d.limits.Pixels)
	}
	return nil
}

// reserve counts bytes that are about to be taken, and refuses those that are too
// many.
func (d *decoder) reserve(bytes int64) error {
	d.reserved += bytes
	return d.checkMemory(0)
}

// checkMemory refuses pictures that take so many bytes of memory to decode, beside
// those that are reserved. It comes behind checkSize, which keeps the products
// small that need is made of.
func (d *decoder) checkMemory(need int64) error {
	if need += d.reserved; need > int64(d.limits.Memory) {
		return fmt.Errorf("%w: it takes %d bytes of memory, the limit is %d", ErrTooLarge, need, d.limits.Memory)
	}
	return nil
}

// checkHeld refuses a header that asks for more pixels than its file can hold,
// before memory is taken for them.
func checkHeld(width, height, size, pixelsPerByte int) error {
	if int64(width)*int64(height) > int64(size)*int64(pixelsPerByte) {
		return fmt.Errorf("%w: %d bytes cannot hold %d×%d pixels", ErrDamaged, size, width, height)
	}
	return nil
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

// wrapCodec sorts an error of package codec into ours.
func wrapCodec(err error) error {
	for _, c := range []struct{ is, reason error }{
		{codec.ErrDamaged, ErrDamaged},
		{codec.ErrUnsupported, ErrUnsupported},
		{codec.ErrUnavailable, ErrNoDecoder},
		{codec.ErrTooLarge, ErrTooLarge},
		{codec.ErrTooSlow, ErrTooLarge},
	} {
		if errors.Is(err, c.is) {
			return fmt.Errorf("%w: %w", c.reason, err)
		}
	}
	return err
}

// thousands writes a number with commas.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
