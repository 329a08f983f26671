package device

import (
	"context"
	"fmt"
	"slices"

	"uarweb/weights/tensor"
)

// Source gives a model's tensors by name. Its errors name the tensor.
type Source interface {
	Tensor(name string) (tensor.Tensor, error)
}

// Loader uploads a model's tensors to a backend, checking that each is there
// and has its shape. It keeps the first error, so that a module's loading reads
// like the table of its parameters; after an error the other methods do
// nothing and return nil.
type Loader struct {
	Backend Backend

	ctx    context.Context
	source Source
	err    error
}

// NewLoader returns a Loader from source to backend which stops when ctx is
// cancelled.
func NewLoader(ctx context.Context, source Source, backend Backend) *Loader {
	return &Loader{Backend: backend, ctx: ctx, source: source}
}

// Err is the first error.
func (l *Loader) Err() error { return l.err }

// tensor fetches and checks a tensor, or sets l.err.
func (l *Loader) tensor(name string, shape []int) (tensor.Tensor, bool) {
	if l.err == nil {
		l.err = l.ctx.Err()
	}
	if l.err != nil {
		return tensor.Tensor{}, false
	}
	t, err := l.source.Tensor(name)
	if err == nil && !slices.Equal(t.Shape, shape) {
		err = fmt.Errorf("tensor %s has shape %v, the configuration needs %v", name, t.Shape, shape)
	}
	if err == nil {
		err = t.Check()
	}
	l.err = err
	return t, err == nil
}

// Matrix uploads a weight of any format: [out, in] or [out, in, k, k].
func (l *Loader) Matrix(name string, shape ...int) Matrix {
	t, ok := l.tensor(name, shape)
	if !ok {
		return nil
	}
	m, err := l.Backend.Matrix(t)
	if err != nil {
		l.err = err
		return nil
	}
	return m
}

// FloatMatrix is Matrix for a weight which the format keeps in floating point.
func (l *Loader) FloatMatrix(name string, shape ...int) Matrix {
	if t, ok := l.tensor(name, shape); !ok || !l.floating(t) {
		return nil
	}
	return l.Matrix(name, shape...)
}

// Vector uploads n elements that the format keeps in floating point: a bias or
// a norm.
func (l *Loader) Vector(name string, n int) Buffer {
	if t, ok := l.tensor(name, []int{n}); !ok || !l.floating(t) {
		return nil
	}
	return l.Table(name, n)
}

// Table uploads a tensor of any format and shape as floats.
func (l *Loader) Table(name string, shape ...int) Buffer {
	values := l.Values(name, shape...)
	if values == nil {
		return nil
	}
	b := l.Backend.Floats(len(values))
	l.Backend.Upload(b, 0, values)
	return b
}

// Values returns a tensor of any format as floats.
func (l *Loader) Values(name string, shape ...int) []float32 {
	t, ok := l.tensor(name, shape)
	if !ok {
		return nil
	}
	values, err := t.Floats()
	if err != nil {
		l.err = err
		return nil
	}
	return values
}

func (l *Loader) floating(t tensor.Tensor) bool {
	switch t.Format {
	case tensor.F32, tensor.F16, tensor.BF16:
		return true
	}
	l.err = fmt.Errorf("tensor %s is %s; biases, norms and the TIR stay in floating point", t.Name, t.Format)
	return false
}
