package portable

import (
	"math"

	"uarweb/engine/device"
)

func (backend) MaxPool(dst, src device.Buffer, height, width, channels int) {
	in, out := src.(floats), dst.(floats)
	if height%2 != 0 || width%2 != 0 {
		panic("portable: MaxPool of an odd size")
	}
	for y := range height / 2 {
		for x := range width / 2 {
			above := in[(2*y*width+2*x)*channels:][:2*channels]
			below := in[((2*y+1)*width+2*x)*channels:][:2*channels]
			to := out[(y*width/2+x)*channels:][:channels]
			for c := range to {
				to[c] = max(above[c], above[channels+c], below[c], below[channels+c])
			}
		}
	}
}

func (backend) LayerNorm(dst, x device.Buffer, rows, columns int, weight, bias device.Buffer) {
	w, b := weight.(floats), bias.(floats)
	for i := range rows {
		in := x.(floats)[i*columns : (i+1)*columns]
		out := dst.(floats)[i*columns : (i+1)*columns]
		mean := 0.0
		for _, v := range in {
			mean += float64(v)
		}
		mean /= float64(columns)
		variance := 0.0
		for _, v := range in {
			d := float64(v) - mean
			variance += d * d
		}
		scale := 1 / math.Sqrt(variance/float64(columns)+device.Epsilon)
		for j, v := range in {
			out[j] = float32((float64(v)-mean)*scale)*w[j] + b[j]
		}
	}
}

func (backend) Gate(dst, embedding, feature, input, forget device.Buffer, n int) {
	out, e, f := dst.(floats), embedding.(floats), feature.(floats)
	gi, gf := input.(floats), forget.(floats)
	for i := range n {
		out[i] = sigmoid(gi[i])*float32(math.Tanh(float64(e[i]+f[i]))) + sigmoid(gf[i])*e[i] + f[i]
	}
}

func (backend) Embed(dst, table, ids device.Buffer, offset, rows, columns int, add bool) {
	for i, id := range ids.(ints)[offset : offset+rows] {
		from := table.(floats)[int(id)*columns : (int(id)+1)*columns]
		to := dst.(floats)[i*columns : (i+1)*columns]
		if !add {
			copy(to, from)
			continue
		}
		for j, v := range from {
			to[j] += v
		}
	}
}

func (backend) Mean(dst, x device.Buffer, rows, columns int) {
	in, out := x.(floats), dst.(floats)
	for j := range columns {
		sum := 0.0
		for i := range rows {
			sum += float64(in[i*columns+j])
		}
		out[j] = float32(sum / float64(rows))
	}
}

func (backend) ArgMax(dst device.Buffer, offset int, x device.Buffer, rows, columns int) {
	in, out := x.(floats), dst.(ints)
	for i := range rows {
		best, sum := 0, float32(0)
		row := in[i*columns : (i+1)*columns]
		for j, v := range row {
			sum += v * 0 // 0, or NaN of what is not finite
			if v > row[best] {
				best = j
			}
		}
		if sum != 0 {
			best = -1
		}
		out[offset+i] = int32(best)
	}
}

func (backend) TopK(values, ids, x device.Buffer, rows, columns, k int) {
	for i := range rows {
		row := x.(floats)[i*columns : (i+1)*columns]
		best := ids.(ints)[i*k : (i+1)*k]
		topK(best, row)
		sum := 0.0
		for _, v := range row {
			sum += math.Exp(float64(v - row[best[0]]))
		}
		log := math.Log(sum)
		for j, id := range best {
			values.(floats)[i*k+j] = float32(float64(row[id]-row[best[0]]) - log)
		}
	}
}

// topK fills best with the columns of the len(best) largest elements of row,
// descending, the lower column first among equals.
func topK(best []int32, row []float32) {
	n := 0
	for j, v := range row {
		if n == len(best) && v <= row[best[n-1]] {
			continue
		}
		n = min(n+1, len(best))
		at := n - 1
		for at > 0 && v > row[best[at-1]] {
			best[at] = best[at-1]
			at--
		}
		best[at] = int32(j)
	}
}
