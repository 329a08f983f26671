package selftest

import (
	"fmt"
	"math"
	"slices"

	"uarweb/engine/device"
	"uarweb/weights/tensor"
)

// checks are all operations, with sizes that meet every tail: not multiples of
// what a vector, a tile or a workgroup holds, and more than one of each.
var checks = slices.Concat(
	linears(),
	convolutions(),
	attentions(),
	[]check{
		{"max-pool", exact, nil, func(in *inputs, _ device.Matrix) result {
			const height, width, channels = 6, 4, 19
			dst := in.out(height / 2 * width / 2 * channels)
			in.backend.MaxPool(dst, in.floats(height*width*channels), height, width, channels)
			return floats(dst)
		}},
		{"layer norm", float, nil, func(in *inputs, _ device.Matrix) result {
			const rows, columns = 5, 67
			dst := in.out(rows * columns)
			in.backend.LayerNorm(dst, in.floats(rows*columns), rows, columns, in.floats(columns), in.floats(columns))
			return floats(dst)
		}},
		{"mask", float, nil, func(in *inputs, _ device.Matrix) result {
			const queries, keys, rank = 3, 21, 10
			dst := in.out(queries * keys)
			in.backend.Mask(dst, in.floats(queries*rank), in.floats(keys*rank), in.floats(1), queries, keys, rank)
			return floats(dst)
		}},
		{"gate", float, nil, func(in *inputs, _ device.Matrix) result {
			const n = 77
			dst := in.out(n)
			in.backend.Gate(dst, in.floats(n), in.floats(n), in.floats(n), in.floats(n), n)
			return floats(dst)
		}},
		{"embed", exact, nil, func(in *inputs, _ device.Matrix) result {
			const columns = 9
			dst, table, ids := in.out(3*columns), in.floats(4*columns), in.ints(2, 0, 3, 1, 2)
			in.backend.Embed(dst, table, ids, 0, 3, columns, false)
			in.backend.Embed(dst, table, ids, 2, 3, columns, true)
			return floats(dst)
		}},
		{"mean", float, nil, func(in *inputs, _ device.Matrix) result {
			const rows, columns = 7, 13
			dst := in.out(columns)
			in.backend.Mean(dst, in.floats(rows*columns), rows, columns)
			return floats(dst)
		}},
		{"copy", exact, nil, func(in *inputs, _ device.Matrix) result {
			dst := in.floats(11)
			in.backend.Copy(dst, 3, in.floats(9), 2, 6)
			return floats(dst)
		}},
		{"argmax", exact, nil, func(in *inputs, _ device.Matrix) result {
			const rows, columns = 4, 70
			v := in.values(rows * columns)
			v[17], v[41] = 2, 2                     // equals: the lower wins
			v[columns+69] = 2                       // the last
			v[2*columns+5] = float32(math.NaN())    // not finite: −1
			v[3*columns+68] = float32(math.Inf(-1)) // likewise
			dst := in.ints(9, 9, 9, 9, 9)
			in.backend.ArgMax(dst, 1, in.upload(v), rows, columns)
			return result{dst, rows + 1, true}
		}},
		{"top-k values", float, nil, func(in *inputs, _ device.Matrix) result {
			values, _ := topK(in)
			return floats(values)
		}},
		{"top-k columns", exact, nil, func(in *inputs, _ device.Matrix) result {
			_, ids := topK(in)
			return result{ids, ids.Len(), true}
		}},
	},
)

func floats(b device.Buffer) result { return result{buffer: b, n: b.Len()} }

func topK(in *inputs) (values, ids device.Buffer) {
	const rows, columns, k = 3, 83, 3
	v := in.values(rows * columns)
	v[20], v[30] = 3, 3
	for i := range v[columns : 2*columns] {
		v[columns+i] = 80 // all equal, and large
	}
	values, ids = in.out(rows*k), in.outInts(rows*k)
	in.backend.TopK(values, ids, in.upload(v), rows, columns, k)
	return values, ids
}

// formats are the ways a weight is multiplied.
var formats = []struct {
	format    tensor.Format
	tolerance float64
}{{tensor.F32, float}, {tensor.I8, quantized}, {tensor.U8, quantized}}

func linears() (all []check) {
	const columns, out = 64, 37
	for _, f := range formats {
		for _, rows := range []int{1, 3, 19} {
			all = append(all, check{fmt.Sprintf("linear of %s weights, %d rows", f.format, rows), f.tolerance, &weight{f.format, []int{out, columns}}, func(in *inputs, w device.Matrix) result {
				dst := in.floats(rows * out)
				in.backend.Linear(dst, in.floats(rows*columns), rows, w, in.floats(out),
					device.Epilogue{ReLU: true, Gain: 0.5, Residual: dst})
				return floats(dst)
			}})
		}
	}
	return append(all, check{"linear without bias", float, &weight{tensor.F32, []int{10, 19}}, func(in *inputs, w device.Matrix) result {
		const rows, columns, out = 2, 19, 10
		dst := in.out(rows * out)
		in.backend.Linear(dst, in.floats(rows*columns), rows, w, nil, device.Epilogue{})
		return floats(dst)
	}})
}

func convolutions() (all []check) {
	for _, f := range formats {
		for _, c := range []struct{ kernel, channels, out int }{{1, 32, 10}, {3, 32, 37}, {7, 3, 9}} {
			if f.format == tensor.U8 && c.kernel > 1 {
				continue // no such weights
			}
			shape := &weight{f.format, []int{c.out, c.channels, c.kernel, c.kernel}}
			all = append(all, check{fmt.Sprintf("%d×%d convolution of %s weights", c.kernel, c.kernel, f.format), f.tolerance, shape, func(in *inputs, w device.Matrix) result {
				const height, width = 7, 9
				dst := in.out(height * width * c.out)
				in.backend.Convolve(dst, in.floats(height*width*c.channels), height, width,
					w, in.floats(c.out), true,
					device.Epilogue{ReLU: true, Residual: in.floats(height * width * c.out)})
				return floats(dst)
			}})
		}
	}
	return all
}

func attentions() (all []check) {
	const queries, keys, heads, width = 5, 23, 2, 32
	attention := func(in *inputs) device.Attention {
		return device.Attention{
			Query: in.floats(queries * width), Key: in.floats(keys * width), Value: in.floats(keys * width),
			Queries: queries, Keys: keys, Heads: heads, Width: width,
		}
	}
	masked := func(in *inputs) device.Attention {
		a := attention(in)
		a.Mask, a.MaskScale, a.Mean = in.floats(queries*keys), 30, in.out(queries*keys)
		return a
	}
	run := func(in *inputs, a device.Attention) device.Buffer {
		dst := in.out(a.Queries * width)
		in.backend.Attention(dst, a)
		return dst
	}
	return []check{
		{"attention", float, nil, func(in *inputs, _ device.Matrix) result { return floats(run(in, attention(in))) }},
		{"masked attention", float, nil, func(in *inputs, _ device.Matrix) result { return floats(run(in, masked(in))) }},
		{"attention's mean", float, nil, func(in *inputs, _ device.Matrix) result {
			a := masked(in)
			run(in, a)
			return floats(a.Mean)
		}},
		{"attention of chosen rows", float, nil, func(in *inputs, _ device.Matrix) result {
			a := attention(in)
			a.Queries, a.Keys = 3, 4
			a.KeyRows = in.ints(0, 3, 6, 9, 0, 3, 7, 10, 1, 4, 8, 22)
			return floats(run(in, a))
		}},
		// The TIR's masks reach scores whose exponential is beyond f32, 88: the
		// softmax must subtract their maximum.
		{"attention of large scores", float, nil, func(in *inputs, _ device.Matrix) result {
			a := masked(in)
			a.MaskScale = 1000
			return floats(run(in, a))
		}},
	}
}
