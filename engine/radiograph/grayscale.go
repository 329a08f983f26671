package radiograph

import (
	"fmt"
	"math"

	"github.com/suyashkumar/dicom/pkg/tag"
)

// table maps every stored code to grey (PS3.3 §C.11): Modality LUT, then VOI,
// then the inversion of MONOCHROME1, then rounding to 8 bits. used says which
// codes the image has.
func (f *frame) table(d *dataset, used []bool) ([]uint8, error) {
	modality := f.modality(d)
	values := make([]float64, len(used))
	low, high := math.Inf(1), math.Inf(-1)
	negative := false
	padded := f.padding(d)
	for code := range values {
		v := modality(f.value(code))
		values[code] = v
		negative = negative || v < 0
		if used[code] && !padded(f.value(code)) {
			low, high = min(low, v), max(high, v)
		}
	}
	voi, err := valuesOfInterest(d, negative, low, high)
	if err != nil {
		return nil, err
	}
	table := make([]uint8, len(values))
	for code, v := range values {
		y := voi(v)
		if f.inverted {
			y = 1 - y
		}
		table[code] = uint8(math.Round(255 * min(max(y, 0), 1)))
	}
	return table, d.err
}

// padding recognizes the stored values that fill the picture up to its
// rectangle (PS3.3 §C.7.5.1.1.2), which say nothing about its range.
func (f *frame) padding(d *dataset) func(value int) bool {
	if !d.has(tag.PixelPaddingValue) {
		return func(int) bool { return false }
	}
	first := asSigned(d.word(tag.PixelPaddingValue), f.signed)
	last := asSigned(d.wordOr(tag.PixelPaddingRangeLimit, d.word(tag.PixelPaddingValue)), f.signed)
	return func(value int) bool { return min(first, last) <= value && value <= max(first, last) }
}

// modality is the Modality LUT (PS3.3 §C.11.1): a table, or a line.
func (f *frame) modality(d *dataset) func(value int) float64 {
	if l := d.lut(tag.ModalityLUTSequence, f.signed); l != nil {
		return func(value int) float64 { return float64(l.at(value)) }
	}
	slope, intercept := d.number(tag.RescaleSlope, 1), d.number(tag.RescaleIntercept, 0)
	if slope == 0 {
		d.fail(tag.RescaleSlope, "is 0")
	}
	return func(value int) float64 { return float64(value)*slope + intercept }
}

// valuesOfInterest is the VOI LUT (PS3.3 §C.11.2), from modality values to
// [0, 1]: the first table; else the first window; else, also if its width is
// one that no window can have, the image's own range [low, high].
func valuesOfInterest(d *dataset, negative bool, low, high float64) (func(float64) float64, error) {
	if l := d.lut(tag.VOILUTSequence, negative); l != nil {
		return func(x float64) float64 { return float64(l.at(int(math.Round(x)))) / l.max }, nil
	}
	center, width := d.number(tag.WindowCenter, 0), d.number(tag.WindowWidth, 0)
	function := d.text(tag.VOILUTFunction)
	if d.text(tag.WindowCenter) == "" || width <= 0 || (width < 1 && (function == "" || function == "LINEAR")) {
		if high <= low {
			return func(x float64) float64 { return 0 }, nil
		}
		return func(x float64) float64 { return (x - low) / (high - low) }, nil
	}
	switch function {
	case "", "LINEAR":
		// Equation C.11-1. A width of 1 is a threshold, without a slope.
		return func(x float64) float64 {
			switch {
			case x <= center-0.5-(width-1)/2:
				return 0
			case x > center-0.5+(width-1)/2:
				return 1
			}
			return (x-(center-0.5))/(width-1) + 0.5
		}, nil
	case "LINEAR_EXACT":
		return func(x float64) float64 { return (x-center)/width + 0.5 }, nil
	case "SIGMOID":
		return func(x float64) float64 { return 1 / (1 + math.Exp(-4*(x-center)/width)) }, nil
	}
	return nil, fmt.Errorf("%w: VOI LUT function %.64q", ErrUnsupported, function)
}

// lut is a look-up table (PS3.3 §C.11.1.1).
type lut struct {
	first   int // the value that entries[0] is for
	entries []int
	max     float64 // the largest value an entry can have
}

// at is the entry of a value; those outside the table take its ends.
func (l *lut) at(value int) int {
	return l.entries[min(max(value-l.first, 0), len(l.entries)-1)]
}

// lut reads the first item of a LUT sequence, nil if there is none.
func (d *dataset) lut(t tag.Tag, signed bool) *lut {
	item := d.attributes[t].item
	if item == nil {
		return nil
	}
	descriptor, entries := item.words(tag.LUTDescriptor), item.words(tag.LUTData)
	if len(descriptor) != 3 {
		d.fail(t, "has no LUT descriptor")
		return nil
	}
	count, bits := descriptor[0], descriptor[2]
	if count == 0 {
		count = 1 << 16 // which 16 bits cannot say
	}
	if bits < 1 || bits > 16 {
		d.fail(t, "has entries of %d bits", bits)
		return nil
	}
	if packed := item[tag.LUTData].bytes; bits == 8 && len(packed) == count+count%2 && count > 1 {
		entries = make([]int, count) // two in a word, the low one first
		for i := range entries {
			entries[i] = int(packed[i])
		}
	}
	if len(entries) != count {
		d.fail(t, "has %d entries, not %d", len(entries), count)
		return nil
	}
	return &lut{
		first:   asSigned(descriptor[1], signed),
		entries: entries,
		max:     float64(int(1)<<bits - 1),
	}
}

// asSigned reads 16 bits as two's complement if signed.
func asSigned(word int, signed bool) int {
	if signed {
		return int(int16(word))
	}
	return word
}
