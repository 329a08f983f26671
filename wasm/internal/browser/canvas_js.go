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

// CopyTo puts a canvas with the same pixels at the end of parent.
func (c *Canvas) CopyTo(parent *dom.Element) {
	own := NewCanvas(c.element.ClassName())
	own.Resize(int(c.element.Width()), int(c.element.Height()))
	own.Lay(c, 1)
	own.AppendTo(parent)
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
func (c *Canvas) DrawNRGBA(m *image.NRGBA) { c.DrawRGBA(Uint8Array(m.Pix), m.Rect.Size()) }

// DrawRGBA gives the canvas this size and these pixels, a Uint8Array of four
// bytes each that is the whole of its buffer.
func (c *Canvas) DrawRGBA(pixels js.Value, size image.Point) {
	c.Resize(size.X, size.Y)
	array := js.Global().Get("Uint8ClampedArray").New(pixels.Get("buffer"))
	height := uint(size.Y)
	data := canvas.NewImageData(patch.Uint8ClampedArrayFromJS(array), uint(size.X), &height)
	context := canvas.CanvasRenderingContext2DFromJS(c.element.GetContext("2d", nil).JSValue())
	context.PutImageData(data, 0, 0)
}
