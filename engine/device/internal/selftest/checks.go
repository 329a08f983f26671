package selftest

import (
	"fmt"
	"math"
	"slices"

	"uarweb/engine/device"
	"uarweb/weights/tensor"
)

// checks are all operations, with sizes that meet every tail: not multiples of
// what a vector, a tile or a workgroup holds, and more than one of each. Each
// backend's tests count that its every kernel or shader is reached.
var checks = slices.Concat(
	linears(),
	convolutions(),
	attentions(),
	[]check{
		{"max-pool", exact, nil, func(in *inputs, _ device.Matrix) result {
			const height, width, channels = 6, 4, 19
			v := in.values(height * width * channels)
			nan := float32(math.NaN())
			// One in each place of a square.
			v[0], v[channels+1], v[width*channels+2], v[(width+1)*channels+3] = nan, nan, nan, nan
			dst := in.out(height / 2 * width / 2 * channels)
			in.backend.MaxPool(dst, in.upload(v), height, width, channels)
			return floats(dst)
		}},
		{"layer norm", curved, nil, func(in *inputs, _ device.Matrix) result {
			const rows, columns = 5, 301
			dst := in.out(rows * columns)
			in.backend.LayerNorm(dst, in.floats(rows*columns), rows, columns, in.floats(columns), in.floats(columns))
			return floats(dst)
		}},
		{"layer norm in place", curved, nil, func(in *inputs, _ device.Matrix) result {
			const rows, columns = 2, 67
			v := in.values(rows * columns)
			for i := range v[:columns] {
				v[i] *= 1e-3 // so small that epsilon shows
			}
			dst := in.upload(v)
			in.backend.LayerNorm(dst, dst, rows, columns, in.floats(columns), in.floats(columns))
			return floats(dst)
		}},
		{"mask", curved, nil, func(in *inputs, _ device.Matrix) result {
			const queries, keys, rank = 21, 11, 14
			query := in.scaled(queries*rank, 20)
			for i := range query[:rank] {
				query[i] *= 10 // exponentials would overflow
			}
			dst := in.out(queries * keys)
			in.backend.Mask(dst, in.upload(query), in.floats(keys*rank), in.floats(1), queries, keys, rank)
			return floats(dst)
		}},
		{"gate", curved, nil, func(in *inputs, _ device.Matrix) result {
			const n = 79
			e, f, input, forget := in.scaled(n, 2), in.values(n), in.scaled(n, 4), in.scaled(n, 4)
			for _, first := range []int{0, n - 3} { // of what a vector holds, and of what is left
				copy(e[first:], []float32{3, -0.86, 0.25})
				copy(f[first:], []float32{0, 0, 0})
				copy(input[first:], []float32{1, 100, -100})
				copy(forget[first:], []float32{-100, 100, -1})
			}
			dst := in.out(n)
			in.backend.Gate(dst, in.upload(e), in.upload(f), in.upload(input), in.upload(forget), n)
			return floats(dst)
		}},
		{"embed", exact, nil, func(in *inputs, _ device.Matrix) result {
			const columns = 9
			dst, table, ids := in.out(3*columns), in.floats(4*columns), in.ints(2, 0, 3, 1, 2)
			in.backend.Embed(dst, table, ids, 0, 3, columns, false)
			in.backend.Embed(dst, table, ids, 2, 3, columns, true)
			return floats(dst)
		}},
		{"mean", summed, nil, func(in *inputs, _ device.Matrix) result {
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
			const rows, columns = 5, 301
			v := in.values(rows * columns)
			v[17], v[141] = 2, 2                     // equals: the lower wins
			v[columns+300] = 2                       // the last
			v[2*columns+5] = float32(math.NaN())     // not finite: −1
			v[3*columns+298] = float32(math.Inf(-1)) // likewise
			for i := range v[4*columns:] {
				v[4*columns+i] -= 5 // none above 0
			}
			dst := in.ints(9, 9, 9, 9, 9, 9)
			in.backend.ArgMax(dst, 1, in.upload(v), rows, columns)
			return result{dst, rows + 1, true}
		}},
		{"argmax of each place", exact, nil, func(in *inputs, _ device.Matrix) result {
			const columns = 23
			const rows = 2 * columns
			v := in.values(rows * columns)
			for i := range columns {
				v[i*columns+i] = 2
				v[(columns+i)*columns+i] = float32(math.NaN())
			}
			dst := in.outInts(rows)
			in.backend.ArgMax(dst, 0, in.upload(v), rows, columns)
			return result{dst, rows, true}
		}},
		{"top-k values", curved, nil, func(in *inputs, _ device.Matrix) result {
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

// topK has the largest elements of each row at other places.
func topK(in *inputs) (values, ids device.Buffer) {
	const rows, columns, k = 27, 301, 3
	v := in.values(rows * columns)
	v[20], v[230] = 3, 3
	for i := range v[columns : 2*columns] {
		v[columns+i] = 80 // all equal, and large
	}
	for i := range columns {
		v[2*columns+i] = float32(i) / 64 // each larger than all before
	}
	for i := 3; i < rows; i++ {
		v[i*columns+i*11] += 4
		v[i*columns+columns-i] += 3
		v[i*columns+i*7] -= 200 // nothing beside the others
	}
	values, ids = in.out(rows*k), in.outInts(rows*k)
	in.backend.TopK(values, ids, in.upload(v), rows, columns, k)
	return values, ids
}

// arithmeticOf is that of a product with weights of a format.
func arithmeticOf(f tensor.Format) arithmetic {
	if f == tensor.I8 || f == tensor.U8 {
		return quantized
	}
	return summed
}

// linears are products of few rows and of many, of all formats of weights.
func linears() (all []check) {
	add := func(f tensor.Format, rows, columns, out int) {
		all = append(all, check{fmt.Sprintf("linear of %s weights, %d rows", f, rows), arithmeticOf(f), &weight{f, []int{out, columns}, false}, func(in *inputs, w device.Matrix) result {
			dst := in.floats(rows * out)
			in.backend.Linear(dst, in.floats(rows*columns), rows, w, in.floats(out),
				device.Epilogue{ReLU: rows > 1, Gain: 0.5, Residual: dst})
			return floats(dst)
		}})
	}
	for _, f := range []tensor.Format{tensor.F32, tensor.F16, tensor.BF16, tensor.I8, tensor.U8} {
		columns := 67
		if f == tensor.U8 {
			columns = 3 * tensor.GroupSize
		}
		for _, rows := range []int{1, 7, 18} {
			add(f, rows, columns, 39)
		}
	}
	add(tensor.I8, 70, 301, 70)
	for _, f := range []tensor.Format{tensor.F32, tensor.I8, tensor.U8} {
		for _, rows := range []int{1, 2} {
			const columns, out = tensor.GroupSize, 31
			all = append(all, check{fmt.Sprintf("linear of %s weights, %d rows, without bias", f, rows), arithmeticOf(f), &weight{f, []int{out, columns}, false}, func(in *inputs, w device.Matrix) result {
				dst := in.out(rows * out)
				in.backend.Linear(dst, in.floats(rows*columns), rows, w, nil, device.Epilogue{})
				return floats(dst)
			}})
		}
	}
	for _, rows := range []int{1, 2, 3, 9} {
		const columns, out = 67, 39
		all = append(all, check{fmt.Sprintf("linear of bytes, %d rows", rows), summed, &weight{tensor.I8, []int{out, columns}, true}, func(in *inputs, w device.Matrix) result {
			dst := in.floats(rows * out)
			in.backend.Linear(dst, in.bytes(rows, columns, -127), rows, w, in.floats(out), device.Epilogue{ReLU: rows > 1, Residual: dst})
			return floats(dst)
		}})
	}
	return append(all,
		check{"1×1 convolution of bytes that are not negative", rounded, &weight{tensor.I8, []int{10, 37, 1, 1}, true}, func(in *inputs, w device.Matrix) result {
			const height, width, channels, out = 3, 3, 37, 10
			dst := in.out(height * width * out)
			in.backend.Convolve(dst, in.bytes(height*width, channels, -60), height, width, w, in.floats(out), true, device.Epilogue{Residual: in.floats(height * width * out)})
			return floats(dst)
		}},
		// 0.7 of a byte's unit is rounded to 1 of them, not to 0.
		check{"linear of what is rounded to bytes", rounded, &weight{tensor.I8, []int{3, 35}, true}, func(in *inputs, w device.Matrix) result {
			const rows, columns, out = 35, 35, 3
			v := make([]float32, rows*columns)
			for i := range rows {
				v[i*columns+i] = (float32(i) - 16.3) / 127
				v[i*columns+(i+5)%columns] = 1
			}
			dst := in.out(rows * out)
			in.backend.Linear(dst, in.upload(v), rows, w, nil, device.Epilogue{})
			return floats(dst)
		}},
		check{"linear of bytes of a row that is not finite", summed, &weight{tensor.I8, []int{10, 19}, true}, func(in *inputs, w device.Matrix) result {
			const rows, columns, out = 2, 19, 10
			dst, x := in.out(rows*out), in.bytes(rows, columns, -127)
			in.backend.Upload(x, 5, []float32{float32(math.NaN())})
			in.backend.Linear(dst, x, rows, w, in.floats(out), device.Epilogue{})
			return floats(dst)
		}},
		// A row is rounded by its largest magnitude, wherever that is.
		check{"linear of rows of one large input", quantized, &weight{tensor.I8, []int{3, 23}, false}, func(in *inputs, w device.Matrix) result {
			const rows, columns, out = 23, 23, 3
			v := in.scaled(rows*columns, 1.0/(1<<12))
			for i := range rows {
				v[i*columns+i] = float32(i%2*2-1) / (1 << 6) // −, +, −, …
			}
			dst := in.out(rows * out)
			in.backend.Linear(dst, in.upload(v), rows, w, in.upload(make([]float32, out)), device.Epilogue{})
			return floats(dst)
		}},
		check{"linear of a row that is not finite", quantized, &weight{tensor.I8, []int{10, 19}, false}, func(in *inputs, w device.Matrix) result {
			const rows, columns, out = 2, 19, 10
			v := in.values(rows * columns)
			v[7] = float32(math.NaN())
			dst := in.out(rows * out)
			in.backend.Linear(dst, in.upload(v), rows, w, in.floats(out), device.Epilogue{ReLU: true})
			return floats(dst)
		}},
	)
}

// convolutions are of few outputs and of many, of images of one band of tiles
// and of more.
func convolutions() (all []check) {
	for _, c := range []struct {
		format                               tensor.Format
		kernel, height, width, channels, out int
		relu                                 bool
	}{
		{tensor.F32, 1, 7, 9, 32, 10, true}, {tensor.F16, 1, 7, 9, 32, 10, true}, {tensor.BF16, 1, 7, 9, 32, 10, true},
		{tensor.I8, 1, 7, 9, 32, 10, true}, {tensor.U8, 1, 7, 9, 32, 10, true},
		{tensor.F32, 3, 7, 9, 32, 39, true}, {tensor.I8, 3, 7, 9, 32, 39, true},
		{tensor.F32, 3, 17, 19, 8, 9, false}, {tensor.I8, 3, 17, 19, 8, 9, false},
		{tensor.F32, 7, 7, 9, 3, 15, false}, {tensor.I8, 7, 7, 9, 3, 15, false},
	} {
		n := c.height * c.width
		loses := arithmeticOf(c.format)
		if loses == quantized && c.kernel == 3 {
			loses = transformed
		}
		name := fmt.Sprintf("%d×%d convolution of %s weights, %d×%d pixels", c.kernel, c.kernel, c.format, c.height, c.width)
		shape := &weight{c.format, []int{c.out, c.channels, c.kernel, c.kernel}, false}
		all = append(all, check{name, loses, shape, func(in *inputs, w device.Matrix) result {
			dst := in.out(n * c.out)
			in.backend.Convolve(dst, in.floats(n*c.channels), c.height, c.width, w, in.floats(c.out), c.relu,
				device.Epilogue{ReLU: c.relu, Residual: in.floats(n * c.out)})
			return floats(dst)
		}})
	}
	// An image is rounded by its largest magnitude, wherever that is.
	const width, channels = 11, 2
	return append(all, check{"3×3 convolutions of one large input", quantized, &weight{tensor.I8, []int{1, channels, 3, 3}, false}, func(in *inputs, w device.Matrix) result {
		all, one, bias := in.out(width*channels*width), in.out(width), in.floats(1)
		for at := range width * channels {
			v := in.scaled(width*channels, 1.0/(1<<12))
			v[at] = float32(at%2*2-1) / (1 << 6) // −, +, −, …
			in.backend.Convolve(one, in.upload(v), 1, width, w, bias, false, device.Epilogue{})
			in.backend.Copy(all, at*width, one, 0, width)
		}
		return floats(all)
	}})
}

// attentions are of few queries, of many, which backends compute otherwise, and
// of chosen rows; with heads of a whole number of vectors and not.
func attentions() []check {
	attention := func(in *inputs, queries, keys, heads, width int) device.Attention {
		return device.Attention{
			Query: in.floats(queries * width), Key: in.floats(keys * width), Value: in.floats(keys * width),
			Queries: queries, Keys: keys, Heads: heads, Width: width,
		}
	}
	few := func(in *inputs) device.Attention { return attention(in, 7, 150, 2, 26) }
	many := func(in *inputs) device.Attention { return attention(in, 37, 23, 2, 30) }
	manyHeads := func(in *inputs) device.Attention { return attention(in, 21, 55, 8, 56) }
	masked := func(in *inputs, a device.Attention, scale float32) device.Attention {
		a.Mask, a.MaskScale, a.Mean = in.floats(a.Queries*a.Keys), scale, in.out(a.Queries*a.Keys)
		return a
	}
	run := func(in *inputs, a device.Attention) device.Buffer {
		dst := in.out(a.Queries * a.Width)
		in.backend.Attention(dst, a)
		return dst
	}
	return []check{
		{"attention of few", curved, nil, func(in *inputs, _ device.Matrix) result { return floats(run(in, few(in))) }},
		{"attention of many", curved, nil, func(in *inputs, _ device.Matrix) result { return floats(run(in, many(in))) }},
		{"masked attention of few", curved, nil, func(in *inputs, _ device.Matrix) result { return floats(run(in, masked(in, few(in), 30))) }},
		{"masked attention of many", curved, nil, func(in *inputs, _ device.Matrix) result { return floats(run(in, masked(in, manyHeads(in), 30))) }},
		{"mean of few", curved, nil, func(in *inputs, _ device.Matrix) result {
			a := masked(in, few(in), 30)
			run(in, a)
			return floats(a.Mean)
		}},
		{"mean of many", curved, nil, func(in *inputs, _ device.Matrix) result {
			a := masked(in, manyHeads(in), 30)
			run(in, a)
			return floats(a.Mean)
		}},
		{"attention of chosen rows", curved, nil, func(in *inputs, _ device.Matrix) result {
			a := attention(in, 3, 23, 2, 32)
			a.Keys, a.KeyRows = 5, in.ints(0, 3, 6, 9, 12, 0, 3, 7, 10, 13, 1, 4, 8, 22, 22)
			return floats(run(in, a))
		}},
		{"attention of a wide head", curved, nil, func(in *inputs, _ device.Matrix) result {
			return floats(run(in, attention(in, 2, 7, 1, 260)))
		}},
		{"attention of few, of large products", steep, nil, func(in *inputs, _ device.Matrix) result {
			return floats(run(in, far(in, few(in))))
		}},
		{"attention of many, of large products", steep, nil, func(in *inputs, _ device.Matrix) result {
			return floats(run(in, far(in, many(in))))
		}},
		{"attention of few, of large scores", steep, nil, func(in *inputs, _ device.Matrix) result {
			return floats(run(in, steepened(in, few(in))))
		}},
		{"attention of many, of large scores", steep, nil, func(in *inputs, _ device.Matrix) result {
			return floats(run(in, steepened(in, manyHeads(in))))
		}},
	}
}

// far has queries so large that each weighs one key alone.
func far(in *inputs, a device.Attention) device.Attention {
	a.Query = in.upload(in.scaled(a.Queries*a.Width, 4000))
	return a
}

// steepened adds masks that reach scores whose exponential is beyond f32, 88, as
// the TIR's do: the softmax must subtract the largest, which is in another place
// for each query, 88 above a second one, and that 88 above the rest. Whoever
// looks for the largest in parts, by lane or by thread, finds both in one.
func steepened(in *inputs, a device.Attention) device.Attention {
	mask := in.scaled(a.Queries*a.Keys, 0.1)
	for i := range a.Queries {
		largest, second := i*5%40, i*5%40+8
		if i == 0 && a.Keys > 128 {
			second = 128
		}
		mask[i*a.Keys+second] = 0.6
		mask[i*a.Keys+largest] = 1
	}
	a.Mask, a.MaskScale = in.upload(mask), 1000
	return a
}
