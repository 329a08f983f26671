package engine

import (
	"fmt"
	"math"
	"slices"
)

// Tiles say that a model has pictures of its dictionary (engine/MODEL.md §15).
type Tiles struct {
	Studies int `json:"studies"` // the fewest different studies that a tile is the mean of
}

// TilesName is the tensor of tiles [K, (size/grid)²], in 0 to 1, row by row; that of a
// code without a tile is negative.
const TilesName = "lsu.tiles.weight"

// check checks Tiles, which may be nil.
func (t *Tiles) check() error {
	if t != nil && t.Studies < 1 {
		return fmt.Errorf("tiles.studies is %d, it must be 1 at least", t.Studies)
	}
	return nil
}

// greys are the tiles of a tensor's values as grey, nil where a code has none.
func greys(values []float32, codes int) [][]byte {
	var tiles [][]byte
	for row := range slices.Chunk(values, len(values)/codes) {
		var tile []byte
		if slices.Min(row) >= 0 {
			for _, v := range row {
				tile = append(tile, byte(math.Round(255*float64(min(v, 1)))))
			}
		}
		tiles = append(tiles, tile)
	}
	return tiles
}
