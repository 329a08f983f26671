// Package jpeg decodes the JPEGs that image/jpeg does not: lossless ones of 2
// to 16 bits (T.81 process 14, every predictor), and those of 8 bits by DCT,
// sequential or progressive, whose components are sampled in any ratio.
package jpeg

import (
	"context"
	"encoding/binary"
	"fmt"

	"uarweb/engine/radiograph/codec"
)

// The markers (T.81 table B.1).
const (
	sof0  = 0xc0 // baseline; sof0+1 extended sequential, +2 progressive, +3 lossless
	dht   = 0xc4
	jpg   = 0xc8
	dac   = 0xcc
	sof15 = 0xcf
	rst0  = 0xd0
	rst7  = 0xd7
	soi   = 0xd8
	eoi   = 0xd9
	sos   = 0xda
	dqt   = 0xdb
	dri   = 0xdd
)

const (
	progressive = sof0 + 2
	lossless    = sof0 + 3
)

// The most samples that a byte of a stream can stand for: a block of 8×8, or a
// sample of a lossless one, takes at least one bit.
const (
	samplesPerByteDCT      = 8 * 64
	samplesPerByteLossless = 8
)

// Decode decodes a stream. The samples of a DCT-based one are those of its
// components, brought to the size of the picture by repeating them. Errors are
// those of codec.Decode.
func Decode(ctx context.Context, stream []byte, limits codec.Limits) (codec.Frame, error) {
	d := &decoder{ctx: ctx, data: stream, limits: limits}
	if err := d.segments(); err != nil {
		return codec.Frame{}, fmt.Errorf("jpeg: %w", err)
	}
	return d.frame(), nil
}

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", codec.ErrDamaged, fmt.Sprintf(format, args...))
}

type decoder struct {
	ctx     context.Context
	limits  codec.Limits
	data    []byte
	pos     int
	process byte // the marker of the frame header, 0 before it

	bits, width, height int
	components          []component
	maxH, maxV          int
	samples             []uint16 // of a lossless frame, those of a pixel together
	shift               int      // the point transform of a lossless frame

	quantisation [4][64]uint16 // in zigzag order
	huffman      [2][4]*huffman
	restart      int // MCUs between restarts, 0 for none
	bitReader
	run int // blocks of a progressive scan that are still to be passed over
}

// component is a channel of the picture.
type component struct {
	id            byte
	h, v          int // samples in an MCU along its axes
	quantisation  byte
	width, height int // blocks of its own size
	stride        int // blocks of a row, of whole MCUs
	coefficients  [][64]int16
	scanned       bool
	dc, ac        *huffman
	predicted     int // the DC coefficient before
}

// segments walks the stream to its end.
func (d *decoder) segments() error {
	if len(d.data) < 2 || d.data[0] != 0xff || d.data[1] != soi {
		return damaged("no start of image")
	}
	d.pos = 2
	for {
		marker, body, err := d.segment()
		if err != nil {
			if d.whole() && d.process != progressive {
				return nil // the pixels are there, only the end of image is not
			}
			return err
		}
		switch {
		case marker == eoi:
			if !d.whole() {
				return damaged("it ends before all components came")
			}
			return nil
		case marker == dht:
			err = d.defineHuffman(body)
		case marker == dqt:
			err = d.defineQuantisation(body)
		case marker == dri:
			if len(body) != 2 {
				return damaged("a restart interval of %d bytes", len(body))
			}
			d.restart = int(binary.BigEndian.Uint16(body))
		case marker == dac || marker == jpg:
			err = fmt.Errorf("%w: marker %#x", codec.ErrUnsupported, marker)
		case sof0 <= marker && marker <= sof15:
			err = d.startFrame(marker, body)
		case marker == sos:
			err = d.scan(body)
		}
		if err != nil {
			return err
		}
	}
}

// segment reads the next marker and its parameters.
func (d *decoder) segment() (marker byte, body []byte, err error) {
	for {
		for d.pos < len(d.data) && d.data[d.pos] != 0xff {
			d.pos++
		}
		for d.pos < len(d.data) && d.data[d.pos] == 0xff {
			d.pos++
		}
		if d.pos >= len(d.data) {
			return 0, nil, damaged("it ends without an end of image")
		}
		marker = d.data[d.pos]
		d.pos++
		if marker != 0 && (marker < rst0 || marker > rst7) {
			break
		}
	}
	if marker == eoi {
		return marker, nil, nil
	}
	rest := d.data[d.pos:]
	if len(rest) < 2 || int(binary.BigEndian.Uint16(rest)) < 2 || int(binary.BigEndian.Uint16(rest)) > len(rest) {
		return 0, nil, damaged("marker %#x at byte %d is cut off", marker, d.pos)
	}
	n := int(binary.BigEndian.Uint16(rest))
	d.pos += n
	return marker, rest[2:n], nil
}

func (d *decoder) whole() bool {
	for _, c := range d.components {
		if !c.scanned {
			return false
		}
	}
	return d.process != 0
}

// startFrame reads the frame header (T.81 §B.2.2) and takes memory for it.
func (d *decoder) startFrame(marker byte, b []byte) error {
	if d.process != 0 {
		return damaged("two frame headers")
	}
	if marker > lossless {
		return fmt.Errorf("%w: JPEG process %#x, hierarchical or of arithmetic codes", codec.ErrUnsupported, marker)
	}
	if len(b) < 6 || len(b) != 6+3*int(b[5]) {
		return damaged("a frame header of %d bytes", len(b))
	}
	d.process, d.bits = marker, int(b[0])
	d.height, d.width = int(binary.BigEndian.Uint16(b[1:])), int(binary.BigEndian.Uint16(b[3:]))
	n := int(b[5])
	if d.width == 0 || d.height == 0 || n < 1 || n > 4 {
		return damaged("%d×%d pixels of %d components", d.width, d.height, n)
	}
	held := samplesPerByteDCT
	if marker == lossless {
		held = samplesPerByteLossless
		if d.bits < 2 || d.bits > 16 {
			return damaged("%d bits a sample", d.bits)
		}
	} else if d.bits != 8 {
		return fmt.Errorf("%w: %d bits a sample by DCT", codec.ErrUnsupported, d.bits)
	}
	need := int64(d.width) * int64(d.height) * int64(n)
	if need > int64(d.limits.Samples) {
		return fmt.Errorf("%w: %d samples, the limit is %d", codec.ErrTooLarge, need, d.limits.Samples)
	}
	if int64(d.width)*int64(d.height) > int64(len(d.data))*int64(held) {
		return damaged("%d bytes cannot hold %d×%d pixels", len(d.data), d.width, d.height)
	}
	d.components = make([]component, n)
	for i := range d.components {
		p := b[6+3*i:]
		c := component{id: p[0], h: int(p[1] >> 4), v: int(p[1] & 15), quantisation: p[2] & 3}
		if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 || p[2] > 3 {
			return damaged("component %d is sampled %d×%d", i, c.h, c.v)
		}
		if n == 1 {
			c.h, c.v = 1, 1 // one component is not interleaved, whatever it says (T.81 §A.2.2)
		}
		for _, other := range d.components[:i] {
			if other.id == c.id {
				return damaged("two components %d", c.id)
			}
		}
		d.maxH, d.maxV = max(d.maxH, c.h), max(d.maxV, c.v)
		d.components[i] = c
	}
	if marker == lossless {
		if d.maxH > 1 || d.maxV > 1 {
			return fmt.Errorf("%w: a lossless JPEG with fewer samples of some components", codec.ErrUnsupported)
		}
		if err := d.checkMemory(2 * need); err != nil {
			return err
		}
		d.samples = make([]uint16, d.width*d.height*n)
		return nil
	}
	mcusX, mcusY := (d.width+8*d.maxH-1)/(8*d.maxH), (d.height+8*d.maxV-1)/(8*d.maxV)
	blocks := int64(0)
	for _, c := range d.components {
		blocks += int64(mcusX*c.h) * int64(mcusY*c.v)
	}
	const blockBytes = 64 * 2 // of coefficients, beside which there are the samples in the end
	if err := d.checkMemory(blocks*blockBytes + 2*need); err != nil {
		return err
	}
	for i := range d.components {
		c := &d.components[i]
		c.width = ((d.width*c.h+d.maxH-1)/d.maxH + 7) / 8
		c.height = ((d.height*c.v+d.maxV-1)/d.maxV + 7) / 8
		c.stride = mcusX * c.h
		c.coefficients = make([][64]int16, c.stride*mcusY*c.v)
	}
	return nil
}

func (d *decoder) checkMemory(need int64) error {
	if need > int64(d.limits.Memory) {
		return fmt.Errorf("%w: it takes %d bytes of memory, the limit is %d", codec.ErrTooLarge, need, d.limits.Memory)
	}
	return nil
}

func (d *decoder) defineQuantisation(b []byte) error {
	for len(b) > 0 {
		id, size := b[0]&15, 64*(1+int(b[0]>>4))
		if id > 3 || b[0]>>4 > 1 || len(b) < 1+size {
			return damaged("a quantisation table %#x of %d bytes", b[0], len(b))
		}
		for i := range d.quantisation[id] {
			if size == 64 {
				d.quantisation[id][i] = uint16(b[1+i])
			} else {
				d.quantisation[id][i] = binary.BigEndian.Uint16(b[1+2*i:])
			}
		}
		b = b[1+size:]
	}
	return nil
}

// scan reads a scan header (T.81 §B.2.3) and decodes the scan.
func (d *decoder) scan(b []byte) error {
	if d.process == 0 {
		return damaged("a scan before the frame header")
	}
	if len(b) < 1 || b[0] < 1 || b[0] > 4 || len(b) != 4+2*int(b[0]) {
		return damaged("a scan header of %d bytes", len(b))
	}
	n := int(b[0])
	scanned := make([]*component, n)
	for i := range n {
		id, tables := b[1+2*i], b[2+2*i]
		for k := range d.components {
			if c := &d.components[k]; c.id == id {
				scanned[i] = c
			}
		}
		if scanned[i] == nil || tables>>4 > 3 || tables&15 > 3 {
			return damaged("a scan of component %d", id)
		}
		for _, other := range scanned[:i] {
			if other == scanned[i] {
				return damaged("a scan of component %d twice", id)
			}
		}
		c := scanned[i]
		c.dc, c.ac = d.huffman[0][tables>>4], d.huffman[1][tables&15]
		c.scanned = true
	}
	first, last, high, low := int(b[1+2*n]), int(b[2+2*n]), int(b[3+2*n]>>4), int(b[3+2*n]&15)
	d.bitReader = bitReader{data: d.data, pos: d.pos}
	var err error
	switch d.process {
	case lossless:
		err = d.scanLossless(scanned, first, low)
	case progressive:
		if first > last || last > 63 || high > 13 || low > 13 || first == 0 && last != 0 || first > 0 && n != 1 {
			return damaged("a scan of coefficients %d to %d", first, last)
		}
		err = d.scanBlocks(scanned, func(c *component, b *[64]int16) error { return d.progressive(c, b, first, last, high, low) })
	default:
		err = d.scanBlocks(scanned, d.sequential)
	}
	d.pos = d.bitReader.pos
	return err
}

// restarts is called before each MCU, of which n came before. It says whether
// prediction starts anew.
func (d *decoder) restarts(n int) (bool, error) {
	if d.restart == 0 || n == 0 || n%d.restart != 0 {
		return n == 0, nil
	}
	if !d.skipRestart(byte(rst0 + (n/d.restart-1)%8)) {
		return false, damaged("no restart marker at byte %d", d.bitReader.pos)
	}
	return true, nil
}
