package metrics

import (
	"math"

	"uarweb/engine/score/findings"
)

// worthNaming is the share of samples from which on a draft does well to name a
// finding. Most that are there are less likely than not, so that a report which names
// only what is likelier names nearly nothing; what its choice costs and brings on
// studies that nothing was learned from tells weights/train/README.md.
const worthNaming = 0.2

// Consensus returns the index, among one or more reports, of the one that the others
// would have written best, the first of equals: of samples from one distribution the one
// of least expected loss (minimum Bayes risk; Kumar and Byrne, 2004), each other sample
// standing for what might be true. What a report gains is the sum of two:
//
//   - its agreement in words: the mean of the BLEU-4 of a corpus in which each other
//     report is once the reference of this one, and of the mean ROUGE-L against them,
//   - for each finding that it names (findings.Of), the share of the reports that name it,
//     less worthNaming.
//
// All are in the protocol R2Gen. CIDEr is not among them: its weights would come from
// the samples themselves, in which what they all say would weigh nothing.
func Consensus(reports []string) int {
	labels := findings.Labels()
	words, stated := make([][]string, len(reports)), make([][]bool, len(reports))
	shares := make([]float64, len(labels))
	for i, r := range reports {
		words[i], stated[i] = R2Gen.words(r), states(r)
		for l, states := range stated[i] {
			if states {
				shares[l] += 1 / float64(len(reports))
			}
		}
	}
	best, most := 0, math.Inf(-1)
	for i := range reports {
		gain := agreement(words, i)
		for l, states := range stated[i] {
			if states && labels[l] != findings.NoFinding {
				gain += shares[l] - worthNaming
			}
		}
		if gain > most {
			best, most = i, gain
		}
	}
	return best
}

// agreement is that of report i with the others in words; 0 if there are none.
func agreement(words [][]string, i int) float64 {
	var matches ngramMatches
	rouge := 0.0
	for j := range words {
		if j != i {
			p := pair{words[i], words[j]}
			matches.add(matchNGrams(p))
			rouge += rougeL(p)
		}
	}
	if len(words) == 1 {
		return 0
	}
	return (matches.bleu()[maxN-1] + rouge/float64(len(words)-1)) / 2
}
