package radiograph

import (
	"encoding/binary"
	"fmt"
	"iter"
)

const jp2Signature = "\x00\x00\x00\x0cjP  \r\n\x87\n"

// checkJP2 refuses a JP2 file (T.800 §I) whose samples are not the grey or the
// red, green and blue of its pixels: its decoder gives them out as they are in
// the code stream.
func checkJP2(data []byte) error {
	const headerBox, palette, colour = "jp2h", "pclr", "colr"
	const enumerated, sRGB, grey = 1, 16, 17
	for kind, header := range boxes(data) {
		if kind != headerBox {
			continue
		}
		for kind, body := range boxes(header) {
			switch {
			case kind == palette:
				return fmt.Errorf("%w: a palette of JPEG 2000; %s", ErrUnsupported, exportPicture)
			case kind == colour && len(body) >= 7 && body[0] == enumerated:
				if space := binary.BigEndian.Uint32(body[3:]); space != sRGB && space != grey {
					return fmt.Errorf("%w: colour space %d of JPEG 2000; %s", ErrUnsupported, space, exportPicture)
				}
			}
		}
	}
	return nil
}

// boxes walks boxes (T.800 §I.4) and yields the kind and contents of each. One
// that does not fit ends the walk.
func boxes(data []byte) iter.Seq2[string, []byte] {
	return func(yield func(kind string, body []byte) bool) {
		for len(data) >= 8 {
			kind, header, size := string(data[4:8]), 8, uint64(binary.BigEndian.Uint32(data))
			switch {
			case size == 0: // to the end
				size = uint64(len(data))
			case size == 1 && len(data) >= 16:
				header, size = 16, binary.BigEndian.Uint64(data[8:])
			}
			if size < uint64(header) || size > uint64(len(data)) || !yield(kind, data[header:size]) {
				return
			}
			data = data[size:]
		}
	}
}
