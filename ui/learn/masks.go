package learn

import (
	"fmt"
	"math"
	"slices"

	"uarweb/engine/trace"
	"uarweb/ui/desk"
)

// Masks say what the mask of each layer does for the word.
type Masks struct{ Desk *desk.Desk }

func (c *Masks) learn() *desk.Learn { return c.Desk.Learn() }

// Layer is a layer to choose.
type Layer struct {
	ID, Name, Text string
	Chosen         bool
	at             int
}

func (c *Masks) layers() []Layer {
	w, _ := c.learn().Word()
	if w == nil {
		return nil
	}
	var all []Layer
	for i, mask := range w.Mask {
		all = append(all, Layer{fmt.Sprintf("learn-mask-%d", i), fmt.Sprintf("Layer %d", i+1), c.says(mask), i == c.learn().Layer(), i})
	}
	return all
}

// says how far the mask moves the scores of a layer, and so what it can do.
func (c *Masks) says(mask []float32) string {
	s := c.learn().Study()
	low, high := slices.Min(mask), slices.Max(mask)
	moves := scores(s, low, high)
	text := fmt.Sprintf("σ(M) runs from %s to %s, which moves a score by up to %.2f", desk.Decimals(low, high-low), desk.Decimals(high, high-low), moves)
	switch {
	case !desk.Mask.Visible(low, high):
		return text + ": it is flat, opens and closes nothing, and this layer looks as if it had no mask."
	case moves < 1:
		return text + ": it leans, and decides little."
	}
	return fmt.Sprintf("%s: the most open patch weighs %.0f times the most closed, all else equal.", text, math.Exp(math.Min(moves, 20)))
}

// scores is how far a mask between these values moves the scores of an attention.
func scores(s *trace.Study, low, high float32) float64 {
	return float64(s.Scale) * float64(high-low) / math.Sqrt(float64(s.Columns))
}
