package lesson_test

import (
	"image/color"
	"testing"

	"github.com/stretchr/testify/assert"

	"uarweb/engine/lesson"
	"uarweb/engine/trace"
)

// The dictionary and the film made of it are its entries' pictures, clear where there is none.
func TestDictionary(t *testing.T) {
	n := &lesson.Numbers{
		Study: &trace.Study{
			Size: 4, Grid: 2, Codes: 5, Studies: 50, Pixels: make([][]byte, 2), Tokens: []int32{0, 0, 0, 0, 4, 2, 0, 3},
			Tiles: [][]byte{{1, 2, 3, 4}, nil, {5, 6, 7, 8}, nil, {9, 10, 11, 12}},
		},
		Patch:   &trace.Patch{Likeliest: []trace.Code{{Code: 3}, {Code: 4}, {Code: 0}}},
		PatchAt: 7,
	}
	grey := func(v byte) color.NRGBA { return color.NRGBA{v, v, v, 255} }
	assert.Equal(t, trace.Size{Width: 4, Height: 2}, n.DictionarySize())
	all := n.Dictionary()
	assert.Equal(t, grey(4), all.NRGBAAt(1, 1))
	assert.Zero(t, all.NRGBAAt(2, 0), "entry 1 has none")
	assert.Equal(t, grey(6), all.NRGBAAt(5, 0))
	assert.Equal(t, grey(11), all.NRGBAAt(0, 3), "in the second row")
	assert.Zero(t, all.NRGBAAt(7, 3), "there is no entry 7")
	film := n.Retold(1)
	assert.Equal(t, grey(9), film.NRGBAAt(0, 0))
	assert.Equal(t, grey(8), film.NRGBAAt(3, 1))
	assert.Equal(t, grey(3), film.NRGBAAt(0, 3))
	assert.Zero(t, film.NRGBAAt(2, 2))

	assert.Equal(t, lesson.Entries{Chosen: "M3 0h1v1h-1z", Next: "M0 1h1v1h-1zM0 0h1v1h-1z"}, n.Entries())
	assert.Contains(t, n.AboutDictionary(), "2 of the 5 entries have no picture: fewer than 50 of the studies use them")
	assert.Contains(t, n.AboutDictionary(), "Entry 3 is one of these.")
	assert.Contains(t, n.AboutRetold(), " 1 of its 4 patches has an entry without a picture.")
	assert.Empty(t, n.NoTiles())
	n.Study.Tiles = nil
	assert.Equal(t, "This model has no pictures of its dictionary.", n.NoTiles())
	assert.Empty(t, n.AboutDictionary())
}
