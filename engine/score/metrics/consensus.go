package metrics

// Consensus returns the index, among one or more reports, of the one that agrees most
// with the others, the first of equals: of samples from one distribution the one of
// least expected loss (minimum Bayes risk; Kumar and Byrne, 2004), each other sample
// standing for what might be true. The agreement of a report is the mean of three:
//
//   - BLEU-4 of a corpus in which each other report is once the reference of this one,
//   - the mean ROUGE-L against the others,
//   - the mean F1 of the labels that both state (findings.Of).
//
// All are in the protocol R2Gen. CIDEr is not among them: its weights would come from
// the samples themselves, in which what they all say would weigh nothing.
func Consensus(reports []string) int {
	words, stated := make([][]string, len(reports)), make([][]bool, len(reports))
	for i, r := range reports {
		words[i], stated[i] = R2Gen.words(r), states(r)
	}
	best, most := 0, agreement(words, stated, 0)
	for i := 1; i < len(reports); i++ {
		if a := agreement(words, stated, i); a > most {
			best, most = i, a
		}
	}
	return best
}

// agreement is that of report i with the others; 0 if there are none.
func agreement(words [][]string, stated [][]bool, i int) float64 {
	var matches ngramMatches
	rouge, f1 := 0.0, 0.0
	for j := range words {
		if j == i {
			continue
		}
		p := pair{words[i], words[j]}
		matches.add(matchNGrams(p))
		rouge += rougeL(p)
		var t tally
		for l, states := range stated[i] {
			t.add(states, stated[j][l])
		}
		f1 += t.agreement().F1
	}
	if len(words) == 1 {
		return 0
	}
	others := float64(len(words) - 1)
	return (matches.bleu()[maxN-1] + rouge/others + f1/others) / 3
}
