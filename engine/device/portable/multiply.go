//go:build !wasm

package portable

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

// multiply: c += a·wᵀ; a [rows, k], w [out, k], c [rows, out].
func multiply(c, a, w blas32.General) {
	blas32.Gemm(blas.NoTrans, blas.Trans, 1, a, w, 1, c)
}

// combine: c += a·b; a [rows, k], b [k, out], c [rows, out].
func combine(c, a, b blas32.General) {
	blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, a, b, 1, c)
}
