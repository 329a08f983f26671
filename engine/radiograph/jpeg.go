package radiograph

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"iter"
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

func decodeJPEG(ctx context.Context, data []byte) (*image.Gray, error) {
	config, err := standardConfig(ctx, data, jpeg.DecodeConfig, jpegPixels)
	if err != nil {
		return nil, err
	}
	if err := checkScans(data, config.Width, config.Height); err != nil {
		return nil, err
	}
	return decodeStandard(ctx, data, jpeg.Decode)
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

// The markers that segments and its users look for (T.81 table B.1).
const (
	rst0 = 0xd0 // restart, up to rst7
	rst7 = 0xd7
	eoi  = 0xd9 // end of image
	sos  = 0xda // start of scan
)

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
