package radiograph

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"

	"uarweb/engine/radiograph/voi"
)

// valueBytes is what table and render take for a value that a sample can have: a
// number, its place in their order, whether it is used, and its grey.
const valueBytes = 8 + 8 + 1 + 1

// table maps every stored code to grey (PS3.3 §C.11): Modality LUT, then VOI,
// then the inversion, then rounding to 8 bits. used says which codes the image
// has. The scale is what a viewer needs to show it otherwise.
func (f *frame) table(d *dataset, m modalityLUT, used []bool) ([]uint8, voi.Scale, error) {
	values := make([]float64, len(used))
	negative := false
	padded := f.padding(d)
	shown := make([]int, 0, len(used)) // the codes that are pixels of the picture, from the lowest value to the highest
	for code := range values {
		values[code] = m.at(f.value(code))
		negative = negative || values[code] < 0
		if used[code] && !padded(f.value(code)) {
			shown = append(shown, code)
		}
	}
	scale := m.scale()
	if d.err != nil {
		return nil, scale, d.err
	}
	slices.SortFunc(shown, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	table := make([]uint8, len(values))
	render := func(grey func(float64) float64) {
		for code, v := range values {
			y := grey(v)
			if f.inverted {
				y = 1 - y
			}
			table[code] = uint8(math.Round(255 * min(max(y, 0), 1)))
		}
	}
	scale.Inverted = f.inverted
	if len(shown) > 0 {
		scale.Low, scale.High = values[shown[0]], values[shown[len(shown)-1]]
	}
	if curve := voiTable(d, negative); curve != nil {
		if render(curve.At); !flat(table, shown) {
			scale.Curve = curve
			all := append([]voi.Named{{Window: curve.Window()}}, windows(d)...)
			scale.Windows = all[:min(len(all), voi.MaxWindows)]
			return table, scale, nil
		}
		d.note("its VOI LUT is left out: it leaves the picture blank")
	}
	if w, ok := window(d); ok {
		if render(func(x float64) float64 { return scale.At(w, x) }); !flat(table, shown) {
			scale.Windows = windows(d)
			return table, scale, nil
		}
		d.note("its window leaves the picture blank: shown by its own range")
	}
	render(ownRange(values, shown))
	scale.Windows = []voi.Named{{Window: voi.Between(scale.Low, scale.High)}}
	return table, scale, nil
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

// modalityLUT is the Modality LUT (PS3.3 §C.11.1): a table, or a line.
type modalityLUT struct {
	table            *lut
	first            int // the lowest value that the samples can have
	levels           int // how many they can have
	slope, intercept float64
}

func (f *frame) modality(d *dataset) modalityLUT {
	m := modalityLUT{levels: 1 << f.stored, slope: 1}
	if f.signed {
		m.first = -(1 << (f.stored - 1))
	}
	if item := d.item(modalityLUTSequence); item != nil {
		l, err := item.lut(f.signed)
		if err != nil {
			d.fail(modalityLUTSequence, "%v", err)
			return m
		}
		m.table, m.first, m.levels = l, 0, max(l.highest+1, 2)
		return m
	}
	m.slope, m.intercept = d.numberOr(rescaleSlope, 1), d.numberOr(rescaleIntercept, 0)
	if m.slope == 0 {
		d.fail(rescaleSlope, "is 0")
	}
	return m
}

// at is the modality value of a stored one.
func (m modalityLUT) at(value int) float64 {
	if m.table != nil {
		return float64(m.table.at(value))
	}
	return float64(value)*m.slope + m.intercept
}

// level is that of a stored value on the scale.
func (m modalityLUT) level(value int) int {
	if m.table != nil {
		return m.table.at(value)
	}
	return value - m.first
}

func (m modalityLUT) scale() voi.Scale {
	return voi.Scale{Levels: m.levels, First: m.first, Slope: m.slope, Intercept: m.intercept}
}

// voiTable is the VOI LUT (PS3.3 §C.11.2): its first table, nil if there is none
// that can be used.
func voiTable(d *dataset, negative bool) *voi.Curve {
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
	c := &voi.Curve{First: l.first, Entries: make([]uint16, len(l.entries)), Top: 1<<l.used - 1}
	for i, e := range l.entries {
		c.Entries[i] = uint16(e)
	}
	return c
}

// window is the first window (PS3.3 §C.11.2.1.2), if there is one that can be used.
func window(d *dataset) (voi.Window, bool) {
	if d.text(windowCenter) == "" && d.text(windowWidth) == "" {
		d.note("it has no window: shown by its own range")
		return voi.Window{}, false
	}
	if function := d.code(voiLUTFunction); function != "" && windowFunction(d) != voi.Function(function) {
		d.note("its VOI LUT function %.64q is unknown: read as LINEAR", function)
	}
	w, ok := windowAt(d, 0)
	if !ok {
		d.note("its window of center %.64q and width %.64q cannot be used: shown by its own range", d.text(windowCenter), d.text(windowWidth))
	}
	return w, ok
}

// windowFunction is that of all windows.
func windowFunction(d *dataset) voi.Function {
	switch f := voi.Function(d.code(voiLUTFunction)); f {
	case voi.LinearExact, voi.Sigmoid:
		return f
	}
	return voi.Linear
}

// windowAt is one of the windows, and whether it can be used.
func windowAt(d *dataset, i int) (voi.Window, bool) {
	center, okCenter := d.numberAt(windowCenter, i)
	width, okWidth := d.numberAt(windowWidth, i)
	w := voi.Window{Function: windowFunction(d), Center: center, Width: width}
	return w, okCenter && okWidth && width > 0 && (w.Function != voi.Linear || width >= 1)
}

// windows are the first few that can be used, each once, with what the file calls them.
func windows(d *dataset) (all []voi.Named) {
	const most = 24 // bytes of a name
	for i := 0; i < voi.MaxWindows && d.textAt(windowCenter, i) != ""; i++ {
		w, ok := windowAt(d, i)
		if !ok || slices.ContainsFunc(all, func(n voi.Named) bool { return n.Window == w }) {
			continue
		}
		name := d.textAt(windowExplanation, i)
		all = append(all, voi.Named{Name: strings.ToValidUTF8(name[:min(len(name), most)], ""), Window: w})
	}
	return all
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
