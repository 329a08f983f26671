package simd

import (
	"fmt"
	"math"
	"unsafe"

	"uarweb/engine/device"
	"uarweb/engine/device/simd/internal/kernel"
	"uarweb/weights/tensor"
)

// matrix is a weight [out, in] or of a 1×1 convolution.
type matrix struct {
	out, in int
	kernel  kernel.Number // what multiplies with it
	panels  block
	panel   int   // bytes of a panel
	scale   block // of each output's integers, up to a multiple of 8; or none
	limit   int   // of the activations' integers, so that no sum overflows; 0: they are floats
	bytes   bool  // they have 8 bits
	backend *Backend
}

// Release is device.Matrix's.
func (m *matrix) Release() {
	m.backend.put(m.panels)
	m.backend.put(m.scale)
	m.panels, m.scale = block{}, block{}
}

// Matrix is device.Backend's.
func (b *Backend) Matrix(t tensor.Tensor) (device.Matrix, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	if len(t.Shape) == 4 && t.Shape[2]*t.Shape[3] > 1 {
		return b.newConvolution(t, algorithm(t))
	}
	return b.newMatrix(t)
}

// newMatrix packs a weight row by row: beside the panels there is never more
// than a row of it in another form.
func (b *Backend) newMatrix(t tensor.Tensor) (*matrix, error) {
	m := &matrix{out: t.Rows(), in: t.Columns(), backend: b}
	switch t.Format {
	case tensor.I8:
		if err := m.packI8(t); err != nil {
			return nil, err
		}
	case tensor.U8:
		m.packI4(t)
	default:
		if err := m.packF32(t); err != nil {
			m.Release()
			return nil, err
		}
	}
	return m, b.err
}

// allocate prepares the panels, all zeros.
func (m *matrix) allocate(k kernel.Number, panel int) {
	m.kernel, m.panel = k, panel
	m.panels = m.backend.get(panelCount(m.out) * panel)
	clear(m.panels.bytes)
}

func (m *matrix) packF32(t tensor.Tensor) error {
	m.allocate(kernel.MultiplyF32, 8*4*m.in)
	panels, size := view[float32](m.panels), len(t.Data)/m.out
	for o := range m.out {
		row := tensor.Tensor{Name: t.Name, Format: t.Format, Shape: []int{1, m.in}, Data: t.Data[o*size:][:size]}
		values, err := row.Floats()
		if err != nil {
			return err
		}
		packRow(panels, o, 1, values)
	}
	return nil
}

func (m *matrix) packI8(t tensor.Tensor) (err error) {
	if err := t.Valid(); err != nil {
		return err
	}
	most := math.MaxInt16
	if t.Bytes {
		m.bytes, most = true, math.MaxUint8
	}
	if m.limit, err = activationLimit(t, most, 1); err != nil {
		return err
	}
	number, step, behind := kernel.MultiplyI8, 2, 0
	if m.bytes && m.backend.memory.dots != kernel.NoDots {
		number, step, behind = kernel.MultiplyBytes, 4, 8*4 // the sums of the outputs' weights
	}
	columns := (m.in + step - 1) / step * step
	m.allocate(number, 8*columns+behind)
	weights, row := view[int8](block{bytes: t.Data}), make([]int8, columns)
	for o := range m.out {
		copy(row, weights[o*m.in:][:m.in])
		panel := m.panels.bytes[o/8*m.panel:][:m.panel]
		packRow(view[int8](block{bytes: panel}), o%8, step, row)
		if behind > 0 {
			sum := int32(0)
			for _, w := range row {
				sum += int32(w)
			}
			view[int32](block{bytes: panel[8*columns:]})[o%8] = sum
		}
	}
	m.scale = m.backend.get(4 * 8 * panelCount(m.out))
	clear(m.scale.bytes)
	copy(view[float32](m.scale), t.Scale)
	return nil
}

// leastLimit is how large the integers of activations must be allowed to be, to
// say enough of them: 8 bits.
const leastLimit = 127

// activationLimit is the largest integer activation up to most with which no
// output of an I8 tensor has a sum of products that leaves int32, in whatever
// order, even if multiplied: limit·Σ|weight|·multiple < 2³¹.
func activationLimit(t tensor.Tensor, most, multiple int) (int, error) {
	if int64(t.Columns())*math.MaxInt8*int64(most*multiple) <= math.MaxInt32 {
		return most, nil // whatever the weights are
	}
	weights, columns, largest := view[int8](block{bytes: t.Data}), t.Columns(), 1
	for o := range t.Rows() {
		sum := 0
		for _, w := range weights[o*columns:][:columns] {
			sum += int(max(w, -w))
		}
		largest = max(largest, sum)
	}
	limit := min(most, math.MaxInt32/multiple/largest)
	if limit < leastLimit {
		return 0, fmt.Errorf("simd: %s has rows of %d weights, too many to add their products up in 32 bits", t.Name, columns)
	}
	return limit, nil
}

// The weights of 4 bits of a group of columns and 8 outputs, and the outputs'
// scales behind them.
const (
	groupSteps = tensor.GroupSize / 2
	groupBytes = 8*tensor.GroupSize/2 + 8*4
)

// packI4 packs groups that are [step/2, 8, 2] bytes, whose lower halves are the
// weights of one step and whose upper halves those of the next.
func (m *matrix) packI4(t tensor.Tensor) {
	groups := m.in / tensor.GroupSize
	m.allocate(kernel.MultiplyI4, groups*groupBytes)
	// A group's sum is below 2³¹ with any int16: 32·8·32767.
	m.limit = math.MaxInt16
	for o := range m.out {
		for g := range groups {
			at := m.panels.bytes[o/8*m.panel+g*groupBytes:][:groupBytes]
			from := t.Data[(o*groups+g)*tensor.GroupSize/2:][:tensor.GroupSize/2]
			// A byte of the tensor is a step's pair; two of them, byte 2i and 2i+1, share
			// the halves of two bytes of the panel.
			for i := range groupSteps / 2 {
				first, second := from[2*i], from[2*i+1]
				to := at[16*i+o%8*2:][:2]
				to[0] = first&15 | second<<4
				to[1] = first>>4 | second&0xf0
			}
			scales := block{bytes: at[groupBytes-32:]}
			view[float32](scales)[o%8] = t.Scale[o*groups+g]
		}
	}
}

// element is what the kernels multiply with.
type element interface{ int8 | int16 | float32 }

// size is an element's bytes.
func size[T element]() int {
	var v T
	return int(unsafe.Sizeof(v))
}

// packRow puts row o of a weight [out, k] into panels of 8 rows,
// [out/8, k/step, 8, step].
func packRow[T element](panels []T, o, step int, row []T) {
	if step*size[T]() == 2 {
		spread(words[uint16](panels), o, words[uint16](row))
	} else {
		spread(words[uint32](panels), o, words[uint32](row))
	}
}

// spread puts row o, whose elements are steps of 2 or 4 bytes, into panels.
func spread[W uint16 | uint32](panels []W, o int, row []W) {
	to := panels[o/8*8*len(row)+o%8:]
	for k, v := range row {
		to[8*k] = v
	}
}

// words sees elements as words of one step.
func words[W uint16 | uint32, T element](v []T) []W {
	var word W
	return unsafe.Slice((*W)(unsafe.Pointer(unsafe.SliceData(v))), len(v)*size[T]()/int(unsafe.Sizeof(word)))
}

// panelCount is how many panels of 8 outputs there are.
func panelCount(out int) int { return (out + 7) / 8 }
