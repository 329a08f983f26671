package metrics

import (
	"maps"
	"math"
	"slices"
)

// cider scores reports by CIDEr-D (Vedantam et al., 2015, as the COCO
// evaluation computes it).
type cider struct {
	documents map[string]int // references that hold an n-gram, n = 1..4
	logCorpus float64        // ln of the number of references
}

func newCIDEr(corpus []pair) *cider {
	c := &cider{map[string]int{}, math.Log(float64(len(corpus)))}
	for _, p := range corpus {
		for n := 1; n <= maxN; n++ {
			for gram := range ngrams(p.reference, n) {
				c.documents[gram]++
			}
		}
	}
	return c
}

// score returns the CIDEr-D of one report. With h and r the tf-idf vectors of
// the n-grams of hypothesis and reference, and Δ the difference of their lengths
// in words,
//
//	CIDEr-D = 10/4 · Σ_{n ≤ 4} min(h, r)·r / (|h|·|r|) · exp(−Δ²/(2·6²))
func (c *cider) score(p pair) float64 {
	const sigma = 6
	delta := float64(len(p.hypothesis) - len(p.reference))
	sum := 0.0
	for n := 1; n <= maxN; n++ {
		hypothesis, reference := c.weigh(ngrams(p.hypothesis, n)), c.weigh(ngrams(p.reference, n))
		product := 0.0
		for _, gram := range slices.Sorted(maps.Keys(hypothesis)) {
			product += min(hypothesis[gram], reference[gram]) * reference[gram]
		}
		if norms := norm(hypothesis) * norm(reference); norms > 0 {
			sum += product / norms
		}
	}
	return 10 * sum / maxN * math.Exp(-delta*delta/(2*sigma*sigma))
}

// weigh returns the tf-idf of n-grams: count · ln(references / those with it).
func (c *cider) weigh(counts map[string]int) map[string]float64 {
	weights := make(map[string]float64, len(counts))
	for gram, count := range counts {
		weights[gram] = float64(count) * (c.logCorpus - math.Log(float64(max(1, c.documents[gram]))))
	}
	return weights
}

// norm is the Euclidean norm. Its sum, like that of score, runs in a fixed
// order, so that a corpus has one score to the last bit.
func norm(weights map[string]float64) float64 {
	sum := 0.0
	for _, gram := range slices.Sorted(maps.Keys(weights)) {
		sum += weights[gram] * weights[gram]
	}
	return math.Sqrt(sum)
}
