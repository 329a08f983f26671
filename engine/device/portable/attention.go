package portable

import (
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"uarweb/engine/device"
)

func (backend) Attention(dst device.Buffer, a device.Attention) {
	query, key, value, out := a.Query.(floats), a.Key.(floats), a.Value.(floats), dst.(floats)
	head := a.Width / a.Heads
	strips(a.Queries, func(first, n int) {
		scores := make([]float32, n*a.Keys)
		var mean []float32
		if a.Mean != nil {
			mean = a.Mean.(floats)[first*a.Keys : (first+n)*a.Keys]
			clear(mean)
		}
		for h := range a.Heads {
			q := general(query[first*a.Width+h*head:], n, head, a.Width)
			o := general(out[first*a.Width+h*head:], n, head, a.Width)
			k, v := key[h*head:], value[h*head:]
			if a.KeyRows != nil {
				rows := a.KeyRows.(ints)[first*a.Keys : (first+n)*a.Keys]
				scoreRows(scores, q, k, rows, a.Keys)
				weigh(scores, n, a, first)
				sumRows(o, scores, v, rows, a.Keys)
			} else {
				s := general(scores, n, a.Keys, a.Keys)
				clear(scores)
				multiply(s, q, general(k, a.Keys, head, a.Width))
				weigh(scores, n, a, first)
				for i := range n {
					clear(o.Data[i*o.Stride:][:head])
				}
				combine(o, s, general(v, a.Keys, head, a.Width))
			}
			for i := range mean {
				mean[i] += scores[i]
			}
		}
		for i := range mean {
			mean[i] /= float32(a.Heads)
		}
	})
}

// weigh turns scores QKᵀ [n, keys] of the queries first… into attention
// weights: mask, scale, softmax.
func weigh(scores []float32, n int, a device.Attention, first int) {
	scale := float32(1 / math.Sqrt(float64(a.Width/a.Heads)))
	for i := range n {
		row := scores[i*a.Keys : (i+1)*a.Keys]
		if a.Mask != nil {
			mask := a.Mask.(floats)[(first+i)*a.Keys:]
			for j := range row {
				row[j] += a.MaskScale * mask[j]
			}
		}
		for j := range row {
			row[j] *= scale
		}
		softmax(row)
	}
}

// softmax normalises row in place.
func softmax(row []float32) {
	top := row[0]
	for _, v := range row {
		top = max(top, v)
	}
	sum := 0.0
	for j, v := range row {
		e := math.Exp(float64(v - top))
		row[j] = float32(e)
		sum += e
	}
	inverse := float32(1 / sum)
	for j := range row {
		row[j] *= inverse
	}
}

// scoreRows: scores[i,j] = q_i · k[rows[i,j]].
func scoreRows(scores []float32, q blas32.General, k []float32, rows []int32, keys int) {
	for i := range q.Rows {
		query := q.Data[i*q.Stride : i*q.Stride+q.Cols]
		for j := range keys {
			row := k[int(rows[i*keys+j])*q.Stride:][:q.Cols]
			sum := float32(0)
			for c, v := range query {
				sum += v * row[c]
			}
			scores[i*keys+j] = sum
		}
	}
}

// sumRows: o_i = Σ_j weights[i,j] · v[rows[i,j]].
func sumRows(o blas32.General, weights, v []float32, rows []int32, keys int) {
	for i := range o.Rows {
		out := o.Data[i*o.Stride : i*o.Stride+o.Cols]
		clear(out)
		for j := range keys {
			row := v[int(rows[i*keys+j])*o.Stride:][:o.Cols]
			w := weights[i*keys+j]
			for c, x := range row {
				out[c] += w * x
			}
		}
	}
}

func (backend) Mask(dst, query, key, bias device.Buffer, queries, keys, rank int) {
	out, b := dst.(floats)[:queries*keys], bias.(floats)[0]
	scale := float32(1 / math.Sqrt(float64(rank)))
	clear(out)
	multiply(general(out, queries, keys, keys), general(query.(floats), queries, rank, rank), general(key.(floats), keys, rank, rank))
	for i, v := range out {
		out[i] = sigmoid(scale*v + b)
	}
}

func sigmoid(x float32) float32 { return float32(1 / (1 + math.Exp(-float64(x)))) }
