package portable

import (
	"gonum.org/v1/gonum/blas/blas32"

	"uarweb/engine/device"
)

// stripRows is how many rows of a result one task computes. It is a multiple
// of gonum's block of 64.
const stripRows = 128

func general(data []float32, rows, columns, stride int) blas32.General {
	return blas32.General{Rows: rows, Cols: columns, Stride: stride, Data: data}
}

func (backend) Linear(dst, x device.Buffer, rows int, w device.Matrix, bias device.Buffer, e device.Epilogue) {
	m := w.(*matrix)
	if m.kernel != 1 {
		panic("portable: Linear with the weight of a convolution")
	}
	in, out := x.(floats), dst.(floats)
	strips(rows, func(first, n int) {
		a := general(in[first*m.columns:], n, m.columns, m.columns)
		product(out, a, first, m, bias, e)
	})
}

func (backend) Convolve(dst, src device.Buffer, height, width int, w device.Matrix, bias device.Buffer, reluInput bool, e device.Epilogue) {
	m := w.(*matrix)
	in, out := src.(floats), dst.(floats)
	channels := m.columns / (m.kernel * m.kernel)
	strips(height*width, func(first, n int) {
		patches := make([]float32, n*m.columns)
		for i := range n {
			at := first + i
			patch(patches[i*m.columns:(i+1)*m.columns], in, at/width, at%width, height, width, channels, m.kernel)
		}
		if reluInput {
			rectify(patches)
		}
		product(out, general(patches, n, m.columns, m.columns), first, m, bias, e)
	})
}

// patch copies the kernel×kernel neighbourhood of (y, x) to dst
// [kernel, kernel, channels], zeros outside the image; dst is zero before.
func patch(dst, src []float32, y, x, height, width, channels, kernel int) {
	left := x - kernel/2
	from, to := max(left, 0), min(left+kernel, width)
	for i := range kernel {
		sy := y + i - kernel/2
		if sy < 0 || sy >= height {
			continue
		}
		row := (sy*width + from) * channels
		copy(dst[(i*kernel+from-left)*channels:], src[row:row+(to-from)*channels])
	}
}

// product computes rows first… of dst: epilogue(a·mᵀ + bias).
func product(dst []float32, a blas32.General, first int, m *matrix, bias device.Buffer, e device.Epilogue) {
	rows, width := a.Rows, m.rows
	out := dst[first*width : (first+rows)*width]
	c := out
	if e.Residual != nil { // which may be dst
		c = make([]float32, len(out))
	}
	fill(c, rows, bias)
	multiply(general(c, rows, width, width), a, general(m.data, width, m.columns, m.columns))
	if e.ReLU {
		rectify(c)
	}
	if e.Gain != 0 {
		for i := range c {
			c[i] *= e.Gain
		}
	}
	if e.Residual != nil {
		for i, v := range e.Residual.(floats)[first*width:][:len(c)] {
			out[i] = v + c[i]
		}
	}
}

// rectify is the ReLU, in place.
func rectify(x []float32) {
	for i, v := range x {
		x[i] = max(v, 0)
	}
}

// fill sets every row of c to bias, or to zero.
func fill(c []float32, rows int, bias device.Buffer) {
	if bias == nil {
		clear(c)
		return
	}
	b := bias.(floats)
	for i := range rows {
		copy(c[i*len(b):], b)
	}
}
