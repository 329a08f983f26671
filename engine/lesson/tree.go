package lesson

import (
	"slices"
	"strings"

	"uarweb/engine/trace"
)

// Node is a sequence that a step of a search considered, by its last word.
type Node struct {
	trace.Considered
	Parent    int    // the place of the sequence that it extends among the nodes of the step before; 0 at the first
	Beginning string // the words before, the last few
}

// beginning is how many words of a sequence a Node has.
const beginning = 4

// Tree are the steps of a search as nodes, or nil if one extends a sequence that there is
// not.
func Tree(steps [][]trace.Considered) [][]Node {
	type sequence struct {
		place int
		words []string // the last few
	}
	live, tree := []sequence{{}}, make([][]Node, len(steps))
	for i, step := range steps {
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

// Start is the beginning for people.
func (n Node) Start() string {
	if n.Beginning == "" {
		return "(the beginning)"
	}
	return "… " + n.Beginning
}

// Fate says what the search did with the sequence.
func (n Node) Fate() string {
	switch {
	case n.Won && n.Ends:
		return "found"
	case n.Won:
		return "kept: what was found"
	case n.Kept && n.Ends:
		return "kept: ended"
	case n.Kept:
		return "kept"
	}
	return "dropped"
}
