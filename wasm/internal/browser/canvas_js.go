package browser

import (
	"image"
	"syscall/js"

	"github.com/gowebapi/webapi"
	"github.com/gowebapi/webapi/dom"
	"github.com/gowebapi/webapi/html/canvas"
	"github.com/gowebapi/webapi/patch"
)

// Canvas is a <canvas> made here: one in a component's template is cleared by
// every render.
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
func (c *Canvas) AppendTo(parent *dom.Element) {
	if !c.element.JSValue().Get("parentNode").Equal(parent.JSValue()) {
		parent.JSValue().Call("append", c.element.JSValue())
	}
}

// Clear leaves the canvas with one transparent pixel.
func (c *Canvas) Clear() {
	c.element.SetWidth(1)
	c.element.SetHeight(1)
}

// DrawGray gives the canvas the size and the pixels of m.
func (c *Canvas) DrawGray(m *image.Gray) {
	size := m.Rect.Size()
	rgba := make([]byte, 0, 4*size.X*size.Y)
	for y := range size.Y {
		for _, v := range m.Pix[y*m.Stride:][:size.X] {
			rgba = append(rgba, v, v, v, 255)
		}
	}
	c.draw(rgba, size)
}

// DrawNRGBA gives the canvas the size and the pixels of m, whose Stride is
// four times its width.
func (c *Canvas) DrawNRGBA(m *image.NRGBA) { c.draw(m.Pix, m.Rect.Size()) }

func (c *Canvas) draw(rgba []byte, size image.Point) {
	c.element.SetWidth(uint(size.X))
	c.element.SetHeight(uint(size.Y))
	array := js.Global().Get("Uint8ClampedArray").New(len(rgba))
	js.CopyBytesToJS(array, rgba)
	height := uint(size.Y)
	data := canvas.NewImageData(patch.Uint8ClampedArrayFromJS(array), uint(size.X), &height)
	context := canvas.CanvasRenderingContext2DFromJS(c.element.GetContext("2d", nil).JSValue())
	context.PutImageData(data, 0, 0)
}
