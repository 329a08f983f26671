package metrics

import "math"

// bleu returns BLEU-1 to BLEU-4 (Papineni et al., 2002) of the whole corpus:
// with c_n of the g_n n-grams of all hypotheses found in their references, each
// as often as it occurs there at most, and h and r words in all hypotheses and
// references,
//
//	BLEU-N = min(1, exp(1 − r/h)) · (Π_{n ≤ N} c_n/g_n)^{1/N}
//
// The two small numbers that the COCO evaluation adds to keep quotients finite
// are part of the score.
func bleu(corpus []pair) [maxN]float64 {
	const tiny, small = 1e-15, 1e-9
	var correct, guessed [maxN]float64
	var h, r float64
	for _, p := range corpus {
		h += float64(len(p.hypothesis))
		r += float64(len(p.reference))
		for i := range maxN {
			reference := ngrams(p.reference, i+1)
			for gram, count := range ngrams(p.hypothesis, i+1) {
				guessed[i] += float64(count)
				correct[i] += float64(min(count, reference[gram]))
			}
		}
	}
	brevity := 1.0
	if ratio := (h + tiny) / (r + small); ratio < 1 {
		brevity = math.Exp(1 - 1/ratio)
	}
	var scores [maxN]float64
	product := 1.0
	for i := range scores {
		product *= (correct[i] + tiny) / (guessed[i] + small)
		scores[i] = brevity * math.Pow(product, 1/float64(i+1))
	}
	return scores
}
