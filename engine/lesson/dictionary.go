package lesson

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"

	"uarweb/engine/trace"
)

// tiled says whether there are pictures of the dictionary, and a patch to look up.
func (n *Numbers) tiled() bool { return n.Study != nil && n.Study.Tiles != nil && n.Patch != nil }

// NoTiles says that there are none of the dictionary, or is empty.
func (n *Numbers) NoTiles() string {
	if n.Study != nil && n.Study.Tiles == nil {
		return n.say("This model has no pictures of its dictionary.")
	}
	return ""
}

// DictionarySize is how many tiles the picture of the dictionary is wide and high: it is
// about twice as wide.
func (n *Numbers) DictionarySize() (size trace.Size) {
	if n.Study == nil || n.Study.Tiles == nil {
		return trace.Size{Width: 1, Height: 1}
	}
	entries := len(n.Study.Tiles)
	size.Width = int(math.Ceil(math.Sqrt(2 * float64(entries))))
	size.Height = (entries + size.Width - 1) / size.Width
	return size
}

// Dictionary is a picture of every entry of the dictionary, row by row, clear where there
// is none. The study has Tiles.
func (n *Numbers) Dictionary() *image.NRGBA {
	codes := make([]int32, len(n.Study.Tiles))
	for i := range codes {
		codes[i] = int32(i)
	}
	return n.tiles(codes, n.DictionarySize().Width)
}

// Retold is a view made of the pictures of its entries. The study has Tiles.
func (n *Numbers) Retold(view int) *image.NRGBA {
	area := n.Study.Grid * n.Study.Grid
	return n.tiles(n.Study.Tokens[view*area:(view+1)*area], n.Study.Grid)
}

// tiles are those of codes, so many in a row, clear where there is none.
func (n *Numbers) tiles(codes []int32, columns int) *image.NRGBA {
	side := n.Study.Size / n.Study.Grid
	m := image.NewNRGBA(image.Rect(0, 0, columns*side, (len(codes)+columns-1)/columns*side))
	for i, code := range codes {
		for at, grey := range n.Study.Tiles[code] {
			m.SetNRGBA(i%columns*side+at%side, i/columns*side+at/side, color.NRGBA{grey, grey, grey, 255})
		}
	}
	return m
}

// Entries are squares around entries of the dictionary, as the data of SVG paths in tiles.
type Entries struct {
	Chosen string // the one that fits the patch best
	Next   string // those that fit next best
}

// Entries are those of the patch.
func (n *Numbers) Entries() (e Entries) {
	if !n.tiled() {
		return e
	}
	columns := n.DictionarySize().Width
	for i, code := range n.Patch.Likeliest {
		square := fmt.Sprintf("M%d %dh1v1h-1z", code.Code%columns, code.Code/columns)
		if i == 0 {
			e.Chosen = square
		} else {
			e.Next += square
		}
	}
	return e
}

// AboutDictionary says what the picture of the dictionary is, and why some entries have
// none.
func (n *Numbers) AboutDictionary() string {
	if !n.tiled() {
		return ""
	}
	s := n.Study
	without := 0
	for _, tile := range s.Tiles {
		if tile == nil {
			without++
		}
	}
	text := n.say("The dictionary, from entry 0 on, row by row. The picture of an entry is the mean of all patches of the training films that have it. Thick frame: the entry written down; thin: the next four. %d of the %d entries have no picture: fewer than %d of the studies use them, and the mean of so few could show a part of somebody’s chest.", without, s.Codes, s.Studies)
	if s.Tiles[n.Patch.Likeliest[0].Code] == nil {
		text += " " + n.say("Entry %d is one of these.", n.Patch.Likeliest[0].Code)
	}
	return text
}

// AboutRetold says what the film made of tiles shows.
func (n *Numbers) AboutRetold() string {
	if !n.tiled() {
		return ""
	}
	return sentences(n.say("The film again, each patch as the picture of its entry: about what the model has left of it."), n.untold())
}

// untold says how many patches of the film made of tiles are left out.
func (n *Numbers) untold() string {
	if !n.tiled() {
		return ""
	}
	tokens, without := slices.Concat(n.Tokens()...), 0
	for _, code := range tokens {
		if n.Study.Tiles[code] == nil {
			without++
		}
	}
	switch without {
	case 0:
		return ""
	case 1:
		return n.say("1 of its %d patches has an entry without a picture.", len(tokens))
	}
	return n.say("%d of its %d patches have an entry without a picture.", without, len(tokens))
}
