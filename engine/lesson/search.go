package lesson

import (
	"fmt"
	"slices"
	"strings"

	"uarweb/engine/report"
	"uarweb/engine/trace"
)

// Search is how a report was searched, as a tree.
type Search struct {
	*trace.Search
	Tree [][]Node // its steps; nil if one extends a sequence that there is not
}

// NewSearch makes the tree of a search.
func NewSearch(s *trace.Search) *Search { return &Search{s, tree(s.Steps)} }

// Node is a sequence that a step of a search considered, by its last word.
type Node struct {
	trace.Considered
	Parent    int    // the place of the sequence that it extends among the nodes of the step before; 0 at the first
	Beginning string // the words before, the last few
}

// beginning is how many words of a sequence a Node has.
const beginning = 4

// tree are the steps of a search as nodes.
func tree(steps [][]trace.Considered) [][]Node {
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

// Word is the last word as it is spoken.
func (n Node) Word() string { return report.Spoken(n.Text) }

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

// LogP writes a logarithm of a probability, or a sum of such.
func LogP(v float64) string {
	if text := fmt.Sprintf("%.2f", v); text != "-0.00" {
		return text
	}
	return "0.00"
}

// nodes are those of a step, all that were kept and the best of the others.
func nodes(step []Node, dropped int) []Node {
	for i, n := range step {
		if !n.Kept {
			return step[:min(i+dropped, len(step))]
		}
	}
	return step
}

// step are the nodes of the word's step, or nil.
func (n *Numbers) step() []Node {
	if n.Search == nil || n.WordAt >= len(n.Search.Tree) {
		return nil
	}
	return n.Search.Tree[n.WordAt]
}

// listDropped is how many dropped sequences are listed at most.
const listDropped = 6

// Considered are the sequences that the search considered at the step of the word, the
// largest sum first: all that were kept, and the best of the others.
func (n *Numbers) Considered() []Node { return nodes(n.step(), listDropped) }

// AboutConsidered says what those are.
func (n *Numbers) AboutConsidered() string {
	switch {
	case n.Search == nil:
		return ""
	case n.step() == nil:
		return n.say("The search of %s took no step for word %d: it had ended, or was cut.", n.beams(), n.WordAt+1)
	}
	return n.say("What the search of %s considered for word %d, by the sum over the whole sequence.", n.beams(), n.WordAt+1)
}

// Further says how many sequences Considered leaves out.
func (n *Numbers) Further() string {
	if n.step() == nil {
		return ""
	}
	switch further := len(n.step()) - len(n.Considered()) + n.Search.Further[n.WordAt]; further {
	case 0:
		return ""
	case 1:
		return n.say("1 further sequence, dropped.")
	default:
		return n.say("%d further sequences, all dropped.", further)
	}
}

func (n *Numbers) beams() string {
	if n.Search.Width == 1 {
		return n.say("1 beam")
	}
	return n.say("%d beams", n.Search.Width)
}

// Searched says what the search has found, beside the draft.
func (n *Numbers) Searched() string {
	if n.Search == nil || n.Draft == nil {
		return ""
	}
	found := n.say("A search of %s", n.beams())
	if n.Search.Text == n.Draft.Text {
		return n.say("%s finds the draft, whose log p is %s.%s", found, n.decimal(LogP(n.Draft.LogProb)), n.led())
	}
	than := n.say("likelier than the draft, whose log p is")
	if n.Search.LogProb < n.Draft.LogProb {
		than = n.say("less likely than the draft, whose log p is")
	}
	return n.say("%s finds another report, log p = %s, %s %s: “%s”%s", found, n.decimal(LogP(n.Search.LogProb)), than, n.decimal(LogP(n.Draft.LogProb)), n.Search.Text, n.led())
}

// led says whether the beginning of what the search has found was the likeliest all the way,
// behind a space.
func (n *Numbers) led() string {
	if n.Search.Width == 1 {
		return "" // there is no other
	}
	behind, worst, at := 0, 0, 0
	for i, step := range n.Search.Tree {
		place := slices.IndexFunc(step, func(n Node) bool { return n.Won })
		if place > 0 {
			behind++
		}
		if place > worst {
			worst, at = place, i
		}
	}
	if behind == 0 {
		return " " + n.say("Its beginning was the likeliest at every step, so that a single beam finds it, too.")
	}
	return " " + n.say("Its beginning was not the likeliest at %d of %d steps; at word %d it stood in place %d.", behind, len(n.Search.Tree), at+1, worst+1)
}

// The picture of a tree: a column a step, a row a sequence, a box each.
const (
	treeSteps   = 5 // columns
	treeDropped = 3 // of each column's dropped sequences, at most
	treeWide    = 184
	treeHigh    = 28
	boxWide     = 150
	boxHigh     = 22
	boxLetters  = 14 // of its word
)

// TreePicture is a tree around a word, in units of which a line of text is about 16 high.
type TreePicture struct {
	Width, Height int
	Now           string  // the column of the word: the data of an SVG path
	Fates         []Boxes // those on top last
	Labels        []Label
}

// Fate is what a search did with a sequence, in the picture.
type Fate string

// The fates.
const (
	Dropped Fate = "dropped"
	Kept    Fate = "kept"
	Won     Fate = "won"
)

func (n Node) fate() Fate {
	switch {
	case n.Won:
		return Won
	case n.Kept:
		return Kept
	}
	return Dropped
}

// Boxes are those of the sequences of a fate, each with the line that leads there: the data
// of an SVG path.
type Boxes struct {
	Fate Fate
	Path string
}

// Label is a text in the picture: the left end of a word, or the right end of a number.
type Label struct {
	X, Y   int
	Text   string
	Fate   Fate
	Number bool
}

// TreePicture draws the tree of the search around the word.
func (n *Numbers) TreePicture() TreePicture {
	picture := TreePicture{Width: treeSteps * treeWide, Height: treeHigh}
	if n.Search == nil {
		return picture
	}
	tree := n.Search.Tree
	first := max(0, min(n.WordAt-treeSteps/2, len(tree)-treeSteps))
	paths := map[Fate]*strings.Builder{Dropped: {}, Kept: {}, Won: {}}
	const gap = treeWide - boxWide
	for column, step := range tree[min(first, len(tree)):min(first+treeSteps, len(tree))] {
		step = nodes(step, treeDropped)
		picture.Height = max(picture.Height, len(step)*treeHigh)
		for row, node := range step {
			x, y, fate := column*treeWide+gap, row*treeHigh+(treeHigh-boxHigh)/2, node.fate()
			fmt.Fprintf(paths[fate], "M%d %dh%dv%dh-%dz", x, y, boxWide, boxHigh, boxWide)
			if first+column > 0 {
				from := node.Parent*treeHigh + treeHigh/2
				fmt.Fprintf(paths[fate], "M%d %dC%d %d %d %d %d %d", x-gap, from, x-gap/2, from, x-gap/2, y+boxHigh/2, x, y+boxHigh/2)
			}
			word := []rune(node.Word())
			if len(word) > boxLetters {
				word = append(word[:boxLetters-1], '…')
			}
			picture.Labels = append(picture.Labels, Label{x + 6, y + 15, string(word), fate, false}, Label{x + boxWide - 6, y + 15, n.decimal(LogP(node.LogProb)), fate, true})
		}
	}
	if n.step() != nil {
		picture.Now = fmt.Sprintf("M%d 0h%dv%dh-%dz", (n.WordAt-first)*treeWide+gap/2, treeWide-gap/2, picture.Height, treeWide-gap/2)
	}
	for _, fate := range []Fate{Dropped, Kept, Won} {
		picture.Fates = append(picture.Fates, Boxes{fate, paths[fate].String()})
	}
	return picture
}

// AboutTree says how to read the picture.
const AboutTree = "A column a word, five around the chosen one; in a box a sequence’s last word and its log p. Thick: what was found; pale: dropped."
