package learn

import (
	"fmt"
	"strconv"

	"github.com/vugu/vugu"

	"uarweb/engine/lesson"
	"uarweb/ui/desk"
)

// Choices are the words that might stand in a word's place.
type Choices struct{ Desk *desk.Desk }

func (c *Choices) learn() *desk.Learn { return c.Desk.Learn() }

func (c *Choices) numbers() *lesson.Numbers { return c.learn().Numbers() }

func (c *Choices) temperature() string { return fmt.Sprintf("τ = %.1f", c.learn().Temperature()) }

func (c *Choices) setTenths(event vugu.DOMEvent) {
	if n, err := strconv.Atoi(event.PropString("target", "value")); err == nil {
		c.learn().SetTenths(n)
	}
}

// tenths is where the slider of the temperature stands.
func (c *Choices) tenths() int { return int(10*c.learn().Temperature() + 0.5) }
