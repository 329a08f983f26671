package quantize

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"uarweb/weights"
)

// SensitivityKey is the metadata under which a calibration file holds its
// sensitivities, a JSON object of numbers by tensor name.
const SensitivityKey = "uar.sensitivity"

// Calibration is what was measured on calibration images: a safetensors file
// which for a weight of name T may hold a tensor T, F32 [columns, columns], the
// Gram matrix of its layer's inputs.
type Calibration struct {
	// Sensitivity of a tensor is the share of image tokens that changes if it
	// alone is rounded to int8, with compensation.
	Sensitivity map[string]float64
	grams       *weights.Checkpoint
}

// NewCalibration reads a calibration file that was opened as a checkpoint.
func NewCalibration(c *weights.Checkpoint) (*Calibration, error) {
	k := &Calibration{grams: c}
	if text := c.Metadata[SensitivityKey]; text != "" {
		if err := json.Unmarshal([]byte(text), &k.Sensitivity); err != nil {
			return nil, fmt.Errorf("quantize: calibration: %s: %v", SensitivityKey, err)
		}
	}
	for name, s := range k.Sensitivity {
		if !(s >= 0 && s <= 1) {
			return nil, fmt.Errorf("quantize: calibration: the sensitivity of %s is %v, no share", name, s)
		}
	}
	return k, nil
}

// Gram is the Gram matrix of a weight's inputs, or nil if there is none. A nil
// Calibration has none.
func (k *Calibration) Gram(name string) (*mat.SymDense, error) {
	if k == nil {
		return nil, nil
	}
	t, err := k.grams.Tensor(name)
	if errors.Is(err, weights.ErrMissing) {
		return nil, nil
	}
	var values []float32
	if err == nil {
		values, err = t.Floats()
	}
	if err != nil {
		return nil, fmt.Errorf("quantize: calibration: %w", err)
	}
	n := t.Rows()
	if len(t.Shape) != 2 || t.Columns() != n {
		return nil, fmt.Errorf("quantize: calibration: %s has shape %v, no square matrix", name, t.Shape)
	}
	gram := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			a, b := float64(values[i*n+j]), float64(values[j*n+i])
			if math.Abs(a-b) > 1e-3*math.Sqrt(math.Abs(float64(values[i*n+i])*float64(values[j*n+j]))) {
				return nil, fmt.Errorf("quantize: calibration: %s is not symmetric at [%d, %d]", name, i, j)
			}
			gram.SetSym(i, j, (a+b)/2)
		}
	}
	return gram, nil
}
