package desk

import (
	"math"

	"uarweb/engine/trace"
)

// TileColumns is how many tiles of the dictionary stand in a row of its picture: it is
// twice as wide as high.
func TileColumns(s *trace.Study) int { return int(math.Ceil(math.Sqrt(2 * float64(len(s.Tiles))))) }
