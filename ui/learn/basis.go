package learn

import (
	"uarweb/engine/lesson"
	"uarweb/ui/desk"
)

// Basis says which words a patch is nearest to, and which patch a word.
type Basis struct{ Desk *desk.Desk }

func (c *Basis) numbers() *lesson.Numbers { return c.Desk.Learn().Numbers() }
