package lesson

import (
	"cmp"
	"math"
	"slices"

	"uarweb/engine/report"
	"uarweb/engine/trace"
)

// Chance is a word that might stand in the word's place, and how likely it is there.
type Chance struct {
	trace.Choice
	Probability float64
	Chosen      bool // by the draft
}

// chances are softmax(ℓ/τ) over the whole vocabulary, and to how many words of the same
// probability the choice amounts: 2 to the entropy in bits.
func (n *Numbers) chances() (chances []float64, equal float64) {
	top, sum := float64(slices.Max(n.Word.Logits)), 0.0
	chances = make([]float64, len(n.Word.Logits))
	for i, logit := range n.Word.Logits {
		chances[i] = math.Exp((float64(logit) - top) / n.Temperature)
		sum += chances[i]
	}
	nats := 0.0
	for i := range chances {
		chances[i] /= sum
		if chances[i] > 0 {
			nats -= chances[i] * math.Log(chances[i])
		}
	}
	return chances, math.Exp(nats)
}

// Chances are the likeliest words in the place of the word, at the temperature.
func (n *Numbers) Chances() []Chance {
	if n.Study == nil || n.Word == nil {
		return nil
	}
	chances, _ := n.chances()
	chosen := n.token()
	var words []Chance
	for _, c := range n.Word.Likeliest {
		words = append(words, Chance{c, chances[c.Token], c.Token == chosen})
	}
	return words
}

// Choices are Chances as bars, and last all other words together.
func (n *Numbers) Choices() []Bar {
	words := n.Chances()
	if words == nil {
		return nil
	}
	others := 1.0
	var bars []Bar
	for _, w := range words {
		others -= w.Probability
		b := n.bar(report.Spoken(w.Text), w.Probability)
		b.Chosen = w.Chosen
		bars = append(bars, b)
	}
	return append(bars, n.bar(n.say("%d others", n.Study.Vocab-len(words)), max(others, 0)))
}

// Uncertain says how much of a choice it is.
func (n *Numbers) Uncertain() string {
	if n.Study == nil || n.Word == nil {
		return ""
	}
	_, equal := n.chances()
	return n.say("As uncertain as a choice among %.1f words of equal chance. The order never changes: a temperature makes the likeliest word likelier or less so, and no other word the likeliest.", equal)
}

// token is that of the draft's word, or behind the last what the model ended with: that
// of the sequence which the search found, or −1 if it was cut.
func (n *Numbers) token() int {
	if n.WordAt < len(n.Study.Words) {
		return n.Study.Words[n.WordAt].Token
	}
	if n.WordAt < len(n.Study.Search) {
		for _, c := range n.Study.Search[n.WordAt] {
			if c.Won {
				return c.Token
			}
		}
	}
	return -1
}

// Candidate is a report that a film may be found again by.
type Candidate struct {
	Text   string
	From   string // where it comes from
	Own    bool   // whether it is the draft
	Cosine float64
}

// Ranked returns candidates in the order of their cosines, the largest first.
func Ranked(all []Candidate) []Candidate {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b Candidate) int { return cmp.Compare(b.Cosine, a.Cosine) })
	return all
}

// Rank is that of the draft, from 1, or 0.
func (n *Numbers) Rank() int {
	return 1 + slices.IndexFunc(n.Candidates, func(c Candidate) bool { return c.Own })
}

// Near is a candidate at its rank.
type Near struct {
	Candidate
	Rank int
}

// nearest is how many reports are listed.
const nearest = 5

// Found are the nearest candidates, and the draft wherever it stands.
func (n *Numbers) Found() []Near {
	var rows []Near
	for i, c := range n.Candidates {
		if i < nearest || c.Own {
			rows = append(rows, Near{c, i + 1})
		}
	}
	return rows
}

// Verdict says in plain words what the rank is worth.
func (n *Numbers) Verdict() string {
	if n.Candidates == nil {
		return ""
	}
	all := len(n.Candidates)
	if all == 1 {
		return n.say("There is no other report to compare with yet: redraws, and studies written in the Queue, add theirs.")
	}
	text := n.say("Among the reports to compare, the film’s own draft is at rank %d of %d; by chance it would be at %.1f.", n.Rank(), all, float64(all+1)/2)
	if all < 10 {
		text += " " + n.say("These are too few to tell: redraws, and studies written in the Queue, add theirs.")
	}
	return text + " " + n.say("Redraws are of this film as well, so that they are near is no feat.")
}
