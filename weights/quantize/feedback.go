package quantize

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"

	"gonum.org/v1/gonum/mat"
)

// damping, times the mean of H's diagonal, is added to the diagonal, since
// calibration inputs do not span every direction. GPTQ takes 0.01, which is much
// where one direction, the inputs' mean, outweighs all others.
const damping = 0.001

// factors are H = (I + U)·D·(I + U)ᵀ, U strictly upper triangular. With them the
// error of the outputs is Σ_j D_j·η_j², where η_j is the rounding error of
// column j alone.
type factors struct {
	upper   [][]float64 // row j: U[j, j+1:]; nil without H
	weights []float64   // the diagonal of D, all ones without H
}

// factorize factorizes the damped H. A nil or zero H gives no feedback.
func factorize(gram *mat.SymDense, columns int) (*factors, error) {
	f := &factors{weights: make([]float64, columns)}
	for i := range f.weights {
		f.weights[i] = 1
	}
	if gram == nil {
		return f, nil
	}
	if n := gram.SymmetricDim(); n != columns {
		return nil, fmt.Errorf("a Gram matrix of %d columns for %d", n, columns)
	}
	mean := 0.0
	for i := range columns {
		for j := i; j < columns; j++ {
			if v := gram.At(i, j); math.IsNaN(v) || math.IsInf(v, 0) {
				return nil, fmt.Errorf("the Gram matrix has %v at [%d, %d]", v, i, j)
			}
		}
		mean += gram.At(i, i) / float64(columns)
	}
	if mean == 0 {
		return f, nil
	}
	// Column k from the last to the first; scaled holds (U·D)[k, k+1:].
	rows := make([][]float64, columns) // row i: U[i, :]
	for i := range rows {
		rows[i] = make([]float64, columns)
	}
	scaled := make([]float64, columns)
	for k := columns - 1; k >= 0; k-- {
		for m := k + 1; m < columns; m++ {
			scaled[m] = rows[k][m] * f.weights[m]
		}
		d := gram.At(k, k) + damping*mean - dot(rows[k][k+1:], scaled[k+1:])
		if d <= 0 {
			return nil, errors.New("the Gram matrix is not positive semidefinite")
		}
		f.weights[k] = d
		parallel(k, func(from, to int) {
			for i := from; i < to; i++ {
				rows[i][k] = (gram.At(i, k) - dot(rows[i][k+1:], scaled[k+1:])) / d
			}
		})
	}
	for j := range rows {
		rows[j] = rows[j][j+1:]
	}
	f.upper = rows
	return f, nil
}

// dot adds up in four sums, always the same ones.
func dot(x, y []float64) float64 {
	y = y[:len(x)]
	var a, b, c, d float64
	for len(x) >= 4 {
		a += float64(x[0] * y[0])
		b += float64(x[1] * y[1])
		c += float64(x[2] * y[2])
		d += float64(x[3] * y[3])
		x, y = x[4:], y[4:]
	}
	for i := range x {
		a += float64(x[i] * y[i])
	}
	return (a + b) + (c + d)
}

// round rounds rows of values. Column j of a row is rounded to
//
//	q_j = nearest(w_j + Σ_{i<j} (w_i − q_i)·U_ij)
//
// The columns are the outer loop so that a row of U serves all rows at once.
func (f *factors) round(integers []int8, values, scales []float32, group int, g grid) {
	columns := len(f.weights)
	groups := columns / group
	target := make([]float64, len(values))
	for i, v := range values {
		target[i] = float64(v)
	}
	for j := range columns {
		for row := 0; row*columns < len(values); row++ {
			scale := float64(scales[row*groups+j/group])
			i := row*columns + j
			q := 0.0
			if scale != 0 {
				q = g.nearest(target[i] / scale)
			}
			integers[i] = int8(q)
			if f.upper == nil {
				continue
			}
			e := float64(values[i]) - q*scale
			rest := target[i+1 : (row+1)*columns]
			for k, u := range f.upper[j] {
				rest[k] += float64(e * u)
			}
		}
	}
}

// parallel splits 0..n−1 over the processors. Which part an index falls into
// must not matter to the result.
func parallel(n int, work func(from, to int)) {
	const least = 16
	parts := max(1, min(runtime.GOMAXPROCS(0), n/least))
	if parts == 1 {
		work(0, n)
		return
	}
	var wait sync.WaitGroup
	for p := range parts {
		wait.Go(func() { work(n*p/parts, n*(p+1)/parts) })
	}
	wait.Wait()
}
