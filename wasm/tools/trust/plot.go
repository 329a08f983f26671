package main

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// figures matches what a soak says of one thing: what it is of, its values from round
// to round, and that at the start.
var figures = regexp.MustCompile(`^(.*?)(?: in MB|,) ((?:[0-9.]+ )*[0-9.]+), at the start ([0-9.]+)$`)

// plot draws what soaks say of memory, a line for each thing, from zero to its most, so
// that what is flat looks flat: as SVG, in pixels.
func plot(soaks []*test) string {
	const (
		row, rise     = 60, 46   // of one line's room, and of the line in it
		left, right   = 540, 850 // the line's ends
		width, margin = 940, 10
	)
	var lines strings.Builder
	y := margin
	for _, t := range soaks {
		title, said, _ := strings.Cut(t.value, ": ")
		for part := range strings.SplitSeq(said, "; ") {
			found := figures.FindStringSubmatch(part)
			if found == nil {
				continue
			}
			texts := append([]string{found[3]}, strings.Fields(found[2])...)
			var values []float64
			for _, text := range texts {
				v, _ := strconv.ParseFloat(text, 64) // of digits and points; what is no number is 0
				values = append(values, v)
			}
			most := slices.Max(values)
			var points []string
			for i, v := range values {
				x := left + (right-left)*float64(i)/float64(len(values)-1)
				points = append(points, fmt.Sprintf("%.0f,%.0f", x, float64(y+row)-rise*v/max(most, 1e-9)))
			}
			fmt.Fprintf(&lines, "<text x=\"%d\" y=\"%d\">%s</text>\n", margin, y+row-rise/2, html.EscapeString(title+": "+found[1]))
			fmt.Fprintf(&lines, "<path d=\"M%d %dH%d\"/><polyline points=\"%s\"/><text x=\"%d\" y=\"%d\">%s MB</text>\n", left, y+row, right, strings.Join(points, " "), right+margin, y+row-rise/2, texts[len(texts)-1])
			y += row
		}
	}
	return fmt.Sprintf("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\">\n"+
		"<style>polyline { fill: none; stroke: #06c; stroke-width: 2 } path { stroke: #999 } text { fill: #777 }</style>\n%s</svg>\n", width, y+margin, lines.String())
}
