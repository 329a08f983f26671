package browser

import (
	"image"
	"syscall/js"

	"github.com/gowebapi/webapi"
	"github.com/gowebapi/webapi/dom"
	"github.com/gowebapi/webapi/html/canvas"
	"github.com/gowebapi/webapi/patch"
)

// Canvas is a <canvas> made here, since what is drawn on it is not what a
// component says.
type Canvas struct {
	element *canvas.HTMLCanvasElement
}

// NewCanvas returns an empty canvas, which is nowhere in the document yet. It
// is decoration to a screen reader: what it shows is also said in words.
func NewCanvas(class string) *Canvas {
	element := webapi.GetWindow().Document().CreateElement("canvas", nil)
	element.SetClassName(class)
	element.SetAttribute("aria-hidden", "true")
	c := &Canvas{canvas.HTMLCanvasElementFromJS(element.JSValue())}
	c.Clear()
	return c
}

// AppendTo puts the canvas at the end of parent unless it is there already.
func (c *Canvas) AppendTo(parent *dom.Element) { appendTo(c.element.JSValue(), parent) }

func appendTo(element js.Value, parent *dom.Element) {
	if !element.Get("parentNode").Equal(parent.JSValue()) {
		parent.JSValue().Call("append", element)
	}
}

// Resize leaves the canvas with a size, and transparent.
func (c *Canvas) Resize(width, height int) {
	c.element.SetWidth(uint(width))
	c.element.SetHeight(uint(height))
}

// Lay draws another canvas over this one, stretched to its size, with an opacity of
// 0 to 1.
func (c *Canvas) Lay(other *Canvas, opacity float64) {
	context := c.element.JSValue().Call("getContext", "2d")
	context.Set("globalAlpha", opacity)
	context.Call("drawImage", other.element.JSValue(), 0, 0, c.element.Width(), c.element.Height())
}

// Clear leaves the canvas with one transparent pixel.
func (c *Canvas) Clear() { c.Resize(1, 1) }

// DrawNRGBA gives the canvas the size and the pixels of m, whose Stride is
// four times its width.
func (c *Canvas) DrawNRGBA(m *image.NRGBA) {
	size := m.Rect.Size()
	c.Resize(size.X, size.Y)
	array := js.Global().Get("Uint8ClampedArray").New(Uint8Array(m.Pix).Get("buffer"))
	height := uint(size.Y)
	data := canvas.NewImageData(patch.Uint8ClampedArrayFromJS(array), uint(size.X), &height)
	context := canvas.CanvasRenderingContext2DFromJS(c.element.GetContext("2d", nil).JSValue())
	context.PutImageData(data, 0, 0)
}

// DrawLevels gives the canvas of every step-th pixel along both axes of a picture of
// this size the grey of its level, a Uint16Array (wasm/page/films.js).
func (c *Canvas) DrawLevels(levels js.Value, size image.Point, greys []uint8, step int) {
	js.Global().Get("Films").Call("paint", c.element.JSValue(), levels, size.X, size.Y, Uint8Array(greys), step)
}
