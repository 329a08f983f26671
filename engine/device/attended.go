package device

import "math"

// Attended is what an attention was computed from, layer by layer, for looking inside:
// the weights of a query can be had when somebody asks for them, where those of all
// queries and heads would fill the memory. Letters: q queries, k keys, d width.
type Attended struct {
	Width  int     // d
	Heads  int     // h, divides d
	Scale  float32 // k of Eq. 11; 0 where there is no mask, or it is left out
	Layers []AttendedLayer
}

// AttendedLayer is a layer of an Attended.
type AttendedLayer struct {
	Query []float32 // [q, d]
	Key   []float32 // [k, d]
	Mask  []float32 // σ(M) [q, k], shared by the heads; nil if there is none
}

// Weights returns how much each head of each layer attends to each key for one query,
// softmax((QKᵀ + k·σ(M))/√(d/h)): [layers][heads][k]. They are computed here, in
// float64, from what a backend has computed.
func (a *Attended) Weights(query int) [][][]float32 {
	layers := make([][][]float32, len(a.Layers))
	for i, l := range a.Layers {
		for head := range a.Heads {
			layers[i] = append(layers[i], a.weights(l, query, head))
		}
	}
	return layers
}

func (a *Attended) weights(l AttendedLayer, query, head int) []float32 {
	keys, columns := len(l.Key)/a.Width, a.Width/a.Heads
	q := l.Query[query*a.Width+head*columns:][:columns]
	scores, top := make([]float64, keys), math.Inf(-1)
	for j := range scores {
		for c, v := range l.Key[j*a.Width+head*columns:][:columns] {
			scores[j] += float64(q[c]) * float64(v)
		}
		if l.Mask != nil {
			scores[j] += float64(a.Scale) * float64(l.Mask[query*keys+j])
		}
		scores[j] /= math.Sqrt(float64(columns))
		top = max(top, scores[j])
	}
	sum := 0.0
	for j := range scores {
		scores[j] = math.Exp(scores[j] - top)
		sum += scores[j]
	}
	weights := make([]float32, keys)
	for j := range weights {
		weights[j] = float32(scores[j] / sum)
	}
	return weights
}

// Masks returns σ(M) of each layer for one query, [layers][k], of an attention that has
// one.
func (a *Attended) Masks(query int) [][]float32 {
	masks := make([][]float32, len(a.Layers))
	for i, l := range a.Layers {
		keys := len(l.Key) / a.Width
		masks[i] = l.Mask[query*keys : (query+1)*keys]
	}
	return masks
}
