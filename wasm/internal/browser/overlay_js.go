package browser

import (
	"strconv"
	"syscall/js"

	"github.com/gowebapi/webapi/dom"
)

// Overlay is an <svg> made here, to lie over the canvases of a film. It draws a
// line and a dashed one, and has the filter by which a canvas shows other greys than
// its own.
type Overlay struct {
	element       js.Value
	lines, dashes []js.Value // an edge below, and the line
	greys         []js.Value // feFuncR, feFuncG, feFuncB
	filter        string     // as a style says it
}

// NewOverlay returns an overlay that draws in a square of that size, stretched
// over what it lies on. The filter has this id.
func NewOverlay(id string, size int) *Overlay {
	side := strconv.Itoa(size)
	o := &Overlay{filter: "url(#" + id + ")"}
	o.element = svg("svg", map[string]string{"class": "contour", "aria-hidden": "true", "viewBox": "0 0 " + side + " " + side, "preserveAspectRatio": "none"})
	filter := svg("filter", map[string]string{"id": id, "x": "0", "y": "0", "width": "1", "height": "1", "color-interpolation-filters": "sRGB"})
	transfer := svg("feComponentTransfer", nil)
	for _, channel := range []string{"feFuncR", "feFuncG", "feFuncB"} {
		f := svg(channel, map[string]string{"type": "linear"})
		transfer.Call("append", f)
		o.greys = append(o.greys, f)
	}
	filter.Call("append", transfer)
	o.element.Call("append", filter)
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

// Filter has c show slope·grey + intercept of each of its greys, of 0 to 1.
func (o *Overlay) Filter(c *Canvas, slope, intercept float64) {
	for _, f := range o.greys {
		f.Call("setAttribute", "slope", slope)
		f.Call("setAttribute", "intercept", intercept)
	}
	filter := o.filter
	if slope == 1 && intercept == 0 {
		filter = "none"
	}
	c.element.JSValue().Get("style").Set("filter", filter)
}
