package learn

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vugu/vugu"

	"uarweb/ui/desk"
)

// Equation is the step's, in the letters of engine/MODEL.md, and with this film's numbers.
type Equation struct{ Desk *desk.Desk }

func (c *Equation) learn() *desk.Learn { return c.Desk.Learn() }

// equations of the steps, and what their letters mean.
var equations = map[desk.Step]struct{ equation, letters vugu.HTML }{
	desk.StepPixels: {`<i>x</i> = grey / 255, in 0 … 1`,
		`grey is the detector’s value as 8 bits: of b bits, 14 at most, value ≫ (b − 8). A DICOM file’s window comes before it.`},
	desk.StepShrink: {`grey<sub><i>i</i></sub> = Σ<sub><i>j</i></sub> <i>w</i><sub><i>ij</i></sub> · grey<sub><i>j</i></sub>, Σ<sub><i>j</i></sub> <i>w</i><sub><i>ij</i></sub> = 1; <i>x</i> = grey / 255`,
		`w is a triangle as wide as two pixels of the small film; along the rows first, then along the columns, each rounded to 8 bits.`},
	desk.StepCodes: {`<i>z</i><sub><i>i</i></sub> = argmax<sub><i>k</i></sub> (<i>W</i> · ReLU(<i>h</i><sub><i>i</i></sub>) + <i>b</i>)<sub><i>k</i></sub>`,
		`h is what the convolutions of the dVAE make of patch i and what lies around it, so two patches that are alike in themselves may get different entries. The percentages are the softmax over all k.`},
	desk.StepBasis: {`<i>F</i> = <i>G</i><sub>I</sub> ⊙ tanh(<i>E</i> + <i>F̃</i>) + <i>G</i><sub>F</sub> ⊙ <i>E</i> + <i>F̃</i>, <i>F̃</i> = MultiHead(<i>E</i>, <i>B̂</i>, <i>B̂</i>)`,
		`Equations 7 and 9 of the paper: E is what the model has learned of a code or a word, B̂ the basis, F̃ what attention picks from it, and the gates G say how much of each is kept. The cosine is that of two F.`},
	desk.StepPatches: {`<i>A</i> = softmax(<i>Q</i><i>K</i><sup>T</sup> / √(<i>d</i>/<i>h</i>)), <i>x</i> ← <i>x</i> + output(<i>A</i> <i>V</i>)`,
		`Q is what the patch asks, K what every patch answers to, V what it tells; d is the model’s width and h the number of heads.`},
	desk.StepLook: {`<i>A</i> = softmax((<i>Q</i><i>K</i><sup>T</sup> + <i>k</i> · σ(<i>M</i>)) / √(<i>d</i>/<i>h</i>))`,
		`Equation 11 of the paper: Q comes from the words so far, K and V from the patches, M is the mask of the next step.`},
	desk.StepMask: {`<i>M</i> = (<i>n</i> · <i>W</i><sub>query</sub><sup>T</sup>)(memory · <i>W</i><sub>key</sub><sup>T</sup>)<sup>T</sup> / √<i>r</i> + <i>b</i>, added as <i>k</i> · σ(<i>M</i>)`,
		`n is the word so far, r the rank of the mask, k = 1000 in the paper. What the mask moves a score by is k · (largest − smallest σ(M)) / √(d/h).`},
	desk.StepChoose: {`<i>p</i><sub><i>w</i></sub> = e<sup>ℓ<sub><i>w</i></sub>/τ</sup> / Σ<sub><i>v</i></sub> e<sup>ℓ<sub><i>v</i></sub>/τ</sup>; a search keeps the largest Σ log <i>p</i>`,
		`ℓ are the decoder’s numbers (logits), τ the temperature. The draft is searched at τ = 1; redraws draw words by these chances, but never an unknown one.`},
	desk.StepFind: {`cos(<i>f</i><sub>I</sub>, <i>f</i><sub>R</sub>) = <i>f</i><sub>I</sub> · <i>f</i><sub>R</sub> / (|<i>f</i><sub>I</sub>| |<i>f</i><sub>R</sub>|)`,
		`f<sub>I</sub> is the mean of F over all patches, f<sub>R</sub> that over the words of a report: what the basis makes of them (Figure 3 of the paper).`},
}

func (c *Equation) equation() vugu.HTML { return equations[c.learn().Step()].equation }

func (c *Equation) letters() vugu.HTML { return equations[c.learn().Step()].letters }

// now is the equation with numbers, or empty while there are none.
func (c *Equation) now() string {
	l := c.learn()
	s := l.Study()
	p, place := l.Patch()
	w, at := l.Word()
	if s == nil || p == nil || w == nil {
		return ""
	}
	switch l.Step() {
	case desk.StepPixels:
		return fmt.Sprintf("x = %d / 255 = %.3f for the first of the pixels shown", p.Film.Sample[0], float64(p.Film.Sample[0])/255)
	case desk.StepShrink:
		values, _ := seen(s, place)
		return fmt.Sprintf("x = %d / 255 = %.3f for the first of the pixels shown", values[0], float64(values[0])/255)
	case desk.StepCodes:
		var all []string
		for _, code := range p.Likeliest[:min(3, len(p.Likeliest))] {
			all = append(all, fmt.Sprintf("%s for %d", percent(code.Probability), code.Code))
		}
		return fmt.Sprintf("z%s = argmax( … %s … ) = %d", subscript(place), strings.Join(all, ", "), p.Likeliest[0].Code)
	case desk.StepBasis:
		return fmt.Sprintf("cos = %.4f for the chosen word and the chosen patch", w.Alike[place])
	case desk.StepPatches, desk.StepLook:
		values := l.AttentionOf(l.Head())
		where, most := largest(c.Desk, values)
		return fmt.Sprintf("the largest of the %d weights is %.4f, on %s", len(values), most, where)
	case desk.StepMask:
		mask := l.MaskOf(l.Layer())
		low, high := slices.Min(mask), slices.Max(mask)
		return fmt.Sprintf("%g · (%s − %s) / √%d = %.2f in layer %d", s.Scale, desk.Decimals(high, high-low), desk.Decimals(low, high-low), s.Columns, scores(s, low, high), l.Layer()+1)
	case desk.StepFind:
		found, rank := l.Found()
		if found == nil {
			return ""
		}
		return fmt.Sprintf("cos = %.4f for the draft, rank %d of %d", found[rank-1].Cosine, rank, len(found))
	case desk.StepChoose:
		likeliest := w.Likeliest[0]
		words, _, _ := l.Chances()
		return fmt.Sprintf("ℓ = %.3f for “%s”, so p = %s at τ = %.1f (word %d)", w.Logits[likeliest.Token], desk.Spoken(likeliest.Text), percent(words[0].Probability), l.Temperature(), at+1)
	}
	return ""
}

// subscript is a number in small digits below the line.
func subscript(n int) string {
	var text strings.Builder
	for _, digit := range fmt.Sprint(n) {
		text.WriteRune('₀' + digit - '0')
	}
	return text.String()
}
