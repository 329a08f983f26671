package webgpu

import (
	"fmt"

	"uarweb/weights/tensor"
)

// packed is a weight as operands.wgsl reads it: [outputs, kernel, run], each run
// filled up with zeros to units of 16 bytes.
type packed struct {
	format                    format
	outputs, channels, kernel int
	units                     int // a run
	data                      []byte
	scales                    []float32 // the tensor's
}

// unitElements is how many elements of each format 16 bytes hold.
var unitElements = map[format]int{f32Weights: 4, f16Weights: 8, bf16Weights: 8, i8Weights: 16, u4Weights: 32}

// pack lays out a weight [out, in] or [out, in, k, k] for the shaders, in the
// format it is stored in.
func pack(t tensor.Tensor) (packed, error) {
	if err := t.Valid(); err != nil {
		return packed{}, err
	}
	p := packed{format: formats[t.Format], outputs: t.Rows(), channels: t.Columns(), kernel: 1, data: t.Data, scales: t.Scale}
	if len(t.Shape) == 4 {
		p.channels, p.kernel = t.Shape[1], t.Shape[2]
		if p.kernel != t.Shape[3] || p.kernel%2 == 0 {
			return packed{}, fmt.Errorf("webgpu: %s has shape %v, a kernel is square and odd", t.Name, t.Shape)
		}
	} else if len(t.Shape) != 2 {
		return packed{}, fmt.Errorf("webgpu: %s has shape %v, a weight has 2 or 4 dimensions", t.Name, t.Shape)
	}
	elements := unitElements[p.format]
	run := p.kernel * p.channels
	p.units = (run + elements - 1) / elements
	if size := p.outputs * p.kernel * p.units * 16; size > maxBinding {
		return packed{}, tooLarge(t.Name, size)
	}
	if p.kernel > 1 || run%elements != 0 {
		p.data = p.rearrange(t.Data, 16/elements)
	}
	return p, nil
}

// rearrange returns data [out, in, k, k], elements of size bytes, as
// [out, k, run]. A 4-bit weight, whose elements are no bytes, needs none of it.
func (p packed) rearrange(data []byte, size int) []byte {
	r := make([]byte, p.outputs*p.kernel*p.units*16)
	area := p.kernel * p.kernel
	for o := range p.outputs {
		for i := range p.kernel {
			run := r[(o*p.kernel+i)*p.units*16:]
			for j := range p.kernel {
				for c := range p.channels {
					at := ((o*p.channels+c)*area + i*p.kernel + j) * size
					copy(run[(j*p.channels+c)*size:][:size], data[at:])
				}
			}
		}
	}
	return r
}

func tooLarge(what string, size int) error {
	return fmt.Errorf("%w: %s takes %d bytes, its buffers may have %d", ErrFailed, what, size, maxBinding)
}
