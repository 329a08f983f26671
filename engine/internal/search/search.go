// Package search finds the likeliest report by greedy or beam search
// (engine/MODEL.md §7). It knows nothing of models: it asks a Next function for the
// best words after each sequence it is following.
package search

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
)

// Candidate is a possible next word and its log-probability.
type Candidate struct {
	Token   int
	LogProb float64
}

// Next extends live sequences by a word. parents[i] is the index, among the
// sequences of the previous call, of the one that live sequence i extends, and
// tokens[i] the word it ends in; the first call has one sequence, parents [0],
// tokens [bos]. It returns for each live sequence its best words, the best
// first and the lower id first among equals, at least min(width, vocabulary)
// of them, or the one word that it must go on with.
type Next func(ctx context.Context, parents, tokens []int) ([][]Candidate, error)

// Options of a Search.
type Options struct {
	Width     int // sequences followed at once, ≥ 1; 1 is greedy search
	MaxTokens int // ids of the longest sequence, bos and eos counted, ≥ 1
	BOS, EOS  int
	// Progress, if not nil, is called after every step that leaves a sequence
	// live, with the ids of the best live one, without bos.
	Progress func(best []int)
}

// Choice says where a word was chosen: Step is the call of Next that offered
// it (0 first), Row the live sequence in that call.
type Choice struct {
	Token     int
	LogProb   float64
	Step, Row int
}

// Sequence is what a Search found.
type Sequence struct {
	Choices []Choice       // without bos, with eos if it was reached
	LogProb float64        // the sum over Choices
	Steps   [][]Considered // how it was found, step by step
}

// Considered is a sequence that a step made, in the order of the sums. The live ones of
// the next step are those kept that do not end in eos.
type Considered struct {
	Choice
	Sum  float64 // from the first word to this one
	Kept bool
}

// node is the last word of a sequence and a link to the words before it, so
// that sequences share their beginnings and none is ever copied.
type node struct {
	Choice
	sum    float64 // of the log-probabilities from the first word to this one
	parent *node   // nil for bos
}

// Search returns the sequence with the largest sum of log-probabilities that
// beam search meets. Every step extends each live sequence by its Width best
// words and keeps the Width best of all results; one that ends in eos is
// finished. Among equal sums the earlier live sequence, then the word ranked
// higher by next, comes first. The search stops when no sequence is live, when
// the best finished sum is at least the best live one, or at MaxTokens ids.
//
// An error of next or ctx is returned wrapped; so are answers of next that are
// not log-probabilities (NaN, +Inf) or leave out a live sequence.
func Search(ctx context.Context, next Next, o Options) (Sequence, error) {
	if o.Width < 1 || o.MaxTokens < 1 {
		return Sequence{}, fmt.Errorf("search: width %d, at most %d tokens: both must be at least 1", o.Width, o.MaxTokens)
	}
	live := []*node{{Choice: Choice{Token: o.BOS}}}
	var finished *node
	var steps [][]Considered
	for step := range o.MaxTokens - 1 {
		candidates, err := extend(ctx, next, live, o.Width, step)
		if err != nil {
			return Sequence{}, fmt.Errorf("search: step %d: %w", step, err)
		}
		slices.SortStableFunc(candidates, func(a, b *node) int { return cmp.Compare(b.sum, a.sum) })
		steps = append(steps, considered(candidates, o.Width))
		live = live[:0]
		for _, n := range candidates[:min(o.Width, len(candidates))] {
			switch {
			case n.Token != o.EOS:
				live = append(live, n)
			case finished == nil || n.sum > finished.sum:
				finished = n
			}
		}
		if len(live) == 0 {
			break
		}
		if o.Progress != nil {
			o.Progress(live[0].tokens())
		}
		if finished != nil && finished.sum >= live[0].sum {
			break
		}
	}
	best := finished
	if best == nil || len(live) > 0 && live[0].sum > best.sum {
		best = live[0]
	}
	return Sequence{Choices: best.choices(), LogProb: best.sum, Steps: steps}, nil
}

// considered is what a step of a search of that width made.
func considered(candidates []*node, width int) []Considered {
	all := make([]Considered, len(candidates))
	for i, n := range candidates {
		all[i] = Considered{n.Choice, n.sum, i < width}
	}
	return all
}

// extend asks next for the words after each live sequence and returns the
// results in the order of the sequences, each one's best word first.
func extend(ctx context.Context, next Next, live []*node, width, step int) ([]*node, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	parents, tokens := make([]int, len(live)), make([]int, len(live))
	for i, n := range live {
		parents[i], tokens[i] = n.Row, n.Token
	}
	rows, err := next(ctx, parents, tokens)
	if err != nil {
		return nil, err
	}
	if len(rows) != len(live) {
		return nil, fmt.Errorf("words for %d sequences, want %d", len(rows), len(live))
	}
	var extended []*node
	for i, row := range rows {
		if len(row) == 0 {
			return nil, fmt.Errorf("no words for sequence %d", i)
		}
		for _, c := range row[:min(width, len(row))] {
			if math.IsNaN(c.LogProb) || math.IsInf(c.LogProb, 1) {
				return nil, fmt.Errorf("log-probability of word %d after sequence %d is %v", c.Token, i, c.LogProb)
			}
			extended = append(extended, &node{Choice{c.Token, c.LogProb, step, i}, live[i].sum + c.LogProb, live[i]})
		}
	}
	return extended, nil
}

// choices walks back from n to bos.
func (n *node) choices() []Choice {
	var choices []Choice
	for ; n.parent != nil; n = n.parent {
		choices = append(choices, n.Choice)
	}
	slices.Reverse(choices)
	return choices
}

// tokens returns the ids of n's sequence without bos.
func (n *node) tokens() []int {
	choices := n.choices()
	tokens := make([]int, len(choices))
	for i, c := range choices {
		tokens[i] = c.Token
	}
	return tokens
}
