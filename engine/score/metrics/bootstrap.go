package metrics

import (
	"math/rand/v2"
	"slices"
)

// Resamples is how many corpora the bootstrap draws.
const Resamples = 1000

// Interval is a 95 % confidence interval: the percentile bootstrap (Efron, 1979)
// over studies. It says how far a score would change with other studies of the
// same kind, not with another training.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Intervals of the scores that decide between models. BLEU-4, ROUGE-L and CIDEr
// are those of the protocol R2Gen.
//
// Three things are held as they are in the whole corpus when a resample is
// scored, because a resample repeats studies: CIDEr's document frequencies, the
// labels that count in MacroF1, and how many studies share a report. (The share
// of distinct reports is the mean of 1/that number over all studies.)
type Intervals struct {
	BLEU4            Interval `json:"BLEU_4"`
	ROUGEL           Interval `json:"ROUGE_L"`
	CIDEr            Interval `json:"CIDEr"`
	MacroF1          Interval `json:"macro_f1"`
	BalancedAccuracy Interval `json:"balanced_accuracy"`
	DistinctReports  Interval `json:"distinct_reports"`
}

// Bootstrap draws Resamples corpora of len(pairs) pairs, with replacement and
// always the same ones, and returns the 95 % intervals of their scores. It is an
// error if there are no pairs.
func Bootstrap(pairs []Pair) (Intervals, error) {
	n := len(pairs)
	if n == 0 {
		return Intervals{}, errNoReports
	}
	corpus := R2Gen.corpus(pairs)
	matches := make([]ngramMatches, n)
	rouge, cider, distinct := make([]float64, n), make([]float64, n), make([]float64, n)
	scorer, sharing := newCIDEr(corpus), reports(corpus)
	for i, p := range corpus {
		matches[i], rouge[i], cider[i] = matchNGrams(p), rougeL(p), scorer.score(p)
		distinct[i] = 1 / float64(sharing[text(p.hypothesis)])
	}
	stated := stateAll(pairs)
	labels := averaged(tallies(stated, everyIndex(n)))

	var scores [6][]float64
	random := rand.New(rand.NewPCG(1, 2))
	drawn := make([]int, n)
	for range Resamples {
		var all ngramMatches
		var sums [3]float64
		for i := range drawn {
			drawn[i] = random.IntN(n)
			all.add(matches[drawn[i]])
			sums[0] += rouge[drawn[i]]
			sums[1] += cider[drawn[i]]
			sums[2] += distinct[drawn[i]]
		}
		counts := tallies(stated, drawn)
		for i, score := range []float64{
			all.bleu()[3], sums[0] / float64(n), sums[1] / float64(n),
			macro(counts, labels).F1, balancedAccuracy(counts[noFinding], n), sums[2] / float64(n),
		} {
			scores[i] = append(scores[i], score)
		}
	}
	return Intervals{
		BLEU4: interval(scores[0]), ROUGEL: interval(scores[1]), CIDEr: interval(scores[2]),
		MacroF1: interval(scores[3]), BalancedAccuracy: interval(scores[4]), DistinctReports: interval(scores[5]),
	}, nil
}

// interval cuts 2.5 % of the scores off at both ends. It sorts them.
func interval(scores []float64) Interval {
	slices.Sort(scores)
	cut := len(scores) / 40
	return Interval{scores[cut], scores[len(scores)-1-cut]}
}
