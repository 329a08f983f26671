package learn

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vugu/vugu"

	"uarweb/engine/lesson"
	"uarweb/ui/desk"
)

// Equation is the step's, in the letters of engine/MODEL.md, and with this film's numbers.
type Equation struct{ Desk *desk.Desk }

func (c *Equation) learn() *desk.Learn { return c.Desk.Learn() }

func (c *Equation) equation() vugu.HTML { return vugu.HTML(c.learn().Step().Page().Equation) }

func (c *Equation) letters() vugu.HTML { return vugu.HTML(c.learn().Step().Page().Letters) }

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
	case lesson.StepPixels:
		return fmt.Sprintf("x = %d / 255 = %.3f for the first of the pixels shown", p.Film.Sample[0], float64(p.Film.Sample[0])/255)
	case lesson.StepShrink:
		values, _ := seen(s, place)
		return fmt.Sprintf("x = %d / 255 = %.3f for the first of the pixels shown", values[0], float64(values[0])/255)
	case lesson.StepCodes:
		var all []string
		for _, code := range p.Likeliest[:min(3, len(p.Likeliest))] {
			all = append(all, fmt.Sprintf("%s for %d", percent(code.Probability), code.Code))
		}
		return fmt.Sprintf("z%s = argmax( … %s … ) = %d", subscript(place), strings.Join(all, ", "), p.Likeliest[0].Code)
	case lesson.StepBasis:
		return fmt.Sprintf("cos = %.4f for the chosen word and the chosen patch", w.Alike[place])
	case lesson.StepPatches, lesson.StepLook:
		values := l.AttentionOf(l.Head())
		where, most := largest(c.Desk, values)
		return fmt.Sprintf("the largest of the %d weights is %.4f, on %s", len(values), most, where)
	case lesson.StepMask:
		mask := l.MaskOf(l.Layer())
		low, high := slices.Min(mask), slices.Max(mask)
		return fmt.Sprintf("%g · (%s − %s) / √%d = %.2f in layer %d", s.Scale, desk.Decimals(high, high-low), desk.Decimals(low, high-low), s.Columns, scores(s, low, high), l.Layer()+1)
	case lesson.StepFind:
		found, rank := l.Found()
		if found == nil {
			return ""
		}
		return fmt.Sprintf("cos = %.4f for the draft, rank %d of %d", found[rank-1].Cosine, rank, len(found))
	case lesson.StepChoose:
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
