package quantize

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"uarweb/weights/tensor"
)

// Stats is what rounding W to Ŵ did, Δ = Ŵ − W. All are 0 if W is.
type Stats struct {
	Weight float64 `json:"weight_error"` // ‖Δ‖/‖W‖
	Output float64 `json:"output_error"` // tr(ΔHΔᵀ)/tr(WHWᵀ); without H as if it were I
	Max    float64 `json:"max_error"`    // the largest |Δ|
}

// Error compares a tensor with its reference. gram may be nil.
func Error(reference, quantized tensor.Tensor, gram *mat.SymDense) (Stats, error) {
	if !slices.Equal(reference.Shape, quantized.Shape) {
		return Stats{}, fmt.Errorf("quantize: %s has shape %v, its reference %v", quantized.Name, quantized.Shape, reference.Shape)
	}
	w, err := reference.Floats()
	if err != nil {
		return Stats{}, fmt.Errorf("quantize: %w", err)
	}
	q, err := quantized.Floats()
	if err != nil {
		return Stats{}, fmt.Errorf("quantize: %w", err)
	}
	rows, columns := reference.Rows(), reference.Columns()
	if gram != nil && gram.SymmetricDim() != columns {
		return Stats{}, fmt.Errorf("quantize: %s: a Gram matrix of %d columns for %d", reference.Name, gram.SymmetricDim(), columns)
	}
	values, delta := mat.NewDense(rows, columns, nil), mat.NewDense(rows, columns, nil)
	var s Stats
	for i := range w {
		d := float64(q[i]) - float64(w[i])
		values.Set(i/columns, i%columns, float64(w[i]))
		delta.Set(i/columns, i%columns, d)
		s.Max = max(s.Max, math.Abs(d))
	}
	s.Weight = math.Sqrt(ratio(trace(delta, nil), trace(values, nil)))
	s.Output = ratio(trace(delta, gram), trace(values, gram))
	return s, nil
}

// trace is tr(A·H·Aᵀ), of H = I if nil.
func trace(a *mat.Dense, h *mat.SymDense) float64 {
	b := a
	if h != nil {
		b = new(mat.Dense)
		b.Mul(a, h)
	}
	sum := 0.0
	for i, v := range a.RawMatrix().Data {
		sum += v * b.RawMatrix().Data[i]
	}
	return sum
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
