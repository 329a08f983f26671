package learn

import (
	"fmt"

	"uarweb/engine/lesson"
	"uarweb/ui/desk"
)

// Masks say what the mask of each layer does for the word.
type Masks struct{ Desk *desk.Desk }

func (c *Masks) learn() *desk.Learn { return c.Desk.Learn() }

func (c *Masks) layers() []lesson.Layer { return c.learn().Numbers().Masks() }

func maskID(layer int) string { return fmt.Sprintf("learn-mask-%d", layer) }
