package radiograph

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"iter"
	"slices"
	"time"

	"uarweb/engine/radiograph/codec"
	ownjpeg "uarweb/engine/radiograph/internal/jpeg"
	"uarweb/engine/radiograph/voi"
)

// jpegPixels is the most pixels that a byte of a JPEG can stand for: a block of
// 8×8 takes at least one bit, its DC code (T.81 §F.1.2.1, §G.1.2.1).
const jpegPixels = 8 * 64

// maxScanned is the most pixels that the scans of a JPEG may visit, once for
// each component of each scan. A scan of a progressive JPEG can go over the
// whole picture in a few bytes (T.81 §G.1.2.2), so neither the size of the file
// nor that of the picture bounds the work. The progression of libjpeg visits a
// grey picture 6 times and one of colour 12 times, so that only a file far
// larger or stranger than a radiograph meets the limit.
const maxScanned = 12 * MaxPixels

// jpeg decodes a JPEG file and obeys the orientation that it says.
func (d *decoder) jpeg(data []byte) (*image.Gray, error) {
	turned := orientation(metadataOf(data))
	if _, frame := frameHeader(data); frame != nil {
		d.reserveOriented(int(binary.BigEndian.Uint16(frame[3:])), int(binary.BigEndian.Uint16(frame[1:])), turned)
	}
	var m *image.Gray
	var err error
	if isBaseline(data) {
		m, err = d.jpegPixels(data, false)
	} else {
		m, err = d.codeStreamFile(data)
	}
	if err != nil {
		return nil, err
	}
	return d.oriented(m, turned), nil
}

// metadataOf are the EXIF data and the XMP of a JPEG, nil if it has none.
func metadataOf(data []byte) (exif, xmp []byte) {
	for marker, body := range segments(data) {
		switch {
		case marker == app1 && exif == nil && bytes.HasPrefix(body, []byte("Exif\x00\x00")):
			exif = body
		case marker == app1 && xmp == nil && bytes.HasPrefix(body, []byte("http://ns.adobe.com/xap/1.0/\x00")):
			xmp = body
		case marker == sos:
			return exif, xmp
		}
	}
	return exif, xmp
}

// jpegPixels decodes a DCT-based JPEG of 8 bits. If rgb, three components
// without a marker that says otherwise are R, G and B, as in DICOM.
func (d *decoder) jpegPixels(data []byte, rgb bool) (*image.Gray, error) {
	if rgb && !saysColour(data) {
		d.reserved += int64(len(data))
		data = slices.Concat(data[:2], adobeRGB, data[2:])
	}
	config, err := jpeg.DecodeConfig(newReader(d.ctx, data))
	if errors.As(err, new(jpeg.UnsupportedError)) {
		return d.oddJPEG(data)
	}
	if err != nil {
		return nil, wrapJPEG(d.ctx, err)
	}
	if err := d.checkSize(config.Width, config.Height); err != nil {
		return nil, err
	}
	if err := checkHeld(config.Width, config.Height, len(data), jpegPixels); err != nil {
		return nil, err
	}
	if err := checkScans(data, config.Width, config.Height); err != nil {
		return nil, err
	}
	if err := d.checkMemory(int64(config.Width) * int64(config.Height) * jpegPixelBytes(data, config.ColorModel)); err != nil {
		return nil, err
	}
	m, err := jpeg.Decode(newReader(d.ctx, data))
	if err != nil {
		return nil, wrapJPEG(d.ctx, err)
	}
	return toGray(m), nil
}

// jpegPixelBytes is what image/jpeg takes for a pixel at most, and the grey
// with it: a byte a component, four more if it is progressive, and four for a
// pixel that is neither grey nor YCbCr.
func jpegPixelBytes(data []byte, model color.Model) int64 {
	components, converted := int64(3), int64(0)
	switch model {
	case color.GrayModel:
		components = 1
	case color.CMYKModel:
		components, converted = 4, 4
	case color.RGBAModel:
		converted = 4
	}
	for marker := range segments(data) {
		if marker == sof2 {
			return 1 + 5*components + converted
		}
	}
	return 1 + components + converted
}

// oddJPEG decodes a JPEG whose sampling image/jpeg does not know.
func (d *decoder) oddJPEG(data []byte) (*image.Gray, error) {
	decoded, err := d.codeStream(data)
	if err != nil {
		return nil, err
	}
	return d.frameToGray(decoded, !isRGB(data))
}

// adobeRGB is the marker segment that says that three components are R, G and
// B: the transform behind "Adobe", a version and two flags is none (T.872 §6.5.3).
var adobeRGB = []byte{0xff, app14, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0}

// saysColour says whether a JPEG has a marker by which it names its colours.
func saysColour(data []byte) bool {
	for marker, body := range segments(data) {
		switch {
		case marker == app0 && bytes.HasPrefix(body, []byte("JFIF")), marker == app14 && bytes.HasPrefix(body, []byte("Adobe")) && len(body) >= 12:
			return true
		case marker == sos:
			return false
		}
	}
	return false
}

// isRGB says whether the components of a JPEG are R, G and B.
func isRGB(data []byte) bool {
	for marker, body := range segments(data) {
		switch {
		case marker == app14 && bytes.HasPrefix(body, []byte("Adobe")) && len(body) >= 12:
			return body[11] == 0
		case isSOF(marker) && len(body) >= 15:
			return body[6] == 'R' && body[9] == 'G' && body[12] == 'B'
		}
	}
	return false
}

// isBaseline says whether a code stream is a JPEG of 8 bits by DCT and Huffman
// codes, sequential or progressive.
func isBaseline(stream []byte) bool {
	marker, body := frameHeader(stream)
	return sof0 <= marker && marker <= sof2 && body[0] == 8
}

// startsStream says whether a fragment starts a code stream: a JPEG or a
// JPEG-LS, or a JPEG 2000.
func startsStream(b []byte) bool {
	return bytes.HasPrefix(b, []byte("\xff\xd8\xff")) || bytes.HasPrefix(b, []byte("\xff\x4f\xff\x51"))
}

// frameHeader is the first SOF segment of a JPEG, with a body of 6 bytes at
// least, or 0.
func frameHeader(stream []byte) (byte, []byte) {
	if !bytes.HasPrefix(stream, []byte("\xff\xd8")) {
		return 0, nil
	}
	for marker, body := range segments(stream) {
		if isSOF(marker) && len(body) >= 6 {
			return marker, body
		}
	}
	return 0, nil
}

// codecTime is what a codec may take for a picture.
const codecTime = 60 * time.Second

// decodeStream decodes a code stream by the decoder that its first bytes ask
// for.
func (d *decoder) decodeStream(stream []byte) (codec.Frame, error) {
	const colours = 3
	limits := codec.Limits{Samples: colours * d.limits.Pixels, Memory: int(max(int64(d.limits.Memory)-d.reserved, 0)), Time: codecTime}
	if bytes.HasPrefix(stream, []byte("\xff\x4f\xff\x51")) || bytes.HasPrefix(stream, []byte(jp2Signature)) {
		return codec.Decode(d.ctx, codec.JPEG2000, stream, limits)
	}
	marker, body := frameHeader(stream)
	switch {
	case marker == 0:
		return codec.Frame{}, fmt.Errorf("%w: no code stream of JPEG or JPEG 2000", codec.ErrDamaged)
	case marker == sof55:
		return codec.Decode(d.ctx, codec.JPEGLS, stream, limits)
	case sof0 <= marker && marker <= sof2 && body[0] != 8:
		return codec.Decode(d.ctx, codec.JPEG, stream, limits)
	}
	if err := d.checkSize(int(binary.BigEndian.Uint16(body[3:])), int(binary.BigEndian.Uint16(body[1:]))); err != nil {
		return codec.Frame{}, err
	}
	if err := checkScans(stream, int(binary.BigEndian.Uint16(body[3:])), int(binary.BigEndian.Uint16(body[1:]))); err != nil {
		return codec.Frame{}, err
	}
	return ownjpeg.Decode(d.ctx, stream, limits)
}

// codeStreamFile reads a file that is a code stream with nothing around it
// that says how it looks: its bits are those in use.
func (d *decoder) codeStreamFile(data []byte) (*image.Gray, error) {
	if err := checkJP2(data); err != nil {
		return nil, err
	}
	decoded, err := d.codeStream(data)
	if err != nil {
		return nil, err
	}
	d.reserveGreys(decoded.Width, decoded.Height)
	const sampleBytes = 2
	if err := d.checkMemory(sampleBytes*int64(len(decoded.Samples)) + int64(decoded.Width)*int64(decoded.Height)); err != nil {
		return nil, err
	}
	if decoded.Signed {
		return nil, fmt.Errorf("%w: signed values without DICOM; %s", ErrUnsupported, exportPicture)
	}
	if err := d.checkSize(decoded.Width, decoded.Height); err != nil {
		return nil, err
	}
	if decoded.Bits > 14 {
		highest := 0
		for _, v := range decoded.Samples {
			highest = max(highest, int(v))
		}
		decoded.Bits = d.sixteenBits(highest)
	}
	ybr := decoded.Components == 3 && bytes.HasPrefix(data, []byte("\xff\xd8")) && saysColour(data) && !isRGB(data)
	return d.frameToGray(decoded, ybr)
}

// frameToGray brings a codec's samples, grey or of three colours, to grey by
// their upper 8 bits.
func (d *decoder) frameToGray(m codec.Frame, ybr bool) (*image.Gray, error) {
	if m.Components != 1 && m.Components != 3 {
		return nil, fmt.Errorf("%w: %d samples a pixel; %s", ErrUnsupported, m.Components, exportPicture)
	}
	f := &frame{width: m.Width, height: m.Height, samples: m.Components, allocated: 16, stored: m.Bits}
	out := image.NewGray(image.Rect(0, 0, m.Width, m.Height))
	for i := range out.Pix {
		p := m.Samples[i*m.Components : (i+1)*m.Components]
		if m.Components == 1 {
			out.Pix[i] = f.eightBits(int(p[0]))
			continue
		}
		r, g, b := f.eightBits(int(p[0])), f.eightBits(int(p[1])), f.eightBits(int(p[2]))
		if ybr {
			r, g, b = color.YCbCrToRGB(r, g, b)
		}
		out.Pix[i] = luma(r, g, b)
	}
	if m.Components == 1 && m.Bits > 8 {
		d.keepGreys(m.Width, m.Height, voi.Plain(m.Bits), func(i int) uint16 { return uint16(f.code(int(m.Samples[i]))) })
	}
	return out, nil
}

// wrapJPEG sorts an error of image/jpeg into ours, or into the one of ctx if
// that is done.
func wrapJPEG(ctx context.Context, err error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	reason := ErrDamaged
	if errors.As(err, new(jpeg.UnsupportedError)) {
		reason = ErrUnsupported
	}
	return fmt.Errorf("%w: %w", reason, err)
}

// checkScans refuses a JPEG whose scans visit more than maxScanned pixels. It
// is ErrTooLarge, since the file may well be in order.
func checkScans(data []byte, width, height int) error {
	const mcu = 32 // pixels along an axis at most, of which whole ones are decoded
	area := int64(width+mcu-1) / mcu * mcu * (int64(height+mcu-1) / mcu * mcu)
	var scans, visits int64
	for marker, body := range segments(data) {
		if marker == sos && len(body) > 0 {
			scans++
			visits += int64(body[0]) // the components of the scan
		}
	}
	if visits > maxScanned/area {
		return fmt.Errorf("%w: %d scans of %d×%d pixels, the limit is %d pixels in all scans", ErrTooLarge, scans, width, height, maxScanned)
	}
	return nil
}

// The markers that segments and its users look for (T.81 table B.1, T.87 §C.1.1).
const (
	sof0  = 0xc0 // start of frame: baseline
	sof2  = 0xc2 // progressive
	dht   = 0xc4
	jpg   = 0xc8
	dac   = 0xcc
	sof15 = 0xcf
	rst0  = 0xd0 // restart, up to rst7
	rst7  = 0xd7
	eoi   = 0xd9 // end of image
	sos   = 0xda // start of scan
	app0  = 0xe0 // JFIF
	app1  = 0xe1 // EXIF, XMP
	app14 = 0xee // Adobe
	sof55 = 0xf7 // JPEG-LS
)

// isSOF says whether a marker starts a frame.
func isSOF(marker byte) bool {
	return sof0 <= marker && marker <= sof15 && marker != dht && marker != jpg && marker != dac || marker == sof55
}

// segments walks the marker segments of a JPEG behind its first two bytes, SOI,
// and yields each marker with the parameters behind the length (T.81 §B.1.1);
// EOI is the last. It passes over entropy-coded data, where no marker but RST
// can stand, and finds the same segments as image/jpeg in every file that
// image/jpeg decodes. A broken file ends the walk.
func segments(data []byte) iter.Seq2[byte, []byte] {
	return func(yield func(marker byte, body []byte) bool) {
		for data := data[min(2, len(data)):]; ; {
			start := bytes.IndexByte(data, 0xff)
			if start < 0 {
				return
			}
			data = data[start:]
			for len(data) > 0 && data[0] == 0xff { // fill bytes, and the marker's first
				data = data[1:]
			}
			if len(data) == 0 {
				return
			}
			marker := data[0]
			data = data[1:]
			if marker == 0 || rst0 <= marker && marker <= rst7 {
				continue
			}
			if marker == eoi {
				yield(marker, nil)
				return
			}
			if len(data) < 2 {
				return
			}
			n := int(binary.BigEndian.Uint16(data))
			if n < 2 || n > len(data) || !yield(marker, data[2:n]) {
				return
			}
			data = data[n:]
		}
	}
}
