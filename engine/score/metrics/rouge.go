package metrics

// rougeL returns ROUGE-L (Lin, 2004) of one report: with l the length of the
// longest common subsequence, P = l/|hypothesis| and R = l/|reference|,
//
//	ROUGE-L = (1 + β²)·P·R / (R + β²·P),  β = 1.2
func rougeL(p pair) float64 {
	const beta = 1.2
	l := float64(longestCommonSubsequence(p.hypothesis, p.reference))
	if l == 0 {
		return 0
	}
	precision, recall := l/float64(len(p.hypothesis)), l/float64(len(p.reference))
	return (1 + beta*beta) * precision * recall / (recall + beta*beta*precision)
}

func longestCommonSubsequence(a, b []string) int {
	row := make([]int, len(b)+1) // row[j]: of the words of a so far and b[:j]
	for _, word := range a {
		diagonal := 0 // row[j] of the word before
		for j := range b {
			above := row[j+1]
			if word == b[j] {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(above, row[j])
			}
			diagonal = above
		}
	}
	return row[len(b)]
}
