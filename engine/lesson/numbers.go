package lesson

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"uarweb/engine/report"
	"uarweb/engine/report/heatmap"
	"uarweb/engine/trace"
)

// Numbers are those of a study, of one of its patches and of one of the words of its
// report, and what the steps say by them. Of what is nil nothing is said.
type Numbers struct {
	Say func(format string, values ...any) string // writes in the reader's language what they show, given in English; nil is fmt.Sprintf

	Study *trace.Study
	Films []int // of each film that was given: heatmap.Frontal or Lateral
	Draft *report.Report

	Patch   *trace.Patch
	PatchAt int // its place among the N
	Word    *trace.Word
	WordAt  int // its place in the report; behind the last word the report ends

	Head        int // among those of all layers; any other, such as Mean, is the mean of the last layer's
	Layer       int // whose mask is shown; any other, such as Last, is the last
	Temperature float64

	Search     *Search     // of the report, of any width; nil while there is none
	Candidates []Candidate // in their order (Ranked); nil while that is not known
}

// What Head and Layer are if none is chosen.
const (
	Mean = -1
	Last = -1
)

// Middle is a patch to begin with: one at the left border of the heart, where there is
// something to see.
func Middle(s *trace.Study) int { return 8*s.Grid/14*s.Grid + 9*s.Grid/14 }

// LeastSure is the place of a word to begin with: the one that the model was least sure
// of, so that others could have stood there, but no sign; 0 if there is none.
func LeastSure(words []report.Word) (least int) {
	lowest := 0.0
	for i, w := range words {
		if w.LogProb < lowest && strings.IndexFunc(w.Text, unicode.IsLetter) >= 0 {
			least, lowest = i, w.LogProb
		}
	}
	return least
}

// say writes in the reader's language.
func (n *Numbers) say(format string, values ...any) string {
	if n.Say == nil {
		return fmt.Sprintf(format, values...)
	}
	return n.Say(format, values...)
}

// decimal has a number as it is written with the reader's decimal sign.
func (n *Numbers) decimal(written string) string {
	return strings.ReplaceAll(written, ".", n.say("."))
}

// whole says whether there is all that an equation may take its numbers from.
func (n *Numbers) whole() bool { return n.Study != nil && n.Patch != nil && n.Word != nil }

// Now is a step's equation with numbers, or empty while there are none.
func (n *Numbers) Now(step Step) string {
	if !n.whole() {
		return ""
	}
	s := n.Study
	switch step {
	case StepPixels, StepShrink:
		grey := n.Greys(step)[0][0]
		return n.say("x = %d / 255 = %.3f for the first of the pixels shown", grey, float64(grey)/255)
	case StepCodes:
		var all []string
		for _, code := range n.Patch.Likeliest[:min(3, len(n.Patch.Likeliest))] {
			all = append(all, n.say("%s for %d", n.percent(code.Probability), code.Code))
		}
		return n.say("z%s = argmax( … %s … ) = %d", subscript(n.PatchAt), strings.Join(all, ", "), n.Patch.Likeliest[0].Code)
	case StepBasis:
		return n.say("cos = %.4f for the chosen word and the chosen patch", n.Word.Alike[n.PatchAt])
	case StepPatches, StepLook:
		values := n.AttentionOf(step, n.Head)
		where, most := n.largest(values)
		return n.say("the largest of the %d weights is %.4f, on %s", len(values), most, where)
	case StepMask:
		mask := n.Mask(n.layer())
		low, high := slices.Min(mask), slices.Max(mask)
		return n.say("%g · (%s − %s) / √%d = %.2f in layer %d", s.Scale, n.decimal(report.Decimals(high, high-low)), n.decimal(report.Decimals(low, high-low)), s.Columns, n.moves(low, high), n.layer()+1)
	case StepChoose:
		likeliest := n.Chances()[0]
		return n.say("ℓ = %.3f for “%s”, so p = %s at τ = %.1f (word %d)", n.Word.Logits[likeliest.Token], report.Spoken(likeliest.Text), n.percent(likeliest.Probability), n.Temperature, n.WordAt+1)
	case StepFind:
		if rank := n.Rank(); rank > 0 {
			return n.say("cos = %.4f for the draft, rank %d of %d", n.Candidates[rank-1].Cosine, rank, len(n.Candidates))
		}
	}
	return ""
}

// Shows says what a step comes to for this film, in a sentence or two.
func (n *Numbers) Shows(step Step) string {
	switch step {
	case StepPixels, StepShrink:
		return n.AboutGreys(step)
	case StepCodes:
		return sentences(n.Sure(), n.Uses(), n.untold())
	case StepBasis:
		return sentences(n.WordNear(), n.Picks())
	case StepPatches, StepLook:
		return n.Looks(step)
	case StepMask:
		var layers []string
		for _, mask := range n.Masks() {
			layers = append(layers, mask.Name+": "+mask.Text)
		}
		return sentences(layers...)
	case StepChoose:
		return sentences(n.Uncertain(), n.Searched())
	case StepFind:
		return n.Verdict()
	}
	return ""
}

// sentences are those of texts that there are.
func sentences(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(text string) bool { return text == "" }), " ")
}

// subscript is a number in small digits below the line.
func subscript(n int) string {
	var text strings.Builder
	for _, digit := range fmt.Sprint(n) {
		text.WriteRune('₀' + digit - '0')
	}
	return text.String()
}

// percent is a share of one for people.
func (n *Numbers) percent(p float64) string { return n.decimal(report.Percent(math.Log(p))) }

// Where says where in its view a patch lies.
func (n *Numbers) Where(row, column int) string { return n.say("row %d, column %d", row+1, column+1) }

// here is where the patch lies in its view, in words.
func (n *Numbers) here() string {
	_, row, column := n.Study.Place(n.PatchAt)
	return n.Where(row, column)
}

// largest is where the largest value of all patches stands, in words, and the value.
func (n *Numbers) largest(values []float32) (at string, value float32) {
	value = slices.Max(values)
	view, row, column := n.Study.Place(slices.Index(values, value))
	film := strings.ToLower(n.ViewName(view))
	if view < len(n.Films) {
		film = n.say("the %s film", film)
	}
	return film + ", " + n.Where(row, column), value
}

// ViewName is what a view of the model shows.
func (n *Numbers) ViewName(view int) string {
	if view >= len(n.Films) {
		return n.say("The same film again")
	}
	return [...]string{n.say("Frontal"), n.say("Lateral")}[n.Films[view]]
}

// Caption says what the pictures of the films at a step are.
func (n *Numbers) Caption(step Step) string {
	s := n.Study
	if s == nil {
		return ""
	}
	switch step {
	case StepPixels:
		return n.say("The film as it was given.")
	case StepShrink:
		return n.say("The film as the model sees it: %d × %d pixels.", s.Size, s.Size)
	case StepCodes:
		return n.say("%d × %d pixels, cut into %d × %d patches of %d × %d.", s.Size, s.Size, s.Grid, s.Grid, s.Size/s.Grid, s.Size/s.Grid)
	case StepBasis:
		return n.say("The patches that the chosen word is nearest to.")
	case StepPatches:
		return n.say("The patch that asks has a frame; what matters to it is coloured.")
	case StepLook:
		return n.say("Where the word looks, as far as that is more than an even share.")
	case StepMask:
		return n.say("Where the mask is most open for the word.")
	}
	return ""
}

// Greys are the grey values of the patch, row by row: at the first step those of the
// film's middle there, then what the model sees.
func (n *Numbers) Greys(step Step) [][]byte {
	if n.Study == nil || n.Patch == nil {
		return nil
	}
	values, width := n.Patch.Film.Sample, n.Patch.Film.Side.Width
	if step != StepPixels {
		s := n.Study
		view, row, column := s.Place(n.PatchAt)
		values, width = nil, s.Size/s.Grid
		for y := range width {
			begin := (row*width+y)*s.Size + column*width
			values = append(values, s.Pixels[view][begin:begin+width]...)
		}
	}
	return slices.Collect(slices.Chunk(values, width))
}

// Lightest is the lightest grey on which white stands out by 4.5 to 1; on what is lighter
// black does.
const Lightest = 117

// AboutGreys says what the grey values are.
func (n *Numbers) AboutGreys(step Step) string {
	if n.Study == nil || n.Patch == nil {
		return ""
	}
	s, from := n.Study, n.Patch.Film
	view, _, _ := s.Place(n.PatchAt)
	film, side := s.Films[view], s.Size/s.Grid
	switch step {
	case StepPixels:
		return n.say("The patch at %s is %d × %d pixels of the film’s %d × %d, which are %s numbers in all. Here are %d × %d from its middle.",
			n.here(), from.Width, from.Height, film.Width, film.Height, n.thousands(film.Width*film.Height), from.Side.Width, from.Side.Height)
	case StepShrink:
		return n.say("Of the %d × %d pixels of the patch at %s there are %d × %d left: %s of the film have become %s. If the film is 35 cm wide, a pixel of the model is %.1f mm wide: a nodule of 6 mm has %.1f of them in a row.",
			from.Width, from.Height, n.here(), side, side, n.thousands(film.Width*film.Height), n.thousands(s.Size*s.Size), 350/float64(s.Size), 6*float64(s.Size)/350)
	}
	return n.say("The patch as the model sees it.")
}

// thousands writes a number with commas.
func (n *Numbers) thousands(count int) string {
	text := fmt.Sprint(count)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + n.say(",") + text[i:]
	}
	return text
}

// Bar is something with a share of one.
type Bar struct {
	Name, Number string // as they are written
	Share        float64
	Chosen       bool
}

func (n *Numbers) bar(name string, share float64) Bar {
	return Bar{Name: name, Number: n.percent(share), Share: share}
}

// Codes are the entries of the dictionary that fit the patch best.
func (n *Numbers) Codes() []Bar {
	if n.Patch == nil {
		return nil
	}
	var bars []Bar
	for i, code := range n.Patch.Likeliest {
		b := n.bar(n.say("entry %d", code.Code), code.Probability)
		b.Chosen = i == 0
		bars = append(bars, b)
	}
	return bars
}

// Sure says how sure the choice of the patch's entry is.
func (n *Numbers) Sure() string {
	if n.Study == nil || n.Patch == nil {
		return ""
	}
	bits := n.Study.Entropy[n.PatchAt]
	return n.say("The patch at %s. Entropy %.2f bits: as if %.1f entries fitted equally well.", n.here(), bits, math.Exp2(float64(bits)))
}

// Tokens are the image words of the view that the patch lies in, row by row.
func (n *Numbers) Tokens() [][]int32 {
	if n.Study == nil || n.Patch == nil {
		return nil
	}
	s := n.Study
	view, _, _ := s.Place(n.PatchAt)
	area := s.Grid * s.Grid
	return slices.Collect(slices.Chunk(s.Tokens[view*area:(view+1)*area], s.Grid))
}

// Uses says how much of the dictionary that view needs.
func (n *Numbers) Uses() string {
	rows := n.Tokens()
	if rows == nil {
		return ""
	}
	tokens, own, same := slices.Sorted(slices.Values(slices.Concat(rows...))), n.Study.Tokens[n.PatchAt], 0
	for _, code := range tokens {
		if code == own {
			same++
		}
	}
	return n.say("This film in words: it uses %d of the %d entries, and entry %d %s.", len(slices.Compact(tokens)), n.Study.Codes, own, n.times(same))
}

func (n *Numbers) times(count int) string {
	switch count {
	case 1:
		return n.say("once")
	case 2:
		return n.say("twice")
	}
	return n.say("%d times", count)
}

// near is the cosine below which nothing is near anything: at 72 degrees.
const near = 0.3

// Nearest are the words that the patch is nearest to, by their cosines.
func (n *Numbers) Nearest() []Bar {
	if n.Patch == nil {
		return nil
	}
	var bars []Bar
	for i, word := range n.Patch.Nearest {
		bars = append(bars, Bar{Name: report.Spoken(word.Text), Number: n.say("%.3f", word.Cosine), Share: max(word.Cosine, 0), Chosen: i == 0})
	}
	return bars
}

// PatchNear says what the words nearest to the patch are worth.
func (n *Numbers) PatchNear() string {
	switch {
	case n.Study == nil || n.Patch == nil:
		return ""
	case n.Patch.Nearest[0].Cosine < near:
		return n.say("No word is near to the patch at %s: the nearest by name stand almost at right angles.", n.here())
	}
	return n.say("The words nearest to the patch at %s, by the cosine:", n.here())
}

// WordNear says which patch the word is nearest to, and what that is worth.
func (n *Numbers) WordNear() string {
	if n.Study == nil || n.Word == nil {
		return ""
	}
	at, most := n.largest(n.Word.Alike)
	text := n.say("“%s” is nearest to the patch at %s: cos = %.3f.", n.Name(), at, most)
	if most < near {
		text += " " + n.say("That is not near: in this model words and patches hardly share directions.")
	}
	return text
}

// Name is the word as it is spoken.
func (n *Numbers) Name() string {
	if n.WordAt < len(n.Study.Words) {
		return report.Spoken(n.Study.Words[n.WordAt].Text)
	}
	return report.Spoken(report.End)
}

// Heads is how many heads the attention of a step has in each layer, and how many
// layers.
func (n *Numbers) Heads(step Step) (layers, heads int) {
	a := n.attention(step)
	if len(a) == 0 {
		return 0, 0
	}
	return len(a), len(a[0])
}

// attention is what a step looks into, [layers][heads][N]: the patch's in the encoder, or
// the word's in the decoder.
func (n *Numbers) attention(step Step) [][][]float32 {
	switch {
	case step == StepPatches && n.Patch != nil:
		return n.Patch.Attention
	case step != StepPatches && n.Word != nil:
		return n.Word.Attention
	}
	return nil
}

// AttentionOf is how much a head attends to each of the N patches.
func (n *Numbers) AttentionOf(step Step, head int) []float32 {
	a := n.attention(step)
	layers, heads := n.Heads(step)
	switch {
	case layers == 0:
		return nil
	case head >= 0 && head < layers*heads:
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

// Looks says where the chosen head looks.
func (n *Numbers) Looks(step Step) string {
	values := n.AttentionOf(step, n.Head)
	if n.Study == nil || values == nil {
		return ""
	}
	what, alike := n.say("The mean of the last layer’s heads."), n.say("That is hardly more: these heads look everywhere and tell nothing apart here.")
	if layers, heads := n.Heads(step); n.Head >= 0 && n.Head < layers*heads {
		what = n.say("Layer %d, head %d.", n.Head/heads+1, n.Head%heads+1)
		alike = n.say("That is hardly more: this head looks everywhere and tells nothing apart here.")
	}
	zones := heatmap.DescribeIn(n.say, heatmap.Split(values, len(n.Study.Pixels), len(n.Films), heatmap.Attention), n.Films, heatmap.Attention)
	where, most := n.largest(values)
	even := 1 / float64(len(values))
	what += " " + n.say("%s Its largest weight is %s, on %s; an even share is %s.", zones, n.percent(float64(most)), where, n.percent(even))
	if float64(most) < stands*even {
		what += " " + alike
	}
	return what
}

// stands is how many even shares a patch must have to stand out.
const stands = 4

// Flat says how many heads tell anything apart.
func (n *Numbers) Flat(step Step) string {
	layers, heads := n.Heads(step)
	if layers == 0 {
		return ""
	}
	flat := 0
	for at := range layers * heads {
		if values := n.AttentionOf(step, at); slices.Max(values) < stands/float32(len(values)) {
			flat++
		}
	}
	switch flat {
	case 0:
		return n.say("Each of the %d heads tells some patch apart here, by four even shares or more.", layers*heads)
	case 1:
		return n.say("Of %d heads, 1 looks everywhere alike here: no patch has four even shares.", layers*heads)
	}
	return n.say("Of %d heads, %d look everywhere alike here: no patch has four even shares.", layers*heads, flat)
}

// layer is the one whose mask is shown.
func (n *Numbers) layer() int {
	if n.Layer < 0 || n.Layer >= len(n.Word.Mask) {
		return len(n.Word.Mask) - 1
	}
	return n.Layer
}

// Mask is σ(M) of a layer for the word, of each of the N patches.
func (n *Numbers) Mask(layer int) []float32 {
	if n.Word == nil || layer < 0 || layer >= len(n.Word.Mask) {
		return nil
	}
	return n.Word.Mask[layer]
}

// Layer is a decoder layer, and what its mask does.
type Layer struct {
	Name, Text string
	Chosen     bool
}

// Masks say how far the mask of each layer moves its scores, and so what it can do.
func (n *Numbers) Masks() []Layer {
	if n.Study == nil || n.Word == nil {
		return nil
	}
	var all []Layer
	for i, mask := range n.Word.Mask {
		low, high := slices.Min(mask), slices.Max(mask)
		moves := n.moves(low, high)
		text := n.say("σ(M) runs from %s to %s, which moves a score by up to %.2f", n.decimal(report.Decimals(low, high-low)), n.decimal(report.Decimals(high, high-low)), moves)
		switch {
		case !heatmap.Mask.Visible(low, high):
			text += n.say(": it is flat, opens and closes nothing, and this layer looks as if it had no mask.")
		case moves < 1:
			text += n.say(": it leans, and decides little.")
		default:
			text += n.say(": the most open patch weighs %.0f times the most closed, all else equal.", math.Exp(math.Min(moves, 20)))
		}
		all = append(all, Layer{n.say("Layer %d", i+1), text, i == n.layer()})
	}
	return all
}

// moves is how far a mask between these values moves the scores of an attention.
func (n *Numbers) moves(low, high float32) float64 {
	return float64(n.Study.Scale) * float64(high-low) / math.Sqrt(float64(n.Study.Columns))
}
