package learn

import (
	"fmt"
	"slices"
	"strings"

	"uarweb/engine/trace"
	"uarweb/ui/desk"
)

// Vectors are those of the basis that a patch and a word are made of, and how far their
// gates open.
type Vectors struct{ Desk *desk.Desk }

func (c *Vectors) learn() *desk.Learn { return c.Desk.Learn() }

// both are the patch and the word, or nil while they are not there.
func (c *Vectors) both() (patch, word *trace.Basis) {
	n := c.Desk.Learn().Numbers()
	if n.Patch == nil || n.Word == nil {
		return nil, nil
	}
	return &n.Patch.Basis, &n.Word.Basis
}

// Picked is what a head takes of the basis.
type Picked struct {
	Head              int
	Patch, PatchEqual string
	Word, WordEqual   string
}

// heads are what each takes of the basis.
func (c *Vectors) heads() []Picked {
	patch, word := c.both()
	if patch == nil {
		return nil
	}
	var all []Picked
	for i := range patch.Heads {
		p, w := patch.Heads[i], word.Heads[i]
		all = append(all, Picked{i + 1, c.vectors(p), equal(p), c.vectors(w), equal(w)})
	}
	return all
}

// vectors are those of the largest weights, in even shares.
func (c *Vectors) vectors(p trace.Picked) string {
	var all []string
	for _, w := range p.Largest {
		all = append(all, fmt.Sprintf("%d\u00a0×%.2f", w.Vector, c.share(w)))
	}
	return strings.Join(all, ", ")
}

// share is a weight as a multiple of an even share.
func (c *Vectors) share(w trace.Weight) float64 {
	return float64(w.Weight) * float64(c.learn().Study().Vectors)
}

func equal(p trace.Picked) string { return fmt.Sprintf("%.1f", p.Equal) }

// picks says in plain words what the basis tells apart.
func (c *Vectors) picks() string {
	patch, word := c.both()
	if patch == nil {
		return ""
	}
	vectors, most := c.learn().Study().Vectors, 0.0
	var common []string
	for i, p := range patch.Heads {
		w := word.Heads[i]
		most = max(most, c.share(p.Largest[0]), c.share(w.Largest[0]))
		for _, v := range p.Largest {
			if slices.ContainsFunc(w.Largest, func(o trace.Weight) bool { return o.Vector == v.Vector }) {
				common = append(common, fmt.Sprintf("%d (head %d)", v.Vector, i+1))
			}
		}
	}
	switch {
	case most < 2:
		return fmt.Sprintf("No vector gets twice an even share, 1 in %d, from the patch or from the word: each head takes all of them alike, whatever it is given, so that F̃ is nearly the same for every patch and word. Here the basis tells nothing apart.", vectors)
	case common == nil:
		return "No head has a vector among the largest of both the patch and the word."
	}
	return "Among the largest of both the patch and the word: " + strings.Join(common, ", ") + "."
}

// Gate is a gate of the patch and of the word, each value of which is of one direction.
type Gate struct {
	ID, Text    string
	Patch, Word string // how many directions it is open for so far, as the data of SVG paths
}

// gates are G_I and G_F.
func (c *Vectors) gates() []Gate {
	patch, word := c.both()
	if patch == nil {
		return nil
	}
	return []Gate{
		gate("learn-gate-input", "G_I lets in tanh(E + F̃)", patch.Input, word.Input),
		gate("learn-gate-forget", "G_F keeps E", patch.Forget, word.Forget),
	}
}

// gateBins is how many bars a gate's picture has, for values from 0 to 1.
const gateBins = 20

func gate(id, does string, patch, word []float32) Gate {
	p, w := bins(patch), bins(word)
	most := max(slices.Max(p), slices.Max(w))
	var bars, line strings.Builder
	fmt.Fprint(&line, "M0 1")
	for i := range gateBins {
		fmt.Fprintf(&bars, "M%d 1v-%.3fh1V1z", i, p[i]/most)
		fmt.Fprintf(&line, "V%.3fh1", 1-w[i]/most)
	}
	fmt.Fprint(&line, "V1")
	return Gate{id, fmt.Sprintf("%s. The patch: %s. The word: %s.", does, spread(patch), spread(word)), bars.String(), line.String()}
}

// bins counts values from 0 to 1.
func bins(values []float32) []float64 {
	counts := make([]float64, gateBins)
	for _, v := range values {
		counts[min(int(gateBins*v), gateBins-1)]++
	}
	return counts
}

// spread says where values lie.
func spread(values []float32) string {
	sum := 0.0
	for _, v := range values {
		sum += float64(v)
	}
	return fmt.Sprintf("%.3f on average, from %.2f to %.2f", sum/float64(len(values)), slices.Min(values), slices.Max(values))
}
