package portable

import "gonum.org/v1/gonum/blas/blas32"

// gonum's kernels are assembly for amd64 and arm64. What is left of them on wasm
// loads both factors of every product from memory; these tiles load each half
// as often or less, and are twice as fast.

// multiply: c += a·wᵀ; a [rows, k], w [out, k], c [rows, out]. A tile is 2×2
// results; 4×4 no longer fits the registers.
func multiply(c, a, w blas32.General) {
	row := func(m blas32.General, i int) []float32 { return m.Data[i*m.Stride:][:a.Cols] }
	for i := 0; i < a.Rows; i += 2 {
		second := min(i+1, a.Rows-1) // of an odd number the last row is its own pair
		a0, a1 := row(a, i), row(a, second)
		for o := 0; o < w.Rows; o += 2 {
			other := min(o+1, w.Rows-1)
			w0, w1 := row(w, o), row(w, other)
			var s00, s01, s10, s11 float32
			for j, x0 := range a0 {
				x1, y0, y1 := a1[j], w0[j], w1[j]
				s00 += x0 * y0
				s01 += x0 * y1
				s10 += x1 * y0
				s11 += x1 * y1
			}
			c.Data[i*c.Stride+o] += s00
			if other > o {
				c.Data[i*c.Stride+other] += s01
			}
			if second > i {
				c.Data[second*c.Stride+o] += s10
				if other > o {
					c.Data[second*c.Stride+other] += s11
				}
			}
		}
	}
}

// combine: c += a·b; a [rows, k], b [k, out], c [rows, out]. A tile is four rows
// of b.
func combine(c, a, b blas32.General) {
	row := func(m blas32.General, i int) []float32 { return m.Data[i*m.Stride:][:b.Cols] }
	for i := range a.Rows {
		weights, sum := a.Data[i*a.Stride:][:a.Cols], row(c, i)
		k := 0
		for ; k+4 <= len(weights); k += 4 {
			w0, w1, w2, w3 := weights[k], weights[k+1], weights[k+2], weights[k+3]
			b0, b1, b2, b3 := row(b, k), row(b, k+1), row(b, k+2), row(b, k+3)
			for j, v := range sum {
				sum[j] = v + w0*b0[j] + w1*b1[j] + w2*b2[j] + w3*b3[j]
			}
		}
		for ; k < len(weights); k++ {
			for j, v := range row(b, k) {
				sum[j] += weights[k] * v
			}
		}
	}
}
