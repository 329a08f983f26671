package learn

import (
	"fmt"
	"strconv"

	"github.com/vugu/vugu"

	"uarweb/ui/desk"
)

// Choices are the words that might stand in a word's place, and what the search made of
// them.
type Choices struct{ Desk *desk.Desk }

func (c *Choices) learn() *desk.Learn { return c.Desk.Learn() }

// bars are the likeliest words at the temperature of the slider, and all others.
func (c *Choices) bars() []Bar {
	words, others, _ := c.learn().Chances()
	if words == nil {
		return nil
	}
	var bars []Bar
	for _, w := range words {
		b := bar(desk.Spoken(w.Text), w.Probability)
		b.Chosen, b.Kept = w.Chosen, w.Kept
		bars = append(bars, b)
	}
	return append(bars, bar(fmt.Sprintf("%d others", c.learn().Study().Vocab-len(words)), others))
}

// kept says in words whether a search would keep a word.
func kept(b Bar) string {
	if b.Kept {
		return "kept"
	}
	return ""
}

func (c *Choices) equal() string {
	_, _, equal := c.learn().Chances()
	return fmt.Sprintf("As uncertain as a choice among %.1f words of equal chance. The order never changes: a temperature makes the likeliest word likelier or less so, and no other word the likeliest.", equal)
}

func (c *Choices) temperature() string { return fmt.Sprintf("τ = %.1f", c.learn().Temperature()) }

func (c *Choices) width() string { return desk.Count(c.learn().Width(), "beam") }

func (c *Choices) setTenths(event vugu.DOMEvent) {
	if n, err := strconv.Atoi(event.PropString("target", "value")); err == nil {
		c.learn().SetTenths(n)
	}
}

func (c *Choices) setWidth(event vugu.DOMEvent) {
	if n, err := strconv.Atoi(event.PropString("target", "value")); err == nil {
		c.learn().SetWidth(n)
	}
}

// tenths is where the slider of the temperature stands.
func (c *Choices) tenths() int { return int(10*c.learn().Temperature() + 0.5) }

func beginning(b desk.Beam) string {
	if b.Beginning == "" {
		return "(the beginning)"
	}
	return "… " + b.Beginning
}

func fate(b desk.Beam) string {
	switch {
	case b.Kept && b.Draft:
		return "kept: the draft"
	case b.Kept:
		return "kept"
	}
	return "dropped"
}

// search says what the table shows.
func (c *Choices) search() string {
	if c.learn().Beams() == nil {
		return "The draft was cut here: the search took no further step."
	}
	return fmt.Sprintf("What the search of %s really considered at this step, by the sum over the whole sequence.", desk.Count(c.Desk.Result().Report.Beam, "beam"))
}

func number(v float64) string { return fmt.Sprintf("%.2f", v) }
