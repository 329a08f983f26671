// Package portable is the reference backend: plain Go, with gonum's BLAS for
// the matrix products. It runs everywhere Go runs, and is what every other
// backend is compared with. Weights of any precision are expanded to float32
// when they are uploaded; sums over a softmax are float64.
//
// Work is cut into strips of a fixed number of rows, which run on all cores.
// A strip's size never depends on the machine, so neither does the order of
// summation.
package portable

import (
	"context"

	"uarweb/engine/device"
	"uarweb/weights/tensor"
)

// floats and ints are the two kinds of device.Buffer; the garbage collector
// takes them back.
type floats []float32

func (b floats) Len() int { return len(b) }
func (floats) Release()   {}

type ints []int32

func (b ints) Len() int { return len(b) }
func (ints) Release()   {}

// matrix is a weight [rows, columns]. For a convolution the columns are
// ordered [kernel, kernel, in], as the patches are.
type matrix struct {
	rows, columns int
	kernel        int
	data          []float32
}

func (*matrix) Release() {}

type backend struct{}

var _ device.Backend = backend{}

// New returns the portable backend. It holds nothing itself.
func New() device.Backend { return backend{} }

func (backend) Name() string                  { return "portable" }
func (backend) Floats(n int) device.Buffer    { return make(floats, n) }
func (backend) Ints(n int) device.Buffer      { return make(ints, n) }
func (backend) Close()                        {}
func (backend) Flush(c context.Context) error { return c.Err() }

func (backend) Matrix(t tensor.Tensor) (device.Matrix, error) {
	data, err := t.Floats()
	if err != nil {
		return nil, err
	}
	m := &matrix{rows: t.Rows(), columns: t.Columns(), kernel: 1, data: data}
	if len(t.Shape) == 4 && t.Shape[2] > 1 {
		m.kernel = t.Shape[2]
		m.data = channelsLast(data, t.Shape)
	}
	return m, nil
}

// channelsLast reorders [out, in, k, k] to [out, k, k, in].
func channelsLast(w []float32, shape []int) []float32 {
	out, in, area := shape[0], shape[1], shape[2]*shape[3]
	r := make([]float32, len(w))
	for o := range out {
		base := o * in * area
		for c := range in {
			for p := range area {
				r[base+p*in+c] = w[base+c*area+p]
			}
		}
	}
	return r
}

func (backend) Upload(dst device.Buffer, offset int, src []float32) {
	copy(dst.(floats)[offset:offset+len(src)], src)
}

func (backend) UploadInts(dst device.Buffer, offset int, src []int32) {
	copy(dst.(ints)[offset:offset+len(src)], src)
}

func (backend) Download(ctx context.Context, copies ...device.Copy) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, c := range copies {
		switch {
		case c.Floats != nil:
			copy(c.Floats, c.From.(floats)[c.Offset:c.Offset+len(c.Floats)])
		case c.Ints != nil:
			copy(c.Ints, c.From.(ints)[c.Offset:c.Offset+len(c.Ints)])
		}
	}
	return nil
}

func (backend) Copy(dst device.Buffer, dstOffset int, src device.Buffer, srcOffset, n int) {
	copy(dst.(floats)[dstOffset:dstOffset+n], src.(floats)[srcOffset:srcOffset+n])
}
