package device

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"uarweb/engine/status"
	"uarweb/weights/tensor"
)

// Source gives a model's tensors by name. Its errors name the tensor.
type Source interface {
	Tensor(name string) (tensor.Tensor, error)
}

// Loader uploads a model's tensors to a backend, checking that each is there,
// has its shape and is finite. It keeps the first error, so that a module's
// loading reads like the table of its parameters; after an error the other
// methods do nothing and return nil. The error is a status.BadTensor, unless ctx
// or the backend has caused it.
type Loader struct {
	Backend Backend

	ctx    context.Context
	source Source
	step   func()
	note   func(Parameter) // of Parameters, or nil
	err    error
}

// NewLoader returns a Loader from source to backend which stops when ctx is
// cancelled. step is called after each tensor.
func NewLoader(ctx context.Context, source Source, backend Backend, step func()) *Loader {
	return &Loader{Backend: backend, ctx: ctx, source: source, step: step}
}

// Parameter is a tensor of a model: its name and shape (engine/MODEL.md §10).
type Parameter struct {
	Name  string
	Shape []int
}

// Parameters lists what load asks a Loader for, in its order. Nothing is loaded:
// what load gets is nil, as after an error.
func Parameters(load func(*Loader)) []Parameter {
	var list []Parameter
	load(&Loader{err: errNoted, note: func(p Parameter) { list = append(list, p) }})
	return list
}

var errNoted = errors.New("device: tensors are listed, not loaded")

// Err is the first error.
func (l *Loader) Err() error { return l.err }

// load fetches and checks a tensor and, unless there is or was an error, uses it.
func (l *Loader) load(name string, floating bool, shape []int, use func(tensor.Tensor) error) {
	if l.note != nil {
		l.note(Parameter{name, shape})
	}
	if l.err == nil {
		l.err = l.ctx.Err()
	}
	if l.err != nil {
		return
	}
	t, err := l.source.Tensor(name)
	if err == nil {
		err = check(t, floating, shape)
	}
	if err == nil {
		err = use(t)
	}
	if err == nil {
		l.step()
	}
	l.err = status.Mark(status.BadTensor, err)
}

func check(t tensor.Tensor, floating bool, shape []int) error {
	if !slices.Equal(t.Shape, shape) {
		return fmt.Errorf("tensor %s has shape %v, the configuration needs %v", t.Name, t.Shape, shape)
	}
	switch t.Format {
	case tensor.F32, tensor.F16, tensor.BF16:
	default:
		if floating {
			return fmt.Errorf("tensor %s is %s; biases, norms and the TIR stay in floating point", t.Name, t.Format)
		}
	}
	return t.Valid()
}

// Matrix uploads a weight of any format: [out, in] or [out, in, k, k].
func (l *Loader) Matrix(name string, shape ...int) Matrix {
	return l.matrix(name, false, shape)
}

// FloatMatrix is Matrix for a weight that must be stored in floating point, and
// is therefore multiplied in f32.
func (l *Loader) FloatMatrix(name string, shape ...int) Matrix {
	return l.matrix(name, true, shape)
}

func (l *Loader) matrix(name string, floating bool, shape []int) (m Matrix) {
	l.load(name, floating, shape, func(t tensor.Tensor) (err error) {
		m, err = l.Backend.Matrix(t)
		return err
	})
	return m
}

// Layer uploads name.weight, of the shape, and name.bias.
func (l *Loader) Layer(name string, shape ...int) Layer {
	return Layer{l.Matrix(name+".weight", shape...), l.Vector(name+".bias", shape[0])}
}

// Vector uploads n elements that must be stored in floating point: a bias or a
// norm.
func (l *Loader) Vector(name string, n int) Buffer {
	return l.upload(l.values(name, true, []int{n}))
}

// Table uploads a tensor of any format and shape as floats.
func (l *Loader) Table(name string, shape ...int) Buffer {
	return l.upload(l.Values(name, shape...))
}

// Values returns a tensor of any format as floats.
func (l *Loader) Values(name string, shape ...int) []float32 {
	return l.values(name, false, shape)
}

func (l *Loader) values(name string, floating bool, shape []int) (values []float32) {
	l.load(name, floating, shape, func(t tensor.Tensor) (err error) {
		values, err = t.Floats()
		return err
	})
	return values
}

func (l *Loader) upload(values []float32) Buffer {
	if values == nil {
		return nil
	}
	b := l.Backend.Floats(len(values))
	l.Backend.Upload(b, 0, values)
	return b
}
