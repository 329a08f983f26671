package piece

import (
	"fmt"
	"strings"
)

// DotPitch is the width of a dot with the space around it, and its height, in the
// units of Dots.
const DotPitch = 12

// Dots draws a row of dots, from one to before another, counted from 0, as the data
// of an SVG path.
func Dots(from, to int) string {
	var path strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&path, "M%d 6a4 4 0 1 0 8 0a4 4 0 1 0-8 0", DotPitch*i+2)
	}
	return path.String()
}
