package search_test

import (
	"context"
	"fmt"

	"uarweb/engine/internal/search"
)

// Greedy search takes the
// likeliest first word, beam search the likeliest sequence.
func ExampleSearch() {
	const bos, eos = 0, 1
	next := func(_ context.Context, _, tokens []int) ([][]search.Candidate, error) {
		after := map[int][]search.Candidate{
			bos: {{Token: 2, LogProb: -0.6}, {Token: 3, LogProb: -0.8}},
			2:   {{Token: eos, LogProb: -1.1}, {Token: 2, LogProb: -1.2}},
			3:   {{Token: eos, LogProb: -0.1}, {Token: 2, LogProb: -2.4}},
		}
		var rows [][]search.Candidate
		for _, token := range tokens {
			rows = append(rows, after[token])
		}
		return rows, nil
	}
	for _, width := range []int{1, 2} {
		found, err := search.Search(context.Background(), next, search.Options{Width: width, MaxTokens: 60, BOS: bos, EOS: eos})
		fmt.Printf("%d %.1f %v\n", found.Choices[0].Token, found.LogProb, err)
	}
	// Output:
	// 2 -1.7 <nil>
	// 3 -0.9 <nil>
}
