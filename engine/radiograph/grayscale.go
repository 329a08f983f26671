package radiograph

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// valueBytes is what table and render take for a value that a sample can have: a
// number, its place in their order, whether it is used, and its grey.
const valueBytes = 8 + 8 + 1 + 1

// table maps every stored code to grey (PS3.3 §C.11): Modality LUT, then VOI,
// then the inversion, then rounding to 8 bits. used says which codes the image
// has.
func (f *frame) table(d *dataset, used []bool) ([]uint8, error) {
	modality := f.modality(d)
	values := make([]float64, len(used))
	negative := false
	padded := f.padding(d)
	shown := make([]int, 0, len(used)) // the codes that are pixels of the picture, from the lowest value to the highest
	for code := range values {
		values[code] = modality(f.value(code))
		negative = negative || values[code] < 0
		if used[code] && !padded(f.value(code)) {
			shown = append(shown, code)
		}
	}
	if d.err != nil {
		return nil, d.err
	}
	slices.SortFunc(shown, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	table := make([]uint8, len(values))
	render := func(voi func(float64) float64) {
		for code, v := range values {
			y := voi(v)
			if f.inverted {
				y = 1 - y
			}
			table[code] = uint8(math.Round(255 * min(max(y, 0), 1)))
		}
	}
	if voi := voiTable(d, negative); voi != nil {
		if render(voi); !flat(table, shown) {
			return table, nil
		}
		d.note("its VOI LUT is left out: it leaves the picture blank")
	}
	if voi := window(d); voi != nil {
		if render(voi); !flat(table, shown) {
			return table, nil
		}
		d.note("its window leaves the picture blank: shown by its own range")
	}
	render(ownRange(values, shown))
	return table, nil
}

// flat says whether a table leaves nothing of a picture to be seen: one grey,
// or, apart from its lowest and highest value, which may be a border and
// letters, a few greys in place of many.
func flat(table []uint8, shown []int) bool {
	const many, few = 16, 8
	spread := 1
	if len(shown) >= many {
		shown, spread = shown[1:len(shown)-1], few
	}
	low, high := uint8(255), uint8(0)
	for _, code := range shown {
		low, high = min(low, table[code]), max(high, table[code])
	}
	return int(high)-int(low) < spread
}

// ownRange brings the values of the picture from lowest to highest to [0, 1].
func ownRange(values []float64, shown []int) func(float64) float64 {
	low, high := math.Inf(1), math.Inf(-1)
	for _, code := range shown {
		low, high = min(low, values[code]), max(high, values[code])
	}
	if high <= low {
		return func(float64) float64 { return 0 }
	}
	return func(x float64) float64 { return (x - low) / (high - low) }
}

// padding recognizes the stored values that fill the picture up to its
// rectangle (PS3.3 §C.7.5.1.1.2), which say nothing about its range.
func (f *frame) padding(d *dataset) func(value int) bool {
	if !d.has(pixelPaddingValue) {
		return func(int) bool { return false }
	}
	first := asSigned(d.word(pixelPaddingValue), f.signed)
	last := asSigned(d.wordOr(pixelPaddingRangeLimit, d.word(pixelPaddingValue)), f.signed)
	return func(value int) bool { return min(first, last) <= value && value <= max(first, last) }
}

// modality is the Modality LUT (PS3.3 §C.11.1): a table, or a line.
func (f *frame) modality(d *dataset) func(value int) float64 {
	if item := d.item(modalityLUTSequence); item != nil {
		l, err := item.lut(f.signed)
		if err != nil {
			d.fail(modalityLUTSequence, "%v", err)
			return func(int) float64 { return 0 }
		}
		return func(value int) float64 { return float64(l.at(value)) }
	}
	slope, intercept := d.numberOr(rescaleSlope, 1), d.numberOr(rescaleIntercept, 0)
	if slope == 0 {
		d.fail(rescaleSlope, "is 0")
	}
	return func(value int) float64 { return float64(value)*slope + intercept }
}

// voiTable is the VOI LUT (PS3.3 §C.11.2) from modality values to [0, 1]: its
// first table, nil if there is none that can be used.
func voiTable(d *dataset, negative bool) func(float64) float64 {
	item := d.item(voiLUTSequence)
	if item == nil {
		return nil
	}
	l, err := item.lut(negative)
	if err != nil {
		d.note("its VOI LUT is left out: it %v", err)
		return nil
	}
	if l.used != l.bits {
		d.note("its VOI LUT ends at %s: read as %d bits", thousands(l.highest), l.used)
	}
	top := float64(int(1)<<l.used - 1)
	return func(x float64) float64 { return float64(l.at(int(math.Round(x)))) / top }
}

// window is the first window (PS3.3 §C.11.2.1.2) from modality values to
// [0, 1], nil if there is none that can be used.
func window(d *dataset) func(float64) float64 {
	if d.text(windowCenter) == "" && d.text(windowWidth) == "" {
		d.note("it has no window: shown by its own range")
		return nil
	}
	center, okCenter := d.number(windowCenter)
	width, okWidth := d.number(windowWidth)
	function := d.code(voiLUTFunction)
	if function != "" && function != "LINEAR" && function != "LINEAR_EXACT" && function != "SIGMOID" {
		d.note("its VOI LUT function %.64q is unknown: read as LINEAR", function)
		function = "LINEAR"
	}
	linear := function == "" || function == "LINEAR"
	if !okCenter || !okWidth || width <= 0 || linear && width < 1 {
		d.note("its window of center %.64q and width %.64q cannot be used: shown by its own range", d.text(windowCenter), d.text(windowWidth))
		return nil
	}
	switch {
	case linear:
		// Equation C.11-1. A width of 1 is a threshold, without a slope.
		return func(x float64) float64 {
			switch {
			case x <= center-0.5-(width-1)/2:
				return 0
			case x > center-0.5+(width-1)/2:
				return 1
			}
			return (x-(center-0.5))/(width-1) + 0.5
		}
	case function == "LINEAR_EXACT":
		return func(x float64) float64 { return (x-center)/width + 0.5 }
	}
	return func(x float64) float64 { return 1 / (1 + math.Exp(-4*(x-center)/width)) }
}

// lut is a look-up table (PS3.3 §C.11.1.1).
type lut struct {
	first   int // the value that entries[0] is for
	entries []int
	bits    int // of an entry, as the descriptor says
	highest int // the largest entry
	used    int // bits of the largest entry, 8 at least unless bits are fewer
}

// at is the entry of a value; those outside the table take its ends.
func (l *lut) at(value int) int {
	return l.entries[min(max(value-l.first, 0), len(l.entries)-1)]
}

// lut reads the item of a LUT sequence; the error says what is wrong with it.
func (a attributes) lut(signed bool) (*lut, error) {
	descriptor, entries := a.words(lutDescriptor), a.words(lutData)
	if len(descriptor) != 3 {
		return nil, errors.New("has no LUT descriptor")
	}
	l := &lut{first: asSigned(descriptor[1], signed), bits: descriptor[2]}
	count := descriptor[0]
	if count == 0 {
		count = 1 << 16 // which 16 bits cannot say
	}
	if l.bits < 1 || l.bits > 16 {
		return nil, fmt.Errorf("has entries of %d bits", l.bits)
	}
	if packed := a[lutData].bytes; l.bits == 8 && len(packed) == count+count%2 && count > 1 {
		entries = make([]int, count) // two in a word, the low one first
		for i := range entries {
			entries[i] = int(packed[i])
		}
	}
	if len(entries) < count {
		return nil, fmt.Errorf("has %d entries, not %d", len(entries), count)
	}
	l.entries = entries[:count]
	for _, e := range l.entries {
		l.highest = max(l.highest, e)
	}
	l.used = usedBits(l.highest, l.bits)
	return l, nil
}

// usedBits is how many bits the values take that end at highest, of those they
// are said to have. Values of 8 bits and fewer are taken as they are said: a
// dark picture is no picture of fewer bits.
func usedBits(highest, said int) int {
	return max(bits.Len(uint(highest)), min(said, 8))
}

// asSigned reads 16 bits as two's complement if signed.
func asSigned(word int, signed bool) int {
	if signed {
		return int(int16(word))
	}
	return word
}
