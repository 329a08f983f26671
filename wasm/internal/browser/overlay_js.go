package browser

import (
	"strconv"
	"syscall/js"

	"github.com/gowebapi/webapi/dom"
)

// Overlay is an <svg> made here, to lie over the canvases of a film. It draws a
// line and a dashed one.
type Overlay struct {
	element       js.Value
	lines, dashes []js.Value // an edge below, and the line
}

// NewOverlay returns an overlay that draws in a square of that size, stretched
// over what it lies on.
func NewOverlay(size int) *Overlay {
	side := strconv.Itoa(size)
	o := &Overlay{}
	o.element = svg("svg", map[string]string{"class": "contour", "aria-hidden": "true", "viewBox": "0 0 " + side + " " + side, "preserveAspectRatio": "none"})
	o.lines, o.dashes = o.line(""), o.line(" contour-dashed")
	return o
}

func (o *Overlay) line(class string) (paths []js.Value) {
	for _, part := range []string{"contour-edge", "contour-line"} {
		path := svg("path", map[string]string{"class": part + class, "vector-effect": "non-scaling-stroke"})
		o.element.Call("append", path)
		paths = append(paths, path)
	}
	return paths
}

func svg(name string, attributes map[string]string) js.Value {
	element := js.Global().Get("document").Call("createElementNS", "http://www.w3.org/2000/svg", name)
	for key, value := range attributes {
		element.Call("setAttribute", key, value)
	}
	return element
}

// AppendTo puts the overlay at the end of parent unless it is there already.
func (o *Overlay) AppendTo(parent *dom.Element) { appendTo(o.element, parent) }

// Draw draws the line and the dashed one, each of an SVG path's data.
func (o *Overlay) Draw(line, dashed string) {
	for i := range o.lines {
		o.lines[i].Call("setAttribute", "d", line)
		o.dashes[i].Call("setAttribute", "d", dashed)
	}
}
