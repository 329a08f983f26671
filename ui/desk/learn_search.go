package desk

import (
	"slices"
	"strings"

	"uarweb/engine/trace"
)

// Width is the width of the search on the slider.
func (l *Learn) Width() int { return l.width }

// SetWidth changes that, and has the model search anew.
func (l *Learn) SetWidth(width int) {
	if width = min(max(width, 1), MaxWidth); width != l.width {
		l.width = width
		l.next()
	}
}

// Search is the search that was fetched last, or nil; it may be of another width than the
// slider's while that is on its way.
func (l *Learn) Search() *trace.Search {
	if l.Study() == nil {
		return nil
	}
	return l.shown[trace.OfSearch].Search
}

// Node is a sequence that a step of a search considered, by its last word.
type Node struct {
	trace.Considered
	Parent    int    // the place of the sequence that it extends among the nodes of the step before; 0 at the first
	Beginning string // the words before, the last few
}

// beginning is how many words of a sequence a Node has.
const beginning = 4

// Tree are the steps of Search, or nil.
func (l *Learn) Tree() [][]Node {
	s := l.Search()
	if s == nil {
		return nil
	}
	if l.grown != s { // once for all who ask
		l.grown, l.tree = s, tree(s)
	}
	return l.tree
}

// tree are the steps of a search.
func tree(s *trace.Search) [][]Node {
	type sequence struct {
		place int
		words []string // the last few
	}
	live, tree := []sequence{{}}, make([][]Node, len(s.Steps))
	for i, step := range s.Steps {
		var next []sequence
		for place, c := range step {
			if c.Row >= len(live) {
				return nil
			}
			before := live[c.Row]
			tree[i] = append(tree[i], Node{c, before.place, strings.Join(before.words, " ")})
			if c.Kept && !c.Ends {
				words := append(slices.Clone(before.words), c.Text)
				next = append(next, sequence{place, words[max(0, len(words)-beginning):]})
			}
		}
		live = next
	}
	return tree
}
