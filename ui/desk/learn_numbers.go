package desk

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"uarweb/engine/lesson"
	"uarweb/engine/trace"
)

// Of the numbers that follow there are none while what they are of is not there.

// Temperature is that of the slider.
func (l *Learn) Temperature() float64 { return float64(l.tenths) / 10 }

// SetTenths changes the temperature, in tenths.
func (l *Learn) SetTenths(tenths int) { l.tenths = min(max(tenths, 1), MaxTenths) }

// Width is the width of a search on the slider.
func (l *Learn) Width() int { return l.width }

// SetWidth changes that.
func (l *Learn) SetWidth(width int) { l.width = min(max(width, 1), MaxWidth) }

// Chance is a word that might stand in a word's place, and how likely it is there.
type Chance struct {
	trace.Choice
	Probability float64
	Chosen      bool // by the draft
	Kept        bool // by a search of the slider's width that has this beginning alone
}

// Chances are the likeliest words in the place of the one that is shown, softmax(ℓ/τ)
// over the whole vocabulary, and how likely all others are together. equal is to how
// many words of the same probability the choice amounts, 2 to the entropy in bits.
func (l *Learn) Chances() (words []Chance, others, equal float64) {
	w, place := l.Word()
	if w == nil {
		return nil, 0, 0
	}
	top, sum := float64(slices.Max(w.Logits)), 0.0
	weights := make([]float64, len(w.Logits))
	for i, logit := range w.Logits {
		weights[i] = math.Exp((float64(logit) - top) / l.Temperature())
		sum += weights[i]
	}
	nats := 0.0
	for i := range weights {
		weights[i] /= sum
		if weights[i] > 0 {
			nats -= weights[i] * math.Log(weights[i])
		}
	}
	others = 1
	for i, c := range w.Likeliest {
		words = append(words, Chance{c, weights[c.Token], c.Token == l.token(place), i < l.width})
		others -= weights[c.Token]
	}
	return words, max(others, 0), math.Exp(nats)
}

// token is that of the draft's word in a place, or behind the last what the model
// ended with: that of the kept sequence which the draft is, or −1 if it was cut.
func (l *Learn) token(place int) int {
	s := l.Study()
	if place < len(s.Words) {
		return s.Words[place].Token
	}
	for _, b := range l.beams(place) {
		if b.Draft {
			return b.Token
		}
	}
	return -1
}

// Beam is a sequence that the search considered at a step.
type Beam struct {
	trace.Considered
	Beginning string // of the sequence, its last words
	Draft     bool   // whether the draft begins so, or is it
}

// Beams are what the search that found the draft considered at the step of the word
// that is shown, the largest sum first.
func (l *Learn) Beams() []Beam {
	if w, place := l.Word(); w != nil {
		return l.beams(place)
	}
	return nil
}

// beginning is how many words of a sequence a Beam shows.
const beginning = 4

func (l *Learn) beams(step int) []Beam {
	type sequence struct {
		words []string
		draft bool
	}
	s := l.Study()
	if step >= len(s.Search) {
		return nil
	}
	live := []sequence{{draft: true}}
	for at := 0; ; at++ {
		var beams []Beam
		var next []sequence
		for _, c := range s.Search[at] {
			if c.Row >= len(live) {
				return nil
			}
			before := live[c.Row]
			end := c.Text == endOfReport
			draft := before.draft && (at < len(s.Words) && c.Token == s.Words[at].Token || at == len(s.Words) && end)
			beams = append(beams, Beam{c, strings.Join(before.words[max(0, len(before.words)-beginning):], " "), draft})
			if c.Kept && !end {
				next = append(next, sequence{append(slices.Clone(before.words), c.Text), draft})
			}
		}
		if at == step {
			return beams
		}
		live = next
	}
}

// Heads is how many heads an attention has in each layer, and how many layers; the
// patch's at its step, else the word's.
func (l *Learn) Heads() (layers, heads int) {
	a := l.attention()
	if len(a) == 0 {
		return 0, 0
	}
	return len(a), len(a[0])
}

// attention is what this step looks into, [layers][heads][N].
func (l *Learn) attention() [][][]float32 {
	if p, _ := l.Patch(); l.step == lesson.StepPatches {
		if p == nil {
			return nil
		}
		return p.Attention
	}
	if w, _ := l.Word(); w != nil {
		return w.Attention
	}
	return nil
}

// Head is the one that is chosen, among those of all layers, or None: then the mean of
// all heads of the last layer is shown.
func (l *Learn) Head() int {
	if layers, heads := l.Heads(); l.head >= layers*heads {
		return None
	}
	return l.head
}

// ChooseHead chooses a head, or None.
func (l *Learn) ChooseHead(head int) { l.head = head }

// AttentionOf is how much a head attends to each of the N patches; that of None is the
// mean of the last layer's, what a report's attention is.
func (l *Learn) AttentionOf(head int) []float32 {
	a := l.attention()
	layers, heads := l.Heads()
	if layers == 0 {
		return nil
	}
	if head != None {
		return a[head/heads][head%heads]
	}
	mean := make([]float32, len(a[0][0]))
	for _, weights := range a[layers-1] {
		for i, v := range weights {
			mean[i] += v / float32(heads)
		}
	}
	return mean
}

// MaskOf is σ(M) of a layer for the word that is shown, of each of the N patches.
func (l *Learn) MaskOf(layer int) []float32 {
	if w, _ := l.Word(); w != nil && layer < len(w.Mask) {
		return w.Mask[layer]
	}
	return nil
}

// Grids cuts a map of the N patches into one for each view of the model.
func (l *Learn) Grids(values []float32) []Grid {
	s := l.Study()
	if s == nil || values == nil {
		return nil
	}
	return split(values, len(s.Pixels), len(s.Pixels), Attention)
}

// Zones says where a map of attention lies, or of a mask, in words.
func (l *Learn) Zones(values []float32, m Map) string {
	s := l.Study()
	if s == nil || values == nil {
		return ""
	}
	return describe(split(values, len(s.Pixels), len(l.draft.Views), m), l.draft.Slots, m)
}

// Layer is the layer whose mask the films show: the last until another is chosen.
func (l *Learn) Layer() int {
	w, _ := l.Word()
	if w == nil {
		return 0
	}
	if l.layer == None {
		return len(w.Mask) - 1
	}
	return min(l.layer, len(w.Mask)-1)
}

// ChooseLayer chooses another.
func (l *Learn) ChooseLayer(layer int) { l.layer = layer }

// Candidate is a report that a film may be found again by.
type Candidate struct {
	Text   string
	From   string // where it comes from
	Own    bool   // whether it is the draft
	Cosine float64

	tokens []int
}

// candidates are the draft, what its redraws say, and the drafts of the other studies of
// the queue, each text once.
func (l *Learn) candidates() []Candidate {
	d := l.desk
	all := []Candidate{{Text: l.draft.Report.Text, From: "the draft", Own: true, tokens: l.draft.Report.Tokens}}
	add := func(text, from string, tokens []int) {
		if !slices.ContainsFunc(all, func(c Candidate) bool { return c.Text == text }) {
			all = append(all, Candidate{Text: text, From: from, tokens: tokens})
		}
	}
	if d.redraw != nil {
		for _, r := range d.redraw.reports {
			add(r.Report.Text, "a redraw", r.Report.Tokens)
		}
	}
	for _, s := range d.queue.studies {
		if r := s.Report; r != nil && r.Model == l.draft.Report.Model {
			add(r.Text, "the draft of another study", r.Tokens)
		}
	}
	return all
}

// Found are the reports that the film may be found again by, that of the largest cosine
// first, and at which rank the draft stands, from 1; none while that is not known.
func (l *Learn) Found() (all []Candidate, rank int) {
	s := l.shown[trace.OfReports]
	if l.Study() == nil || s.Reports == nil {
		return nil, 0
	}
	all = l.candidates()
	if len(s.Reports.Cosines) != len(all) {
		return nil, 0
	}
	for i := range all {
		all[i].Cosine = s.Reports.Cosines[i]
	}
	slices.SortStableFunc(all, func(a, b Candidate) int { return cmp.Compare(b.Cosine, a.Cosine) })
	return all, 1 + slices.IndexFunc(all, func(c Candidate) bool { return c.Own })
}
