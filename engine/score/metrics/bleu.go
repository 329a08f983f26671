package metrics

import "math"

// ngramMatches is what BLEU knows of a report or, added up, of a corpus.
type ngramMatches struct {
	correct, guessed      [maxN]float64 // c_n and g_n
	hypothesis, reference float64       // h and r, in words
}

func matchNGrams(p pair) ngramMatches {
	m := ngramMatches{hypothesis: float64(len(p.hypothesis)), reference: float64(len(p.reference))}
	for i := range maxN {
		reference := ngrams(p.reference, i+1)
		for gram, count := range ngrams(p.hypothesis, i+1) {
			m.guessed[i] += float64(count)
			m.correct[i] += float64(min(count, reference[gram]))
		}
	}
	return m
}

func (m *ngramMatches) add(o ngramMatches) {
	for i := range maxN {
		m.correct[i] += o.correct[i]
		m.guessed[i] += o.guessed[i]
	}
	m.hypothesis += o.hypothesis
	m.reference += o.reference
}

// bleu returns BLEU-1 to BLEU-4 (Papineni et al., 2002) of the whole corpus:
// with c_n of the g_n n-grams of all hypotheses found in their references, each
// as often as it occurs there at most, and h and r words in all hypotheses and
// references,
//
//	BLEU-N = min(1, exp(1 − r/h)) · (Π_{n ≤ N} c_n/g_n)^{1/N}
//
// The two small numbers that the COCO evaluation adds to keep quotients finite
// are part of the score.
func (m *ngramMatches) bleu() [maxN]float64 {
	const tiny, small = 1e-15, 1e-9
	brevity := 1.0
	if ratio := (m.hypothesis + tiny) / (m.reference + small); ratio < 1 {
		brevity = math.Exp(1 - 1/ratio)
	}
	var scores [maxN]float64
	product := 1.0
	for i := range scores {
		product *= (m.correct[i] + tiny) / (m.guessed[i] + small)
		scores[i] = brevity * math.Pow(product, 1/float64(i+1))
	}
	return scores
}

func bleu(corpus []pair) [maxN]float64 {
	var all ngramMatches
	for _, p := range corpus {
		all.add(matchNGrams(p))
	}
	return all.bleu()
}
