package learn

import (
	"fmt"
	"strings"

	"uarweb/ui/desk"
)

// Tiles are the pictures of the dictionary, and the film made of them.
type Tiles struct{ Desk *desk.Desk }

func (c *Tiles) learn() *desk.Learn { return c.Desk.Learn() }

// none says that the model has no tiles, or is empty.
func (c *Tiles) none() string {
	if s := c.learn().Study(); s != nil && s.Tiles == nil {
		return "This model has no pictures of its dictionary."
	}
	return ""
}

// viewBox is in tiles.
func (c *Tiles) viewBox() string {
	columns, rows := c.size()
	return fmt.Sprintf("0 0 %d %d", columns, rows)
}

// shape is that of the dictionary.
func (c *Tiles) shape() string {
	columns, rows := c.size()
	return fmt.Sprintf("aspect-ratio:%d/%d", columns, rows)
}

func (c *Tiles) size() (columns, rows int) {
	if s := c.learn().Study(); s != nil && s.Tiles != nil {
		return desk.TileColumns(s), (len(s.Tiles) + desk.TileColumns(s) - 1) / desk.TileColumns(s)
	}
	return 1, 1
}

// frames are squares around entries, as the data of an SVG path.
func (c *Tiles) frames(first, count int) string {
	p := c.learn().Numbers().Patch
	if p == nil || c.none() != "" {
		return ""
	}
	columns, _ := c.size()
	var path strings.Builder
	for _, code := range p.Likeliest[min(first, len(p.Likeliest)):min(first+count, len(p.Likeliest))] {
		fmt.Fprintf(&path, "M%d %dh1v1h-1z", code.Code%columns, code.Code/columns)
	}
	return path.String()
}

// chosen is the frame of the entry that fits best, others are those of the next four.
func (c *Tiles) chosen() string { return c.frames(0, 1) }
func (c *Tiles) others() string { return c.frames(1, 4) }

// named is the name of the dictionary's picture.
func (c *Tiles) named() string {
	if p := c.learn().Numbers().Patch; p != nil {
		return fmt.Sprintf("The dictionary, with frames around entry %d and the next", p.Likeliest[0].Code)
	}
	return "The dictionary"
}

// dictionary says what the tiles are, and why some are not there.
func (c *Tiles) dictionary() string {
	p := c.learn().Numbers().Patch
	if p == nil || c.none() != "" {
		return ""
	}
	s := c.learn().Study()
	has := 0
	for _, tile := range s.Tiles {
		if tile != nil {
			has++
		}
	}
	text := fmt.Sprintf("The dictionary, from entry 0 on, row by row. The picture of an entry is the mean of all patches of the training films that have it. Thick frame: the entry written down; thin: the next four. %d of the %d entries have no picture: fewer than %d of the studies use them, and the mean of so few could show a part of somebody’s chest.", s.Codes-has, s.Codes, s.Studies)
	if s.Tiles[p.Likeliest[0].Code] == nil {
		text += fmt.Sprintf(" Entry %d is one of these.", p.Likeliest[0].Code)
	}
	return text
}

// retold says what the film of tiles shows.
func (c *Tiles) retold() string {
	n := c.learn().Numbers()
	p, place := n.Patch, n.PatchAt
	if p == nil || c.none() != "" {
		return ""
	}
	s := c.learn().Study()
	view, _, _ := s.Place(place)
	without, area := 0, s.Grid*s.Grid
	for _, code := range s.Tokens[view*area : (view+1)*area] {
		if s.Tiles[code] == nil {
			without++
		}
	}
	text := "The film again, each patch as the picture of its entry: about what the model has left of it."
	if without > 0 {
		text += fmt.Sprintf(" Of its %d patches %d have an entry without one.", area, without)
	}
	return text
}
