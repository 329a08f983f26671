package learn

import (
	"fmt"

	"uarweb/engine/lesson"
	"uarweb/ui/desk"
)

// Vectors are those of the basis that a patch and a word are made of, and how far their
// gates open.
type Vectors struct{ Desk *desk.Desk }

func (c *Vectors) numbers() *lesson.Numbers { return c.Desk.Learn().Numbers() }

// gateBox is that of a gate's picture.
func gateBox() string { return fmt.Sprintf("0 0 %d 1", lesson.GateBars) }
