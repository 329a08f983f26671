package learn

import (
	"fmt"

	"uarweb/engine/lesson"
	"uarweb/ui/desk"
	"uarweb/ui/say"
)

// Tiles are the pictures of the dictionary, and the film made of them.
type Tiles struct{ Desk *desk.Desk }

func (c *Tiles) numbers() *lesson.Numbers { return c.Desk.Learn().Numbers() }

// viewBox is in tiles.
func (c *Tiles) viewBox() string {
	size := c.numbers().DictionarySize()
	return fmt.Sprintf("0 0 %d %d", size.Width, size.Height)
}

// shape is that of the dictionary.
func (c *Tiles) shape() string {
	size := c.numbers().DictionarySize()
	return fmt.Sprintf("aspect-ratio:%d/%d", size.Width, size.Height)
}

// named is the name of the dictionary's picture.
func (c *Tiles) named() string {
	if p := c.numbers().Patch; p != nil {
		return say.F("The dictionary, with frames around entry %d and the next", p.Likeliest[0].Code)
	}
	return say.Text("The dictionary")
}

// retold says what the film of tiles is.
func (c *Tiles) retold() string { return say.Text("The film, of tiles alone") }
