package radiograph

import (
	"encoding/binary"
	"fmt"
)

// unpackRLE decodes a frame of RLE Lossless (PS3.5 §G) to planar samples in
// little endian. A segment is one byte of one sample of all pixels, the high
// byte first.
func (f *frame) unpackRLE(d *decoder, stream []byte) ([]byte, error) {
	const headerSize, most = 64, 15
	width := f.allocated / 8
	segments, pixels := f.samples*width, f.width*f.height
	if len(stream) < headerSize {
		return nil, fmt.Errorf("%w: %d bytes are no RLE frame", ErrDamaged, len(stream))
	}
	if n := binary.LittleEndian.Uint32(stream); n != uint32(segments) {
		return nil, fmt.Errorf("%w: %d RLE segments, but the image needs %d", ErrDamaged, n, segments)
	}
	// A run of 128 bytes takes two, so a few bytes cannot ask for much memory.
	if pixels*segments > 64*len(stream) {
		return nil, fmt.Errorf("%w: %d bytes cannot hold %d×%d pixels", ErrDamaged, len(stream), f.width, f.height)
	}
	if err := d.reserve(int64(pixels) * int64(segments)); err != nil {
		return nil, err
	}
	out := make([]byte, pixels*segments)
	for s := range segments {
		if err := d.ctx.Err(); err != nil {
			return nil, err
		}
		start, end := binary.LittleEndian.Uint32(stream[4+4*s:]), uint32(len(stream))
		if s+1 < segments && s+1 < most {
			end = binary.LittleEndian.Uint32(stream[8+4*s:])
		}
		if start < headerSize || start > end || end > uint32(len(stream)) {
			return nil, fmt.Errorf("%w: RLE segment %d lies at bytes %d to %d of %d", ErrDamaged, s+1, start, end, len(stream))
		}
		sample, low := s/width, width-1-s%width
		plane := out[sample*pixels*width+low:]
		if n := unpackBits(plane, width, pixels, stream[start:end]); n < pixels {
			return nil, fmt.Errorf("%w: RLE segment %d ends at pixel %d of %d", ErrDamaged, s+1, n, pixels)
		}
	}
	return out, nil
}

// unpackBits decodes runs (PackBits) to every step-th byte of out, n at most,
// and returns how many there were.
func unpackBits(out []byte, step, n int, packed []byte) int {
	i := 0
	for len(packed) >= 2 && i < n {
		switch count := int(int8(packed[0])); {
		case count >= 0:
			literal := packed[1:min(count+2, len(packed))]
			for _, b := range literal[:min(len(literal), n-i)] {
				out[i*step] = b
				i++
			}
			packed = packed[1+len(literal):]
		case count > -128:
			for range min(1-count, n-i) {
				out[i*step] = packed[1]
				i++
			}
			packed = packed[2:]
		default:
			packed = packed[1:]
		}
	}
	return i
}
