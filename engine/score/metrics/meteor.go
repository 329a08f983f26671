package metrics

// meteor returns METEOR (Banerjee and Lavie, 2005) of one report with the
// modules "exact" and "Porter stem". With m matched words, P = m/|hypothesis|,
// R = m/|reference| and the matches in c chunks, runs of words that stand side
// by side in both texts,
//
//	METEOR = 10·P·R / (R + 9·P) · (1 − ½·(c/m)³)
//
// It is NOT comparable with the figures of the Java program meteor-1.5 that
// papers quote: that one also matches synonyms and paraphrases, weighs content
// words higher and has other parameters; both need tables this package lacks.
// The score of a corpus is the mean of its reports'.
//
// Words match if their stems are equal. Equal words have equal stems, so as
// many match as when the exact module goes first.
func meteor(p pair) float64 {
	matches, chunks := align(stems(p.hypothesis), stems(p.reference))
	if matches == 0 {
		return 0
	}
	m, c := float64(matches), float64(chunks)
	precision, recall := m/float64(len(p.hypothesis)), m/float64(len(p.reference))
	fragmentation := c / m
	return 10 * precision * recall / (recall + 9*precision) * (1 - fragmentation*fragmentation*fragmentation/2)
}

// align matches as many words of a and b as can be, each once, and returns
// their number and in how many chunks they lie. To find the fewest chunks is
// hard, so it takes the longest common run of unmatched words each time, the
// first in a and the last in b of equal ones.
func align(a, b []string) (matches, chunks int) {
	usedA, usedB := make([]bool, len(a)), make([]bool, len(b))
	for {
		var start, other, longest int
		run := make([]int, len(b)+1) // run[j]: length of the common run that ends before j
		for i := range a {
			for j := len(b) - 1; j >= 0; j-- { // down, so that run[j] is still that of a[i-1]
				if a[i] != b[j] || usedA[i] || usedB[j] {
					run[j+1] = 0
					continue
				}
				run[j+1] = run[j] + 1
				if run[j+1] > longest {
					start, other, longest = i+1-run[j+1], j+1-run[j+1], run[j+1]
				}
			}
		}
		if longest == 0 {
			return matches, chunks
		}
		for k := range longest {
			usedA[start+k], usedB[other+k] = true, true
		}
		matches += longest
		chunks++
	}
}

func stems(words []string) []string {
	stems := make([]string, len(words))
	for i, word := range words {
		stems[i] = stem(word)
	}
	return stems
}
