package learn

import (
	"uarweb/engine/lesson"
	"uarweb/ui/desk"
)

// Teacher is what a teacher needs, with what each step shows of the films on the desk.
type Teacher struct{ Desk *desk.Desk }

func (c *Teacher) numbers() *lesson.Numbers { return c.Desk.Learn().Numbers() }
