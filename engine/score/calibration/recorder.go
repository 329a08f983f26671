package calibration

import (
	"context"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"

	"uarweb/engine/device"
	"uarweb/weights/tensor"
)

// maxRows is how many rows of one layer's input are recorded, evenly spread; the
// pixels of an early layer are many and alike.
const maxRows = 1024

// recorder is a backend that sums XᵀX of every product's left side on the way
// to the backend it wraps.
type recorder struct {
	device.Backend
	names map[device.Matrix]weight
	grams map[string]*mat.SymDense
}

// weight is what a recorder knows of a matrix.
type weight struct {
	name     string
	channels int // in
	kernel   int // k, 1 for a linear layer
}

func newRecorder(b device.Backend) *recorder {
	return &recorder{Backend: b, names: map[device.Matrix]weight{}, grams: map[string]*mat.SymDense{}}
}

func (r *recorder) Matrix(t tensor.Tensor) (device.Matrix, error) {
	m, err := r.Backend.Matrix(t)
	if err != nil {
		return nil, err
	}
	w := weight{name: t.Name, channels: t.Shape[1], kernel: 1}
	if len(t.Shape) == 4 {
		w.kernel = t.Shape[2]
	}
	r.names[m] = w
	return m, nil
}

func (r *recorder) Linear(dst, x device.Buffer, rows int, m device.Matrix, bias device.Buffer, e device.Epilogue) {
	r.record(x, rows, 1, r.names[m], false)
	r.Backend.Linear(dst, x, rows, m, bias, e)
}

func (r *recorder) Convolve(dst, src device.Buffer, height, width int, m device.Matrix, bias device.Buffer, reluInput bool, e device.Epilogue) {
	r.record(src, height, width, r.names[m], reluInput)
	r.Backend.Convolve(dst, src, height, width, m, bias, reluInput, e)
}

// record adds the rows that a layer multiplies with w, given its input
// [height·width, in], to w's Gram matrix.
func (r *recorder) record(src device.Buffer, height, width int, w weight, reluInput bool) {
	x := make([]float32, height*width*w.channels)
	// A cancelled context ends the layer's own Download or Flush all the same.
	if r.Download(context.Background(), device.Copy{From: src, Floats: x}) != nil {
		return
	}
	if reluInput {
		for i, v := range x {
			x[i] = max(v, 0)
		}
	}
	columns := w.channels * w.kernel * w.kernel
	stride := (height*width + maxRows - 1) / maxRows
	rows := (height*width + stride - 1) / stride
	patches := make([]float64, rows*columns)
	for i := range rows {
		at := i * stride
		patch(patches[i*columns:(i+1)*columns], x, at/width, at%width, height, width, w)
	}
	gram := r.grams[w.name]
	if gram == nil {
		gram = mat.NewSymDense(columns, nil)
		r.grams[w.name] = gram
	}
	blas64.Syrk(blas.Trans, 1, blas64.General{Rows: rows, Cols: columns, Stride: columns, Data: patches}, 1, gram.RawSymmetric())
}

// patch copies the neighbourhood of (y, x) to dst [in, k, k], zeros outside.
func patch(dst []float64, src []float32, y, x, height, width int, w weight) {
	for i := range w.kernel {
		for j := range w.kernel {
			sy, sx := y+i-w.kernel/2, x+j-w.kernel/2
			if sy < 0 || sy >= height || sx < 0 || sx >= width {
				continue
			}
			for c, v := range src[(sy*width+sx)*w.channels:][:w.channels] {
				dst[(c*w.kernel+i)*w.kernel+j] = float64(v)
			}
		}
	}
}
