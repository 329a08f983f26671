package simd

import (
	"fmt"
	"math"
	"slices"

	"uarweb/engine/device"
	"uarweb/engine/device/simd/internal/kernel"
	"uarweb/weights/tensor"
)

// convolution is the weight of a k×k convolution, k > 1. 1×1 is a matrix.
type convolution struct {
	out, in, kernel int
	algorithm       convolutionAlgorithm
	panels          block     // what the kernel multiplies with
	scale           []float32 // of each output's integers; nil: the panels are float32
	limit           int       // of the activations' integers, so that no sum overflows
	backend         *Backend
}

// Release is device.Matrix's.
func (c *convolution) Release() {
	c.backend.put(c.panels)
	c.panels = block{}
}

// convolutionAlgorithm is a way to compute a convolution.
type convolutionAlgorithm int

const (
	direct   convolutionAlgorithm = iota // kernel.Direct
	winograd                             // kernel.Winograd, for 3×3
)

// winogradChannels is how many channels one vector of the transform holds in
// int16; the inputs of a Winograd convolution are a multiple.
const winogradChannels = 8

// algorithm is the faster way to convolve with a weight [out, in, k, k]. For
// 3×3 that is Winograd wherever its transforms can be done in whole vectors: as
// fast as direct for 8 channels to 8, 1.5 times as fast for 32 to 32, nearly twice from
// 64 on, at any size of image. It takes 3.6 times the memory in integers, as its
// weights are int16, and 1.8 times in floats.
func algorithm(t tensor.Tensor) convolutionAlgorithm {
	if t.Shape[2] == 3 && t.Shape[1]%winogradChannels == 0 {
		return winograd
	}
	return direct
}

// newConvolution packs a weight [out, in, k, k].
func (b *Backend) newConvolution(t tensor.Tensor, a convolutionAlgorithm) (*convolution, error) {
	out, in, k := t.Shape[0], t.Shape[1], t.Shape[2]
	if k%2 == 0 || t.Shape[3] != k {
		return nil, fmt.Errorf("simd: %s has shape %v, a convolution's kernel is square and odd", t.Name, t.Shape)
	}
	c := &convolution{out: out, in: in, kernel: k, algorithm: a, backend: b}
	if t.Format == tensor.I8 {
		if err := t.Valid(); err != nil {
			return nil, err
		}
		most, multiple := math.MaxInt16, 1
		if a == winograd {
			most, multiple = kernel.WinogradLimit, 4
		}
		var err error
		if c.limit, err = activationLimit(t, most, multiple); err != nil {
			return nil, err
		}
		c.scale = slices.Clone(t.Scale)
		weights := view[int8](block{bytes: t.Data})
		if a == winograd {
			c.panels = packWinograd[int16](b, weights, out, in, 2)
		} else {
			c.panels = packDirect(b, weights, out, in, k, 2)
		}
		return c, b.err
	}
	values, err := t.Floats()
	if err != nil {
		return nil, err
	}
	if a == winograd {
		for i := range values {
			values[i] /= 4 // what the transform of the weights multiplies
		}
		c.panels = packWinograd[float32](b, values, out, in, 1)
	} else {
		c.panels = packDirect(b, values, out, in, k, 1)
	}
	return c, b.err
}

// Convolve is device.Backend's.
func (b *Backend) Convolve(dst, src device.Buffer, height, width int, w device.Matrix, bias device.Buffer, reluInput bool, e device.Epilogue) {
	c, ok := w.(*convolution)
	if !ok { // 1×1
		b.linear(dst, src, height*width, w, bias, reluInput, e)
		return
	}
	if c.panels.bytes == nil {
		panic("simd: a weight is used after its release")
	}
	f := finish(dst, height*width, c.out, bias, e)
	m, top := b.padded(c, floats(src, 0, height*width*c.in), height, width, reluInput)
	scale := c.scales(top)
	f.Scale = scale.address
	if c.algorithm == winograd {
		b.winograd(c, m, height, width, f)
	} else {
		b.direct(c, m, height, width, f)
	}
	b.put(scale)
	b.put(m.block)
}

// image is an image amid zeros, of int16 or float32.
type image struct {
	block
	pixel, line int // bytes of a pixel and of a row
}

// padded copies src [height, width, in] with the zeros around it that the
// algorithm reads. top is the magnitude that became c.limit.
func (b *Backend) padded(c *convolution, src uint32, height, width int, relu bool) (m image, top float32) {
	rows, columns := height+c.kernel-1, width+c.kernel-1
	if c.algorithm == winograd { // whole tiles of 2×2 pixels
		rows, columns = rows+height%2, columns+width%2
	}
	args := kernel.Pad{
		Src: src, Height: uint32(height), Width: uint32(width),
		Channels: uint32(c.in), Margin: uint32(c.kernel / 2), Floor: float32(math.Inf(-1)),
	}
	if relu {
		args.Floor = 0
	}
	number, size := kernel.PadF32, 4
	if c.scale != nil {
		number, size = kernel.PadI16, 2
		top = b.magnitude(src, height, width*c.in, args.Floor)
		args.Inverse = float32(c.limit) / top
	}
	m.pixel, m.line = size*c.in, size*c.in*columns
	m.block = b.get(rows*m.line + size) // a pair of the last row may reach beyond
	args.Dst, args.Line = m.address, uint32(m.line)
	run(b, number, rows, blockItems(columns*c.in), &args)
	return m, top
}

// magnitude is the largest magnitude of max(src, floor), src [rows, columns], and
// at least kernel.LeastMagnitude; NaN if one is NaN.
func (b *Backend) magnitude(src uint32, rows, columns int, floor float32) float32 {
	m := b.get(4 * rows)
	defer b.put(m)
	run(b, kernel.MaxMagnitude, rows, blockItems(columns), &kernel.Magnitudes{
		Dst: m.address, Src: src, Columns: uint32(columns), Floor: floor,
	})
	top := float32(kernel.LeastMagnitude)
	for _, v := range view[float32](m)[:rows] {
		top = max(top, v)
	}
	return top
}

// scales are what the epilogue multiplies integer sums with, a multiple of 8;
// none for floats.
func (c *convolution) scales(top float32) block {
	if c.scale == nil {
		return block{}
	}
	m := c.backend.get(32 * panelCount(c.out))
	v := view[float32](m)
	clear(v)
	of := top / float32(c.limit)
	for i, s := range c.scale {
		v[i] = of * s
		if c.algorithm == winograd {
			v[i] /= 4
		}
	}
	return m
}

// direct convolves a padded image by the definition.
func (b *Backend) direct(c *convolution, m image, height, width int, f kernel.Finish) {
	number, step := kernel.DirectF32, 1
	if c.scale != nil {
		number, step = kernel.DirectI8, 2
	}
	n := segment(c.in, c.kernel, step)
	run(b, number, height, blockOfProducts(width*c.kernel*n*c.out), &kernel.Direct{
		Finish: f, Src: m.address, Weights: c.panels.address,
		Width: uint32(width), Line: uint32(m.line), Pixel: uint32(m.pixel),
		Kernel: uint32(c.kernel), Segment: uint32(4 * n / step),
	})
}

// Sizes of the Winograd convolution's blocking. A band of tiles is transformed
// and used before the next; its bytes are half of a usual second level cache,
// but as it reads all weights, it has bandTiles at least. A chunk's sums
// for one panel have chunkTiles · 512 bytes.
const (
	bandBytes  = 512 << 10
	bandTiles  = 64
	chunkTiles = 64
	mostPanels = 4 // of a group, which share what they read of a chunk
)

// winograd convolves a padded image in bands: a job transforms the tiles of a
// band, the next multiplies and transforms back.
func (b *Backend) winograd(c *convolution, m image, height, width int, f kernel.Finish) {
	transform, multiply := kernel.WinogradTilesI16, kernel.WinogradI16
	if c.scale == nil {
		transform, multiply = kernel.WinogradTilesF32, kernel.WinogradF32
	}
	across := (width + 1) / 2
	tiles := (height + 1) / 2 * across
	band := min(max(bandBytes/(16*m.pixel), bandTiles), tiles+3) &^ 3
	chunk := min(chunkTiles, band)
	plane := band*m.pixel + kernel.PlaneGap
	v := b.get(16 * plane)
	panels := panelCount(c.out)
	group := max(1, min(mostPanels, panels/(2*b.memory.threads)))
	groups := (panels + group - 1) / group
	scratch, stride := b.scratch(16 * (group*chunk*8*4 + kernel.PlaneGap))
	for first := 0; first < tiles; first += band {
		n := min(band, tiles-first)
		run(b, transform, n, blockItems(16*c.in), &kernel.WinogradTiles{
			Dst: v.address, Src: m.address, First: uint32(first), Across: uint32(across),
			Line: uint32(m.line), Pixel: uint32(m.pixel), Plane: uint32(plane),
		})
		run(b, multiply, (n+chunk-1)/chunk*groups, blockOfProducts(16*chunk*c.in*8*group), &kernel.Winograd{
			Finish: f, Tiles: v.address, Weights: c.panels.address,
			First: uint32(first), Count: uint32(n), Across: uint32(across),
			Height: uint32(height), Width: uint32(width),
			Pixel: uint32(m.pixel), Plane: uint32(plane),
			Panels: uint32(panels), Group: uint32(group), Chunk: uint32(chunk),
			Scratch: scratch, ScratchStride: stride,
		})
	}
	b.put(v)
}

// segment is how many elements of a row of the kernel are multiplied: the
// kernel's width times the inputs, and a zero if products come in pairs.
func segment(in, k, step int) int { return (k*in + step - 1) / step * step }

// packDirect packs weights [out, in, k, k] for the direct convolution: the
// columns are [k, segment], whose elements are [k, in] and a zero or none.
func packDirect[T element](b *Backend, weights []T, out, in, k, step int) block {
	n := segment(in, k, step)
	m := b.get(size[T]() * panelCount(out) * 8 * k * n)
	panels := view[T](m)
	clear(panels)
	row := make([]T, k*n)
	for o := range out {
		w := weights[o*in*k*k:][:in*k*k]
		for c := range in {
			for i := range k {
				for j := range k {
					row[i*n+j*in+c] = w[(c*k+i)*k+j]
				}
			}
		}
		packRow(panels, o, step, row)
	}
	return m
}

// packWinograd packs weights [out, in, 3, 3] as 16 matrices of panels [out, in],
// the elements of 2G·g·2Gᵀ. It does so step by step of a panel, whose places in
// the 16 matrices are copied there at once.
func packWinograd[T int16 | float32, W int8 | float32](b *Backend, weights []W, out, in, step int) block {
	plane := panelCount(out) * 8 * in
	m := b.get(size[T]() * 16 * plane)
	panels := view[T](m)
	n := 8 * step
	places := make([]T, 16*n)
	var u [16]T
	for first := 0; first < out; first += 8 {
		if first+8 > out {
			clear(places) // of the outputs that the last panel has not
		}
		for c := 0; c < in; c += step {
			for o := first; o < min(first+8, out); o++ {
				for s := range step {
					winogradWeight(&u, weights[(o*in+c+s)*9:][:9])
					at := places[(o-first)*step+s:]
					for i, v := range u {
						at[i*n] = v
					}
				}
			}
			for i := range u {
				copy(panels[i*plane+first*in+8*c:][:n], places[i*n:][:n])
			}
		}
	}
	return m
}

// winogradWeight sets u to 2G·g·2Gᵀ.
func winogradWeight[T int16 | float32, W int8 | float32](u *[16]T, g []W) {
	_ = g[8] // the bounds of all, checked once
	row := func(i int, a, b, c T) {
		u[i], u[i+1], u[i+2], u[i+3] = 2*a, a+b+c, a-b+c, 2*c
	}
	a, b, c := [3]T{T(g[0]), T(g[1]), T(g[2])}, [3]T{T(g[3]), T(g[4]), T(g[5])}, [3]T{T(g[6]), T(g[7]), T(g[8])}
	row(0, 2*a[0], 2*a[1], 2*a[2])
	row(4, a[0]+b[0]+c[0], a[1]+b[1]+c[1], a[2]+b[2]+c[2])
	row(8, a[0]-b[0]+c[0], a[1]-b[1]+c[1], a[2]-b[2]+c[2])
	row(12, 2*c[0], 2*c[1], 2*c[2])
}
