package lesson

import (
	"fmt"
	"slices"
	"strings"

	"uarweb/engine/trace"
)

// bases are those of the patch and the word, or nil while they are not there.
func (n *Numbers) bases() (patch, word *trace.Basis) {
	if !n.whole() {
		return nil, nil
	}
	return &n.Patch.Basis, &n.Word.Basis
}

// Picked is what a head takes of the basis for the patch and for the word: the vectors of
// the largest weights, and as if of how many equal ones it took.
type Picked struct {
	Head              int // from 1
	Patch, PatchEqual string
	Word, WordEqual   string
}

// Picked are what the heads take.
func (n *Numbers) Picked() []Picked {
	patch, word := n.bases()
	if patch == nil {
		return nil
	}
	var all []Picked
	for i := range patch.Heads {
		p, w := patch.Heads[i], word.Heads[i]
		all = append(all, Picked{i + 1, n.vectors(p), n.equal(p), n.vectors(w), n.equal(w)})
	}
	return all
}

// AboutPicked says how to read Picked.
const AboutPicked = "Vectors of the basis, by number, with their weight in even shares; and how many vectors of the same weight that would amount to."

// vectors are those of the largest weights, in even shares.
func (n *Numbers) vectors(p trace.Picked) string {
	var all []string
	for _, w := range p.Largest {
		all = append(all, n.say("%d\u00a0×%.2f", w.Vector, n.shares(w)))
	}
	return strings.Join(all, ", ")
}

// shares is a weight as a multiple of an even share.
func (n *Numbers) shares(w trace.Weight) float64 {
	return float64(w.Weight) * float64(n.Study.Vectors)
}

func (n *Numbers) equal(p trace.Picked) string { return n.say("%.1f", p.Equal) }

// Picks says in plain words what the basis tells apart.
func (n *Numbers) Picks() string {
	patch, word := n.bases()
	if patch == nil {
		return ""
	}
	most := 0.0
	var common []string
	for i, p := range patch.Heads {
		w := word.Heads[i]
		most = max(most, n.shares(p.Largest[0]), n.shares(w.Largest[0]))
		for _, v := range p.Largest {
			if slices.ContainsFunc(w.Largest, func(o trace.Weight) bool { return o.Vector == v.Vector }) {
				common = append(common, n.say("%d (head %d)", v.Vector, i+1))
			}
		}
	}
	switch {
	case most < 2:
		return n.say("No vector gets twice an even share, 1 in %d, from the patch or from the word: each head takes all of them alike, whatever it is given, so that F̃ is nearly the same for every patch and word. Here the basis tells nothing apart.", n.Study.Vectors)
	case common == nil:
		return n.say("No head has a vector among the largest of both the patch and the word.")
	}
	return n.say("Among the largest of both the patch and the word: %s.", strings.Join(common, ", "))
}

// Gate is one of the gates, for the patch and for the word, each value of which is of one
// direction.
type Gate struct {
	Name, Text  string
	Patch, Word string // how many directions it is open for so far: the data of SVG paths, GateBars wide and 1 high
}

// Gates are G_I and G_F.
func (n *Numbers) Gates() []Gate {
	patch, word := n.bases()
	if patch == nil {
		return nil
	}
	return []Gate{
		n.gate("input", n.say("G_I lets in tanh(E + F̃)"), patch.Input, word.Input),
		n.gate("forget", n.say("G_F keeps E"), patch.Forget, word.Forget),
	}
}

// AboutGates says how to read the pictures.
const AboutGates = "The gates, one value a direction, from closed on the left to open on the right: bars for the patch, a line for the word."

// GateBars is how many bars a gate's picture has, for values from 0 to 1.
const GateBars = 20

func (n *Numbers) gate(name, does string, patch, word []float32) Gate {
	p, w := bins(patch), bins(word)
	most := max(slices.Max(p), slices.Max(w))
	var bars, line strings.Builder
	fmt.Fprint(&line, "M0 1")
	for i := range GateBars {
		fmt.Fprintf(&bars, "M%d 1v-%.3fh1V1z", i, p[i]/most)
		fmt.Fprintf(&line, "V%.3fh1", 1-w[i]/most)
	}
	fmt.Fprint(&line, "V1")
	return Gate{name, n.say("%s. The patch: %s. The word: %s.", does, n.spread(patch), n.spread(word)), bars.String(), line.String()}
}

// bins counts values from 0 to 1.
func bins(values []float32) []float64 {
	counts := make([]float64, GateBars)
	for _, v := range values {
		counts[min(int(GateBars*v), GateBars-1)]++
	}
	return counts
}

// spread says where values lie.
func (n *Numbers) spread(values []float32) string {
	sum := 0.0
	for _, v := range values {
		sum += float64(v)
	}
	return n.say("%.3f on average, from %.2f to %.2f", sum/float64(len(values)), slices.Min(values), slices.Max(values))
}
