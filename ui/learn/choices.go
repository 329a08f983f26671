package learn

import (
	"strconv"

	"github.com/vugu/vugu"

	"uarweb/engine/lesson"
	"uarweb/ui/desk"
	"uarweb/ui/say"
)

// Choices are the words that might stand in a word's place.
type Choices struct{ Desk *desk.Desk }

func (c *Choices) learn() *desk.Learn { return c.Desk.Learn() }

func (c *Choices) numbers() *lesson.Numbers { return c.learn().Numbers() }

func (c *Choices) temperature() string { return say.F("τ = %.1f", c.learn().Temperature()) }

func (c *Choices) setTenths(event vugu.DOMEvent) {
	if n, err := strconv.Atoi(event.PropString("target", "value")); err == nil {
		c.learn().SetTenths(n)
	}
}

// tenths is where the slider of the temperature stands.
func (c *Choices) tenths() int { return int(10*c.learn().Temperature() + 0.5) }

// language is that of a bar's name: behind the model's words the page says how many
// others there are.
func (c *Choices) language(bar int) string {
	if bar < len(c.numbers().Chances()) {
		return say.English
	}
	return say.Language()
}
