package jpeg

// huffman is a code table (T.81 §C, §F.2.2.3).
type huffman struct {
	fast    [256]uint16 // by the next 8 bits: the code's length << 8 | its value, or 0
	values  []byte
	codeEnd [17]int // by length: one more than its last code, 0 if it has none
	offset  [17]int // by length: index of a code's value less the code
}

func (d *decoder) defineHuffman(b []byte) error {
	for len(b) > 0 {
		if len(b) < 17 || b[0]>>4 > 1 || b[0]&15 > 3 {
			return damaged("a Huffman table %#x of %d bytes", b[0], len(b))
		}
		total := 0
		for _, n := range b[1:17] {
			total += int(n)
		}
		if total == 0 || total > 256 || len(b) < 17+total {
			return damaged("a Huffman table of %d codes", total)
		}
		h := &huffman{values: b[17 : 17+total]}
		code, index := 0, 0
		for length := 1; length <= 16; length++ {
			n := int(b[length])
			if code+n > 1<<length {
				return damaged("too many Huffman codes of %d bits", length)
			}
			h.offset[length] = index - code
			for range n {
				if length <= 8 {
					for i := range 1 << (8 - length) {
						h.fast[code<<(8-length)|i] = uint16(length)<<8 | uint16(h.values[index])
					}
				}
				code++
				index++
			}
			if n > 0 {
				h.codeEnd[length] = code
			}
			code <<= 1
		}
		d.huffman[b[0]>>4][b[0]&15] = h
		b = b[17+total:]
	}
	return nil
}

// bitReader reads entropy-coded data up to a marker.
type bitReader struct {
	data  []byte
	pos   int
	bits  uint64 // the next ones, in the lowest count bits
	count int
}

// fill takes bytes until none more fits, or to the next marker.
func (r *bitReader) fill() {
	for r.count <= 48 && r.pos < len(r.data) {
		b := r.data[r.pos]
		if b == 0xff {
			if r.pos+1 >= len(r.data) || r.data[r.pos+1] != 0 {
				return
			}
			r.pos++
		}
		r.pos++
		r.bits = r.bits<<8 | uint64(b)
		r.count += 8
	}
}

// take reads n bits, at most 16.
func (r *bitReader) take(n int) (int, error) {
	if r.count < n {
		if r.fill(); r.count < n {
			return 0, damaged("the pixels are cut off at byte %d", r.pos)
		}
	}
	r.count -= n
	return int(r.bits>>r.count) & (1<<n - 1), nil
}

// signed reads n bits of a difference or coefficient (T.81 §F.2.2.1).
func (r *bitReader) signed(n int) (int, error) {
	v, err := r.take(n)
	if n > 0 && v < 1<<(n-1) {
		v -= 1<<n - 1
	}
	return v, err
}

// code reads one code of a table.
func (r *bitReader) code(h *huffman) (int, error) {
	if h == nil {
		return 0, damaged("a Huffman table is missing")
	}
	if r.count < 16 {
		r.fill()
	}
	if r.count >= 8 {
		if f := h.fast[r.bits>>(r.count-8)&0xff]; f != 0 {
			r.count -= int(f >> 8)
			return int(f & 0xff), nil
		}
	}
	for length := 1; length <= min(16, r.count); length++ {
		code := int(r.bits>>(r.count-length)) & (1<<length - 1)
		if code < h.codeEnd[length] {
			r.count -= length
			return int(h.values[code+h.offset[length]]), nil
		}
	}
	if r.count >= 16 {
		return 0, damaged("no Huffman code at byte %d", r.pos)
	}
	return 0, damaged("the pixels are cut off at byte %d", r.pos)
}

// skipRestart passes over a restart marker and the bits before it.
func (r *bitReader) skipRestart(marker byte) bool {
	r.bits, r.count = 0, 0
	for r.pos+1 < len(r.data) && r.data[r.pos] == 0xff {
		r.pos++
		if b := r.data[r.pos]; b != 0xff {
			r.pos++
			return b == marker
		}
	}
	return false
}
