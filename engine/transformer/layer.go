// Package transformer is the report writer: a pre-norm Transformer whose
// encoder reads the aligned visual tokens (engine/MODEL.md §5) and whose decoder
// writes words, with a learnable mask on the attention from text to image, the
// TIR (§6, Eq. 11).
package transformer

import (
	"fmt"

	"uarweb/engine/device"
)

// Config is the shape of encoder and decoder.
type Config struct {
	Width       int // d
	Heads       int // h, divides d
	FeedForward int
	Layers      int
}

// apply computes dst = x·Wᵀ + b.
func apply(b device.Backend, l device.Layer, dst, x device.Buffer, rows int, e device.Epilogue) {
	b.Linear(dst, x, rows, l.Weight, l.Bias, e)
}

// norm is a LayerNorm.
type norm struct{ weight, bias device.Buffer }

func loadNorm(l *device.Loader, name string, width int) norm {
	return norm{l.Vector(name+".weight", width), l.Vector(name+".bias", width)}
}

func (n norm) apply(b device.Backend, dst, x device.Buffer, rows int) {
	b.LayerNorm(dst, x, rows, n.weight.Len(), n.weight, n.bias)
}

// attention holds the four projections of a multi-head attention.
type attention struct{ query, key, value, output device.Layer }

func loadAttention(l *device.Loader, name string, width int) attention {
	project := func(part string) device.Layer { return l.Layer(name+"."+part, width, width) }
	return attention{project("query"), project("key"), project("value"), project("output")}
}

// feedForward is down(ReLU(up(x))).
type feedForward struct{ up, down device.Layer }

func loadFeedForward(l *device.Loader, name string, c Config) feedForward {
	return feedForward{
		l.Layer(name+".up", c.FeedForward, c.Width),
		l.Layer(name+".down", c.Width, c.FeedForward),
	}
}

// apply adds the block's result for n [rows, d] to x; wide is scratch
// [rows, feed forward].
func (f feedForward) apply(b device.Backend, x, n, wide device.Buffer, rows int) {
	apply(b, f.up, wide, n, rows, device.Epilogue{ReLU: true})
	apply(b, f.down, x, wide, rows, device.Epilogue{Residual: x})
}

func layerName(stack string, index int) string { return fmt.Sprintf("%s.layer_%d.", stack, index+1) }

// scratch allocates buffers that release returns together.
type scratch struct {
	backend device.Backend
	all     []device.Buffer
}

func (s *scratch) floats(n int) device.Buffer { return s.keep(s.backend.Floats(n)) }
func (s *scratch) ints(n int) device.Buffer   { return s.keep(s.backend.Ints(n)) }

func (s *scratch) keep(b device.Buffer) device.Buffer {
	s.all = append(s.all, b)
	return b
}

func (s *scratch) release() {
	for _, b := range s.all {
		b.Release()
	}
	s.all = nil
}
