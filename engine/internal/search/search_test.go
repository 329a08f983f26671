package search

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	bos = 0
	eos = 1
)

// scorer gives the log-probability of every word after a sequence that begins
// with bos.
type scorer func(ids []int) []float64

// random returns a scorer whose words depend on the whole sequence. With
// levels > 0 its scores are multiples of 1/4 (sums are exact), so that ties
// are frequent.
func random(seed uint64, vocabulary, levels int) scorer {
	return func(ids []int) []float64 {
		h := fnv.New64a()
		fmt.Fprint(h, ids)
		r := rand.New(rand.NewPCG(seed, h.Sum64()))
		scores := make([]float64, vocabulary)
		for i := range scores {
			if levels > 0 {
				scores[i] = -float64(1+r.IntN(levels)) / 4
			} else {
				scores[i] = math.Log(r.Float64())
			}
		}
		return scores
	}
}

// best returns the n words with the largest scores, the lower id first among
// equals, all of them if there are fewer.
func best(scores []float64, n int) []Candidate {
	words := make([]Candidate, len(scores))
	for i, s := range scores {
		words[i] = Candidate{i, s}
	}
	sort.SliceStable(words, func(i, j int) bool { return words[i].LogProb > words[j].LogProb })
	return words[:min(n, len(words))]
}

// follow turns a scorer into a Next that knows sequences only by their parent
// links, as a model with a key/value cache does. It keeps the sequences of
// every call.
type follow struct {
	score scorer
	words int
	calls [][][]int
}

func (f *follow) next(_ context.Context, parents, tokens []int) ([][]Candidate, error) {
	previous := [][]int{nil}
	if len(f.calls) > 0 {
		previous = f.calls[len(f.calls)-1]
	}
	var live [][]int
	var rows [][]Candidate
	for i, p := range parents {
		ids := append(slices.Clone(previous[p]), tokens[i])
		live = append(live, ids)
		rows = append(rows, best(f.score(ids), f.words))
	}
	f.calls = append(f.calls, live)
	return rows, nil
}

// reference is beam search as engine/MODEL.md §7 says it, with whole sequences copied
// and the pool of finished ones kept.
func reference(score scorer, o Options) ([]int, float64) {
	type sequence struct {
		ids []int
		sum float64
	}
	live, finished := []sequence{{ids: []int{o.BOS}}}, []sequence{}
	largest := func(pool []sequence) float64 {
		sum := math.Inf(-1)
		for _, s := range pool {
			sum = max(sum, s.sum)
		}
		return sum
	}
	for length := 1; length < o.MaxTokens && len(live) > 0; length++ {
		if len(finished) > 0 && largest(finished) >= largest(live) {
			break
		}
		var all []sequence
		for _, s := range live {
			for _, c := range best(score(s.ids), o.Width) {
				all = append(all, sequence{append(slices.Clone(s.ids), c.Token), s.sum + c.LogProb})
			}
		}
		sort.SliceStable(all, func(i, j int) bool { return all[i].sum > all[j].sum })
		live = nil
		for _, s := range all[:min(o.Width, len(all))] {
			if s.ids[len(s.ids)-1] == o.EOS {
				finished = append(finished, s)
			} else {
				live = append(live, s)
			}
		}
	}
	pool := append(finished, live...)
	for _, s := range pool {
		if s.sum == largest(pool) {
			return s.ids[1:], s.sum
		}
	}
	panic("no sequence")
}

func ids(s Sequence) []int {
	tokens := []int{}
	for _, c := range s.Choices {
		tokens = append(tokens, c.Token)
	}
	return tokens
}

func TestSearchEqualsReference(t *testing.T) {
	ended, cut := 0, 0
	for seed := range uint64(400) {
		for width := 1; width <= 5; width++ {
			vocabulary, levels := 2+int(seed%7), int(seed%4)*2
			o := Options{Width: width, MaxTokens: 1 + int(seed%9), BOS: bos, EOS: eos}
			score := random(seed, vocabulary, levels)
			f := &follow{score: score, words: width + int(seed%2)} // more words than asked for change nothing
			got, err := Search(t.Context(), f.next, o)
			require.NoError(t, err)
			wantIDs, wantSum := reference(score, o)
			require.Equal(t, wantIDs, ids(got), "seed %d width %d", seed, width)
			require.Equal(t, wantSum, got.LogProb, "seed %d width %d", seed, width)
			if n := len(wantIDs); n > 0 && wantIDs[n-1] == eos {
				ended++
			} else {
				cut++
			}
		}
	}
	require.Greater(t, ended, 100, "scorers that end in eos")
	require.Greater(t, cut, 100, "scorers that reach MaxTokens")
}

// Every choice must lead back to the call and row that offered it: that row
// held exactly the words before it, and scored it as the choice says.
func TestChoicesPointToTheirRows(t *testing.T) {
	for seed := range uint64(200) {
		score := random(seed, 6, 5)
		f := &follow{score: score, words: 3}
		got, err := Search(t.Context(), f.next, Options{Width: 3, MaxTokens: 8, BOS: bos, EOS: eos})
		require.NoError(t, err)
		sum := 0.0
		for i, c := range got.Choices {
			require.Equal(t, i, c.Step)
			before := append([]int{bos}, ids(got)[:i]...)
			require.Equal(t, before, f.calls[c.Step][c.Row])
			require.Equal(t, score(before)[c.Token], c.LogProb)
			sum += c.LogProb
		}
		require.Equal(t, sum, got.LogProb)
	}
}

func TestWidthOneIsGreedy(t *testing.T) {
	for seed := range uint64(100) {
		score := random(seed, 5, 3)
		want := []int{}
		for len(want) < 6 && !slices.Contains(want, eos) {
			want = append(want, best(score(append([]int{bos}, want...)), 1)[0].Token)
		}
		got, err := Search(t.Context(), (&follow{score: score, words: 1}).next, Options{Width: 1, MaxTokens: 7, BOS: bos, EOS: eos})
		require.NoError(t, err)
		require.Equal(t, want, ids(got))
	}
}

// A width that keeps every sequence finds the best of all of them.
func TestWideSearchIsExhaustive(t *testing.T) {
	for seed := range uint64(50) {
		score := random(seed, 4, 0)
		const maxTokens = 5
		var largest func(ids []int, sum float64) float64
		largest = func(ids []int, sum float64) float64 {
			if len(ids) == maxTokens || ids[len(ids)-1] == eos {
				return sum
			}
			most := math.Inf(-1)
			for token, s := range score(ids) {
				most = max(most, largest(append(slices.Clone(ids), token), sum+s))
			}
			return most
		}
		got, err := Search(t.Context(), (&follow{score: score, words: 4}).next, Options{Width: 256, MaxTokens: maxTokens, BOS: bos, EOS: eos})
		require.NoError(t, err)
		require.Equal(t, largest([]int{bos}, 0), got.LogProb)
	}
}

// table is a scorer of hand-made cases: the words after each sequence.
func table(rows map[string][]float64) scorer {
	return func(ids []int) []float64 { return rows[fmt.Sprint(ids)] }
}

func TestSearchCases(t *testing.T) {
	for _, c := range []struct {
		name             string
		width, maxTokens int
		rows             map[string][]float64 // scores of bos, eos, 2, 3
		want             []int
		sum              float64
		calls            int
	}{
		{"one id: bos alone", 3, 1, nil, []int{}, 0, 0},
		{"two ids: one word", 3, 2, map[string][]float64{"[0]": {-9, -2, -1, -3}}, []int{2}, -1, 1},
		{"eos as good as the best live word", 3, 60, map[string][]float64{"[0]": {-9, -1, -1, -3}}, []int{1}, -1, 1},
		{"eos at once", 3, 60, map[string][]float64{"[0]": {-9, -1, -2, -3}}, []int{1}, -1, 1},
		{"eos at once, greedy", 1, 60, map[string][]float64{"[0]": {-9, -1, -2, -3}}, []int{1}, -1, 1},
		{"finished but a live sequence is better", 2, 3, map[string][]float64{
			"[0]": {-9, -2, -1, -3}, "[0 2]": {-9, -9, -0.5, -9}}, []int{2, 2}, -1.5, 2},
		{"finished wins over what became of better live ones", 2, 60, map[string][]float64{
			"[0]": {-9, -2, -1, -3}, "[0 2]": {-9, -9, -1.5, -9}}, []int{1}, -2, 2},
		{"none live", 2, 60, map[string][]float64{
			"[0]": {-9, -9, -1, -2}, "[0 2]": {-9, -1, -7, -8}, "[0 3]": {-9, -1, -7, -8}}, []int{2, 1}, -2, 2},
		{"greedy misses what the beam finds", 2, 60, map[string][]float64{
			"[0]": {-9, -9, -1, -1.5}, "[0 2]": {-9, -2, -2, -2}, "[0 3]": {-9, -0.25, -8, -8}}, []int{3, 1}, -1.75, 2},
		{"the earlier sequence wins a tie", 2, 3, map[string][]float64{
			"[0]": {-9, -9, -1, -2}, "[0 2]": {-9, -9, -9, -2}, "[0 3]": {-9, -9, -1, -9}}, []int{2, 3}, -3, 2},
		{"the earlier finished sequence wins a tie", 2, 60, map[string][]float64{
			"[0]": {-9, -9, -1, -1}, "[0 2]": {-9, -1, -9, -9}, "[0 3]": {-9, -1, -9, -9}}, []int{2, 1}, -2, 2},
		{"a sequence that cannot be", 2, 60, map[string][]float64{
			"[0]": {math.Inf(-1), -5, math.Inf(-1), math.Inf(-1)}}, []int{1}, -5, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := &follow{score: table(c.rows), words: c.width}
			got, err := Search(t.Context(), f.next, Options{Width: c.width, MaxTokens: c.maxTokens, BOS: bos, EOS: eos})
			require.NoError(t, err)
			assert.Equal(t, c.want, ids(got))
			assert.Equal(t, c.sum, got.LogProb)
			assert.Len(t, f.calls, c.calls)
		})
	}
}

func TestProgress(t *testing.T) {
	f := &follow{score: table(map[string][]float64{
		"[0]": {-9, -9, -1, -1.5}, "[0 2]": {-9, -2, -2, -2}, "[0 3]": {-9, -3, -0.25, -8}, "[0 3 2]": {-9, -0.25, -8, -9},
	}), words: 2}
	var seen [][]int
	got, err := Search(t.Context(), f.next, Options{Width: 2, MaxTokens: 60, BOS: bos, EOS: eos,
		Progress: func(best []int) { seen = append(seen, best) }})
	require.NoError(t, err)
	assert.Equal(t, []int{3, 2, 1}, ids(got))
	assert.Equal(t, [][]int{{2}, {3, 2}, {3, 2, 2}}, seen)
}

func TestErrors(t *testing.T) {
	fault := errors.New("device lost")
	row := func(rows ...[]Candidate) Next {
		return func(context.Context, []int, []int) ([][]Candidate, error) { return rows, nil }
	}
	for name, c := range map[string]struct {
		next    Next
		options Options
		want    string
	}{
		"width":      {nil, Options{Width: 0, MaxTokens: 60}, "width 0"},
		"max tokens": {nil, Options{Width: 3, MaxTokens: 0}, "at most 0 tokens"},
		"NaN":        {row([]Candidate{{2, math.NaN()}}), Options{Width: 3, MaxTokens: 60}, "word 2 after sequence 0 is NaN"},
		"+Inf":       {row([]Candidate{{2, -1}, {3, math.Inf(1)}}), Options{Width: 3, MaxTokens: 60}, "word 3 after sequence 0 is +Inf"},
		"no rows":    {row(), Options{Width: 3, MaxTokens: 60}, "words for 0 sequences, want 1"},
		"no words":   {row(nil), Options{Width: 3, MaxTokens: 60}, "no words for sequence 0"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Search(t.Context(), c.next, c.options)
			assert.ErrorContains(t, err, c.want)
		})
	}

	t.Run("next", func(t *testing.T) {
		f := &follow{score: random(1, 6, 0), words: 3}
		calls := 0
		_, err := Search(t.Context(), func(ctx context.Context, parents, tokens []int) ([][]Candidate, error) {
			if calls++; calls == 3 {
				return nil, fault
			}
			return f.next(ctx, parents, tokens)
		}, Options{Width: 3, MaxTokens: 60, EOS: -1})
		assert.ErrorIs(t, err, fault)
		assert.ErrorContains(t, err, "search: step 2")
	})

	t.Run("cancelled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		f := &follow{score: random(1, 6, 0), words: 3}
		_, err := Search(ctx, func(ctx context.Context, parents, tokens []int) ([][]Candidate, error) {
			if len(f.calls) == 1 {
				cancel()
			}
			return f.next(ctx, parents, tokens)
		}, Options{Width: 3, MaxTokens: 60, EOS: -1})
		assert.ErrorIs(t, err, context.Canceled)
		assert.Len(t, f.calls, 2, "next is not called again after the cancellation")
	})
}
